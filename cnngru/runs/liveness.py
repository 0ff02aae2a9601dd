"""Whether a run has a worker: what the store asks before it calls a run queued, running or interrupted.

The local engine answers with two locks in the run's folder, one of which is held from the run's first moment to its
last. An engine whose workers live on other machines will answer here for its own runs. Knows nothing of starting and
stopping.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from cnngru.runs import lock

LOCK = "lock"  # held by the worker for as long as it lives; contains its pid
STARTING = "starting"  # held by whoever starts the worker, until the worker has `lock`


def alive(folder: Path) -> bool:
    """Whether a worker has the run, or is just being started."""
    # LOCK twice: the worker may have taken over between the first two looks.
    return has_worker(folder) or _is_starting(folder) or has_worker(folder)


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


def announce(folder: Path) -> int:
    """Says that a worker is being started for a new run, until the descriptor is closed. Raises OSError."""
    descriptor = lock.acquire(folder / STARTING)
    assert descriptor is not None, "nobody else starts a run that is just being made"
    return descriptor


def take(folder: Path) -> int | None:
    """Makes this process the run's worker, until the descriptor is closed; None where another is. Raises OSError."""
    descriptor = lock.acquire(folder / LOCK)
    if descriptor is not None:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def worker_pid(folder: Path) -> int | None:
    """The process id of the worker that is up, which is its process group's too; None where none is."""
    with suppress(OSError, ValueError):
        number = int((folder / LOCK).read_text(encoding="ascii"))
        if number > 1 and has_worker(folder):  # looked at last: a pid without the lock may be another program's
            return number
    return None
