"""Whose run it is, kept beside it in owner.txt: a word that stands for a browser, and says nothing about a person."""

from __future__ import annotations

from pathlib import Path

from cnngru.runs import files

FILE = "owner.txt"
_BYTES = 100  # of a file that may be a stranger's


def read(folder: Path) -> str:
    """The owner of the run in a folder; "" where nobody is noted down."""
    try:
        return files.read(folder / FILE, _BYTES).decode().strip()
    except (OSError, UnicodeError):
        return ""


def write(folder: Path, owner: str) -> None:
    """Notes down whose run it is. Raises OSError."""
    files.write(folder / FILE, f"{owner}\n")
