"""The store: a run is a folder, and the folder is the only truth.

    config.json          what was asked for; never changed
    events.jsonl         what happened so far
    model.safetensors    the newest weights that were kept
    snapshots/           weights along the way, float16: step-0000064.safetensors
    test.npz             what the finished network answered on the test pictures
    survey.npz           what its gates do on the test pictures, once somebody has asked (analyses.py)
    lock, starting       say whether the worker lives (liveness.py)
    commands/stop        somebody wants it to end
    worker.log           what the worker printed: tracebacks are here and nowhere else

No status is stored. It follows from the last event, else from whether the worker lives and from the commands, so it
cannot be wrong after a crash.
Imports neither torch nor streamlit: the first page is drawn from here.
"""

from __future__ import annotations

import errno
import itertools
import math
import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cnngru import places
from cnngru.config import Config, ConfigError
from cnngru.runs import artifacts, files, liveness, log
from cnngru.runs.event_fields import UNIX_TIME

if TYPE_CHECKING:
    import numpy as np

Status = Literal["queued", "running", "stopping", "finished", "stopped", "failed", "interrupted"]

NAME = places.NAME
CONFIG = "config.json"
LARGEST_CONFIG = 100_000  # bytes; one has some 1,500
_TERMINAL: dict[str, Status] = {"finished": "finished", "stopped": "stopped", "failed": "failed"}


class RunError(Exception):
    """A run that cannot be found, made, started or removed. The message is for a person."""


@dataclass(frozen=True)
class Run:
    """What a run's folder said at one moment. `events` are those of its log, oldest first.

    Each has the fields that event_fields.py says. `damage` tells what is wrong with the log, "" for nothing.
    """

    name: str
    folder: Path
    config: Config
    events: list[dict[str, Any]] = field(repr=False)
    status: Status
    damage: str = ""

    def events_of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind ("progress", "validated", …), oldest first."""
        return [event for event in self.events if event["kind"] == kind]

    def last(self, kind: str) -> dict[str, Any] | None:
        """The newest event of that kind, or None."""
        return next((event for event in reversed(self.events) if event["kind"] == kind), None)

    @property
    def live(self) -> bool:
        """Whether a worker has it: queued, running or stopping."""
        return self.status in ("queued", "running", "stopping")

    @property
    def begun(self) -> bool:
        """Whether its turn in the queue has come."""
        return _begun(self.events)

    @property
    def created_at(self) -> float:
        """When it was asked for, in unix seconds: as its log says, else as its config's date does; 0 for neither."""
        if self.events and "time" in self.events[0]:
            return float(self.events[0]["time"])
        with suppress(OSError):  # deleted meanwhile
            date = (self.folder / CONFIG).stat().st_mtime
            return date if UNIX_TIME(date) else 0.0
        return 0.0

    @property
    def has_model(self) -> bool:
        """Whether weights were kept, so that it can predict."""
        return files.is_plain(self.folder / "model.safetensors")

    def snapshots(self) -> list[tuple[int, Path]]:
        """(step, file) of the weights kept along the way, the earliest first. `cnngru.load` opens such a file."""
        return artifacts.snapshots(self.folder)

    def test_answers(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Probabilities float32 (N, C) and true labels uint8 (N,) of the test pictures, in the data set's order.

        None for a run that is not finished, or from before answers were kept, or whose file is damaged. The values were
        rounded to float16: 3 digits.
        """
        return artifacts.answers(self.folder)


def root() -> Path:
    """The folder of all runs, `places.runs`: $CNNGRU_CHECKPOINTS, else `checkpoints` in the clone.

    A ~ in it is the user's home, ~NAME that user's: raises RunError where there is no such user.
    """
    try:
        return places.runs()
    except RuntimeError as error:
        raise RunError(
            f"CNNGRU_CHECKPOINTS is {os.environ['CNNGRU_CHECKPOINTS']!r}, and there is no such user here. Set it to a "
            "folder for the runs."
        ) from error


def get(name: str) -> Run:
    """Reads one run. Raises RunError when the name is malformed or unknown, or the folder's config cannot be read."""
    _check(name)
    folder = root() / name
    try:
        return _read(folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunError(f"There is no run named {name}. It may have been deleted.") from error
    except (OSError, ConfigError) as error:
        raise RunError(f"The run {name} cannot be read: {error} Mend or delete {folder}.") from error


def find(name: str) -> Run | None:
    """As `get`, but None where there is no such run: it may have been deleted a moment ago, in another window."""
    try:
        return get(name)
    except RunError:
        return None


def all_runs() -> list[Run]:
    """Every run, newest first. What is no run, or has no readable config, is left out: `get` says what is wrong.

    Raises RunError where the folder of all runs is there and may not be read.
    """
    runs = []
    for folder in _folders():
        try:
            if NAME.fullmatch(folder.name):
                run = _read(folder)
                runs.append((run.created_at, run.name, run))
        except (OSError, ConfigError):
            continue
    return [run for *_, run in sorted(runs, key=lambda entry: entry[:2], reverse=True)]


def _folders() -> list[Path]:
    place = root()
    try:
        found = list(place.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        reason = error.strerror
    else:
        if not found or os.access(place, os.X_OK):
            return found
        reason = os.strerror(errno.EACCES)  # its names may be read, but nothing in it
    raise RunError(
        f"The runs in {place} cannot be read: {reason}. Allow it, or set CNNGRU_CHECKPOINTS to another folder."
    )


def create_announced(config: Config, name: str | None = None) -> tuple[str, int]:
    """Makes a run's folder, for an engine that will start a worker for it. Returns the run's name and a descriptor:
    until that is closed the run is "queued", even before it has a worker.

    Raises RunError when the name is malformed or taken, or the folder cannot be written.
    """
    if name is not None:
        _check(name)
    folder = descriptor = None
    try:
        root().mkdir(parents=True, exist_ok=True)
        folder = _new_folder(config, name)
        descriptor = liveness.announce(folder)
        (folder / log.FILE).touch()
        log.append(folder, {"kind": "queued"})
        beside = folder / f"{CONFIG}.part"
        beside.write_text(config.to_json(), encoding="utf-8")
        os.replace(beside, folder / CONFIG)  # comes last: only now the folder is a run
        return folder.name, descriptor
    except OSError as error:
        if descriptor is not None:
            os.close(descriptor)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        raise RunError(
            f"The run's folder could not be made in {root()}: {error.strerror}. Nothing was started. "
            "Free some space there, or set CNNGRU_CHECKPOINTS to a folder that you can write to."
        ) from error


def _new_folder(config: Config, name: str | None) -> Path:
    """Makes an empty folder of that name, or of a name made up. Raises RunError when the name is taken, OSError."""
    wanted = name or _new_name(config)
    for number in itertools.count(1):
        folder = root() / (wanted if number == 1 else f"{wanted}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            if name is not None:
                raise RunError(
                    f"There is already a run named {name}. Choose another name, or delete that one first."
                ) from None
    raise AssertionError


def delete(name: str) -> None:
    """Removes a run's folder for good. Raises RunError when it is unknown, or a worker still has it."""
    run = get(name)
    if run.live:
        raise RunError(f"The run {name} is {run.status}: stop it first. Nothing was deleted.")
    gone = root() / f".deleted-{name}-{time.time_ns()}"
    try:
        os.replace(run.folder, gone)  # it vanishes whole, never in parts
    except OSError as error:
        raise RunError(f"The run {name} could not be deleted: {error.strerror}.") from error
    if gone.is_symlink():  # somebody's link to a folder elsewhere: that stays
        gone.unlink()
    shutil.rmtree(gone, ignore_errors=True)


def request_stop(folder: Path) -> None:
    """Asks the run's worker to end at its next event, keeping the weights."""
    (folder / "commands").mkdir(exist_ok=True)
    (folder / "commands" / "stop").touch()


def stop_requested(folder: Path) -> bool:
    """Whether somebody has asked it to."""
    return (folder / "commands" / "stop").exists()


def wait(name: str, timeout: float | None = None) -> Run:
    """Looks until no worker has the run any more, and returns it. Raises TimeoutError after `timeout` seconds."""
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    while (run := get(name)).live:
        if time.monotonic() > deadline:
            raise TimeoutError(f"The run {name} is still {run.status} after {timeout:g} seconds.")
        time.sleep(0.1)
    return run


def _read(folder: Path) -> Run:
    config = _config(files.read(folder / CONFIG, LARGEST_CONFIG))
    events, damage = log.read(folder)
    over = bool(events) and events[-1]["kind"] in _TERMINAL
    alive = not over and liveness.alive(folder)
    if not over and not alive:
        events, damage = log.read(folder)  # again: a worker that has ended meanwhile has written its last line
    return Run(folder.name, folder, config, events, _status(folder, events, alive), damage)


@lru_cache(maxsize=256)
def _config(text: bytes) -> Config:
    config = Config.from_json(text)
    try:
        config.to_json().encode()
    except UnicodeError as error:  # JSON can say half a character, which nobody can show or write
        raise ConfigError("This is not a run's config: a text in it is damaged.") from error
    return config


def _status(folder: Path, events: list[dict[str, Any]], alive: bool) -> Status:
    if events and events[-1]["kind"] in _TERMINAL:
        return _TERMINAL[events[-1]["kind"]]
    if not alive:
        return "interrupted"
    if stop_requested(folder):
        return "stopping"
    return "running" if _begun(events) else "queued"


def _begun(events: list[dict[str, Any]]) -> bool:
    return any(event["kind"] in ("data", "started") for event in events)


def _check(name: str) -> None:
    if not NAME.fullmatch(name):  # names come from links: nothing else may become a path
        raise RunError(f"{name[:80]!r} cannot be a run's name: small letters, digits and dashes, at most 64.")


def _new_name(config: Config) -> str:
    label = re.sub(r"[^a-z0-9]+", "-", config.preset.lower())[:24].strip("-") or "custom"
    return f"{config.data.name}-{label}-{datetime.now():%Y%m%d-%H%M%S}"
