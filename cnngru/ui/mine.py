"""Runs that a person has started in this browser session: the picker lists them first, and they are offered on pages.

Session state holds their names alone. A run that one starts is shown on Train at once, but not imposed on other pages:
these go on with the run that was looked at before, until one asks for one's own.
"""

from __future__ import annotations

import streamlit as st

from cnngru import escaping
from cnngru.runs import store
from cnngru.runs.store import Run
from cnngru.ui import links

TICK = 3  # seconds between two looks at runs that still train


def started(name: str) -> None:
    """Notes down a run that was started a moment ago, and what was looked at before."""
    st.session_state["mine"] = [*names(), name]
    st.session_state["watched"] = (name, st.session_state.get("run"))


def names() -> list[str]:
    """Their names, the oldest first."""
    return st.session_state.get("mine", [])


def asked_for(name: str | None) -> None:
    """A person has picked this run: it is one like others, on every page."""
    if name == st.session_state.get("watched", ("", None))[0]:
        del st.session_state["watched"]


def left_train(run: str | None) -> str | None:
    """The run to go on with on another page than Train, where `run` was looked at there."""
    if links.LOOK.items() <= st.query_params.to_dict().items():  # by a link that asks for it
        asked_for(run)
    watched, before = st.session_state.get("watched", (None, None))
    return before if run == watched else run


def offer(page: str) -> None:
    """Says that one's newest run trains, or has ended, with a link to it; until it was looked at."""
    shown = st.session_state.get("run")
    waiting = [run for name in names() if name not in _seen() if (run := store.find(name))]
    for run in waiting:
        if run.name == shown and not run.live:
            _seen().append(run.name)
    waiting = [run for run in waiting if run.name != shown]
    with st.container(key="offer"):  # there also when it is empty: else all that follows would be put in anew
        if waiting:
            live = any(run.live for run in waiting)
            st.fragment(_offer, run_every=TICK if live else None)(waiting[-1].name, page)


def _seen() -> list[str]:
    return st.session_state.setdefault("mine-seen", [])


def _offer(name: str, page: str) -> None:
    run = store.find(name)
    if run is None:
        return
    (state, then), where = SAID[run.status], _where(run, page)
    label = f"Your run **{escaping.markdown(run.called)}** {state}: {then}"
    if where != page:
        links.link(where, label, run.name, **links.LOOK)
    elif st.button(label, icon=links.PAGES[page].icon, type="tertiary", key=f"look-{name}"):
        asked_for(name)
        st.session_state["go_to_run"] = name  # a link to the same page would leave the picker, and so the address
        st.rerun()


def _where(run: Run, page: str) -> str:
    """The page that one is on, if it can show the run; else its curves."""
    ready = page in ("predict", "gates") and run.status == "finished" and run.has_model
    return page if ready and (page != "gates" or run.config.model.cell != "none") else "train"


SAID = {
    "queued": ("waits for its turn", "look at it"),
    "running": ("is training", "watch it"),
    "paused": ("is paused", "look at it"),
    "stopping": ("is stopping", "watch it"),
    "finished": ("has finished", "look at it"),
    "stopped": ("was stopped", "look at it"),
    "failed": ("has failed", "see why"),
    "interrupted": ("was interrupted", "see why"),
}
