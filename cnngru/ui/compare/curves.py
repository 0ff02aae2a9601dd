"""The learning curves of all chosen runs, in the same charts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnngru.comparison.groups import groups, titles
from cnngru.figures import learning_curves
from cnngru.runs.store import Run
from cnngru.ui import curves
from cnngru.ui.compare import table

COLOURS = 10  # as many as the theme has


def axis_switch() -> None:
    """Against epochs or seconds: outside of what is drawn anew, which reads it."""
    st.segmented_control("Curves against", ["epochs", "seconds"], default="epochs", required=True, key="against")


def show(runs: Sequence[Run]) -> None:
    """Accuracy and loss, a line a run; of one colour where runs differ in their seed alone and are shown as one."""
    data = learning_curves.table({run.name: run.events for run in runs})
    if data.empty:
        st.caption("The curves appear here with the first step.")
        return
    called = titles(runs)
    if table.together(runs):
        called = {run.name: group.label for group in groups(runs) for run in group.runs}
    names = list(dict.fromkeys(called[run.name] for run in runs))
    against = st.session_state.get("against", "epochs")
    epochs = max(run.config.training.epochs for run in runs)
    end = epochs if against == "epochs" else learning_curves.end([run.events for run in runs])
    curves.draw(data.assign(network=data["run"].map(called)), names, end, against, "network")
    if len(names) > COLOURS:
        st.caption(f"There are {COLOURS} colours; with more lines they come up again. Point at a line for its name.")
