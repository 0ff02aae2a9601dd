"""The store: the runs that there are, and making and deleting them. What is in one of them, run.py says.

Imports neither torch nor streamlit: the first page is drawn from here.

Long, because making, going on and removing have one rule in common, that a run's folder comes and goes whole.
"""

from __future__ import annotations

import errno
import itertools
import math
import os
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cnngru import places
from cnngru.config import Config, ConfigError
from cnngru.runs import commands, files, liveness, log, titles
from cnngru.runs.commands import Command
from cnngru.runs.run import CONFIG, Run, read

NAME = places.NAME
ASIDE = ".deleted-"  # what a deleted run's folder is called until it is gone for good
KEPT_FOR = 600  # seconds until then


class RunError(Exception):
    """A run that cannot be found, made, started or removed. The message is for a person."""


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
        return read(folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunError(f"There is no run named {name}. It may have been deleted.") from error
    except (OSError, ConfigError) as error:
        reason = f"{error.strerror}." if isinstance(error, OSError) and error.strerror else error
        raise RunError(f"The run {name} cannot be read: {reason} Mend or delete {folder}.") from error


def find(name: str) -> Run | None:
    """As `get`, but None where there is no such run: it may have been deleted a moment ago, in another window."""
    try:
        return get(name)
    except RunError:
        return None


def all_runs() -> list[Run]:
    """Every run, newest first. What is no run, or has no readable config, is left out: `get` says what is wrong.

    Raises RunError where the folder of all runs may not be read, or a file is in its place.
    """
    runs = []
    for folder in folders():
        with suppress(OSError, ConfigError):
            if NAME.fullmatch(folder.name):
                run = read(folder)
                runs.append((run.created_at, run.name, run))
    return [run for *_, run in sorted(runs, key=lambda entry: entry[:2], reverse=True)]


def folders() -> list[Path]:
    """All that is in the folder of runs, runs or not. Raises RunError as `all_runs`."""
    place = root()
    try:
        found = list(place.iterdir())
    except FileNotFoundError:
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


Begin = Callable[[Path], None]  # puts into a new run's folder what it begins with. Raises OSError


def create_announced(config: Config, name: str | None = None, begin: Begin | None = None) -> tuple[str, int]:
    """Makes a run's folder, for an engine that will start a worker for it. Returns the run's name and a descriptor:
    until that is closed the run is "queued", even before it has a worker.

    begin   puts in what it begins with, where it goes on from another one (`family.write`)
    Raises RunError when the name is malformed or taken, or the folder cannot be written.
    """
    if name is not None:
        _check(name)
    folder = descriptor = None
    try:
        root().mkdir(parents=True, exist_ok=True)
        folder = _new_folder(config, name)
        descriptor = liveness.announce(folder)
        assert descriptor is not None, "nobody else starts a run that is just being made"
        (folder / log.FILE).touch()
        if begin is not None:
            begin(folder)
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


def announce_again(name: str, first: Command | None = None) -> int:
    """For an engine that will start another worker for a run: it is queued again until the descriptor that is returned
    is closed. What it was asked to do before, and did not, is not done any more; `first` is.

    Raises RunError when the run is unknown, has a worker, or is finished, or its folder cannot be written.
    """
    run = get(name)
    if run.status == "finished":
        raise RunError(f"The run {name} is finished. Continue it as a new run, with more epochs for instance.")
    try:
        descriptor = None if run.live else liveness.announce(run.folder)
        if descriptor is None:
            raise RunError(f"The run {name} is {get(name).status}: somebody works on it already.")
        try:
            log.mend(run.folder)
            log.append(run.folder, {"kind": "queued", "number": commands.newest(run.folder)})
            if first is not None:
                commands.give(run.folder, first)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor
    except OSError as error:
        raise RunError(
            f"The run {name} cannot go on: its folder cannot be written ({error.strerror}). It is as it was. Free some "
            "space there, or allow it."
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


def call(name: str, title: str) -> None:
    """Gives a run a title, "" for none. Raises RunError when it is unknown, or its folder cannot be written."""
    try:
        titles.write(get(name).folder, title)
    except OSError as error:
        raise RunError(f"The run {name} could not be given a name: {error.strerror}. It goes on.") from error


def delete(name: str) -> None:
    """Removes a run's folder for good. Raises RunError when it is unknown, or a worker still has it."""
    aside = put_aside(name)
    _remove(root() / aside)


def put_aside(name: str) -> str:
    """As `delete`, but it can be had back for a while: returns what `bring_back` takes."""
    _check(name)
    folder = root() / name
    unclear = not files.is_plain(folder / CONFIG) or liveness.alive(folder)  # else its log need not be read for this
    if unclear and (run := get(name)).live:
        raise RunError(f"The run {name} is {run.status}: stop it first. Nothing was deleted.")
    aside = root() / f"{ASIDE}{name}-{time.time_ns()}"
    try:
        os.replace(folder, aside)  # it vanishes whole, never in parts
    except OSError as error:
        raise RunError(f"The run {name} could not be deleted: {error.strerror}.") from error
    return aside.name


def bring_back(aside: str) -> None:
    """Has a run back that was put aside. Raises RunError when it is gone for good, or another one has its name now."""
    name = aside.removeprefix(ASIDE).rpartition("-")[0]
    _check(name)
    try:
        if (root() / name).exists():
            raise RunError(f"There is another run named {name} now, so the deleted one stays away.")
        os.replace(root() / aside, root() / name)
    except OSError as error:
        raise RunError(f"The run {name} cannot be had back: it is gone for good.") from error


def sweep() -> None:
    """Removes for good what was put aside too long ago to be had back, by this process or an earlier one."""
    with suppress(OSError):
        for entry in os.scandir(root()):
            at = entry.name.rpartition("-")[2] if entry.name.startswith(ASIDE) else ""
            if at.isdecimal() and len(at) < 25 and time.time() - int(at) / 1e9 > KEPT_FOR:
                _remove(Path(entry.path))


def _remove(gone: Path) -> None:
    if gone.is_symlink():  # somebody's link to a folder elsewhere: that stays
        gone.unlink()
    shutil.rmtree(gone, ignore_errors=True)


def wait(name: str, timeout: float | None = None) -> Run:
    """Looks until no worker has the run any more, and returns it. Raises TimeoutError after `timeout` seconds."""
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    while (run := get(name)).live:
        if time.monotonic() > deadline:
            raise TimeoutError(f"The run {name} is still {run.status} after {timeout:g} seconds.")
        time.sleep(0.1)
    return run


def _check(name: str) -> None:
    if not NAME.fullmatch(name):  # names come from links: nothing else may become a path
        raise RunError(f"{name[:80]!r} cannot be a run's name: small letters, digits and dashes, at most 64.")


def _new_name(config: Config) -> str:
    label = re.sub(r"[^a-z0-9]+", "-", config.preset.lower())[:24].strip("-") or "custom"
    return f"{config.data.name}-{label}-{datetime.now():%Y%m%d-%H%M%S}"
