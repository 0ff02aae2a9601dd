"""What will run, in one sentence with its time, before it is started. Pure text: knows nothing of streamlit."""

from __future__ import annotations

from datetime import datetime

from cnngru import names
from cnngru.config import Config
from cnngru.runs.pace import Time, pictures
from cnngru.runs.spoken import span
from cnngru.ui import wording

KNOWN_FROM = {
    "same": "Runs with these settings took this long here.",
    "measured": "Measured: some steps of training, taken on this computer.",
    "busy": (
        "Measured on this computer while it was busy with other things: beside them a run takes longer. It is measured "
        "again, until nothing disturbs that."
    ),
    "others": "Reckoned from runs with other settings that were made here.",
    "elsewhere": "Reckoned from other computers with such a processor; once this one was measured, it is known better.",
}


def name(config: Config, in_folder: int, now: datetime) -> str:
    """What a run is called where nobody has written a name: "GRU quick, 5k, 14:05"."""
    network = names.network(config.model.encoder, config.model.cell)
    data = "" if config.data.name == "cifar10" else f" on {names.DATA[config.data.name]}"
    count = pictures(config, in_folder)
    said = (f"{network} {_preset(config)}".rstrip() + data, wording.short(count) if count else "", f"{now:%H:%M}")
    return ", ".join(filter(None, said))


def _preset(config: Config) -> str:
    """The preset's name where the network's does not say it."""
    told = names.network(config.model.encoder, config.model.cell).startswith(config.preset)
    return "" if told else config.preset


def will_run(config: Config, count: int, parameters: int, takes: Time | None) -> str:
    """What a form asks for in one sentence: "RowCue, 5,000 pictures, 3 epochs of the quick GRU with 290,000 parameters:
    about 4 minutes on this computer".

    count       of the pictures, 0 where it is not known
    takes       None where it is not known
    """
    model, training = config.model, config.training
    network = names.network(model.encoder, model.cell)
    preset = f"{_preset(config)} ".lstrip()
    control = ", shuffled labels" if config.data.shuffle_labels else ""
    many = f", {count:,} pictures" if count else ""
    data = f"{names.DATA[config.data.name]}{many}"
    if config.data.name == "folder":
        data = f"{count:,} own pictures" if count else "Own pictures"
    epochs = "1 epoch" if training.epochs == 1 else f"{training.epochs:,} epochs"
    if training.seconds:
        epochs = f"{training.seconds:,.0f} seconds, {epochs} at most,"
    digits = 2 - len(str(parameters))
    long = f"{span(takes.low, takes.high)} on this computer" if takes else "how long that takes here is not known yet"
    return f"{data}{control}, {epochs} of the {preset}{network} with {round(parameters, digits):,} parameters: {long}"


def presets(takes: dict[str, Time | None]) -> str:
    """How long each preset takes: "On this computer: quick about 2 minutes · standard about 27 minutes · …"; "" where
    nothing is known."""
    known = [f"{preset} {span(each.low, each.high)}" for preset, each in takes.items() if each]
    return f"On this computer: {' · '.join(known)}" if known else ""
