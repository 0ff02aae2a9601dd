"""Pictures to try a model on, taken from the data set that it was trained on, when that is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnngru.config import DataConfig

HOW_MANY = 12
SAMPLE_STREAM = 7_777  # of RowCue: pictures that no run was trained or tested on
SCALE = 8  # small pictures are enlarged by whole pixels, so that the browser does not blur them


@dataclass(frozen=True)
class Sample:
    """image (32, 32, 3) uint8; label: its true class; cue: the pixel rows [start, end) that decide it (RowCue only)."""

    image: np.ndarray
    label: str
    cue: tuple[int, int] | None = None


def available(config: DataConfig) -> list[Sample]:
    """Up to twelve test pictures, as many classes as possible; none when the data set is not on this machine."""
    from cnngru.data import cifar10

    if config.name == "cifar10":
        path = next((p for p in (config.path, "") if cifar10.status(p) == "ready"), None)
        if path is None:
            return []
        config = DataConfig(name="cifar10", path=path)
    return _load(config.name, config.path, config.seed)


@st.cache_resource(max_entries=4, show_spinner="Looking for sample pictures …")
def _load(name: str, path: str, seed: int) -> list[Sample]:
    from cnngru import data
    from cnngru.data import rowcue

    if name == "rowcue":
        drawn = rowcue.generate(200, seed=(seed, SAMPLE_STREAM))
        images, labels, classes = drawn.images, drawn.labels, rowcue.CLASSES
        cues = [(int(start), int(end)) for start, end in drawn.bands[:, 0]]
    else:
        try:
            dataset = data.load(DataConfig(name=name, path=path, seed=seed))  # type: ignore[arg-type]
        except data.DataError:
            return []
        images, labels, classes, cues = dataset.test.images, dataset.test.labels, dataset.classes, None
    picked = spread(labels.tolist(), HOW_MANY)
    return [
        Sample(images[i].permute(1, 2, 0).numpy().copy(), classes[int(labels[i])], cues[i] if cues else None)
        for i in picked
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
        return "This network was trained on CIFAR-10, which is not on this machine: download it on Home to get samples."
    return "The folder that this network was trained on is not at hand, so there are no samples."


def enlarge(image: np.ndarray) -> np.ndarray:
    """(32, 32, 3) -> (256, 256, 3): each pixel becomes a square."""
    return image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
