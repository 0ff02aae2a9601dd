"""The GRU of the source document (its sections 3.2 to 3.4) and of many textbooks: "reset before" the product.

    z = σ(W_z·[h⁻, x] + b_z)            write! 1 takes the new state; everywhere else here this is 1 − keep
    r = σ(W_r·[h⁻, x] + b_r)            reset
    h̃ = tanh(W·[r ⊙ h⁻, x] + b)         candidate
    h = (1 − z) ⊙ h⁻ + z ⊙ h̃            hidden state
    o = σ(W_o·[h, x] + b_o)             output gate
    y = tanh(W_y·[h, x] + b_y)          the step's output

Two things set it apart from PyTorch's GRU: r enters before the product, so no fused kernel can run it (the same as
ONNX's GRU with linear_before_reset = 0), and z has the other meaning.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


class TextbookGRU(nn.Module):
    """One direction: x (B, T, F), rows in reading order -> what is handed on, and the states h, each (B, T, H).

    A matrix on [h, x] is kept as its two halves, `weight_hh` and `weight_ih`, blocks z | r | h̃: the half on x is one
    product for all rows. gated: o ⊙ y is handed on (`output_…`, blocks o | y), to the next layer or to the head,
    otherwise h. The document does not say what becomes of o and y; the product is the one use that a gate has.
    """

    def __init__(self, inputs: int, hidden: int, gated: bool = False) -> None:
        super().__init__()
        self.hidden, self.gated = hidden, gated
        self.weight_ih = nn.Parameter(torch.zeros(3 * hidden, inputs))
        self.weight_hh = nn.Parameter(torch.zeros(3 * hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(3 * hidden))
        if gated:
            self.output_weight_ih = nn.Parameter(torch.zeros(2 * hidden, inputs))
            self.output_weight_hh = nn.Parameter(torch.zeros(2 * hidden, hidden))
            self.output_bias = nn.Parameter(torch.zeros(2 * hidden))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.zeros(len(x), self.hidden, device=x.device, dtype=self.bias.dtype)
        states = []
        for of_row in linear(x, self.weight_ih, self.bias).unbind(1):  # (B, 3·H) each
            z, _, candidate = self.gates(of_row, h)
            h = (1 - z) * h + z * candidate
            states.append(h)
        h = torch.stack(states, dim=1)  # (B, T, H)
        if not self.gated:
            return h, h
        o, y = self.output(x, h)
        return o * y, h

    def gates(self, from_input: Tensor, before: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """z (write), r and h̃, each (…, H), from W·x + b (…, 3·H) and h⁻ (…, H): of one row, or of all rows at once."""
        z, r = self.shares(from_input, before)
        return z, r, self.candidate(from_input, r * before)

    def shares(self, from_input: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """z (write) and r."""
        of_gates, w_gates = from_input[..., : 2 * self.hidden], self.weight_hh[: 2 * self.hidden]
        z, r = torch.sigmoid(of_gates + linear(before, w_gates)).chunk(2, dim=-1)
        return z, r

    def candidate(self, from_input: Tensor, reset: Tensor) -> Tensor:
        """h̃, from r ⊙ h⁻."""
        of_candidate, w_candidate = from_input[..., 2 * self.hidden :], self.weight_hh[2 * self.hidden :]
        return torch.tanh(of_candidate + linear(reset, w_candidate))

    def output(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """o in 0..1 and y in −1..1, each (…, H), from x (…, F) and h (…, H)."""
        both = linear(x, self.output_weight_ih, self.output_bias) + linear(h, self.output_weight_hh)
        o, y = both.chunk(2, dim=-1)
        return torch.sigmoid(o), torch.tanh(y)
