"""What people note of a run, kept beside it in labels.json: a note, tags, and whether it is pinned.

Tags are short words that runs are found by; a pinned run is a baseline that others are seen beside. The file may be a
stranger's: what does not fit is cut, and what is no label is left out. Whoever shows a label escapes it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnngru.runs import files, store
from cnngru.runs.run import CONFIG
from cnngru.runs.store import RunError

FILE = "labels.json"
LONGEST_NOTE, LONGEST_TAG, MOST_TAGS = 2000, 24, 12  # characters, characters, tags
MOST = 40_000  # bytes of the file


@dataclass(frozen=True)
class Labels:
    """note     several lines of plain text
    tags        each a word in small letters, none twice, in the order in which they were given
    """

    note: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False


def plain_note(text: str) -> str:
    """At most 2,000 characters, without what cannot be seen and without space around it; its lines stay lines."""
    whole = text.encode(errors="ignore").decode()  # no halves of a character
    lines = ("".join(map(_seen, line.expandtabs(4))).rstrip() for line in whole.splitlines())
    return "\n".join(lines).strip()[:LONGEST_NOTE].rstrip()


def _seen(c: str) -> str:
    return " " if c.isspace() else c if c.isprintable() else ""


def plain_tags(words: Iterable[str]) -> tuple[str, ...]:
    """Tags from words as a person writes them ("Baseline", "#first try"): at most 12."""
    return tuple(dict.fromkeys(tag for word in words if (tag := _plain_tag(word))))[:MOST_TAGS]


def _plain_tag(word: str) -> str:
    seen = "".join(map(_seen, word.encode(errors="ignore").decode()))
    return "-".join(seen.replace(",", " ").lower().split()).lstrip("#+-")[:LONGEST_TAG].strip("-")


def of(found: Any) -> Labels:
    """The labels that a file's JSON says; what is none is left out."""
    if not isinstance(found, dict):
        return Labels()
    note, tags = found.get("note"), found.get("tags")
    return Labels(
        plain_note(note) if isinstance(note, str) else "",
        plain_tags(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        found.get("pinned") is True,
    )


def read(folder: Path) -> Labels:
    """The labels of the run in a folder; none where there is no such file, or it cannot be read."""
    try:
        return of(json.loads(files.read(folder / FILE, MOST)))
    except (OSError, ValueError, RecursionError):
        return Labels()


def write(folder: Path, new: Labels) -> None:
    """Writes the labels of the run in a folder, whole or not at all. Raises OSError."""
    new = Labels(plain_note(new.note), plain_tags(new.tags), new.pinned)
    files.write(folder / FILE, json.dumps(dataclasses.asdict(new), ensure_ascii=False) + "\n")


def give(name: str, **changed: Any) -> None:
    """Gives a run another note, tags or pin, as fields of `Labels`; the others stay.

    Raises RunError when it is unknown, or its folder cannot be written.
    """
    folder = store.root() / name
    if not store.NAME.fullmatch(name) or not files.is_plain(folder / CONFIG):
        store.get(name)  # says what is wrong
    try:
        write(folder, dataclasses.replace(read(folder), **changed))
    except OSError as error:
        raise RunError(f"What was noted of the run {name} could not be kept: {error.strerror}. It goes on.") from error
