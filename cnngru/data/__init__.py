"""Pictures in: each data set comes out as uint8 tensors, split into train, validation and test.

Importing this costs no torch, so the home page can ask `cnngru.data.cifar10.status()` at once. The test split is for
the final figure only; curves during training use the validation split, which is held out of the training pictures.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnngru.config import DataConfig

if TYPE_CHECKING:
    from torch import Tensor

    from cnngru.pictures import Picture

__all__ = ["DataError", "Dataset", "OnProgress", "Split", "TestSplit", "load", "test_pictures"]

OnProgress = Callable[[int, int, str], None]  # (done, total, what is being done); total is 0 where it is not known


class DataError(Exception):
    """Pictures cannot be had. The message says what happened, what was kept, and what to do next."""


@dataclass(frozen=True)
class Split:
    """Pictures and their classes.

    images  uint8 (N, 3, 32, 32), contiguous, RGB
    labels  uint8 (N,), places in the data set's `classes`
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class TestSplit(Split):
    """The pictures that runs on a data set are tested on, in the order in which they are.

    classes     their names
    config      of the data set
    cue_rows    int64 (N, 2): the pixel rows [start, end) that decide (RowCue), else None
    """

    classes: tuple[str, ...]
    config: DataConfig
    cue_rows: Tensor | None = None

    def picture(self, number: int) -> Picture:
        """One of them, counted from 0."""
        from cnngru.pictures import Picture

        known = {"path": self.config.path, "seed": self.config.seed}
        settings = "".join(f", {name}={value!r}" for name, value in known.items() if value)
        code = (
            "from cnngru import DataConfig, data\n"
            f"image = data.test_pictures(DataConfig({self.config.name!r}{settings})).images[{number}]"
        )
        start_end = None if self.cue_rows is None else tuple(self.cue_rows[number].tolist())
        return Picture(
            self.images[number].permute(1, 2, 0).numpy().copy(),
            f"test picture {number}",
            self.classes[int(self.labels[number])],
            start_end,
            number,
            code,
        )


@dataclass(frozen=True)
class Dataset:
    """A data set in memory. `notes` are sentences for the person, such as one for each file that was left out."""

    name: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    notes: tuple[str, ...] = ()


def load(config: DataConfig, progress: OnProgress | None = None) -> Dataset:
    """Reads, downloads or generates the data set that `config` names; the same config gives the same pictures.

    With `config.shuffle_labels` the training and validation pictures have each other's labels, at random.
    progress(done, total, what) hears of bytes that are downloaded and files that are read. Raises DataError.
    """
    source = importlib.import_module(f"{__name__}.{config.name}")  # a data set is the module of its name
    dataset = source.load(config, progress or _silent)
    if config.shuffle_labels:
        from cnngru.data.splits import shuffle_labels  # torch, which those who only ask for a status do not need

        dataset = shuffle_labels(dataset, config.seed)
    return dataset


def test_pictures(config: DataConfig) -> TestSplit:
    """The test split of the data set that `config` names, with what is known of its pictures. Nothing is downloaded.

    Raises DataError, also for CIFAR-10 that is not on this machine.
    """
    return importlib.import_module(f"{__name__}.{config.name}").test(config)


def _silent(done: int, total: int, what: str) -> None:
    """Where nobody listens."""
