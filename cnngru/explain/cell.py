"""One cell's arithmetic: every number that enters the equation of one unit at one row."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from cnngru.explain import equations
from cnngru.explain.trace import Trace
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.mingru import MinGRU
from cnngru.nn.textbook import TextbookGRU


@torch.no_grad()
def numbers(
    model: CNNGRU, images: Tensor, trace: Trace, step: int, unit: int, layer: int = 0, direction: int = 0
) -> dict[str, float]:
    """By name, for picture 0 of the images (B, 3, 32, 32), 0..1, whose trace is given.

    Of every gate its value and the sums that it is made of: `_x` what the row brings (with its bias), `_h` what the old
    state does (with its bias, where it has one). z is KEEP, and so are its sums, but for the textbook's cell, where
    they are those of write = 1 − z, as its equation has it.

        gru             r_x r_h r  z_x z_h z  n_x n_h n  before h        n = tanh(n_x + r n_h)
        gru-textbook    r_x r_h r  z_x z_h z  n_x n_h n  before h        n = tanh(n_x + n_h), r inside n_h
          … gated       o_x o_h o  y_x y_h y  out                        out = o y, with the new h
        lstm            i_x i_h i  f_x f_h f  o_x o_h o  g_x g_h g  c_before c  before h
        rnn             n_x n_h  before h                                h = tanh(n_x + n_h)
        mingru          z_x z  n  before h                               z = σ(z_x), n = n_x

    They are computed anew from the model's weights; the trace gives h⁻ and, to the LSTM, c⁻.
    """
    x = model.encoder(images[:1])
    for below in model.layers[:layer]:
        x, _ = below(x)
    cell = equations.cell_of(model.layers[layer], direction)
    x, before = x[0, step], trace.before[layer, direction, 0, step]  # (F,), (H,)
    h = trace.hidden[layer, direction, 0, step]
    match cell:
        case TextbookGRU():
            found = _textbook(cell, x, before, h)
        case MinGRU():
            both = linear(x, cell.weight_ih, cell.bias)
            z_x, n = both.chunk(2)
            z = torch.sigmoid(z_x)
            found = {"z_x": z_x, "z": z, "n": n, "h": (1 - z) * n + z * before}
        case _:
            found = _fused(cell, x, before, direction)
            if isinstance(cell, nn.LSTM):
                found |= _lstm_state(found, trace.gates["cell"][layer, direction, 0], step, direction)
    return {name: float(value[unit]) for name, value in {**found, "before": before}.items()}


def _sums(names: str, x: Tensor, h: Tensor) -> dict[str, Tensor]:
    """ "rzn" -> r_x, r_h, z_x, …: the blocks of what the row and of what the state bring."""
    parts: dict[str, Tensor] = {}
    for name, of_x, of_h in zip(names, x.chunk(len(names)), h.chunk(len(names)), strict=True):
        parts |= {f"{name}_x": of_x, f"{name}_h": of_h}
    return parts


def _fused(cell: nn.Module, x: Tensor, before: Tensor, direction: int) -> dict[str, Tensor]:
    suffix = "_l0_reverse" if direction else "_l0"
    w_i, w_h, b_i, b_h = (getattr(cell, name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    of_x, of_h = linear(x, w_i, b_i), linear(before, w_h, b_h)
    match cell:
        case nn.GRU():
            found = _sums("rzn", of_x, of_h)
            r, z = (torch.sigmoid(found[f"{gate}_x"] + found[f"{gate}_h"]) for gate in "rz")
            n = torch.tanh(found["n_x"] + r * found["n_h"])
            return {**found, "r": r, "z": z, "n": n, "h": (1 - z) * n + z * before}
        case nn.LSTM():
            found = _sums("ifgo", of_x, of_h)
            found |= {gate: torch.sigmoid(found[f"{gate}_x"] + found[f"{gate}_h"]) for gate in "ifo"}
            return {**found, "g": torch.tanh(found["g_x"] + found["g_h"])}
        case _:
            return {"n_x": of_x, "n_h": of_h, "h": torch.tanh(of_x + of_h)}


def _lstm_state(found: dict[str, Tensor], states: Tensor, step: int, direction: int) -> dict[str, Tensor]:
    """states: c (T, H)."""
    first = step == (len(states) - 1 if direction else 0)
    c_before = torch.zeros_like(states[step]) if first else states[step + (1 if direction else -1)]
    c = found["f"] * c_before + found["i"] * found["g"]
    return {"c_before": c_before, "c": c, "h": found["o"] * torch.tanh(c)}


def _textbook(cell: TextbookGRU, x: Tensor, before: Tensor, h: Tensor) -> dict[str, Tensor]:
    of_x = linear(x, cell.weight_ih, cell.bias)
    w_z, w_r, w_n = cell.weight_hh.chunk(3)
    found = _sums("zr", of_x[: 2 * cell.hidden], linear(before, torch.cat((w_z, w_r))))
    r, z = torch.sigmoid(found["r_x"] + found["r_h"]), 1 - torch.sigmoid(found["z_x"] + found["z_h"])
    n_x, n_h = of_x[2 * cell.hidden :], linear(r * before, w_n)
    n = torch.tanh(n_x + n_h)
    found |= {"r": r, "z": z, "n_x": n_x, "n_h": n_h, "n": n, "h": (1 - z) * n + z * before}
    if cell.gated:
        of_x, of_h = linear(x, cell.output_weight_ih, cell.output_bias), linear(h, cell.output_weight_hh)
        found |= _sums("oy", of_x, of_h)
        o, y = torch.sigmoid(found["o_x"] + found["o_h"]), torch.tanh(found["y_x"] + found["y_h"])
        found |= {"o": o, "y": y, "out": o * y}
    return found
