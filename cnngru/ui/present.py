"""Present mode: the page for a projector. `?present=1`, or the key P."""

from __future__ import annotations

import streamlit as st

SCALE = 1.6  # of type and figures


def on() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get("present") == "1"
