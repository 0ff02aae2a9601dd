"""Pictures to try a model on, taken from the data set that it was trained on, when that is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnngru import data
from cnngru.config import DataConfig
from cnngru.data import TestSplit
from cnngru.pictures import Picture

if TYPE_CHECKING:
    from torch import Tensor

HOW_MANY, DRAWN = 12, 200  # samples, and RowCue's pictures that they are taken from
SAMPLE_STREAM = 7_777  # of RowCue: pictures that no run was trained or tested on
DIGITS = 7  # of a picture's number, at most: no test split has more, and int() refuses thousands
SCALE = 8  # small pictures are enlarged by whole pixels, so that the browser does not blur them


def available(config: DataConfig) -> list[Picture]:
    """Up to twelve pictures like those of a data set's test; none when they are not on this machine."""
    match config.name:
        case "rowcue":
            return _rowcue(config.seed)
        case "cifar10":
            found = test_pictures(config)
            return [] if isinstance(found, str) else [found.picture(i) for i in spread(found.labels, HOW_MANY)]
        case _:
            return []


def test_pictures(config: DataConfig) -> TestSplit | str:
    """The test pictures of a run's data set, in the order in which it was tested, or why they cannot be shown."""
    try:
        return _test_pictures(DataConfig(config.name, config.path, seed=config.seed))
    except data.DataError as error:
        return str(error)


def from_test(config: DataConfig, number: str | None) -> Picture | None:
    """The test picture with this number (from a link, so it may be anything), or None where there is none."""
    if not number or not number.isdecimal() or len(number) > DIGITS:
        return None
    found = test_pictures(config)
    return None if isinstance(found, str) or int(number) >= len(found) else found.picture(int(number))


@st.cache_resource(max_entries=3, show_spinner="Looking for the test pictures …")
def _test_pictures(config: DataConfig) -> TestSplit:
    """30 MB for CIFAR-10. Raises DataError, which is not remembered: the pictures may come."""
    return data.test_pictures(config)


@st.cache_resource(max_entries=4, show_spinner="Drawing sample pictures …")
def _rowcue(seed: int) -> list[Picture]:
    from cnngru.data import rowcue

    stream = (seed, SAMPLE_STREAM)
    drawn = rowcue.generate(DRAWN, stream)
    split = TestSplit(drawn.images, drawn.labels, rowcue.CLASSES, DataConfig("rowcue"), drawn.cue_rows[:, 0])
    code = f"from cnngru.data import rowcue\nimage = rowcue.generate({DRAWN}, {stream}).images"
    return [
        replace(split.picture(i), name="this sample", test=None, code=f"{code}[{i}]")
        for i in spread(drawn.labels, HOW_MANY)
    ]


def spread(labels: Sequence[int] | Tensor, count: int) -> list[int]:
    """Indices of `count` pictures: the first of each class, then the first of those left over."""
    firsts = np.unique(np.asarray(labels), return_index=True)[1]
    rest = np.setdiff1d(np.arange(len(labels)), firsts)
    return [*sorted(firsts.tolist()), *rest.tolist()][:count]


def choose(samples: Sequence[Picture]) -> Picture:
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
