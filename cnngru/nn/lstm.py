"""PyTorch's LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), with W and b short for both
products and both biases:

    i, f, o = σ(W_i, W_f, W_o · [h⁻, x])             input, forget (1 keeps the old cell state), output
    g = tanh(W_g · [h⁻, x])                          candidate
    c = f ⊙ c⁻ + i ⊙ g                               cell state
    h = o ⊙ tanh(c)                                  hidden state

Parameters lie in blocks i | f | g | o.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cnngru.nn import latex
from cnngru.nn.cell import Fused, GateEdit, Gates, sums, unchanged


class LSTM(Fused):
    layer = nn.LSTM

    def gates(self, of_input: Tensor, before: Tensor, edit: GateEdit = unchanged) -> Gates:
        i, f, g, o = (of_input + self.from_state(before)).chunk(4, dim=-1)
        i, f, o = (edit(name, torch.sigmoid(gate)) for name, gate in (("input", i), ("forget", f), ("output", o)))
        return {"input": i, "forget": f, "output": o, "candidate": torch.tanh(g)}

    def state(self, gates: Gates, before: Tensor, cell_before: Tensor) -> tuple[Tensor, Tensor]:
        c = gates["forget"] * cell_before + gates["input"] * gates["candidate"]
        return gates["output"] * torch.tanh(c), c

    def numbers(self, x: Tensor, before: Tensor, cell_before: Tensor, h: Tensor) -> Gates:
        """i_x i_h i  f_x f_h f  o_x o_h o  g_x g_h g  c_before c  h."""
        of_x, of_h = self.from_input(x), self.from_state(before)
        gates = self.gates(of_x, before)
        i, f, o, g = gates.values()
        h, c = self.state(gates, before, cell_before)
        found = {"i": i, "f": f, "o": o, "g": g, "c_before": cell_before, "c": c, "h": h}
        return sums("ifgo", of_x, of_h) | found

    @staticmethod
    def equation(found: Mapping[str, float], write: bool) -> list[str]:
        lines = [
            latex.gate(
                name, function, f"W_{{i{name}}}x + b_{{i{name}}}", f"W_{{h{name}}}{latex.OLD} + b_{{h{name}}}", found
            )
            for name, function in (("i", "\\sigma"), ("f", "\\sigma"), ("o", "\\sigma"), ("g", "\\tanh"))
        ]
        kept = f"{latex.under('f', found['f'])}\\,{latex.under('c^{-}', found['c_before'])}"
        new = f"{latex.under('i', found['i'])}\\,{latex.under('g', found['g'])}"
        out = f"{latex.under('o', found['o'])}\\,\\tanh({latex.under('c', found['c'])})"
        return [*lines, latex.line("c", f"{kept} + {new}", found["c"]), latex.line("h", out, found["h"])]
