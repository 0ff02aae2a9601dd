"""What was deleted in this browser, and the way to have it back for a while."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from cnngru import escaping
from cnngru.runs import store
from cnngru.runs.store import Run, RunError

KEY = "deleted-runs"


def delete(runs: Sequence[Run], called: str) -> None:
    """Puts runs aside, to be had back together. Raises RunError for the first that cannot be: those before it are gone.

    called  what they are, for "Deleted …", not safe for Markdown
    """
    aside: list[str] = []
    try:
        for run in runs:
            aside.append(store.put_aside(run.name))
    finally:
        if aside:
            st.session_state[KEY] = (aside, called, time.time())


def offer() -> None:
    """In the sidebar: what was deleted, and a button that brings it back; nothing when it is gone for good."""
    store.sweep()
    aside, called, at = st.session_state.get(KEY, ([], "", 0.0))
    if not aside or time.time() - at > store.KEPT_FOR:
        return
    st.caption(f"Deleted {escaping.markdown(called)}. It can be had back for {store.KEPT_FOR // 60} minutes.")
    st.button("Undo", icon=":material/undo:", key="undo-delete", on_click=_bring_back)


def _bring_back() -> None:
    aside, _, _ = st.session_state.pop(KEY)
    for place in aside:
        try:
            store.bring_back(place)
        except RunError as error:
            st.toast(escaping.message(str(error)), icon=":material/error:")
