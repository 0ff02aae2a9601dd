"""Pictures to try a model on, taken from the test pictures of its data set, when they are at hand: which, and in rows.

A test picture has one number everywhere: its place in the test, counted from 0 as in the arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnngru import data
from cnngru.config import DataConfig
from cnngru.data import TestSplit
from cnngru.pictures import Picture
from cnngru.runs import artifacts
from cnngru.runs.store import Run

if TYPE_CHECKING:
    from torch import Tensor

HOW_MANY = 12  # pictures in a row
DIGITS = 7  # of a picture's number, at most: no test split has more, and int() refuses thousands
SCALE = 8  # small pictures are enlarged by whole pixels, so that the browser does not blur them
MIXED, WRONG, UNSURE = "of every class", "it was wrong", "it was least sure"


def test_pictures(config: DataConfig) -> TestSplit | str:
    """The test pictures of a run's data set, in the order in which it was tested, or why they cannot be shown."""
    try:
        return _test_pictures(DataConfig(config.name, config.path, seed=config.seed))
    except data.DataError as error:
        return str(error)


@st.cache_resource(max_entries=3, show_spinner="Looking for the test pictures …")
def _test_pictures(config: DataConfig) -> TestSplit:
    """30 MB for CIFAR-10. Raises DataError, which is not remembered: the pictures may come."""
    return data.test_pictures(config)


def from_test(config: DataConfig, number: str | None) -> Picture | None:
    """The test picture with this number (from a link, so it may be anything), or None where there is none."""
    if not number or not number.isdecimal() or len(number) > DIGITS:
        return None
    found = test_pictures(config)
    return None if isinstance(found, str) or int(number) >= len(found) else found.picture(int(number))


def available(config: DataConfig) -> list[Picture]:
    """The row that a page begins with: up to twelve test pictures, one of each class first, if there are any."""
    found = test_pictures(config)
    return [] if isinstance(found, str) else [found.picture(i) for i in spread(found.labels, HOW_MANY)]


def kinds(run: Run, split: TestSplit) -> list[str]:
    """Which rows of test pictures there are, in words: MIXED, by the run's own answers in its test, and each class."""
    answered = [WRONG, UNSURE] if _of_these(run, split) else []
    return [MIXED, *answered, *split.classes]


def row(run: Run, split: TestSplit, kind: str, draw: int) -> list[int]:
    """The numbers of the test pictures in a row; draw: which row of that kind, any number: 0 is the first."""
    if kind in (WRONG, UNSURE):
        shares, labels = _of_these(run, split) or (np.zeros((0, 1)), np.zeros(0))
        wrong = np.flatnonzero(shares.argmax(1) != labels)
        order = wrong[np.argsort(-shares.max(1)[wrong])] if kind == WRONG else np.argsort(shares.max(1))
    elif kind in split.classes:
        order = np.flatnonzero(np.asarray(split.labels) == split.classes.index(kind))
    else:
        return spread(split.labels, HOW_MANY, draw)
    rows = max(1, -(-len(order) // HOW_MANY))
    begin = draw % rows * HOW_MANY
    return [int(number) for number in order[begin : begin + HOW_MANY]]


def spread(labels: Sequence[int] | Tensor, count: int, draw: int = 0) -> list[int]:
    """Indices of `count` pictures: the first of each class, then the first of those left over.

    draw    0: in the order in which they are; else in another one for each number
    """
    found = np.asarray(labels)
    order = np.random.default_rng(draw).permutation(len(found)) if draw else np.arange(len(found))
    firsts = np.sort(np.unique(found[order], return_index=True)[1])
    rest = np.setdiff1d(np.arange(len(found)), firsts)
    return [int(order[place]) for place in [*firsts, *rest][:count]]


def _of_these(run: Run, split: TestSplit) -> tuple[np.ndarray, np.ndarray] | None:
    """`answers` where they are of these test pictures: a folder may have changed since."""
    found = answers(run)
    return found if found and len(found[1]) == len(split) else None


def answers(run: Run) -> tuple[np.ndarray, np.ndarray] | None:
    """Probabilities (N, C) and labels (N,) of the run's own test, or None where they were not kept."""
    try:
        return _read_answers(str(run.folder), (run.folder / artifacts.ANSWERS).stat().st_mtime_ns)
    except OSError:
        return None


@st.cache_resource(max_entries=8, show_spinner=False)
def _read_answers(folder: str, mtime_ns: int) -> tuple[np.ndarray, np.ndarray] | None:
    return artifacts.answers(Path(folder))


def why_none(config: DataConfig) -> str:
    """Why there are no samples, and what to do."""
    if config.name == "cifar10":
        return (
            "CIFAR-10 is not on this machine, so there are no samples of it: download it on Home, or choose a RowCue "
            "run in the sidebar, whose pictures are always at hand."
        )
    found = test_pictures(config)
    return found if isinstance(found, str) else "There are no test pictures."


def enlarge(image: np.ndarray) -> np.ndarray:
    """(32, 32, 3) -> (256, 256, 3): each pixel becomes a square."""
    return image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
