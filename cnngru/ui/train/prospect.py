"""What will run, in one sentence with its time, before it is started. Pure text: knows nothing of streamlit."""

from __future__ import annotations

import math
from datetime import datetime

from cnngru import names
from cnngru.config import Config
from cnngru.runs.pace import Time, pictures
from cnngru.ui import wording


def span(low: float, high: float) -> str:
    """A time that is not known exactly, in seconds: "about 4 minutes", "2 to 5 minutes", "40 seconds to 2 minutes"."""
    if high < 1.4 * low:
        return "about " + " ".join(_roughly(math.sqrt(low * high)))
    (few, unit), (many, other) = _roughly(low), _roughly(high)
    if unit.rstrip("s") != other.rstrip("s"):
        return f"{few} {unit} to {many} {other}"
    return f"about {few} {unit}" if few == many else f"{few} to {many} {other}"


def _roughly(seconds: float) -> tuple[str, str]:
    """As precise as an estimate may be: ("40", "seconds"), ("4", "minutes"), ("1.5", "hours")."""
    if seconds < 55:
        return str(max(5, round(seconds / 5) * 5)), "seconds"
    if seconds < 85 * 60:
        minutes = round(seconds / 60)
        rounded = minutes if minutes < 10 else round(minutes / 5) * 5
        return str(rounded), "minute" if rounded == 1 else "minutes"
    hours = round(seconds / 1800) / 2 if seconds < 10 * 3600 else round(seconds / 3600)
    return f"{hours:g}", "hour" if hours == 1 else "hours"


KNOWN_FROM = {
    "same": "Runs with these settings took this long here.",
    "others": "Reckoned from runs with other settings that were made here.",
    "elsewhere": "Reckoned from other computers with such a processor; once a run was made here, it is known better.",
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
    digits = 2 - len(str(parameters))
    long = f"{span(takes.low, takes.high)} on this computer" if takes else "how long that takes here is not known yet"
    return f"{data}{control}, {epochs} of the {preset}{network} with {round(parameters, digits):,} parameters: {long}"
