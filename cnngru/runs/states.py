"""The states of a run's training in its folder: what it goes on from after a pause, a kill or a power cut.

    states/now-0000123.safetensors    the newest, by step; the one before it goes once the new one was read back
    states/step-0000090.safetensors   from an epoch's end, or beside a snapshot: points to continue from as a new run

Imports torch only where one is read.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnngru.runs import files

if TYPE_CHECKING:
    from cnngru.training.state import State

PLACE = "states"
LARGEST = 4_000_000_000  # bytes; the largest network's weights and what the optimizers know of them
KEPT = 64_000_000  # bytes of all those in a run, about
_NAME = re.compile(r"(now|step)-([0-9]{7,})\.safetensors")


def listed(folder: Path) -> list[tuple[int, Path]]:
    """(step, file) of the states there are, the earliest first."""
    place = folder / PLACE
    if place.is_symlink():  # a stranger's folder may lead elsewhere
        return []
    try:
        names = os.listdir(place)
    except OSError:
        return []
    found = ((int(match[2]), place / name) for name in names if (match := _NAME.fullmatch(name)))
    return sorted((step, path) for step, path in found if files.is_plain(path))


def write(folder: Path, step: int, data: bytes, stays: bool) -> None:
    """Keeps a state, whole or not at all, and makes room. stays: also when there are newer ones, to be continued from.

    Raises OSError; what was there before is there then.
    """
    place = folder / PLACE
    place.mkdir(exist_ok=True)  # without its parents: a deleted run stays deleted
    file = place / f"{'step' if stays else 'now'}-{step:07}.safetensors"
    beside = place / f"{file.name}.part"
    try:
        with open(beside, "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())  # it is read back from the disk's own view, and a power cut finds it there
        if beside.read_bytes() != data:
            raise OSError(5, "What was written could not be read back", str(file))
        os.replace(beside, file)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
    _make_room(folder)


def newest(folder: Path) -> tuple[State, dict[str, Any]] | None:
    """The newest state that can be read, and its note; None where there is none."""
    from cnngru.training.state import StateError

    for _, file in reversed(listed(folder)):
        with suppress(StateError, OSError):
            return read(file)
    return None


def read(file: Path) -> tuple[State, dict[str, Any]]:
    """A kept state, and its note. Raises OSError, StateError."""
    from cnngru.training.state import from_bytes

    return from_bytes(files.read(file, LARGEST))


def _make_room(folder: Path) -> None:
    """Leaves the two newest states, and of those that stay every second where all together are too large."""
    found = listed(folder)
    for _, file in found[:-2]:
        if file.name.startswith("now"):
            _drop(file)
    points = [file for _, file in found if file.name.startswith("step")]
    if sum(file.stat().st_size for file in points) > KEPT:
        for file in points[-2::-2]:
            _drop(file)


def _drop(file: Path) -> None:
    with suppress(OSError):  # Windows: somebody is reading it; the next time
        file.unlink()
