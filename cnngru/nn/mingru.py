"""The minimal GRU of Feng et al. 2024 (arXiv:2410.01201): the gate and the candidate know the input alone.

    keep = σ(W_k x + b_k)               the paper's z is 1 − keep
    n = W_n x + b_n                     candidate: linear, so the state is not bound to −1..1
    h = keep ⊙ h⁻ + (1 − keep) ⊙ n

With no h⁻ in the gate the recurrence is linear in h, and all rows follow from a parallel scan instead of a loop. This
is the paper's vanilla form; its logarithmic one, which keeps a long product from vanishing, needs a positive candidate,
and 32 rows are few.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad

from cnngru.nn import latex
from cnngru.nn.cell import GateEdit, Gates, mixed, unchanged


class MinGRU(nn.Module):
    """One direction: x (B, T, F), rows in reading order -> (h, h), (B, T, H) each. Blocks keep | n."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.zeros(2 * hidden, inputs))
        self.bias = nn.Parameter(torch.zeros(2 * hidden))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        keep, candidate = self.from_input(x).chunk(2, dim=-1)
        h = scan(keep, (1 - keep) * candidate)
        return h, h

    def from_input(self, x: Tensor) -> Tensor:
        """keep in 0..1 and the candidate, side by side: (…, 2·H)."""
        both = linear(x, self.weight_ih, self.bias).to(self.bias.dtype)  # under autocast: a scan in bfloat16 adds up
        keep, candidate = both.chunk(2, dim=-1)
        return torch.cat((torch.sigmoid(keep), candidate), dim=-1)

    def gates(self, of_input: Tensor, before: Tensor, edit: GateEdit = unchanged) -> Gates:
        keep, n = of_input.chunk(2, dim=-1)
        return {"update": edit("update", keep), "candidate": n}

    state = staticmethod(mixed)

    def handed_on(self, x: Tensor, h: Tensor, edit: GateEdit = unchanged) -> tuple[Tensor, Gates]:
        return h, {}

    def numbers(self, x: Tensor, before: Tensor, cell_before: Tensor, h: Tensor) -> Gates:
        """z_x z  n  h: z = σ(z_x)."""
        gates = self.gates(self.from_input(x), before)
        z_x, n = linear(x, self.weight_ih, self.bias).chunk(2)
        return {"z_x": z_x, "z": gates["update"], "n": n, "h": mixed(gates, before, cell_before)[0]}

    @staticmethod
    def equation(found: Mapping[str, float], write: bool) -> list[str]:
        found = latex.with_z(found, write)
        gate = f"{'1 - ' * write}\\sigma\\big({latex.under('W_k x + b_k', found['z_x'])}\\big)"
        lines = [latex.line("z", gate, found["z"]), latex.line("n", "W_n x + b_n", found["n"])]
        return [*lines, latex.mixture(found, write)]


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
