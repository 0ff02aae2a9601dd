"""A run from a file that somebody has handed over: looked at whole before anything is written, then moved in at once.

Only what `archive` packs is taken, by its exact name; archive_check.py looks. Nothing in such a file is run.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cnngru import places
from cnngru.config import Config
from cnngru.data.own import list_bytes
from cnngru.runs import artifacts, labels, log, store
from cnngru.runs.archive import ANSWERS, portable, unpinned
from cnngru.runs.archive_check import LISTED, Members, check, members, pieces, read, refused
from cnngru.runs.run import CONFIG
from cnngru.runs.store import RunError

TAKING, STALE = ".importing-", 86_400  # what is being written is called so; seconds after which it is a remain
NO_ZIP = "it is no ZIP, or it is damaged."


def unpack(file: IO[bytes], name: str | None = None) -> str:
    """Takes in the run that `archive.write` has packed into the file, and returns its name here.

    name    what it is to be called, None for its own name; where that is taken it gets a number
    It is never live: no worker has it. Raises RunError, with a sentence for a person, for a file that is no run, has
    more in it, or would lead somewhere else, and where it cannot be written; then nothing is kept.
    """
    if name is not None and not places.NAME.fullmatch(name):
        raise RunError(f"{name[:80]!r} cannot be a run's name: small letters, digits and dashes, at most 64.")
    with _told():
        if list_bytes(file) > LISTED:
            raise refused("it lists more files than a run has.")
        length = file.seek(0, 2)
        with zipfile.ZipFile(file) as archive:
            own, found = members(archive)
            if sum(entry.compress_size for entry in found.values()) > length:
                raise refused("its files lie in each other, to be unpacked many times.")
            config = check(archive, found)
            return _take_in(archive, found, config, name or own)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever Python's reader stumbles over is told in a sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise refused(NO_ZIP) from error
    except OSError as error:
        raise RunError(
            f"The run could not be taken in: {error.strerror or error}. Nothing was kept. Free some space for "
            f"{store.root()}, or set CNNGRU_CHECKPOINTS to a folder that you can write to."
        ) from error


def _take_in(archive: zipfile.ZipFile, found: Members, config: Config, name: str) -> str:
    """Writes the run beside its place and moves it there, whole."""
    root = store.root()
    root.mkdir(parents=True, exist_ok=True)
    _clear(root)
    total = sum(entry.file_size for entry in found.values())
    if shutil.disk_usage(root).free < total:
        raise RunError(f"The disk has no room for this run: it takes {total / 1e6:,.0f} MB. Nothing was kept.")
    with tempfile.TemporaryDirectory(prefix=TAKING, dir=root, ignore_cleanup_errors=True) as place:
        beside = Path(place) / name
        beside.mkdir()
        for member, entry in found.items():
            if member == ANSWERS:
                _write_answers(archive, entry, beside)
                continue
            target = beside / member
            target.parent.mkdir(exist_ok=True)
            with target.open("xb") as opened:
                opened.writelines(pieces(archive, entry))
        _tidy(beside, config)
        return _move_in(beside, root, name)


def _write_answers(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    """Writes them as a run keeps them."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        found = load(read(archive, entry))
    except SafetensorError as error:
        raise refused(f"{ANSWERS} in it is damaged: {error}.") from error
    artifacts.write_answers(folder, found["probabilities"], found["labels"])
    if artifacts.answers(folder) is None:
        raise refused(f"{ANSWERS} in it has numbers that are no answers.")


def _tidy(folder: Path, config: Config) -> None:
    """Leaves out what means something on the other computer alone."""
    if (here := portable(config)) != config:
        (folder / CONFIG).write_text(here.to_json(), encoding="utf-8")
    if (folder / labels.FILE).exists():
        (folder / labels.FILE).write_bytes(unpinned(folder))
    events = folder / log.FILE
    if events.exists():
        data = events.read_bytes()
        events.write_bytes(data[: data.rfind(b"\n") + 1])  # a line that was cut off would swallow the next one
    else:
        events.touch()


def _move_in(beside: Path, root: Path, name: str) -> str:
    for number in itertools.count(1):
        end = "" if number == 1 else f"-{number}"
        folder = root / f"{name[: 64 - len(end)]}{end}"
        try:
            folder.mkdir()  # so the name is ours
        except FileExistsError:
            continue
        if os.name == "nt":  # Windows puts no folder in the place of another, be it empty
            folder.rmdir()
        os.replace(beside, folder)
        return folder.name
    raise AssertionError


def _clear(root: Path) -> None:
    """Takes away what was left where the app ended while it took a run in."""
    for path in root.glob(f"{TAKING}*"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - STALE:
                shutil.rmtree(path, ignore_errors=True)
