"""A new class comes: all that the last one has trained and handed over goes. For the host alone."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnngru import escaping, places
from cnngru.data import DataError, own
from cnngru.runs import engines, index
from cnngru.runs.store import Run, RunError
from cnngru.ui import roles, undo


def button() -> None:
    """The button, where the app is open to others and this is its own computer; it asks first."""
    if not (roles.is_open() or roles.settings().chosen) or not roles.is_host():
        return
    runs = [run for run in index.summaries() if run.name not in places.NETWORKS]
    pictures = _pictures()
    with st.popover("Reset for the next class", icon=":material/restart_alt:", disabled=not (runs or pictures)):
        st.markdown(" ".join(_what_goes(runs, pictures)))
        if st.button("Delete them", type="primary", key="reset"):
            try:
                with st.spinner("Stopping …"):
                    for run in runs:
                        engines.choose().stop(run.name, force=True)
                undo.delete(runs, _called(runs, pictures), pictures)
            except (RunError, DataError) as error:
                st.error(escaping.message(str(error)))
            else:
                st.rerun()


def _pictures() -> bool:
    """Whether pictures to train on were handed over."""
    try:
        return any(own.root().iterdir())
    except (OSError, DataError):
        return False


def _what_goes(runs: Sequence[Run], pictures: bool) -> list[str]:
    """Sentences on what will be deleted, and what stays."""
    said = []
    if runs:
        many = "The run that was" if len(runs) == 1 else f"All {len(runs)} runs that were"
        said.append(f"{many} trained here will be deleted; those that come with the app stay.")
    if live := sum(run.live for run in runs):
        said.append(f"{live} of them {'is' if live == 1 else 'are'} still at work and will be stopped.")
    if pictures:
        said.append(f"The pictures to train on that were handed over {'go too' if runs else 'will be deleted'}.")
    return said


def _called(runs: Sequence[Run], pictures: bool) -> str:
    """What was deleted, for "Deleted …"."""
    many = "the run of the last class" if len(runs) == 1 else f"{len(runs)} runs"
    return " and ".join([*([many] if runs else []), *(["all pictures that were handed over"] if pictures else [])])
