"""A new class comes: all that the last one has trained goes. For the computer that the app runs on alone."""

from __future__ import annotations

import streamlit as st

from cnngru import escaping, places
from cnngru.runs import engines, index
from cnngru.runs.store import RunError
from cnngru.ui import roles, undo


def button() -> None:
    """The button, where the app is open to a class and this is its own computer; it asks first."""
    if not roles.in_class() or not roles.is_host():
        return
    runs = [run for run in index.summaries() if run.name not in places.NETWORKS]
    with st.popover("Reset for the next class", icon=":material/restart_alt:", disabled=not runs):
        live = sum(run.live for run in runs)
        stops = f" {live} of them {'is' if live == 1 else 'are'} still at work and will be stopped." if live else ""
        many = "The run that was" if len(runs) == 1 else f"All {len(runs)} runs that were"
        st.markdown(f"{many} trained here will be deleted; those that come with the app stay.{stops}")
        if st.button("Delete them", type="primary", key="reset"):
            try:
                with st.spinner("Stopping …"):
                    for run in runs:
                        engines.choose().stop(run.name, force=True)
                undo.delete(runs, "the run of the last class" if len(runs) == 1 else f"{len(runs)} runs")
            except RunError as error:
                st.error(escaping.message(str(error)))
            else:
                st.rerun()
