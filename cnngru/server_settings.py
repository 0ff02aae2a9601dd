"""What whoever runs the app lets visitors do, and how much: from one small TOML file, and variables that win over it.

A visitor is whoever opens the app from another computer (`cnngru.ui.roles` tells them apart). What a setting means and
may be stands at its field; `cnngru.toml` names it so, and the environment as CNNGRU_ and the name in capitals. A wrong
setting is an error, never a default: misspelt, it would let everybody do everything. Knows no page and no run.
"""

from __future__ import annotations

import difflib
import math
import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from cnngru import places

FILE, NAMED, ROLE = "cnngru.toml", "CNNGRU_SETTINGS", "CNNGRU_ROLE"
BYTES = 64_000  # of a settings file
SHOWN = 80  # letters of a wrong value that are shown
LIKE = 0.85  # how like one of ours the name of a variable is that must be meant as it
# Variables that are read elsewhere, and are like one of these.
OTHERS = ("CNNGRU_MAX_RUNS",)


class SettingsError(ValueError):
    """A server setting that cannot be used. The message says which, where it stands, and what it may be."""


def _one_of(*words: str, default: str) -> Any:
    return field(default=default, metadata={"words": words})


def _up_to(most: float, default: float) -> Any:
    return field(default=default, metadata={"most": most})


@dataclass(frozen=True)
class Settings:
    """What visitors may do, and how much. For numbers 0 means no limit; they hold for visitors alone.

    visitors        "watch": look at everything, start nothing; "start": start runs, and steer, rename and delete their
                    own; "all": also those of others
    host            "here": whoever opens the app on the computer that it runs on is its host, who may do everything;
                    "nobody": all are visitors, for a server behind a tunnel that makes strangers look local
    folders         who may name folders of the computer as a data set: "host", "all", or the path of a folder: visitors
                    may name what is inside that one
    runs_a_person   runs at once, waiting ones too
    runs_in_all     the same, of all visitors together
    minutes_a_run   of training; then it ends, and keeps what it has learnt
    largest_batch   pictures a step
    most_pictures   that a run is trained on
    upload_mb       MB of a file that is handed over, by anybody; 0: as server.maxUploadSize says
    pictures_gb     GB of all pictures to train on that were handed over
    runs_gb         GB of all runs
    chosen          whether somebody has said what visitors may do
    """

    visitors: str = _one_of("watch", "start", "all", default="all")
    host: str = _one_of("here", "nobody", default="here")
    folders: str = "host"
    runs_a_person: int = _up_to(1000, 4)
    runs_in_all: int = _up_to(1000, 40)
    minutes_a_run: float = _up_to(100_000, 0.0)
    largest_batch: int = _up_to(10_000, 1000)
    most_pictures: int = _up_to(10_000_000, 100_000)
    upload_mb: int = _up_to(10_000, 0)
    pictures_gb: float = _up_to(1_000_000, 2.0)
    runs_gb: float = _up_to(1_000_000, 20.0)
    chosen: bool = False


CLOSED = Settings(visitors="watch", host="nobody", chosen=True)  # while a setting is wrong
NAMES = {each.name: each for each in fields(Settings) if each.name != "chosen"}
MAY = {
    "watch": "may look at everything, and start, change and delete nothing",
    "start": "may start runs, and stop, rename and delete only those",
    "all": "may start, stop, rename and delete all runs",
}


def variable(name: str) -> str:
    """The environment's name of a setting."""
    return f"CNNGRU_{name.upper()}"


def file(environ: Mapping[str, str] = os.environ) -> Path:
    """The settings file: the one that $CNNGRU_SETTINGS names, else cnngru.toml beside the folder of all runs."""
    try:
        return Path(environ.get(NAMED) or places.runs().with_name(FILE)).expanduser()
    except RuntimeError as error:
        raise SettingsError(
            f"{NAMED} or CNNGRU_CHECKPOINTS names a home, and there is no such user here. Write the whole path."
        ) from error


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings as file and environment say them now. Raises SettingsError for whatever is wrong in either."""
    place = file(environ)
    values = {name: _checked(name, value, f"in {place}") for name, value in _in_file(place, environ).items()}
    from_environment = {name: environ[variable(name)] for name in NAMES if variable(name) in environ}
    values |= {
        name: _checked(name, _number(name, text), "in the environment") for name, text in from_environment.items()
    }
    _look_for_misspelt(environ)
    role = environ.get(ROLE, "")
    if role not in ("", "class"):
        raise SettingsError(f"{ROLE} is {role[:SHOWN]!r}. It may be class, or not set.")
    if role and from_environment.get("visitors", "start") != "start":
        raise SettingsError(f"{ROLE}=class means CNNGRU_VISITORS=start, and that is set to something else. Set one.")
    if role:
        values["visitors"] = "start"
    return replace(Settings(**values), chosen="visitors" in values)


def _in_file(place: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    """What the file says, {} where there is none and none was asked for."""
    try:
        found = place.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > BYTES:  # a pipe would be waited for
            raise SettingsError(f"The settings file {place} is no file of at most {BYTES // 1000} KB.")
        values = tomllib.loads(place.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        if environ.get(NAMED):
            raise SettingsError(f"{NAMED} is {place}, and there is no such file. Write it, or unset {NAMED}.") from None
        return {}
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, SettingsError):
            raise
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"The settings file {place} cannot be read: {reason}. Mend it.") from error
    for name in values:
        if name not in NAMES:
            raise SettingsError(f"{place} has {name[:SHOWN]!r}, which is no setting.{_meant(name, NAMES)}")
    return values


def _number(name: str, text: str) -> Any:
    """A variable's text as the setting has it in TOML; text that is no number is told by `_checked`."""
    kind = type(NAMES[name].default)
    if kind is str:
        return text
    try:
        return (int if kind is int else float)(text) if len(text) < 20 else text
    except ValueError:
        return text


def _checked(name: str, value: Any, where: str) -> Any:
    """The value, if the setting may have it. Raises SettingsError."""
    told = f"{name}, {where}, is {str(value)[:SHOWN]!r}."
    if words := NAMES[name].metadata.get("words"):
        if not isinstance(value, str) or value not in words:
            raise SettingsError(f"{told} It may be {' or '.join(words)}.")
        return value
    if most := NAMES[name].metadata.get("most"):
        whole = isinstance(NAMES[name].default, int)
        fits = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not fits or not math.isfinite(value) or not 0 <= value <= most:
            kind = "a whole number" if whole else "a number"
            raise SettingsError(f"{told} It may be {kind} from 0 to {most:,}; 0 means no limit.")
        return value
    if value not in ("host", "all") and not _is_folder(value):
        raise SettingsError(f"{told} It may be host, all, or the whole path of a folder that is there.")
    return value


def _is_folder(value: Any) -> bool:
    try:
        return isinstance(value, str) and Path(value).is_absolute() and Path(value).is_dir()
    except (OSError, ValueError):
        return False


def _look_for_misspelt(environ: Mapping[str, str]) -> None:
    """Raises SettingsError for a variable that must be meant as one of ours: CNNGRU_VISITOR."""
    ours = [variable(name) for name in NAMES]
    known = {*ours, *OTHERS, NAMED, ROLE}
    for name in environ:
        if name.startswith("CNNGRU_") and name not in known and (meant := _meant(name, [*ours, NAMED, ROLE])):
            raise SettingsError(f"The variable {name[:SHOWN]} is no setting.{meant}")


def _meant(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, known, 1, LIKE)
    return f" {close[0]} may be meant." if close else ""


def listens_to_others(address: str | None) -> bool:
    """Whether other computers may reach a server at the address; None or "" is all networks."""
    return not (address == "localhost" or (address or "").startswith("127.") or address == "::1")


def said(settings: Settings) -> str:
    """What visitors may do, and how to change it, in two sentences."""
    may = f"Who opens this app from another computer {MAY[settings.visitors]}."
    if settings.chosen:
        return f"{may} The server's settings say so (see README)."
    return f"{may} To allow less, set CNNGRU_VISITORS to watch or start, or write it into {FILE} (see README)."


_said: set[str] = set()


def say_once(sentence: str, say: Callable[[str], None]) -> None:
    """Says it in the terminal, once while the process lives: a page is drawn many times."""
    if sentence not in _said:
        _said.add(sentence)
        say(sentence)
