"""The form for a new run: the handful of settings that matter, starting from a preset's values."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cnngru.config import PRESETS, Config, override, preset
from cnngru.data import cifar10
from cnngru.ui.words import DATA_NAMES

PRESET_HELP = "quick: a small network, minutes on a laptop. standard: the one the README's figures are from."
DATA_HELP = (
    "**CIFAR-10**: 60,000 photos of ten kinds of things. **RowCue**: generated at once; several bands carry a cue and "
    "only the topmost decides, so the network has to remember. **Own folder**: one sub-folder of pictures a class."
)
WIDTH = 140  # pixels: five fields in a row on a laptop, two on a phone
DIRECTIONS = {False: "downward", True: "both ways"}
READOUTS = {"last": "last state", "mean": "mean state"}
CELLS = {"gru": "GRU", "none": "none"}


def new_run() -> Config:
    """Draws the form and returns what it says now. Raises ConfigError for settings that do not go together."""
    with st.container(horizontal=True):
        data = st.selectbox(
            "Data set",
            list(DATA_NAMES),
            format_func=DATA_NAMES.__getitem__,
            help=DATA_HELP,
            width=WIDTH,
            **_kept("data"),
        )
        name = st.selectbox("Preset", list(PRESETS), help=PRESET_HELP, width=WIDTH, **_kept("preset"))
    if data == "cifar10" and cifar10.status() != "ready":
        st.caption("CIFAR-10 is not on this machine yet: the run begins by downloading it (170 MB, once).")
    path = ""
    if data == "folder":
        path = st.text_input(
            "Folder of pictures",
            placeholder="/home/me/pictures",
            help="On the machine that the app runs on. It holds one sub-folder for each class, 2 to 100 of them.",
            **_kept("path"),
        )
    # A preset's own values are the starting point, so each preset and data set has its own set of fields.
    start = preset(name, data if data != "folder" else "cifar10")
    changed = {**_common(start, f"{data}-{name}"), **_network(start, f"{data}-{name}")}
    config = preset(name, data, path.strip())
    for setting, value in changed.items():
        config = override(config, setting, value)
    return config


def _kept(name: str) -> dict[str, Any]:
    return {"key": f"new-{name}", "persist_state": "session"}


def _common(start: Config, form: str) -> dict[str, Any]:
    training = start.training
    with st.container(horizontal=True):
        epochs = st.number_input(
            "Epochs",
            1,
            1000,
            training.epochs,
            width=WIDTH,
            help="Passes over the training pictures.",
            **_kept(f"{form}-epochs"),
        )
        batch = st.number_input(
            "Batch",
            2,
            10_000,
            training.batch,
            50,
            width=WIDTH,
            help="Pictures a step. Smaller batches take more, noisier steps.",
            **_kept(f"{form}-batch"),
        )
        rate = st.number_input(
            "Learning rate",
            1e-6,
            1.0,
            training.learning_rate,
            1e-3,
            "%g",
            width=WIDTH,
            help="How far a step moves the GRU and the readout, at most. If the loss jumps, halve it.",
            **_kept(f"{form}-rate"),
        )
        seed = st.number_input(
            "Seed",
            0,
            2**31 - 1,
            training.seed,
            width=WIDTH,
            help="Same settings, seed and machine: same curve. Change it to see how much is luck.",
            **_kept(f"{form}-seed"),
        )
        pictures = st.number_input(
            "Pictures (0: all)",
            0,
            1_000_000,
            start.data.pictures,
            1000,
            width=WIDTH,
            help="Train on at most this many; 0 means all (RowCue: 20,000). Fewer is quicker and less accurate.",
            **_kept(f"{form}-pictures"),
        )
    return {
        "training.epochs": int(epochs),
        "training.batch": int(batch),
        "training.learning_rate": float(rate),
        "training.seed": int(seed),
        "data.pictures": int(pictures),
    }


def _network(start: Config, form: str) -> dict[str, Any]:
    model = start.model
    with st.container(horizontal=True):
        cell = st.selectbox(
            "Recurrence",
            list(CELLS),
            list(CELLS).index(model.cell),
            CELLS.__getitem__,
            width=WIDTH,
            help="none: the readout sees the rows' features. Train it beside a GRU to see what memory is worth.",
            **_kept(f"{form}-cell"),
        )
        off = cell == "none"
        hidden = st.number_input(
            "Hidden units",
            1,
            2048,
            model.hidden,
            16,
            width=WIDTH,
            disabled=off,
            help="Of each layer and direction: how much the GRU can hold in mind.",
            **_kept(f"{form}-hidden"),
        )
        layers = st.number_input(
            "Layers",
            1,
            4,
            model.layers,
            width=WIDTH,
            disabled=off,
            help="GRUs stacked on each other; the upper one reads the lower one's states.",
            **_kept(f"{form}-layers"),
        )
        both = st.selectbox(
            "Direction",
            list(DIRECTIONS),
            int(model.bidirectional),
            DIRECTIONS.__getitem__,
            width=WIDTH,
            disabled=off,
            help="both ways: a second GRU reads from the bottom row up, and the readout sees both.",
            **_kept(f"{form}-direction"),
        )
        readout = st.selectbox(
            "Readout",
            list(READOUTS),
            list(READOUTS).index(model.readout),
            READOUTS.__getitem__,
            width=WIDTH,
            help="What the answer is read from: the state after the last row, or the mean over all rows.",
            **_kept(f"{form}-readout"),
        )
    return {
        "model.cell": cell,
        "model.hidden": int(hidden),
        "model.layers": int(layers),
        "model.bidirectional": bool(both),
        "model.readout": readout,
    }
