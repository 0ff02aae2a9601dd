"""How large a network is, told from the settings alone, without torch: the form on Train says it before Start."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from cnngru.bands import STEM, bands
from cnngru.cells import CELLS
from cnngru.config import PICTURE, ModelConfig

CHANNELS = (3, 32, 64, 128)  # of the source document's convolutions
PLACES = 4  # rows, and columns, that its three poolings leave of 32
HEAD = (1024, 512)  # units of its linear layers
WHITENED = 2 * 3 * STEM * STEM  # channels after the stem: each eigenvector of a 2×2×3 patch, and its negative


@dataclass(frozen=True)
class Size:
    """Of a network, or a part of it.

    parameters  all weights and biases, the frozen ones included
    work        multiplications for one picture, read once
    """

    parameters: int = 0
    work: int = 0

    def __add__(self, other: Size) -> Size:
        return Size(self.parameters + other.parameters, self.work + other.work)


def size(model: ModelConfig, classes: int) -> Size:
    """The size of the network that `cnngru.nn.classifier` makes of these settings for so many classes."""
    total, width = encoder(model)
    rows = len(bands(model))
    if model.cell == "none":
        if model.encoder == "seed-cnn":
            widths = (rows * width, *HEAD, classes)
            return sum((_linear(a, b) for a, b in itertools.pairwise(widths)), total)
        return total + _linear(width, classes)
    for _ in range(model.layers):
        layer = _recurrent(model, width, rows)
        for _ in range(2 if model.bidirectional else 1):
            total += layer
        width = model.hidden * (2 if model.bidirectional else 1)
    return total + _linear(width, classes)


def _linear(inputs: int, outputs: int) -> Size:
    return Size((inputs + 1) * outputs, inputs * outputs)


def _recurrent(model: ModelConfig, inputs: int, rows: int) -> Size:
    """One direction of one layer that reads so many rows."""
    spec, hidden = CELLS[model.cell], model.hidden
    reads = inputs + (hidden if spec.reads_state else 0)
    weights, biases = spec.blocks * hidden * reads, spec.blocks * hidden * spec.biases
    if model.readout == "gated":  # the output's gate and candidate read the row and the state
        weights, biases = weights + 2 * hidden * (inputs + hidden), biases + 2 * hidden
    return Size(weights + biases, rows * weights)


def encoder(model: ModelConfig) -> tuple[Size, int]:
    """Its size, and how many features of a row it hands on."""
    match model.encoder:
        case "pixels":
            return Size(), PICTURE * 3
        case "seed-cnn":
            total, side = Size(), PICTURE
            for inputs, outputs in itertools.pairwise(CHANNELS):
                weights = 9 * inputs * outputs
                total += Size(weights + outputs, side * side * weights)
                side //= 2
            return total, side * CHANNELS[-1]
        case _:
            return _rows(model)


def _rows(model: ModelConfig) -> tuple[Size, int]:
    height = width = (PICTURE - STEM) // model.stem_stride + 1
    weights = 3 * STEM * STEM * WHITENED
    total, channels = Size(weights + WHITENED, height * width * weights), WHITENED
    for conv in model.convs:
        weights = math.prod(conv.kernel) * channels * conv.channels
        total += Size(weights + 2 * conv.channels, height * width * weights)  # its norm has two numbers a channel
        height, width, channels = height // conv.pool[0], width // conv.pool[1], conv.channels
    return total, channels * (1 if model.columns == "max" else width)
