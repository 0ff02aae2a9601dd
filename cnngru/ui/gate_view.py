"""The gates page's parts: which picture, which layer and direction, the figure, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnngru.config import ModelConfig
from cnngru.runs.store import Run
from cnngru.ui import figures, models, pictures, samples, words

if TYPE_CHECKING:
    from torch import Tensor

    from cnngru.nn.classifier import CNNGRU

TESTED, SAMPLE, OWN = "from the test", "a sample", "my own"
DIRECTIONS = {0: "top to bottom", 1: "bottom to top"}
UPDATES = ("gru", "gru-textbook", "mingru")  # the cells with an update gate
DID = {  # what a step did, on average over the units, in words
    "keep": "it keeps {} of the old state",
    "forget": "it keeps {} of the old cell state",
    "reset": "its reset gates are {} open",
    "input": "its input gates are {} open",
    "output": "its output gates are {} open",
}
WIDTH = 860  # pixels, at most: there the picture's pixels come out square


@dataclass(frozen=True)
class Chosen:
    """A picture (32, 32, 3) uint8, what it is called, its true class if known, and the rows that decide if known."""

    image: np.ndarray
    name: str
    label: str = ""
    cue: tuple[int, int] | None = None


@dataclass(frozen=True)
class View:
    """layer from 0; direction 0 downward, 1 upward; step 0..T−1, or None for no step; write instead of keep."""

    layer: int
    direction: int
    step: int | None
    write: bool


def choose_picture(run: Run) -> Chosen:
    """A sample of the run's data set, a test picture that a link names by its number (?test=), or the person's own.

    Ends the page when there is none yet.
    """
    found = samples.available(run.config.data)
    brought = st.session_state.get("uploads", {}).get(st.query_params.get("upload"))
    number = st.query_params.get("test", "")
    tested = samples.from_test(run.config.data, number)
    if not found and not tested:
        return _own_picture(brought, samples.why_none(run.config.data))
    offered = [*([TESTED] if tested else []), *([SAMPLE] if found else []), OWN]
    start = TESTED if tested else OWN if brought else SAMPLE
    source = st.segmented_control(
        "Picture", offered, default=start, key="source" + "-tested" * bool(tested), required=True
    )
    if source == OWN:
        return _own_picture(brought, "")
    if source == TESTED and tested:
        st.caption(f"Picture {int(number):,} of the test, counted from 0.")
        return Chosen(tested.image, f"test picture {number}", tested.label, tested.cue)
    sample = samples.choose(found)
    return Chosen(sample.image, "sample", sample.label, sample.cue)


def _own_picture(brought: pictures.Upload | None, why_no_samples: str) -> Chosen:
    file = st.file_uploader("Your picture", type=pictures.KINDS, help="PNG, JPEG, WebP, GIF or BMP, up to 20 MB.")
    if file is not None:
        read = pictures.read(file.name, file.getvalue())
        if isinstance(read, pictures.Upload):
            return Chosen(read.seen, read.name)
        st.error(f"**{words.plain(read.name)}**: {read.reason}")
        st.stop()
    if brought:
        st.caption(f"Showing **{words.plain(brought.name)}**, brought from Predict. Upload another to replace it.")
        return Chosen(brought.seen, brought.name)
    st.info(f"{why_no_samples} Upload a picture to see what the gates do while the network reads it.".strip())
    return st.stop()


def choose_view(model: ModelConfig, steps: int) -> View:
    """Layer and direction where the model has more than one, the step to mark, and keep or write where it updates."""
    layer, direction, gate = 0, 0, "keep"
    with st.container(horizontal=True, vertical_alignment="top"):
        if model.layers > 1:
            layers = list(range(model.layers))
            layer = st.segmented_control(
                "Layer", layers, default=0, required=True, format_func=lambda i: str(i + 1), key=f"layer-{model.layers}"
            )
        if model.bidirectional:
            direction = st.segmented_control(
                "Direction",
                list(DIRECTIONS),
                default=0,
                required=True,
                format_func=DIRECTIONS.__getitem__,
                key="direction",
            )
        if model.cell in UPDATES:
            gate = st.segmented_control(
                "Update gate as",
                ["keep", "write"],
                default="keep",
                required=True,
                key="update-as",
                help="keep = PyTorch's z, the share of the old state that stays. write = 1 − keep, as in some "
                "textbooks.",
            )
        mark = st.slider(
            "Mark a step (0: none)",
            0,
            steps,
            key=f"step-{steps}",
            width=320,
            help="Outlines the step's row in every panel, and on the picture all pixel rows that it has seen.",
        )
    return View(layer, direction, mark - 1 if mark else None, gate == "write")


def show(model: CNNGRU, picture: Chosen, view: View) -> None:
    """The answer in a line, and the figure."""
    gates = models.gates(model, picture.image, view.layer, view.direction)
    best, share = gates.answers[0]
    said = f"The network says **{words.plain(best)}** ({words.percent(share)})"
    if picture.label:
        said += f". In truth: **{words.plain(picture.label)}** " + ("✓" if picture.label == best else "✗")
    st.markdown(said)
    figure = figures.gates(picture.image, gates.panels, gates.bands, write=view.write, step=view.step, cue=picture.cue)
    st.plotly_chart(
        figure,
        width=WIDTH,
        key="gates",
        config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
        alt=f"The picture, the rows each step has seen, and heatmaps by row and unit: {', '.join(gates.panels)}",
    )
    if view.step is not None:
        start, end = gates.bands[view.step]
        seen = f"Step {view.step + 1} has seen pixel rows {start}–{end - 1}."
        did = [
            DID[name].format(words.percent(float(values[view.step].mean())))
            for name, values in gates.panels.items()
            if name in DID
        ]
        st.caption(f"{seen} On average over the units {'; '.join(did)}." if did else seen)


def how_to_read(cell: str, view: View, bands: Tensor) -> None:
    """What the figure shows, and what it does not. bands (T, 2): the pixel rows [start, end) each step has seen."""
    above = " This layer reads the states of the one below, which carry more than the rows seen." if view.layer else ""
    overlap = bool((bands[1:, 0] < bands[:-1, 1]).any())
    shared = "; also, neighbouring steps share pixels (“Rows seen”)" if overlap else ""
    not_so = f"What not to conclude: that a row where {{}} decided the answer{shared}.{above}"
    where = (
        "each row of a panel is one step, drawn at the height of the picture where it reads; each column is one unit"
    )
    match cell:
        case "rnn":
            st.caption(
                f"A plain RNN has no gates: every step writes every unit anew. Shown is its state: {where}, those with "
                f"the largest values at the left. {not_so.format('the state is strong')}"
            )
        case "lstm":
            st.caption(
                f"How to read it: {where}, those that keep most at the left. Where the forget gate is bright (1 = "
                "keeps), the unit holds on to its old cell state; where the input gate is bright, it adds something "
                "new; where the output gate is bright, it shows what it holds. "
                f"{not_so.format('a gate opens')}"
            )
        case _:
            bright = "takes in something new" if view.write else "holds on to its old state"
            st.caption(
                f"How to read it: {where}, those that keep most at the left. Where the update gate is bright, the unit "
                f"{bright}. {not_so.format('a gate opens')}"
            )
