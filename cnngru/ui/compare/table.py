"""The figures of the chosen runs, the settings in which they differ, and their curves, one over the other.

Each is drawn from runs as they were read a moment ago: the table and the curves tick while one of them trains.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import pandas as pd
import streamlit as st

from cnngru.comparison import metrics
from cnngru.comparison import settings as compared
from cnngru.comparison.groups import Group, groups, titles
from cnngru.comparison.statistics import spread
from cnngru.config import Conv
from cnngru.figures import learning_curves
from cnngru.runs.store import Run
from cnngru.ui import wording

COLOURS = 10  # that the theme has
REACHED = ("to_80", "to_90")
TIMED = ("seconds_an_epoch", *REACHED)
SEEDS, EACH = "seeds together", "each run"
# Pixels, of columns: together they fill a window of 1280 with the sidebar open, and each has room for its heading.
NAMES = 150
WIDTHS = {
    "accuracy": 78,
    "spread": 50,
    "n": 32,
    "parameters": 80,
    "recurrent_parameters": 72,
    "seconds_an_epoch": 68,
    "to_80": 66,
    "to_90": 66,
    "reversed": 80,
    "shuffled": 78,
}
SETTINGS = {  # whose names in the config say too little by themselves
    "data.name": "data set",
    "data.seed": "seed of the pictures",
    "training.seed": "seed of the weights",
    "model.cell": "recurrence",
}


def _reached(share: int) -> str:
    return (
        f"Seconds of training, validation left out, until the validation accuracy reached {share} %. Seeds have a mean "
        "where all of them got there, on one machine."
    )


FIGURES: dict[str, tuple[str, str, float, str]] = {  # of a row: heading, format, factor, help
    "accuracy": ("Accuracy %", "%.2f", 100, "On the test pictures, one view each, at the end of the run."),
    "spread": (
        "± sd",
        "%.2f",
        100,
        "Standard deviation of the test accuracy over the seeds, in percentage points.",
    ),
    "n": ("n", "%d", 1, "Finished runs, each with another seed, of which the figures are means."),
    "parameters": ("Parameters", "localized", 1, "All weights of the network."),
    "recurrent_parameters": ("Recurrent", "localized", 1, "The weights of the recurrent layers alone."),
    "seconds_an_epoch": (
        "s / epoch",
        "%.1f",
        1,
        "Seconds of training an epoch, validation left out: the median. Seeds of different machines have no mean.",
    ),
    "to_80": ("s to 80 %", "%.0f", 1, _reached(80)),
    "to_90": ("s to 90 %", "%.0f", 1, _reached(90)),
    "reversed": (
        "Reversed %",
        "%.2f",
        100,
        "Sequence-order test: accuracy when rows are read from the bottom up.",
    ),
    "shuffled": ("Shuffled %", "%.2f", 100, "Sequence-order test: accuracy when rows are read in a random order."),
}


def figures(runs: Sequence[Run]) -> None:
    """The figures: a row a run, or a row for all that differ in their seed alone."""
    together = _together(runs)
    if together:
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
    for name, (heading, form, factor, help_text) in FIGURES.items():
        if name in data:
            data[name] = pd.to_numeric(data[name]) * factor
            config[name] = st.column_config.NumberColumn(
                heading, format=form, help=help_text, alignment="right", width=WIDTHS[name]
            )
    st.dataframe(data, column_config=config, hide_index=True, placeholder="–", height="content", key="figures")


def _of_run(run: Run, label: str) -> dict[str, Any]:
    known = dataclasses.asdict(metrics.of(run))
    shown = {name: known[name] for name in FIGURES if name in known}
    state = {} if run.status == "finished" else {"state": _state(run)}
    return {"network": label, **state, **shown, "run": run.name}


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
    for name in (field.name for field in dataclasses.fields(metrics.Metrics) if field.name in FIGURES):
        values = group.values(lambda run, name=name: getattr(metrics.of(run), name))  # type: ignore[misc]
        apart = name in TIMED and len(machines) > 1
        some = name in REACHED and len(values) < len(accuracies)
        known[name] = fmean(values) if values and not apart and not some else None
    for name in ("parameters", "recurrent_parameters"):  # the same for all seeds, and known when the first begins
        counts = (getattr(metrics.of(run), name) for run in group.runs)
        known[name] = next((count for count in counts if count is not None), None)
    known |= {"n": len(accuracies), "spread": spread(accuracies) if len(accuracies) > 1 else None}
    return {"network": group.label, **{name: known[name] for name in FIGURES}}


def _together(runs: Sequence[Run]) -> bool:
    return _several_seeds(runs) and st.session_state.get("rows-of") == SEEDS


def _several_seeds(runs: Sequence[Run]) -> bool:
    return any(len(group.runs) > 1 for group in groups(runs))


def settings(runs: Sequence[Run]) -> None:
    """The settings in which the runs differ, a row a run; those in which they agree, folded away."""
    called = titles(runs)
    if _together(runs):  # then a row for all seeds
        called = {group.runs[0].name: group.label for group in groups(runs)}
        runs = [run for run in runs if run.name in called]
    configs = [run.config for run in runs]
    differing, agreeing = compared.differing(configs), compared.agreeing(configs)
    if differing:
        st.subheader("What differs")
        data = pd.DataFrame({_plain_name(name): list(map(_say, values)) for name, values in differing.items()})
        data.insert(0, "Network", [called[run.name] for run in runs])
        config = {"Network": st.column_config.TextColumn("Network", pinned=True, width=NAMES)}
        st.dataframe(data, column_config=config, hide_index=True, placeholder="–", height="content", key="differing")
    elif len(runs) > 1:
        st.caption("These runs have the same settings, all of them.")
    if len(runs) > 1:
        with st.expander(f"{len(agreeing)} settings are the same in all", icon=":material/equal:"):
            st.markdown("\n".join(f"- {_plain_name(n)}: {wording.plain(_say(v))}" for n, v in agreeing.items()))


def _plain_name(setting: str) -> str:
    return SETTINGS.get(setting, setting.partition(".")[2].replace("_", " "))


def _say(value: Any) -> str:
    """A setting's value as it is read; one without effect is a dash."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return " → ".join(_conv(part) for part in value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _conv(conv: Conv) -> str:
    """ "3×3/64" for kernel and channels, with " pool 2×2" where it pools."""
    pool = f" pool {conv.pool[0]}×{conv.pool[1]}" if conv.pool != (1, 1) else ""
    return f"{conv.kernel[0]}×{conv.kernel[1]}/{conv.channels}{pool}"


def views(runs: Sequence[Run]) -> None:
    """Whether seeds stand together, and what the curves are drawn against: outside of what ticks."""
    with st.container(horizontal=True, gap="medium"):
        if _several_seeds(runs):
            st.segmented_control("Show", [SEEDS, EACH], default=SEEDS, required=True, key="rows-of")
        st.segmented_control("Curves against", ["epochs", "seconds"], default="epochs", required=True, key="against")


def curves(runs: Sequence[Run]) -> None:
    """Accuracy and loss of all runs in the same charts."""
    data = learning_curves.table({run.name: run.events for run in runs})
    if data.empty:
        st.caption("The curves appear here with the first step.")
        return
    called = titles(runs)
    if _together(runs):
        called = {run.name: group.label for group in groups(runs) for run in group.runs}
    data = data.assign(network=data["run"].map(called))
    names = list(dict.fromkeys(called[run.name] for run in runs))
    against = st.session_state.get("against", "epochs")
    epochs = max(run.config.training.epochs for run in runs)
    end = epochs if against == "epochs" else learning_curves.end([run.events for run in runs])
    for column, quantity in zip(st.columns(2), learning_curves.QUANTITIES, strict=True):
        column.altair_chart(
            learning_curves.curve(data, quantity, names, end, against, series="network"),
            key=f"compare-{quantity}-{against}-{'+'.join(names)}",
            width="stretch",
            on_select="rerun",  # nobody asks for the selection, but without it each tick undoes the zoom
            alt=f"{quantity.capitalize()} over {against}, training and validation, of {', '.join(names)}",
        )
    if len(names) > COLOURS:
        st.caption(f"There are {COLOURS} colours; with more lines they come up again. Point at a line for its name.")
