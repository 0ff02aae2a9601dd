"""One cell's arithmetic: every number that enters the equation of one unit at one row."""

from __future__ import annotations

import torch
from torch import Tensor

from cnngru.explain.trace import Trace
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.recurrent import cell_of


@torch.no_grad()
def numbers(
    model: CNNGRU, images: Tensor, trace: Trace, step: int, unit: int, layer: int = 0, direction: int = 0
) -> dict[str, float]:
    """By name, for picture 0 of the images (B, 3, 32, 32), 0..1, whose trace is given.

    Of every gate its value and the sums that it is made of: `_x` what the row brings (with its bias), `_h` what the old
    state does (with its bias, where it has one). z is KEEP, and so are its sums, but for the textbook's cell, where
    they are those of write = 1 − z, as its equation has it. `before` is h⁻. A cell's own names stand
    at its `numbers` in cnngru/nn/.

    They are computed anew from the model's weights; the trace gives h⁻ and, to the LSTM, c⁻.
    """
    x = model.encoder(images[:1])
    for below in model.layers[:layer]:
        x, _ = below(x)
    at = (layer, direction, 0, step)
    before = trace.before[at]  # (H,)
    cell = cell_of(model.config, model.layers[layer], direction)
    found = cell.numbers(x[0, step], before, trace.cell_before[at], trace.hidden[at])
    return {name: float(value[unit]) for name, value in {**found, "before": before}.items()}
