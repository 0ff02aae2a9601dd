"""File locks that die with their holder: how a run's folder knows that its worker lives.

`flock` belongs to the open file, not to the process: the engine locks, hands the descriptor to the worker and closes
its own copy, and the lock holds without a gap until the worker ends, however it ends. A pid would not do: it can be a
zombie's, or long since another program's. Knows nothing of runs.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


def acquire(path: Path) -> int | None:
    """Locks the file (made if missing) and returns its descriptor, or None when another holds it. Close to release.

    Raises OSError where the file cannot be made, or the file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    for attempt in range(3):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            time.sleep(0.01 * attempt)  # `held` below has the lock for some microseconds while it looks
        except OSError:
            os.close(descriptor)
            raise
    os.close(descriptor)
    return None


def held(path: Path) -> bool:
    """Whether someone holds the lock. A missing file is held by nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
