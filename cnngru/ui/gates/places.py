"""Many places in few characters, for a box on the page and for the link: "0–11, 17" is twelve units and one more."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PART = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?")


def read(text: str, count: int) -> tuple[int, ...] | None:
    """The places, in order, each once; None for "", which means all of them.

    Raises ValueError, with a sentence for a person, for what is no place of 0 … count − 1.
    """
    found: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError("Units are written as numbers and ranges, such as 3, 17, 20–31.")
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise ValueError(f"The range {first}–{last} runs backwards: write {last}–{first}.")
        if last >= count:
            raise ValueError(f"There is no unit {last}: here they go from 0 to {count - 1}.")
        found.update(range(first, last + 1))
    return tuple(sorted(found)) or None


def write(places: Iterable[int]) -> str:
    """The shortest text that `read` reads as these places."""
    parts: list[list[int]] = []
    for place in sorted(set(places)):
        if parts and parts[-1][-1] == place - 1:
            parts[-1] = [parts[-1][0], place]
        else:
            parts.append([place])
    return ", ".join("–".join(map(str, part)) for part in parts)
