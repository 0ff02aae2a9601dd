"""Pictures to try a model on, taken from the data set that it was trained on, when that is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnngru.config import DataConfig

if TYPE_CHECKING:
    from torch import Tensor

HOW_MANY, DRAWN = 12, 200  # samples, and RowCue's pictures that they are taken from
SAMPLE_STREAM = 7_777  # of RowCue: pictures that no run was trained or tested on
TEST_STREAM = 2  # of RowCue: those that runs are tested on
DIGITS = 7  # of a picture's number, at most: no test split has more, and int() refuses thousands
SCALE = 8  # small pictures are enlarged by whole pixels, so that the browser does not blur them


@dataclass(frozen=True)
class Sample:
    """image (32, 32, 3) uint8; label: its true class; cue: the pixel rows [start, end) that decide it (RowCue only).

    place: its number, counted from 0, in what it was taken from: the test pictures, or RowCue's `DRAWN` samples.
    """

    image: np.ndarray
    label: str
    cue: tuple[int, int] | None = None
    place: int = 0


@dataclass(frozen=True)
class TestPictures:
    """images (N, 32, 32, 3) uint8; labels (N,) uint8, places in `classes`; cues (N, 2) as in Sample (RowCue only)."""

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    cues: np.ndarray | None = None


def available(config: DataConfig) -> list[Sample]:
    """Up to twelve pictures of a data set's test split; none when they are not on this machine."""
    if config.name == "rowcue":
        return _rowcue(config.seed)
    if config.name == "cifar10":
        try:
            return _cifar10(config.path)
        except LookupError:
            return []
    return []


def test_pictures(config: DataConfig) -> TestPictures | str:
    """The test pictures of a run's data set, in the order in which it was tested, or why they cannot be shown."""
    from cnngru.data import DataError

    try:
        match config.name:
            case "cifar10":
                return _cifar10_test(config.path)
            case "rowcue":
                return _rowcue_test(config.seed)
            case _:
                return _folder_test(config)
    except LookupError:
        return "CIFAR-10 is not on this machine, so its pictures cannot be shown: download it on Home."
    except DataError as error:
        return str(error)


def from_test(config: DataConfig, place: str | None) -> Sample | None:
    """The test picture with this number (from a link, so it may be anything), or None where there is none."""
    if not place or not place.isdecimal() or len(place) > DIGITS:
        return None
    pictures, number = test_pictures(config), int(place)
    if isinstance(pictures, str) or number >= len(pictures.labels):
        return None
    cue = tuple(map(int, pictures.cues[number])) if pictures.cues is not None else None
    return Sample(pictures.images[number], pictures.classes[int(pictures.labels[number])], cue, number)  # type: ignore[arg-type]


@st.cache_resource(max_entries=1, show_spinner="Looking for the test pictures …")
def _cifar10_test(path: str) -> TestPictures:
    """30 MB. Raises LookupError when the pictures are not here, which is not remembered."""
    from cnngru.data import cifar10

    for place in dict.fromkeys((path, "")):
        test = cifar10.read_test(place)
        if test is not None:
            return _for_people(test.images, test.labels, cifar10.CLASSES)
    raise LookupError


@st.cache_resource(max_entries=2, show_spinner="Drawing the test pictures …")
def _rowcue_test(seed: int) -> TestPictures:
    from cnngru.data import rowcue

    drawn = rowcue.generate(rowcue.TEST, (seed, TEST_STREAM))
    return _for_people(drawn.images, drawn.labels, rowcue.CLASSES, drawn.bands[:, 0].numpy())


@st.cache_resource(max_entries=1, show_spinner="Reading the test pictures …")
def _folder_test(config: DataConfig) -> TestPictures:
    """Reads the whole folder, to split it as the run did. Raises DataError."""
    from cnngru import data

    found = data.load(config)
    return _for_people(found.test.images, found.test.labels, found.classes)


def _for_people(images: Tensor, labels: Tensor, classes: Sequence[str], cues: np.ndarray | None = None) -> TestPictures:
    return TestPictures(images.permute(0, 2, 3, 1).numpy(), labels.numpy(), tuple(classes), cues)


@st.cache_resource(max_entries=4, show_spinner="Drawing sample pictures …")
def _rowcue(seed: int) -> list[Sample]:
    from cnngru.data import rowcue

    drawn = rowcue.generate(DRAWN, seed=(seed, SAMPLE_STREAM))
    cues = [(int(start), int(end)) for start, end in drawn.bands[:, 0]]
    return _samples(drawn.images, drawn.labels, rowcue.CLASSES, cues)


@st.cache_resource(max_entries=4, show_spinner="Looking for sample pictures …")
def _cifar10(path: str) -> list[Sample]:
    """Raises LookupError when the pictures are not here, which is not remembered: they may come."""
    from cnngru.data import cifar10

    for place in dict.fromkeys((path, "")):
        test = cifar10.read_test(place)
        if test is not None:
            return _samples(test.images, test.labels, cifar10.CLASSES)
    raise LookupError


def _samples(
    images: Tensor, labels: Tensor, classes: Sequence[str], cues: Sequence[tuple[int, int]] | None = None
) -> list[Sample]:
    """images (N, 3, 32, 32) uint8 and labels (N,) -> the first ones, of as many classes as possible."""
    return [
        Sample(images[i].permute(1, 2, 0).numpy().copy(), classes[int(labels[i])], cues[i] if cues else None, i)
        for i in spread(labels.tolist(), HOW_MANY)
    ]


def spread(labels: Sequence[int], count: int) -> list[int]:
    """Indices of `count` pictures: the first of each class, then the first of those left over."""
    firsts = list({label: i for i, label in reversed(list(enumerate(labels)))}.values())
    rest = sorted(set(range(len(labels))) - set(firsts))
    return [*sorted(firsts), *rest][:count]


def choose(samples: Sequence[Sample]) -> Sample:
    """Thumbnails with numbers, and the slider (bound to ?picture=) that picks one."""
    with st.container(horizontal=True, gap="xsmall"):
        for number, sample in enumerate(samples, start=1):
            st.image(sample.image, caption=str(number), width=44, alt=f"sample {number}: {sample.label}")
    number = st.slider("Sample picture", 1, len(samples), key="picture", bind="query-params", width=480)
    return samples[number - 1]


def why_none(config: DataConfig) -> str:
    """Why there are no samples, and what to do."""
    if config.name == "cifar10":
        return (
            "CIFAR-10 is not on this machine, so there are no samples of it: download it on Home, or choose a RowCue "
            "run in the sidebar, whose pictures are always at hand."
        )
    return "There are no samples of a folder of your own."


def enlarge(image: np.ndarray) -> np.ndarray:
    """(32, 32, 3) -> (256, 256, 3): each pixel becomes a square."""
    return image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
