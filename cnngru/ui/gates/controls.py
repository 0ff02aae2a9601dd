"""Controls that all or several views of the gates page have, bound to the link, with an answer whatever the link says.

Many units are few characters, in a box on the page and in the link: "0–11, 17" is twelve units and one more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")
DIRECTIONS = {0: "top to bottom", 1: "bottom to top"}
DIGITS = 6  # of a unit's number, at most
_PART = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?")


def one_of(label: str, options: Sequence[T], key: str, *, first: T | None = None, **settings: Any) -> T:
    """The option that is chosen in a switch: until somebody chooses, `first`, or the first of them.

    An empty ?key= in a link leaves even a required switch without a choice, which is `first` then.

    settings    help, format_func and the like, as st.segmented_control takes them
    """
    start = options[0] if first is None else first
    chosen = st.segmented_control(
        label, options, default=start, required=True, key=key, bind="query-params", **settings
    )
    return start if chosen is None else chosen


def unit(units: int) -> int | None:
    """The unit that is open, or None: ?unit=, the same on the map and on the card. units: how many there are."""
    wanted = st.query_params.get("unit", "")
    if "unit" not in st.session_state and wanted and not (wanted.isdecimal() and len(wanted) <= DIGITS):
        del st.query_params["unit"]  # Streamlit would take "inf" for a number, and stop at it
        st.rerun()
    return st.number_input(
        "Open a unit",
        0,
        units - 1,
        None,
        key="unit",
        bind="query-params",
        width=180,
        placeholder="none",
        help="Counted from 0, as in the tensors. A click on a cell opens its unit at its step.",
    )


def read_units(text: str, count: int) -> tuple[int, ...] | None:
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


def write_units(places: Iterable[int]) -> str:
    """The shortest text that `read_units` reads as these places."""
    parts: list[list[int]] = []
    for place in sorted(set(places)):
        if parts and parts[-1][-1] == place - 1:
            parts[-1] = [parts[-1][0], place]
        else:
            parts.append([place])
    return ", ".join("–".join(map(str, part)) for part in parts)
