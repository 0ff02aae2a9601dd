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

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from cnngru.nn import latex
from cnngru.nn.cell import GateEdit, Gates, mixed, sums, unchanged


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
        h = torch.zeros(x.shape[0], self.hidden, device=x.device, dtype=self.bias.dtype)
        states = []
        for of_row in self.from_input(x).unbind(1):  # (B, 3·H) each
            z, r = self.write_and_reset(of_row, h)
            candidate = self.candidate(of_row, r * h)
            h = (1 - z) * h + z * candidate
            states.append(h)
        h = torch.stack(states, dim=1)  # (B, T, H)
        return self.handed_on(x, h)[0], h

    def from_input(self, x: Tensor) -> Tensor:
        return linear(x, self.weight_ih, self.bias)

    def gates(self, of_input: Tensor, before: Tensor, edit: GateEdit = unchanged) -> Gates:
        """All but o, which comes after the state: `handed_on`."""
        write, r = self.write_and_reset(of_input, before)
        r, z = edit("reset", r), edit("update", 1 - write)
        return {"reset": r, "update": z, "candidate": self.candidate(of_input, r * before)}

    state = staticmethod(mixed)

    def handed_on(self, x: Tensor, h: Tensor, edit: GateEdit = unchanged) -> tuple[Tensor, Gates]:
        if not self.gated:
            return h, {}
        o, y = self.output(x, h)
        o = edit("output", o)
        return o * y, {"output": o}

    def write_and_reset(self, of_input: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """z (write) and r, each (…, H), from W·x + b (…, 3·H) and h⁻ (…, H)."""
        of_gates, w_gates = of_input[..., : 2 * self.hidden], self.weight_hh[: 2 * self.hidden]
        z, r = torch.sigmoid(of_gates + linear(before, w_gates)).chunk(2, dim=-1)
        return z, r

    def candidate(self, of_input: Tensor, reset: Tensor) -> Tensor:
        """h̃, from r ⊙ h⁻."""
        of_candidate, w_candidate = of_input[..., 2 * self.hidden :], self.weight_hh[2 * self.hidden :]
        return torch.tanh(of_candidate + linear(reset, w_candidate))

    def output(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """o in 0..1 and y in −1..1, each (…, H), from x (…, F) and h (…, H)."""
        both = linear(x, self.output_weight_ih, self.output_bias) + linear(h, self.output_weight_hh)
        o, y = both.chunk(2, dim=-1)
        return torch.sigmoid(o), torch.tanh(y)

    def numbers(self, x: Tensor, before: Tensor, cell_before: Tensor, h: Tensor) -> Gates:
        """r_x r_h r  z_x z_h z  n_x n_h n  h: n = tanh(n_x + n_h), r inside n_h; the sums of z are those of write.

        gated: o_x o_h o  y_x y_h y  out too: out = o y, with the new h.
        """
        of_x, of_h = self.from_input(x), linear(before, self.weight_hh[: 2 * self.hidden])
        gates = self.gates(of_x, before)
        r, z, n = gates.values()
        n_x, n_h = of_x[2 * self.hidden :], linear(r * before, self.weight_hh[2 * self.hidden :])
        found = sums("zr", of_x[: 2 * self.hidden], of_h)
        found |= {"r": r, "z": z, "n_x": n_x, "n_h": n_h, "n": n, "h": mixed(gates, before, cell_before)[0]}
        if self.gated:
            of_x, of_h = linear(x, self.output_weight_ih, self.output_bias), linear(h, self.output_weight_hh)
            o, y = self.output(x, h)
            found |= {**sums("oy", of_x, of_h), "o": o, "y": y, "out": o * y}
        return found

    @staticmethod
    def equation(found: Mapping[str, float], write: bool) -> list[str]:
        found = latex.with_z(found, write)
        lines = [
            latex.gate("r", "\\sigma", "W_{rx}x + b_r", f"W_{{rh}}{latex.OLD}", found),
            latex.gate("z", "\\sigma", "W_{zx}x + b_z", f"W_{{zh}}{latex.OLD}", found, flipped=not write),
            latex.gate("n", "\\tanh", "W_x x + b", f"W_h (r \\odot {latex.OLD})", found),
            latex.mixture(found, write),
        ]
        if "o" in found:
            product = f"{latex.under('o', found['o'])}\\,{latex.under('y', found['y'])}"
            lines += [
                latex.gate("o", "\\sigma", "W_{ox}x + b_o", "W_{oh}h", found),
                latex.gate("y", "\\tanh", "W_{yx}x + b_y", "W_{yh}h", found),
                latex.line("o\\,y", product, found["out"]),
            ]
        return lines
