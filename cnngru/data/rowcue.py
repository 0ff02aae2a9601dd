"""RowCue: generated pictures whose class cannot be told without memory. Works offline, in about a second.

A picture is eight bands of four pixel rows. Three of them carry a cue, a small patch with one of ten patterns, among
noise; only the topmost cue is the answer. A network that reads rows from the top has to take the first cue in, hold it,
and shut the door to the others; which rows mattered is known (`RowCue.cue_rows`).

Why memory is needed: let no row feature see two bands, as with the encoder that the presets use for this data set
(each step sees two pixel rows). Then moving the bands about permutes the row features and leaves their mean as it was,
while the answer changes: whatever reads that mean can only guess among the three cues. With a taller view the task
says nothing: an encoder that sees 10 rows compares neighbouring cues by itself.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnngru.config import PICTURE, DataConfig
from cnngru.data import Dataset, OnProgress, Split, TestSplit

CUES = 3
HEIGHT, WIDTH = 4, 12  # of a cue, in pixels; a band is as high
BANDS = PICTURE // HEIGHT
TRAIN, TEST = 20_000, 5_000  # pictures
STREAMS = {"train": 0, "validation": 1, "test": 2}  # of a seed: pictures that have nothing to do with each other

COLOURS = {"orange": (220, 130, 40), "blue": (40, 110, 220)}  # told apart by colour-blind people too
DARK = 40
PATTERNS = {  # "#" has the colour, "." is dark; repeated to the right and down
    "block": ("#",),
    "bars": ("##..",),
    "rails": ("#", "."),
    "checks": ("##..", "..##"),
    "slashes": (".##.", "##..", "#..#", "..##"),
}
CLASSES = tuple(f"{colour} {pattern}" for colour in COLOURS for pattern in PATTERNS)


@dataclass(frozen=True)
class RowCue:
    """Generated pictures and what is true of them.

    images      uint8 (N, 3, 32, 32)
    labels      uint8 (N,): the class of the topmost cue
    cue_rows    int64 (N, 3, 2): pixel rows [start, end) of the cues, top to bottom; cue_rows[:, 0] decides
    """

    images: Tensor
    labels: Tensor
    cue_rows: Tensor


def generate(n: int, seed: int | tuple[int, ...]) -> RowCue:
    """`n` pictures; the same seed gives the same ones on every machine. Another seed is an independent stream.

    The ten classes come up equally often (within one picture); the classes of one picture's cues differ. Which bands
    carry a cue, the later cues' classes and all columns are drawn evenly, and apart from each other.
    """
    random = np.random.default_rng(seed)
    answer = random.permutation(n) % len(CLASSES)
    others = random.permuted(np.tile(np.arange(1, len(CLASSES)), (n, 1)), axis=1)[:, : CUES - 1]
    classes = np.column_stack((answer, (answer[:, None] + others) % len(CLASSES)))  # (n, CUES)
    places = np.array(list(itertools.combinations(range(BANDS), CUES)))
    rows = HEIGHT * places[random.integers(len(places), size=n)]  # (n, CUES), top to bottom
    columns = random.integers(PICTURE - WIDTH + 1, size=(n, CUES))

    images = _noise(random, (n, 3, PICTURE, PICTURE), 64, 191)
    cues = _patches()[classes] + _noise(random, (n, CUES, 3, HEIGHT, WIDTH), -32, 31)
    y = (rows[..., None] + np.arange(HEIGHT))[:, :, None, :, None]  # (n, CUES, 1, HEIGHT, 1)
    x = (columns[..., None] + np.arange(WIDTH))[:, :, None, None, :]  # (n, CUES, 1, 1, WIDTH)
    images[np.arange(n)[:, None, None, None, None], np.arange(3)[:, None, None], y, x] = cues

    return RowCue(
        torch.from_numpy(images),
        torch.from_numpy(answer.astype(np.uint8)),
        torch.from_numpy(np.stack((rows, rows + HEIGHT), axis=-1).astype(np.int64)),
    )


def load(config: DataConfig, progress: OnProgress) -> Dataset:
    """`config.pictures` training pictures (0 = 20,000), `config.validation` of that number more for validation, and
    5,000 for the test, each from its own stream of `config.seed`."""
    n = config.pictures or TRAIN
    sizes = (n, max(1, round(config.validation * n)), TEST)
    made = [generate(size, (config.seed, stream)) for size, stream in zip(sizes, STREAMS.values(), strict=True)]
    train, validation, test = (Split(cues.images, cues.labels) for cues in made)
    return Dataset("rowcue", CLASSES, train, validation, test)


def test(config: DataConfig) -> TestSplit:
    """The test pictures of `load`, and the rows of the cue that decides."""
    made = generate(TEST, (config.seed, STREAMS["test"]))
    return TestSplit(made.images, made.labels, CLASSES, config, made.cue_rows[:, 0])


def _noise(random: np.random.Generator, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
    """Even noise in low … high (a power of two of values); int16, or uint8 where no value is negative."""
    bits = np.frombuffer(random.bytes(int(np.prod(shape))), np.uint8).reshape(shape) & np.uint8(high - low)
    return bits + np.uint8(low) if low >= 0 else bits.astype(np.int16) + low


def _patches() -> np.ndarray:
    """The ten cues without noise, int16 (10, 3, HEIGHT, WIDTH)."""
    patches = np.full((len(CLASSES), 3, HEIGHT, WIDTH), DARK, np.int16)
    for patch, (colour, pattern) in zip(patches, itertools.product(COLOURS.values(), PATTERNS.values()), strict=True):
        lit = np.array([list((row * WIDTH)[:WIDTH]) for row in (pattern * HEIGHT)[:HEIGHT]]) == "#"  # (HEIGHT, WIDTH)
        patch[:, lit] = np.array(colour)[:, None]
    return patches
