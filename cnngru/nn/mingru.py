"""The minimal GRU of Feng et al. 2024 (arXiv:2410.01201): the gate and the candidate know the input alone.

    keep = σ(W_k x + b_k)               the paper's z is 1 − keep
    n = W_n x + b_n                     candidate: linear, so the state is not bound to −1..1
    h = keep ⊙ h⁻ + (1 − keep) ⊙ n

With no h⁻ in the gate the recurrence is linear in h, and all rows follow from a parallel scan instead of a loop. This
is the paper's vanilla form; its logarithmic one, which keeps a long product from vanishing, needs a positive candidate,
and 32 rows are few.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad


class MinGRU(nn.Module):
    """One direction: x (B, T, F), rows in reading order -> (h, h), (B, T, H) each. Blocks keep | n."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.zeros(2 * hidden, inputs))
        self.bias = nn.Parameter(torch.zeros(2 * hidden))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        keep, candidate = self.gates(x)
        h = scan(keep, (1 - keep) * candidate)
        return h, h

    def gates(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """keep in 0..1 and the candidate, each (B, T, H)."""
        both = linear(x, self.weight_ih, self.bias).to(self.bias.dtype)  # under autocast: a scan in bfloat16 adds up
        keep, candidate = both.chunk(2, dim=-1)
        return torch.sigmoid(keep), candidate


def scan(keep: Tensor, new: Tensor) -> Tensor:
    """h_t = keep_t ⊙ h_{t−1} + new_t with h_{−1} = 0, for all t: keep and new (B, T, H) -> h (B, T, H).

    Hillis & Steele 1986: after a pass with reach s, `new` holds what the last 2·s rows have written and `keep` the
    product over them, so log₂ T passes do.
    """
    reach = 1
    while reach < new.shape[1]:
        above = (0, 0, reach, 0)  # rows of zeros on top: nothing was written before the first row
        new = new + keep * pad(new[:, :-reach], above)
        keep = keep * pad(keep[:, :-reach], above)
        reach *= 2
    return new
