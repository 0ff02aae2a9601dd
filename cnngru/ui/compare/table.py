"""The table of figures: a row a run, or a row for all that differ in their seed alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

import pandas as pd
import streamlit as st

from cnngru.comparison import metrics
from cnngru.comparison.groups import Group, groups, titles
from cnngru.comparison.statistics import spread
from cnngru.runs.store import Run
from cnngru.ui import wording

NAMES = 150  # pixels: the column of the networks' names
SEEDS, EACH = "seeds together", "each run"
REACHED = ("to_80", "to_90")
TIMED = ("seconds_an_epoch", *REACHED)


@dataclass(frozen=True)
class Column:
    """A column of the table. times: what a figure is multiplied with to be read; width: pixels."""

    heading: str
    form: str
    times: float
    width: int
    help: str


def _reached(share: int) -> Column:
    return Column(
        f"s to {share} %",
        "%.0f",
        1,
        66,
        f"Seconds of training, validation left out, until the validation accuracy reached {share} %. Seeds have a mean "
        "where all of them got there, on one machine.",
    )


# With the names they fill a window of 1280 pixels with the sidebar open, and each has room for its heading.
COLUMNS = {
    "accuracy": Column("Accuracy %", "%.2f", 100, 78, "On the test pictures, one view each, at the end of the run."),
    "spread": Column(
        "± sd", "%.2f", 100, 50, "Standard deviation of the test accuracy over the seeds, in percentage points."
    ),
    "n": Column("n", "%d", 1, 32, "Finished runs, each with another seed, of which the figures are means."),
    "parameters": Column("Parameters", "localized", 1, 80, "All weights of the network."),
    "recurrent_parameters": Column("Recurrent", "localized", 1, 72, "The weights of the recurrent layers alone."),
    "seconds_an_epoch": Column(
        "s / epoch",
        "%.1f",
        1,
        68,
        "Seconds of training an epoch, validation left out: the median. Seeds of different machines have no mean.",
    ),
    "to_80": _reached(80),
    "to_90": _reached(90),
    "reversed": Column(
        "Reversed %", "%.2f", 100, 80, "Sequence-order test: accuracy when rows are read from the bottom up."
    ),
    "shuffled": Column(
        "Shuffled %", "%.2f", 100, 78, "Sequence-order test: accuracy when rows are read in a random order."
    ),
}


def rows_switch(runs: Sequence[Run]) -> None:
    """Seeds together or each run: outside of what is drawn anew, which reads it."""
    if _several_seeds(runs):
        st.segmented_control("Show", [SEEDS, EACH], default=SEEDS, required=True, key="rows-of")


def together(runs: Sequence[Run]) -> bool:
    """Whether runs that differ in their seed alone are shown as one."""
    return _several_seeds(runs) and st.session_state.get("rows-of") == SEEDS


def _several_seeds(runs: Sequence[Run]) -> bool:
    return any(len(group.runs) > 1 for group in groups(runs))


def show(runs: Sequence[Run]) -> None:
    """Draws the table, from runs as they were read a moment ago."""
    if together(runs):
        rows = [_of_group(group) for group in groups(runs)]
    else:
        called = titles(runs)
        rows = [_of_run(run, called[run.name]) for run in runs]
    data = pd.DataFrame(rows)
    config: dict[str, Any] = {
        "network": st.column_config.TextColumn("Network", pinned=True, width=NAMES),
        "run": st.column_config.TextColumn("Run", width="medium"),
        "state": st.column_config.TextColumn("State", width="small"),
    }
    for name, column in COLUMNS.items():
        if name in data:
            data[name] = pd.to_numeric(data[name]) * column.times
            config[name] = st.column_config.NumberColumn(
                column.heading, format=column.form, help=column.help, alignment="right", width=column.width
            )
    st.dataframe(data, column_config=config, hide_index=True, placeholder="–", height="content", key="figures")


def _of_run(run: Run, label: str) -> dict[str, Any]:
    known = dataclasses.asdict(metrics.of(run))
    state = {} if run.status == "finished" else {"state": _state(run)}
    return {"network": label, **state, **{name: known[name] for name in COLUMNS if name in known}, "run": run.called}


def _state(run: Run) -> str:
    if run.status == "running" and run.last("progress"):
        return wording.percent(metrics.share_done(run), 0)
    return wording.STATUS_WORDS[run.status]


def _of_group(group: Group) -> dict[str, Any]:
    """Means over the seeds that are finished.

    No mean of seconds from different machines, nor of those that some seeds needed to get where others never got: it
    would make slow networks look fast.
    """
    known: dict[str, Any] = {}
    accuracies = group.values(lambda run: metrics.of(run).accuracy)
    machines = {metrics.machine(run) for run in group.runs if run.status == "finished"}
    for name in (field.name for field in dataclasses.fields(metrics.Metrics)):
        values = group.values(partial(_figure, name))
        apart = name in TIMED and len(machines) > 1
        some = name in REACHED and len(values) < len(accuracies)
        known[name] = fmean(values) if values and not apart and not some else None
    for name in ("parameters", "recurrent_parameters"):  # the same for all seeds, and known when the first begins
        counts = (_figure(name, run) for run in group.runs)
        known[name] = next((count for count in counts if count is not None), None)
    known |= {"n": len(accuracies), "spread": spread(accuracies) if len(accuracies) > 1 else None}
    return {"network": group.label, **{name: known[name] for name in COLUMNS}}


def _figure(name: str, run: Run) -> float | None:
    return getattr(metrics.of(run), name)
