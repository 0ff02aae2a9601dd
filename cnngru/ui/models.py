"""The torch side of the pages: models, answers and gates, each as a plain value.

torch is imported inside the functions: it takes seconds, and pages are drawn before anything here is called. Nothing
about a person's pictures is cached or kept for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnngru.runs.store import Run

if TYPE_CHECKING:
    import torch

    from cnngru.nn.classifier import CNNGRU
    from cnngru.predict import Picture

Answers = list[tuple[str, float]]  # class and probability, the likeliest first


@dataclass(frozen=True)
class Gates:
    """One layer and direction, one picture.

    panels  what there is to draw, (T, H) each, in picture order: the cell's gates in 0..1 by their words, the one that
            keeps first; of a plain RNN, which has none, its "state" in −1..1
    bands   (T, 2) pixel rows
    """

    panels: dict[str, np.ndarray]
    bands: np.ndarray
    answers: Answers


def load(run: Run) -> CNNGRU:
    """The run's newest model, shared by all sessions and loaded anew when its file changes. Raises CheckpointError."""
    path = run.folder / "model.safetensors"
    return _load(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=4, show_spinner="Loading the model …")
def _load(path: str, mtime_ns: int) -> CNNGRU:
    import torch

    import cnngru

    torch.set_num_threads(1)  # looking must not slow a training run down
    return cnngru.load(path)


def answers(model: CNNGRU, pictures: np.ndarray) -> list[Answers]:
    """Up to five classes for each of the pictures (B, 32, 32, 3) uint8."""
    from cnngru import predict

    shares = predict.predict(model, _tensor(pictures))
    return [predict.top(row, model.classes, k=5) for row in shares]


def gates(model: CNNGRU, picture: np.ndarray, layer: int, direction: int) -> Gates:
    """The gates of one picture (32, 32, 3) uint8 in one layer and direction (0 downward, 1 upward)."""
    import cnngru
    from cnngru import predict

    images = _tensor(picture[None])
    _, trace = cnngru.trace(model, images.float() / 255)
    shown = {name: values[layer, direction, 0].numpy() for name, values in trace.shares.items()}
    panels = shown or {"state": trace.hidden[layer, direction, 0].numpy()}
    answer = predict.top(predict.predict(model, images)[0], model.classes, k=5)
    return Gates(panels, trace.bands.numpy(), answer)


def read_picture(data: bytes, name: str) -> Picture:
    """A stranger's file as a picture. Raises PictureError with one sentence for a person."""
    from cnngru import predict

    return predict.read_picture(data, name)


def _tensor(pictures: np.ndarray) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
