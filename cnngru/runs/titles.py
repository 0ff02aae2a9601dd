"""What a person calls a run, kept beside it in title.txt: the config never changes, and the folder's name is in links.

A title may say anything in one line: whoever shows it escapes it.
"""

from __future__ import annotations

from pathlib import Path

from cnngru.runs import files

FILE = "title.txt"
LONGEST = 60  # characters
_BYTES = 1000  # of a file that may be a stranger's


def plain(text: str) -> str:
    """One line of at most 60 characters, without halves of a character and without spaces around it."""
    line = " ".join(text.encode(errors="ignore").decode().split())
    return "".join(c for c in line if c.isprintable())[:LONGEST].strip()


def read(folder: Path) -> str:
    """The title of the run in a folder, "" where it has none or what is there is no text."""
    try:
        return plain(files.read(folder / FILE, _BYTES).decode())
    except (OSError, UnicodeError):
        return ""


def write(folder: Path, text: str) -> None:
    """Gives the run in a folder another title; "" takes it away. Raises OSError."""
    files.write(folder / FILE, plain(text) + "\n")
