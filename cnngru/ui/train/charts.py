"""What a run shows of its training, one thing at a time: curves, learning rate and speed, gradients, confusion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from cnngru.figures import confusion, training_charts
from cnngru.runs.run import Run
from cnngru.ui.plot import plot

CURVES, RATE, GRADIENTS, CONFUSION = "Accuracy and loss", "Learning rate and speed", "Gradients by row", "Confusion"


def choose(run: Run) -> str:
    """What is to be shown; a run from before something was noted down does not offer it."""
    newest = run.last("progress") or {}
    offered = [CURVES, RATE]
    if newest.get("gradients"):
        offered.append(GRADIENTS)
    if (run.last("validated") or {}).get("confusion"):
        offered.append(CONFUSION)
    kept = st.session_state.get("chart")
    chosen = st.segmented_control(
        "Show",
        offered,
        default=kept if kept in offered else CURVES,
        key=f"chart-{run.name}",
        label_visibility="collapsed",
    )
    st.session_state["chart"] = chosen or CURVES
    return chosen or CURVES


def rate(data: pd.DataFrame, names: Sequence[str], end: float) -> None:
    """Learning rate beside pictures a second."""
    for column, quantity in zip(st.columns(2), training_charts.QUANTITIES, strict=True):
        title = training_charts.TITLES[quantity]
        column.altair_chart(
            training_charts.line(data, quantity, names, end),
            key=f"{quantity}-{'+'.join(names)}",
            width="stretch",
            alt=f"{title.capitalize()} over epochs of {', '.join(names)}",
        )
    st.caption(
        "The learning rate is how far a step moves the weights: with one-cycle it rises for a fifth of the run, and "
        "falls then. The speed falls where the computer has other work."
    )


def gradients(run: Run, end: float) -> None:
    """How strongly each row of the picture is learnt from."""
    st.altair_chart(
        training_charts.gradient_map(training_charts.gradients(run.events), end),
        key=f"gradients-{run.name}",
        width="stretch",
        alt="A map of how strong the gradient at each row is, over the training",
    )
    st.caption(
        "How much the loss would change with a row's features: the signal that what comes before the recurrence learns "
        "from. The network reads from the top; where the upper rows are far darker than the lower ones, the gradient "
        "vanishes on its way back through the steps. Gates are there to keep it alive."
    )


def confusions(run: Run) -> None:
    """Which classes the validation pictures were taken for, after the newest epoch."""
    newest = run.last("validated") or {}
    classes = (run.last("started") or {}).get("classes") or []
    table = np.array(newest["confusion"])
    names = classes if len(classes) == len(table) else [str(number + 1) for number in range(len(table))]
    key = f"confusion-live-{run.name}"
    title = f"After epoch {newest['epoch']:g}"
    figure = confusion.confusion(table, names, title)
    alt = "The confusion matrix of the validation pictures"
    plot(figure, key, alt=alt, width=int(figure.layout.width), modebar=False)
    st.caption(f"{newest['n']:,} validation pictures by their class, downwards, and by what they were taken for.")
