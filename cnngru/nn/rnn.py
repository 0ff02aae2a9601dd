"""PyTorch's plain RNN (Elman 1990): h = tanh(W_i x + b_i + W_h h⁻ + b_h)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cnngru.nn import latex
from cnngru.nn.cell import Fused, GateEdit, Gates, unchanged


class RNN(Fused):
    layer = nn.RNN

    def gates(self, of_input: Tensor, before: Tensor, edit: GateEdit = unchanged) -> Gates:
        return {"candidate": torch.tanh(of_input + self.from_state(before))}

    def state(self, gates: Gates, before: Tensor, cell_before: Tensor) -> tuple[Tensor, Tensor]:
        return gates["candidate"], cell_before

    def numbers(self, x: Tensor, before: Tensor, cell_before: Tensor, h: Tensor) -> Gates:
        """n_x n_h  h: h = tanh(n_x + n_h)."""
        of_x = self.from_input(x)
        return {"n_x": of_x, "n_h": self.from_state(before), "h": self.gates(of_x, before)["candidate"]}

    @staticmethod
    def equation(found: Mapping[str, float], write: bool) -> list[str]:
        of_h = latex.under(f"W_h {latex.OLD} + b_h", found["n_h"])
        inside = f"{latex.under('W_i x + b_i', found['n_x'])} + {of_h}"
        return [latex.line("h", f"\\tanh\\big({inside}\\big)", found["h"])]
