"""Parts of a page that are drawn anew while one of its runs trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from cnngru.runs import store
from cnngru.runs.store import Run

SELDOM = 4  # seconds between two looks at runs that nobody works on


def while_training(draw: Callable[[Sequence[Run]], None], runs: Sequence[Run], seconds: int = 2) -> None:
    """Draws `runs` as they are now, again each so many seconds as long as one of them is alive; now and then where one
    may go on, by somebody else's hand.

    When one of them changes its state, all of the page is drawn, once: what it offers has changed.
    """
    alive, held = any(run.live for run in runs), any(run.can_resume for run in runs)
    every = seconds if alive else SELDOM if held else None
    st.fragment(_tick, run_every=every)(draw, [run.name for run in runs], _states(runs))


def _tick(draw: Callable[[Sequence[Run]], None], names: Sequence[str], states: Mapping[str, str]) -> None:
    runs = [run for name in names if (run := store.find(name))]
    if _states(runs) != states:
        st.rerun()
    draw(runs)


def _states(runs: Sequence[Run]) -> dict[str, str]:
    return {run.name: run.status for run in runs}
