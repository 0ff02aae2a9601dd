"""The store: a run is a folder, and the folder is the only truth.

    config.json          what was asked for; never changed
    events.jsonl         what happened so far
    model.safetensors    the newest weights that were kept
    snapshots/           weights along the way, float16: step-0000064.safetensors
    test.npz             what the finished network answered on the test pictures
    survey.npz           what its gates do on the test pictures, once somebody has asked (analyses.py)
    lock                 locked for as long as the worker lives; holds its pid
    commands/stop        somebody wants it to end
    worker.log           what the worker printed: tracebacks are here and nowhere else

No status is stored. It follows from the last event, the lock and the commands, so it cannot be wrong after a crash.
Imports neither torch nor streamlit: the first page is drawn from here.
"""

from __future__ import annotations

import errno
import math
import os
import re
import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cnngru.config import Config, ConfigError
from cnngru.runs import artifacts, lock, log

if TYPE_CHECKING:
    import numpy as np

Status = Literal["queued", "running", "stopping", "finished", "stopped", "failed", "interrupted"]

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
PROJECT = Path(__file__).resolve().parents[2]
_TERMINAL: dict[str, Status] = {"finished": "finished", "stopped": "stopped", "failed": "failed"}


class RunError(Exception):
    """A run that cannot be found, made, started or removed. The message is for a person."""


@dataclass(frozen=True)
class Run:
    """What a run's folder said at one moment. `events` are the lines of its log, oldest first."""

    name: str
    folder: Path
    config: Config
    events: list[dict[str, Any]] = field(repr=False)
    status: Status

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
        """When it was asked for, in unix seconds."""
        if self.events and isinstance(self.events[0].get("time"), int | float):
            return float(self.events[0]["time"])
        return (self.folder / "config.json").stat().st_mtime

    @property
    def has_model(self) -> bool:
        """Whether weights were kept, so that it can predict."""
        return (self.folder / "model.safetensors").is_file()

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
    """The folder of all runs: $CNNGRU_CHECKPOINTS, else `checkpoints` beside the package."""
    return Path(os.environ.get("CNNGRU_CHECKPOINTS") or PROJECT / "checkpoints")


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


def all_runs() -> list[Run]:
    """Every run, newest first. What is no run, or has no readable config, is left out: `get` says what is wrong."""
    runs = []
    for folder in root().iterdir() if root().is_dir() else ():
        try:
            if NAME.fullmatch(folder.name):
                run = _read(folder)
                runs.append((run.created_at, run.name, run))
        except (OSError, ConfigError):
            continue
    return [run for *_, run in sorted(runs, key=lambda entry: entry[:2], reverse=True)]


def create(config: Config, name: str | None = None) -> str:
    """Makes a run's folder and returns its name. Nobody works on it yet: to train, use an engine's `start`.

    Raises RunError when the name is malformed or taken, or the folder cannot be written.
    """
    name, descriptor = create_locked(config, name)
    os.close(descriptor)
    return name


def create_locked(config: Config, name: str | None = None) -> tuple[str, int]:
    """As `create`, and returns the descriptor of its lock, held: the run is "queued" from its first moment on."""
    if name is not None:
        _check(name)
    wanted = name or _new_name(config)
    descriptor = None
    beside = root() / f".new-{os.getpid()}-{time.time_ns()}"  # made whole beside its place: nobody sees half a run
    try:
        beside.mkdir(parents=True)
        (beside / "config.json").write_text(config.to_json(), encoding="utf-8")
        (beside / log.FILE).touch()
        log.append(beside, {"kind": "queued"})
        descriptor = lock.acquire(beside / "lock")
        assert descriptor is not None, "nobody else knows this folder yet"
        number, taken = 1, wanted
        while not _moved_in(beside, root() / taken):
            if name is not None:
                raise RunError(f"There is already a run named {name}. Choose another name, or delete that one first.")
            number += 1
            taken = f"{wanted}-{number}"
        return taken, descriptor
    except (OSError, RunError) as error:
        if descriptor is not None:
            os.close(descriptor)
        shutil.rmtree(beside, ignore_errors=True)
        if isinstance(error, RunError):
            raise
        raise RunError(
            f"The run's folder could not be made in {root()}: {error.strerror}. Nothing was started. "
            "Free some space there, or set CNNGRU_CHECKPOINTS to a folder that you can write to."
        ) from error


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
    # The lock comes first: where it is free, the worker has already written the last line that it ever will.
    alive = lock.held(folder / "lock")
    config = _config((folder / "config.json").read_bytes())
    events = log.read(folder)
    return Run(folder.name, folder, config, events, _status(folder, events, alive))


@lru_cache(maxsize=256)
def _config(text: bytes) -> Config:
    return Config.from_json(text.decode(errors="replace"))


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


def _moved_in(beside: Path, place: Path) -> bool:
    """Moves a whole folder to its place; False when something is there already."""
    try:
        os.rename(beside, place)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            return False
        raise
    return True
