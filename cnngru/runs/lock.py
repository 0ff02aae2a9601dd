"""File locks that end with their holder, on every system. Knows nothing of runs.

The operating system frees a lock when the process that has it ends, however it ends. A pid would not do as a sign of
life: it can be a zombie's, or long since another program's.
"""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

TRIES = 3  # `held` has the lock for some microseconds while it looks
# Windows lets nobody else read a byte that is locked, but locks bytes that a file does not have.
FAR_BYTE = 1 << 30
# Not through a link that somebody put there, and without waiting where it is no file but a pipe. Windows has neither.
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def acquire(path: Path) -> int | None:
    """Locks the file (made if missing) and returns its descriptor, or None when another holds it. Close to release.

    Raises OSError where the file cannot be made, or the file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _PLAIN, 0o644)
    try:
        if _locked(descriptor, shared=False):
            return descriptor
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def held(path: Path) -> bool:
    """Whether someone holds the lock. Makes no file: a missing one, or one that may not be read, is held by nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _PLAIN)
    except OSError:
        return False
    try:
        return not _locked(descriptor, shared=True)
    except OSError:  # this file system has no locks
        return False
    finally:
        os.close(descriptor)


def _locked(descriptor: int, shared: bool) -> bool:
    """Locks an open file; False when another has it. shared: together with others that only look (not on Windows)."""
    for attempt in range(TRIES):
        time.sleep(0.01 * attempt)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            else:
                _lock_on_windows(descriptor)
            return True
        except (BlockingIOError, PermissionError):
            if shared and fcntl is not None:  # lookers are not in each other's way there
                return False
    return False


def _lock_on_windows(descriptor: int) -> None:
    """Raises PermissionError when another has it."""
    try:
        import msvcrt
    except ImportError as error:
        raise OSError(errno.ENOSYS, "This system has no file locks") from error
    os.lseek(descriptor, FAR_BYTE, os.SEEK_SET)
    msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
