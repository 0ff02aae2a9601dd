"""Whether a run has a worker: what the store asks before it calls a run queued, running or interrupted.

The local engine answers with two locks in the run's folder, one of which is held from the run's first moment to its
last. For a run that a cluster has (engine_note.py) the cluster answers: a lock that another computer holds, on a folder
that they share, is not to be trusted. Knows nothing of starting and stopping.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from cnngru.runs import clustered, engine_note, files, lock
from cnngru.runs.clustered import Standing

LOCK = "lock"  # held by the worker for as long as it lives; contains its pid, and below it what it waits for
_NOTE = 500  # bytes of that
STARTING = "starting"  # held by whoever starts the worker, until the worker has `lock`
LEFT_BEHIND = 10.0  # seconds after which a cluster's worker goes past a lock that nobody lets go of


def alive(folder: Path) -> bool:
    """Whether a worker has the run, or is just being started."""
    return standing(folder).alive


def standing(folder: Path) -> Standing:
    """As `alive`, with what there is to say about it. Of a cluster's run it takes a look at the cluster, in seconds."""
    note = engine_note.read(folder)
    if note is None:
        # LOCK twice: the worker may have taken over between the first two looks.
        return Standing(has_worker(folder) or _is_starting(folder) or has_worker(folder))
    if note.over is None and engine_note.JOB not in os.environ:
        from cnngru.runs.engines import ray_queue  # only here: it stands above this module

        ray_queue.tend_soon()  # whoever looks keeps the queue: there is no process that does nothing else
    return clustered.standing(folder, note)


def has_worker(folder: Path) -> bool:
    """Whether its worker is up."""
    return lock.held(folder / LOCK)


def _is_starting(folder: Path) -> bool:
    """Whether a worker is awaited. One that has been up and has ended is not, however soon that was."""
    if not lock.held(folder / STARTING):
        return False
    try:
        return (folder / LOCK).stat().st_size == 0
    except OSError:
        return True


def announce(folder: Path) -> int | None:
    """Says that a worker is being started for a run, until the descriptor is closed; None where somebody else does so,
    or there is one already. Raises OSError."""
    descriptor = lock.acquire(folder / STARTING)
    if descriptor is None:
        return None
    former = lock.acquire(folder / LOCK)
    if former is not None:
        os.ftruncate(former, 0)  # a worker that was up and has ended is none that is awaited
        os.close(former)
    elif engine_note.read(folder) is None:  # of a cluster's run the cluster has said that nobody works on it
        os.close(descriptor)
        return None
    return descriptor


def take(folder: Path) -> int | None:
    """Makes this process the run's worker, until the descriptor is closed; None where another is. Raises OSError."""
    if not engine_note.has(folder):
        return None
    descriptor = _taken_in_cluster(folder) if engine_note.JOB in os.environ else lock.acquire(folder / LOCK)
    if descriptor is not None:
        say(descriptor, "")
    return descriptor


def _taken_in_cluster(folder: Path) -> int | None:
    """The lock, if it can be had. It is not what counts there: the run is noted as this job's, and no other's."""
    deadline = time.monotonic() + LEFT_BEHIND
    while time.monotonic() < deadline:
        try:
            descriptor = lock.acquire(folder / LOCK)
        except OSError:  # this file system has no locks
            break
        if descriptor is not None:
            return descriptor
        time.sleep(0.1)  # the worker before may need a moment to end
    return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)


def say(descriptor: int, waits_for: str) -> None:
    """Notes what the worker waits for, "" for nothing, in the file that it holds: there is room for that in it even
    where the disk is full. Raises OSError."""
    text = f"{os.getpid()}\n{waits_for}".encode()[:_NOTE]
    os.pwrite(descriptor, text + b"\n", 0) if hasattr(os, "pwrite") else _write_over(descriptor, text + b"\n")
    os.ftruncate(descriptor, len(text) + 1)


def _write_over(descriptor: int, text: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text)


def waits_for(folder: Path) -> str:
    """What its worker cannot write for, in the system's words: "No space left on device"; "" for nothing."""
    with suppress(OSError, UnicodeError):
        return files.read(folder / LOCK, _NOTE + 1).decode().partition("\n")[2].strip()
    return ""


def worker_pid(folder: Path) -> int | None:
    """The process id of the worker that is up, which is its process group's too; None where none is, or elsewhere."""
    if engine_note.read(folder) is not None:  # another computer's number would be any program's here
        return None
    with suppress(OSError, ValueError):
        number = int(files.read(folder / LOCK, _NOTE + 1).decode().partition("\n")[0])
        if number > 1 and has_worker(folder):  # looked at last: a pid without the lock may be another program's
            return number
    return None
