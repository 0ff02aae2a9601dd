"""Reading files of a run's folder, which may come from a stranger: no link is followed out of the folder, no pipe is
waited for, and nothing is read that is larger than it can rightly be.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


class UnfitFile(OSError):
    """It is there, but it is not what it should be. The message is for a person."""


def status_of(file: Path) -> os.stat_result:
    """Size and dates of a plain file. Raises UnfitFile for anything else, and OSError where there is nothing."""
    found = file.lstat()
    if stat.S_ISLNK(found.st_mode):
        if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(file.parent)):
            raise UnfitFile(f"{file.name} is a link to another place, which is not followed.")
        found = file.stat()
    if not stat.S_ISREG(found.st_mode):
        raise UnfitFile(f"{file.name} is no file.")
    return found


def is_plain(file: Path) -> bool:
    """Whether there is such a file."""
    try:
        return bool(status_of(file))
    except OSError:
        return False


def read(file: Path, most: int) -> bytes:
    """A plain file whole. Raises UnfitFile, also for more than `most` bytes, and OSError."""
    size = status_of(file).st_size
    if size > most:
        raise UnfitFile(f"{file.name} has {size:,} bytes; {most:,} are the most that is read.")
    return file.read_bytes()
