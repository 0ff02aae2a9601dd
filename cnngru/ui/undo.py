"""What was deleted in this browser, and the way to have it back for a while."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st

from cnngru import escaping
from cnngru.data import DataError, own_aside
from cnngru.runs import store
from cnngru.runs.store import Run, RunError

KEY = "deleted-runs"


def delete(runs: Sequence[Run], called: str, pictures: bool = False) -> None:
    """Puts runs aside, to be had back together. Raises RunError for the first that cannot be: those before it are gone.

    called      what they are, for "Deleted …", not safe for Markdown
    pictures    with all pictures to train on that were handed over; raises DataError where they cannot be
    """
    aside: list[str] = []
    try:
        for run in runs:
            aside.append(store.put_aside(run.name))
        if pictures and (sets := own_aside.put_aside()):
            aside.append(sets)
    finally:
        if aside:
            st.session_state[KEY] = (aside, called, time.time())


def offer() -> None:
    """In the sidebar: what was deleted, and a button that brings it back; nothing when it is gone for good."""
    store.sweep()
    own_aside.sweep(store.KEPT_FOR)
    aside, called, at = st.session_state.get(KEY, ([], "", 0.0))
    if not aside or time.time() - at > store.KEPT_FOR:
        return
    st.caption(f"Deleted {escaping.markdown(called, None)}. It can be had back for {store.KEPT_FOR // 60} minutes.")
    st.button("Undo", icon=":material/undo:", key="undo-delete", on_click=_bring_back)


def _bring_back() -> None:
    aside, _, _ = st.session_state.pop(KEY)
    for place in aside:
        try:
            (own_aside if place.startswith(own_aside.ASIDE) else store).bring_back(place)
        except (RunError, DataError) as error:
            st.toast(escaping.message(str(error)), icon=":material/error:")
