"""PyTorch's GRU (Cho et al. 2014, "reset after": the reset gate stands behind the product), for an input x and the last
state h⁻:

    r = σ(W_ir x + b_ir + W_hr h⁻ + b_hr)            reset
    z = σ(W_iz x + b_iz + W_hz h⁻ + b_hz)            update; here always called keep: 1 keeps the old state
    n = tanh(W_in x + b_in + r ⊙ (W_hn h⁻ + b_hn))   candidate
    h = (1 − z) ⊙ n + z ⊙ h⁻                         hidden state

Parameters lie in blocks r | z | n.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cnngru.nn import latex
from cnngru.nn.cell import Fused, GateEdit, Gates, mixed, sums, unchanged


class GRU(Fused):
    layer = nn.GRU
    state = staticmethod(mixed)

    def gates(self, of_input: Tensor, before: Tensor, edit: GateEdit = unchanged) -> Gates:
        (r_x, z_x, n_x), (r_h, z_h, n_h) = of_input.chunk(3, dim=-1), self.from_state(before).chunk(3, dim=-1)
        r = edit("reset", torch.sigmoid(r_x + r_h))
        z = edit("update", torch.sigmoid(z_x + z_h))
        return {"reset": r, "update": z, "candidate": torch.tanh(n_x + r * n_h)}

    def numbers(self, x: Tensor, before: Tensor, cell_before: Tensor, h: Tensor) -> Gates:
        """r_x r_h r  z_x z_h z  n_x n_h n  h: n = tanh(n_x + r n_h)."""
        of_x, of_h = self.from_input(x), self.from_state(before)
        gates = self.gates(of_x, before)
        r, z, n = gates.values()
        return {**sums("rzn", of_x, of_h), "r": r, "z": z, "n": n, "h": mixed(gates, before, cell_before)[0]}

    @staticmethod
    def equation(found: Mapping[str, float], write: bool) -> list[str]:
        found = latex.with_z(found, write)
        n = f"{latex.under('W_{in}x + b_{in}', found['n_x'])} + {latex.under('r', found['r'])}\\,"
        n += latex.under(f"(W_{{hn}}{latex.OLD} + b_{{hn}})", found["n_h"])
        return [
            latex.gate("r", "\\sigma", "W_{ir}x + b_{ir}", f"W_{{hr}}{latex.OLD} + b_{{hr}}", found),
            latex.gate("z", "\\sigma", "W_{iz}x + b_{iz}", f"W_{{hz}}{latex.OLD} + b_{{hz}}", found, flipped=write),
            latex.line("n", f"\\tanh\\big({n}\\big)", found["n"]),
            latex.mixture(found, write),
        ]
