"""What was chosen on the Compare page before it was left for the gates of a picture."""

from __future__ import annotations

from typing import Any

import streamlit as st


def remember(**choices: Any) -> None:
    """Keeps what is chosen, for `remembered`."""
    st.session_state["compare-remembered"] = {**st.session_state.get("compare-remembered", {}), **choices}


def remembered(key: str, otherwise: Any) -> Any:
    """What a choice was before the page was left for the gates of a picture, or `otherwise`.

    Going back from there passes through an address of this page that has the picture's number (?test=) and nothing of
    ours: Streamlit changes the query before the path. What was chosen is shown there too.
    """
    left_for_gates = "test" in st.query_params
    return st.session_state.get("compare-remembered", {}).get(key, otherwise) if left_for_gates else otherwise
