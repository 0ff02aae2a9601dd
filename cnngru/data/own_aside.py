"""Pictures that were handed over (`own`), deleted so that they can be had back for a while. Costs no torch."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress

from cnngru.data import DataError
from cnngru.data.own import root

ASIDE = ".deleted-own-pictures-"  # what was put aside is called so, with the nanosecond


def put_aside() -> str | None:
    """Puts all that was handed over aside, to be had back with what this returns; None where there is nothing.

    Raises DataError where it cannot be moved.
    """
    sets = root()
    if not sets.is_dir():
        return None
    aside = sets.with_name(f"{ASIDE}{time.time_ns()}")
    try:
        os.replace(sets, aside)
    except OSError as error:
        raise DataError(f"The pictures in {sets} could not be deleted: {error.strerror}.") from error
    return aside.name


def bring_back(aside: str) -> None:
    """Has back what was put aside, beside what was handed over since. Raises DataError where it is gone for good."""
    sets = root()
    try:
        sets.mkdir(exist_ok=True)
        for path in (sets.parent / aside).iterdir():
            if not (sets / path.name).exists():
                os.replace(path, sets / path.name)
    except OSError as error:
        raise DataError("The pictures that were handed over cannot be had back: they are gone for good.") from error


def sweep(after: float) -> None:
    """Removes for good what was put aside more than `after` seconds ago."""
    with suppress(OSError, DataError):
        for path in root().parent.glob(f"{ASIDE}*"):
            at = path.name.removeprefix(ASIDE)
            if at.isdecimal() and len(at) < 25 and time.time() - int(at) / 1e9 > after:
                shutil.rmtree(path, ignore_errors=True)
