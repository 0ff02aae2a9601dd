"""The form for a new run: the handful of settings that matter, starting from a preset's values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from cnngru import cells, escaping
from cnngru.config import Config, ConfigError, DataConfig, ModelConfig
from cnngru.data import cifar10
from cnngru.names import CELLS, DATA, ENCODERS
from cnngru.presets import PRESETS, preset
from cnngru.schema import choices, number
from cnngru.ui.train import own_pictures, times
from cnngru.ui.wording import steps

PRESET_HELP = (
    "**quick**, **standard** and **best** take longer and longer and get better and better; below stands how long on "
    "this computer. **document** is the network of the source document with its own recipe: what the others "
    "are measured against."
)
DATA_HELP = (
    "**CIFAR-10**: 60,000 photos of ten kinds of things. **RowCue**: generated at once; several bands carry a cue and "
    "only the topmost decides, so the network has to remember. **own pictures**: yours, handed over or in a folder."
)
WIDTH = 140  # pixels: five fields in a row on a laptop, two on a phone
DIRECTIONS = {False: "downward", True: "both ways"}
READOUTS = {"last": "last state", "mean": "mean state", "gated": "gated output"}
CELL_HELP = (
    "**GRU**: PyTorch's. **textbook GRU**: its reset gate works before the matrix product. **LSTM**: three gates "
    "and a second state. **plain RNN**: no gates. **minGRU**: gates that see the row alone. **none**: the "
    "readout sees the rows' features; train it beside the others to see what memory is worth."
)
ENCODER_HELP = (
    "What a step reads. **rows**: convolutions that keep rows apart, so that a step sees few pixel rows. **pixels**: "
    "the bare pixel rows, one a step. **document's CNN**: three convolutions and poolings, four rows that have each "
    "seen 15 to 22 of the picture’s 32; for its own recipe choose the preset **document**."
)
READOUT_HELP = (
    "What the answer is read from: the state after the last row, the mean over all rows, or, for the textbook GRU read "
    "downward, its gated output after the last row."
)
HIDDEN_HELP = "Of each layer and direction: how much the network can hold in mind."
LAYERS_HELP = "Stacked on each other; the upper one reads the lower one's states."
DIRECTION_HELP = "both ways: a second layer reads from the bottom row up, and the readout sees both."
PICTURES_HELP = "Train on at most this many; 0 means all (RowCue: 20,000). Fewer is quicker and less accurate."
# The training settings of the form: label, help, and the last word of its key.
TRAINING = {
    "epochs": ("Epochs", "Passes over the training pictures.", "epochs"),
    "batch": ("Batch", "Pictures a step. Smaller batches take more, noisier steps.", "batch"),
    "learning_rate": (
        "Learning rate",
        "How far a step moves the readout at its peak; biases move five times as far. With Muon, filters and gates "
        "have rates of their own. If the loss jumps, halve it.",
        "rate",
    ),
    "seed": (
        "Seed",
        "Same settings, seed and machine: same curve. Change it to see how much is luck.",
        "seed",
    ),
}
# When a run ends before its epochs are done: label, help, and the last word of its key.
ENDINGS = {
    "seconds": (
        "Time limit (s)",
        "End after so many seconds of training, wherever it is then; 0 for none. The schedule follows the clock, so "
        "that the steps are small at the end. Such a run cannot be repeated exactly.",
        "seconds",
    ),
    "until_accuracy": (
        "Accuracy",
        "End once the validation accuracy is as high, 0 to 1; 0 for not before the epochs are done.",
        "until",
    ),
    "patience": (
        "Patience",
        "End when the validation accuracy has not got better for so many epochs; 0 for never.",
        "patience",
    ),
}
SHUFFLE_HELP = (
    "A control. Training and validation pictures get each other's labels at random, so there is nothing to learn but "
    "noise: the test accuracy, on true labels, has to stay at chance."
)


@dataclass
class Asked:
    """What the form says now.

    config      the run that is asked for, None where there is none
    why_not     sentences: what is in the way of starting it
    classes     how many there are
    in_folder   how many pictures one's own folder has, as far as they were counted; 0 where that is not all
    """

    config: Config | None = None
    classes: int = 10
    in_folder: int = 0
    why_not: list[str] = field(default_factory=list)

    def refuse(self, error: Exception) -> str:
        """Notes down what is in the way, and returns it."""
        self.why_not.append(str(error))
        return str(error)


def new_run() -> Asked:
    """Draws the form and returns what it says now. What cannot be read or does not go together is told, not mended."""
    asked = Asked()
    with st.container(horizontal=True):
        data = st.selectbox(
            "Data set",
            choices(DataConfig, "name"),
            format_func=DATA.__getitem__,
            help=DATA_HELP,
            width=WIDTH,
            **_kept("data"),
        )
        name = st.selectbox("Preset", list(PRESETS), help=PRESET_HELP, width=WIDTH, **_kept("preset"))
    with st.container():  # there also when it is empty: else the fields below are taken out and put in again
        path = _pictures(data, asked)
    times.of_presets(data, asked.in_folder, asked.classes)
    # A preset's own values are the starting point, so each preset and data set has its own set of fields.
    start = preset(name, data if data != "folder" else "cifar10")
    form = f"{data}-{name}"
    training, pictures = _common(start, form, asked)
    model = _network(start, form, asked)
    with st.expander("End earlier", icon=":material/timer:"):
        training |= _endings(start, form, asked)
    shuffled = st.checkbox("Shuffle the labels (control)", help=SHUFFLE_HELP, **_kept(f"{form}-shuffled"))
    st.caption(steps(model))
    if asked.why_not:
        return asked
    try:
        wanted = preset(name, data, path)
        asked.config = replace(
            wanted,
            data=replace(wanted.data, pictures=pictures, shuffle_labels=shuffled),
            model=model,
            training=replace(wanted.training, **training),
        )
    except ConfigError as error:
        asked.refuse(error)
    return asked


def _pictures(data: str, asked: Asked) -> str:
    """What there is to say or ask of the data set. Returns the path of one's own folder, "" for none."""
    if data == "folder":
        own = own_pictures.choose()
        asked.classes, asked.in_folder = own.classes, own.pictures
        asked.why_not += own.why_not
        return own.path
    if data == "cifar10" and (why := cifar10.unreadable()):
        asked.why_not.append(why)
    elif data == "cifar10" and cifar10.status() != "ready":
        st.caption("CIFAR-10 is not on this machine yet: the run begins by downloading it (170 MB, once).")
    return ""


def _kept(name: str) -> dict[str, Any]:
    """Settings of a field by which it keeps what is in it while other pages are shown."""
    return {"key": f"new-{name}", "persist_state": "session"}


def _number(part: Any, setting: str, label: str, help: str, key: str, asked: Asked, disabled: bool = False) -> Any:
    """A field for a number of `part` (a TrainingConfig, …); its value to begin with. What is wrong stands below it.

    A text field: Streamlit's field for numbers puts another number in the place of one that is out of bounds. Returns
    the value to begin with where what is written is none, or the field is greyed out.
    """
    value = getattr(part, setting)
    with st.container(width=WIDTH, gap="xxsmall"):
        text = st.text_input(label, f"{value:.15g}", help=help, disabled=disabled, live=True, **_kept(key))
        if disabled:
            return value
        try:
            return number(type(part), setting, text)
        except ConfigError as error:
            st.markdown(f":small[:red[{escaping.message(asked.refuse(error))}]]")
            return value


def _choice(part: Any, setting: str, words: dict[Any, str], label: str, help: str, key: str, **more: Any) -> Any:
    """A field for one of the choices that a setting of `part` has, in words; its value to begin with."""
    offered, at = choices(type(part), setting), getattr(part, setting)
    first = offered.index(at)
    return st.selectbox(label, offered, first, words.__getitem__, width=WIDTH, help=help, **more, **_kept(key))


def _common(start: Config, form: str, asked: Asked) -> tuple[dict[str, Any], int]:
    """The fields of every run: changed training settings by name, and how many pictures."""
    with st.container(horizontal=True):
        changed = {
            name: _number(start.training, name, label, help, f"{form}-{key}", asked)
            for name, (label, help, key) in TRAINING.items()
        }
        return changed, _number(start.data, "pictures", "Pictures", PICTURES_HELP, f"{form}-pictures", asked)


def _endings(start: Config, form: str, asked: Asked) -> dict[str, Any]:
    """The stop conditions, by name."""
    with st.container(horizontal=True):
        return {
            name: _number(start.training, name, label, help, f"{form}-{key}", asked)
            for name, (label, help, key) in ENDINGS.items()
        }


def _network(start: Config, form: str, asked: Asked) -> ModelConfig:
    """The fields of the network; where they do not go together, says what to choose instead."""
    model = start.model
    with st.container(horizontal=True):
        encoder = _choice(model, "encoder", ENCODERS, "Encoder", ENCODER_HELP, f"{form}-encoder")
        cell = _choice(model, "cell", CELLS, "Recurrence", CELL_HELP, f"{form}-cell")
        off = cell == "none"
        hidden = _number(model, "hidden", "Hidden units", HIDDEN_HELP, f"{form}-hidden", asked, off)
        layers = _number(model, "layers", "Layers", LAYERS_HELP, f"{form}-layers", asked, off)
        key = f"{form}-direction"
        both = _choice(model, "bidirectional", DIRECTIONS, "Direction", DIRECTION_HELP, key, disabled=off)
        readout = _choice(model, "readout", READOUTS, "Readout", READOUT_HELP, f"{form}-readout", disabled=off)
    if off:  # what is greyed out does not count, and cannot be in the way
        both, readout = False, "mean"
    if readout == "gated" and (both or not cells.CELLS[cell].gated):
        asked.why_not.append(
            f'The readout "{READOUTS["gated"]}" belongs to the textbook GRU. Choose the recurrence '
            f'"{CELLS["gru-textbook"]}" with the direction "{DIRECTIONS[False]}", or another readout.'
        )
        readout = "last"
    if encoder == "rows" and model.encoder != "rows":  # this preset has none of its own
        rows = preset("standard", start.data.name).model
        model = replace(model, stem_stride=rows.stem_stride, convs=rows.convs, columns=rows.columns)
    return replace(
        model,
        encoder=encoder,
        cell=cell,
        hidden=hidden,
        layers=layers,
        bidirectional=both,
        readout=readout,
    )
