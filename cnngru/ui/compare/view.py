"""How the chosen runs are shown: seeds together or each run, curves against epochs or seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from cnngru.comparison.groups import groups
from cnngru.runs.store import Run

NAMES = 150  # pixels: the column of the networks' names in both tables
SEEDS, EACH = "seeds together", "each run"


def controls(runs: Sequence[Run]) -> None:
    """The two switches; outside of what is drawn anew, which reads them."""
    with st.container(horizontal=True, gap="medium"):
        if _several_seeds(runs):
            st.segmented_control("Show", [SEEDS, EACH], default=SEEDS, required=True, key="rows-of")
        st.segmented_control("Curves against", ["epochs", "seconds"], default="epochs", required=True, key="against")


def together(runs: Sequence[Run]) -> bool:
    """Whether runs that differ in their seed alone are shown as one."""
    return _several_seeds(runs) and st.session_state.get("rows-of") == SEEDS


def against() -> Literal["epochs", "seconds"]:
    """What the curves are drawn against."""
    return st.session_state.get("against", "epochs")


def _several_seeds(runs: Sequence[Run]) -> bool:
    return any(len(group.runs) > 1 for group in groups(runs))
