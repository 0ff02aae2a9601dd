"""engine.json in a run's folder: which cluster has the run, and as which job. A run of this machine's own has none.

Written beside and moved in, so that whoever reads it, on any computer of the cluster, finds a whole one.
"""

from __future__ import annotations

import json
import math
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cnngru.runs import files

FILE = "engine.json"
_BYTES = 10_000  # of a file that may be a stranger's
JOB = "CNNGRU_JOB"  # what a worker on a cluster finds in its environment: the job that it is


@dataclass(frozen=True)
class Note:
    """Which job works on a run.

    engine     "ray"
    address    where the cluster was asked, for people: nobody connects to what a folder says
    job        the job's name in the cluster, made up beforehand: a second job of that name is refused there
    asked      when it was started or resumed, in unix seconds: its place among those that wait
    submitted  when the cluster had the job, in unix seconds; None while it waits for room
    over       None while the job counts; else why it is over, for a person, "" where the log says it
    """

    engine: str
    address: str
    job: str
    asked: float
    submitted: float | None = None
    over: str | None = None


def read(folder: Path) -> Note | None:
    """The note in a run's folder; None where there is none, or none that can be understood."""
    try:
        note = Note(**json.loads(files.read(folder / FILE, _BYTES)))
        texts = (note.engine, note.address, note.job, note.over or "")
        numbers = (note.asked, note.submitted or 0.0)
        sound = all(isinstance(text, str) for text in texts) and all(math.isfinite(number) for number in numbers)
    except (OSError, ValueError, TypeError, OverflowError, RecursionError):
        return None
    return note if sound else None


def write(folder: Path, note: Note) -> None:
    """Notes it. Raises OSError, also where the folder is gone."""
    beside = folder / f"{FILE}.{secrets.token_hex(4)}.part"  # of its own: several may write at once
    try:
        beside.write_text(json.dumps(asdict(note)), encoding="utf-8")
        os.replace(beside, folder / FILE)
    finally:
        beside.unlink(missing_ok=True)


def forget(folder: Path) -> None:
    """From now on the run is this machine's own."""
    with suppress(FileNotFoundError):
        (folder / FILE).unlink()


def has(folder: Path) -> bool:
    """Whether this process may work on the run: a job on a cluster only as long as the run is noted as its own.

    So a job that was given up, because its computer could not be reached or it waited for too long, writes nothing
    more into a run that another has by now.
    """
    job, note = os.environ.get(JOB), read(folder)
    if job is None:
        return note is None
    return note is not None and note.job == job and note.over is None
