"""What a run shows of its training, one thing at a time: curves, learning rate and speed, gradients, confusion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from cnngru import escaping
from cnngru.figures import confusion, training_charts
from cnngru.runs import files, probe
from cnngru.runs.run import Run
from cnngru.ui.plot import plot

CURVES, RATE, GRADIENTS, CONFUSION = "Accuracy and loss", "Learning rate and speed", "Gradients by row", "Confusion"
GATES, PICTURES = "Gates by row", "Pictures"
SIDE = 96  # pixels of a picture


def choose(run: Run) -> str:
    """What is to be shown; a run from before something was noted down does not offer it."""
    newest = run.last("progress") or {}
    offered = [CURVES, RATE]
    if newest.get("gradients"):
        offered.append(GRADIENTS)
    if run.last("gates"):
        offered.append(GATES)
    if (run.last("validated") or {}).get("confusion"):
        offered.append(CONFUSION)
    if files.is_plain(run.folder / probe.FILE):
        offered.append(PICTURES)
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


def gates(run: Run, end: float) -> None:
    """How open each gate is at each row, over the training."""
    data = training_charts.gates(run.events)
    words = list(dict.fromkeys(data["gate"]))
    for column, word in zip(st.columns(len(words)), words, strict=True):
        column.altair_chart(
            training_charts.gate_over_time(data, word, end),
            key=f"gate-{word}-{run.name}",
            width="stretch",
            alt=f"A map of the gate {word} by row, over the training",
        )
    newest = run.last("gates") or {}
    share = newest.get("saturated")
    saturated = "" if share is None else f" Now {100 * share:.0f} % of all gate values are below 0.1 or above 0.9."
    st.caption(
        "The mean of each gate over its units and six held-out pictures: bright is open. **keep** near 1 holds on to "
        f"what was read before; where it grows along the rows, the network has learnt to remember.{saturated}"
    )


def pictures(run: Run) -> None:
    """What it answers on the held-out pictures that are watched, and what its first gate does on the first of them."""
    found = probe.read(run.folder)
    if found is None:
        st.caption("The newest look at the pictures cannot be read. The next one takes its place.")
        return
    classes = (run.last("started") or {}).get("classes") or []
    with st.container(horizontal=True, key=f"watched-{run.name}"):
        for image, label, shares in zip(found["pictures"], found["labels"], found["probabilities"], strict=True):
            answer = int(shares.argmax())
            right = answer == int(label)
            with st.container(width=SIDE + 28, gap="xxsmall"):
                st.image(np.ascontiguousarray(image.transpose(1, 2, 0)), width=SIDE)
                said = escaping.markdown(_class(classes, answer))
                truth = "" if right else f"  \nis {escaping.markdown(_class(classes, int(label)))}"
                st.caption(f"{'✓' if right else '✗'} {said}, {100 * float(shares[answer]):.0f} %{truth}")
    if "map" in found:
        word = next(iter((run.last("gates") or {}).get("shares") or {"gate": []}))
        plot(
            training_charts.map_of_one(found["map"].astype(np.float32), word),
            f"live-map-{run.name}",
            alt=f"The gate {word} of every unit at each row, on the first of the pictures",
            modebar=False,
        )
    st.caption(
        f"After step {int(found['step']):,}: held-out pictures, which training never learns from, with the answer of "
        "this moment. Below them, what one gate does while the first one is read: watch it take shape."
    )


def _class(classes: Sequence[str], number: int) -> str:
    return classes[number] if number < len(classes) else str(number + 1)
