"""What the gates page asks in more than one place, bound to the link, with an answer whatever the link says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")
DIGITS = 6  # of a unit's number, at most


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
    """The unit that is open, of so many: ?unit=, the same on the map and on the card. None: none is."""
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
