"""What a step of training has to compute, counted by kinds of work, told from the settings alone, without torch.

A processor needs a time of its own for each kind: `cnngru.training.speed` takes a few small steps and finds these times
out. There are few kinds, so that two seconds of steps can tell them apart.
"""

from __future__ import annotations

import itertools
import math

from cnngru.bands import STEM, bands
from cnngru.cells import CELLS
from cnngru.config import PICTURE, Config, ModelConfig
from cnngru.nn.size import CHANNELS, WHITENED, encoder, size

NEWTON_SCHULZ = 3  # steps of Muon's iteration, cnngru.training.optim.orthogonalise
CLASSES = 10  # they hardly change it

# Multiplications of convolutions, numbers that layers write, multiplications behind the encoder: for all pictures of a
# step. Then, for a step however many pictures it has, multiplications of Muon, and what is started one after the other.
KINDS = ("convolutions", "values", "recurrence", "orthogonal", "calls")
OF_PICTURES = 3  # of these kinds

Shape = tuple[int, int]


def effort(config: Config, pictures: float | None = None) -> tuple[float, ...]:
    """The counts of a step, one for each of KINDS: with so many pictures, else with the batch that is asked for."""
    model, count = config.model, config.training.batch if pictures is None else pictures
    read, features = encoder(model)
    behind = size(model, CLASSES).work - read.work
    filters = _filters(model)
    muon = config.training.optimizer == "muon"
    matrices = [*filters, *_gates(model, features)] if muon else []
    reads = model.layers * (2 if model.bidirectional else 1) if model.cell != "none" else 0
    calls = 10 + 8 * len(filters) + len(bands(model)) * reads + 20 * len(matrices)
    of_pictures = (read.work, _values(model), behind)
    return *(count * each for each in of_pictures), sum(map(_iteration, matrices)), float(calls)


def _iteration(shape: Shape) -> float:
    """Multiplications that it takes to make a matrix orthogonal."""
    short, long = sorted(shape)
    return float(NEWTON_SCHULZ * (2 * short * short * long + short**3))


def _values(model: ModelConfig) -> float:
    """Numbers that a picture is turned into on its way through the encoder. Where time goes into moving numbers and not
    into multiplying them, these are what it goes by."""
    written = 2.0 * 3 * PICTURE * PICTURE  # varied, and brought to 0..1
    if model.encoder == "seed-cnn":
        side = PICTURE
        for channels in CHANNELS[1:]:
            written += channels * (2 * side * side + (side // 2) ** 2)  # convolution, ReLU, pooling
            side //= 2
    elif model.encoder == "rows":
        height = width = (PICTURE - STEM) // model.stem_stride + 1
        written += 2 / 3 * WHITENED * height * width  # it has no backward pass
        for conv in model.convs:
            pooled = height * width / math.prod(conv.pool)
            written += conv.channels * (height * width + 2 * pooled)  # convolution; norm and GELU of what is left
            height, width = height // conv.pool[0], width // conv.pool[1]
    return written


def _filters(model: ModelConfig) -> list[Shape]:
    """The convolutions' filters that learn, as the matrices that Muon takes them for."""
    if model.encoder == "pixels":
        return []
    if model.encoder == "seed-cnn":
        return [(outputs, 9 * inputs) for inputs, outputs in itertools.pairwise(CHANNELS)]
    channels = (WHITENED, *(conv.channels for conv in model.convs))
    return [
        (conv.channels, math.prod(conv.kernel) * inputs) for inputs, conv in zip(channels, model.convs, strict=False)
    ]


def _gates(model: ModelConfig, width: int) -> list[Shape]:
    """The recurrent weights as Muon takes them: a matrix for each gate, of the input and of the state."""
    if model.cell == "none":
        return []
    spec, directions, shapes = CELLS[model.cell], 2 if model.bidirectional else 1, []
    for _ in range(model.layers):
        reads = [width, model.hidden] if spec.reads_state else [width]
        shapes += [(model.hidden, each) for each in reads] * (spec.blocks * directions)
        width = model.hidden * directions
    return shapes
