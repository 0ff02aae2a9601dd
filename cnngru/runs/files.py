"""Reading files of a run's folder, which may come from a stranger: no link is followed out of the folder, no pipe is
waited for, and nothing is read that is larger than it can rightly be. Writing small ones there is as careful.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
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
    check(file, most)
    return file.read_bytes()


def check(file: Path, most: int) -> os.stat_result:
    """As `status_of`. Raises UnfitFile also for a file of more than `most` bytes."""
    found = status_of(file)
    if found.st_size > most:
        raise UnfitFile(f"{file.name} has {found.st_size:,} bytes; {most:,} are the most that is read.")
    return found


def write(file: Path, text: str) -> None:
    """Puts a text in the place of a file, whole or not at all, and through no link or pipe that lies there.

    Raises OSError; then the file is as it was.
    """
    beside = file.with_name(f"{file.name}.part")
    with suppress(FileNotFoundError):
        beside.unlink()
    with beside.open("x", encoding="utf-8") as new:
        new.write(text)
    os.replace(beside, file)
