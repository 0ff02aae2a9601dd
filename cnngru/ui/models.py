"""The torch side of the pages: models and answers, each as a plain value.

torch is imported inside the functions: it takes seconds, and pages are drawn before anything here is called. Nothing
about a person's pictures is cached or kept for others.
"""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

import cnngru
from cnngru import escaping
from cnngru.runs.store import Run
from cnngru.ui import links

if TYPE_CHECKING:
    import torch

    from cnngru.nn.classifier import CNNGRU

Answers = list[tuple[str, float]]  # class and probability, the likeliest first


def load(run: Run) -> CNNGRU:
    """The run's newest model, shared by all sessions and loaded anew when its file changes. Raises CheckpointError."""
    path = run.folder / "model.safetensors"
    return _load(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=4, show_spinner="Loading the model …")
def _load(path: str, mtime_ns: int) -> CNNGRU:
    import torch

    torch.set_num_threads(1)  # looking must not slow a training run down
    model = cnngru.load(path)
    _keep_out_of_collections()
    return model


@cache
def _keep_out_of_collections() -> None:
    """What is there for good, torch's and Plotly's modules above all, is looked through no more for garbage, once.

    Streamlit collects garbage after each run of a page, and Python does in between: with torch each takes 0.2 seconds,
    in which nobody's page goes on.
    """
    importlib.import_module("cnngru.figures")
    gc.collect()
    gc.freeze()


def load_file(path: Path) -> CNNGRU:
    """The model in a file, such as a snapshot, shared as that of `load`. Raises CheckpointError, OSError."""
    return _load_file(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=32, show_spinner=False)
def _load_file(path: str, mtime_ns: int) -> CNNGRU:
    return cnngru.load(path)


def untrained(run: Run) -> CNNGRU:
    """A network like the run's that has learnt nothing (`cnngru.explain.untrained`), shared as that of `load`."""
    path = run.folder / "model.safetensors"
    return _untrained(str(path), path.stat().st_mtime_ns)


@st.cache_resource(max_entries=4, show_spinner=False)
def _untrained(path: str, mtime_ns: int) -> CNNGRU:
    from cnngru.explain.untrained import untrained

    return untrained(_load(path, mtime_ns))


def model_or_reason(run: Run | None) -> CNNGRU:
    """The run's model. Where there is none, says why and what to do, and ends the page."""
    if run is None:
        st.info("There is no trained network yet. Train one first: RowCue with the quick preset takes a minute or two.")
        links.link("train", "Go to Train")
        st.stop()
    if not run.has_model:
        if run.live:
            st.info(f"**{run.name}** has no weights yet: they are saved after each epoch. Look again in a moment.")
        else:
            st.info(
                f"**{run.name}** ended before any weights were saved. Choose another run in the sidebar, or train one."
            )
        links.link("train", "See how it went", run.name)
        st.stop()
    try:
        return load(run)
    except (cnngru.CheckpointError, OSError) as error:
        st.error(f"{escaping.message(str(error))} Choose another run in the sidebar.")
        st.stop()


@contextmanager
def cores(busy: bool) -> Iterator[None]:
    """Lets torch use all cores for a while: for work that a person waits for. busy: a training run needs them more."""
    import torch

    if busy:
        yield
        return
    torch.set_num_threads(os.cpu_count() or 1)
    try:
        yield
    finally:
        torch.set_num_threads(1)


def answers(model: CNNGRU, pictures: np.ndarray) -> list[Answers]:
    """Up to five classes for each of the pictures (B, 32, 32, 3) uint8."""
    from cnngru import predict

    shares = predict.predict(model, _tensor(pictures))
    return [predict.top(row, model.classes, k=5) for row in shares]


def _tensor(pictures: np.ndarray) -> torch.Tensor:
    import torch

    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
