"""What else a training shows while it runs: learning rate and speed, gradients and gates by row, a gate on one picture.

As learning_curves.py: a chart's specification does not change while data are appended, so that it is updated in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import altair as alt
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from cnngru.figures.learning_curves import HEIGHT, ROOM, TRAINING

Quantity = Literal["learning_rate", "images_per_second"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
TITLES = {"learning_rate": "learning rate", "images_per_second": "pictures a second"}
COLUMNS = 60  # of the map of gradients, at most: it stays as large while the log grows


def line(data: pd.DataFrame, quantity: Quantity, names: Sequence[str], end: float) -> alt.Chart:
    """One quantity of `learning_curves.table` over epochs; `names` and `end` as in `learning_curves.curve`."""
    title = TITLES[quantity]
    legend = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=320) if len(names) > 1 else None
    return (
        alt.Chart(data[data["part"] == TRAINING])
        .mark_line(strokeWidth=2, point={"size": 12})
        .encode(
            x=alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, end * ROOM], nice=False)),
            y=alt.Y(f"{quantity}:Q", title=title, scale=alt.Scale(zero=True)),
            color=alt.Color("run:N", scale=alt.Scale(domain=list(names)), legend=legend),
            tooltip=["run:N", alt.Tooltip("epoch:Q", format=".2f"), alt.Tooltip(f"{quantity}:Q", title=title)],
        )
        .properties(height=HEIGHT)
    )


def gradients(events: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a cell of the map: begin, end (epochs), row (from 1, at the top), norm. Empty where none were told."""
    told = [event for event in events if event["kind"] == "progress" and event.get("gradients")]
    cuts = {event["step"] * COLUMNS // event["steps"]: event for event in told}  # the newest of each
    rows = [
        (cut * each, (cut + 1) * each, row + 1, norm)
        for cut, event in cuts.items()
        for each in [event["epoch"] / event["step"] * event["steps"] / COLUMNS]
        for row, norm in enumerate(event["gradients"])
    ]
    return pd.DataFrame(rows, columns=["begin", "end", "row", "norm"])


def gradient_map(data: pd.DataFrame, end: float) -> alt.Chart:
    """Rows of the picture downwards, epochs to the right; the norm of the loss's gradient by a row's features, on a
    logarithmic scale.

    data    as from `gradients`; end: of the x axis, in epochs
    """
    return (
        alt.Chart(data)
        .mark_rect()
        .encode(
            x=alt.X("begin:Q", title="epoch", scale=alt.Scale(domain=[0, end], nice=False)),
            x2="end:Q",
            y=alt.Y("row:O", title="row read, from the top"),
            color=alt.Color(
                "norm:Q",
                title="gradient",
                scale=alt.Scale(type="log", scheme="cividis"),
                legend=alt.Legend(orient="top", gradientLength=200),
            ),
            tooltip=[
                alt.Tooltip("row:O", title="row read"),
                alt.Tooltip("begin:Q", title="epoch", format=".2f"),
                alt.Tooltip("norm:Q", title="norm of the gradient", format=".3g"),
            ],
        )
        .properties(height=HEIGHT)
    )


def gates(events: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a cell of the maps: gate (its word), begin, end (epochs), row (from 1, at the top), share (0..1).

    The looks are as far apart as they were; where there are many, each so many-th is drawn, the newest always.
    """
    told = [event for event in events if event["kind"] == "gates"]
    told = told[:: -max(1, -(-len(told) // COLUMNS))][::-1]
    ends = [event["epoch"] for event in told]
    rows = [
        (word, begin, end, row + 1, share)
        for event, begin, end in zip(told, [0.0, *ends[:-1]], ends, strict=True)
        for word, means in event["shares"].items()
        for row, share in enumerate(means)
    ]
    return pd.DataFrame(rows, columns=["gate", "begin", "end", "row", "share"])


def gate_over_time(data: pd.DataFrame, word: str, end: float) -> alt.Chart:
    """Rows downwards, epochs to the right: how open a gate is at each row, the mean of its units, 0..1.

    data    as from `gates`; word: of the gate; end: of the x axis, in epochs
    """
    return (
        alt.Chart(data[data["gate"] == word], title=word)
        .mark_rect()
        .encode(
            x=alt.X("begin:Q", title="epoch", scale=alt.Scale(domain=[0, end], nice=False)),
            x2="end:Q",
            y=alt.Y("row:O", title="row read, from the top"),
            color=alt.Color(
                "share:Q",
                title=None,
                scale=alt.Scale(domain=[0, 1], scheme="cividis"),
                legend=alt.Legend(orient="top", gradientLength=200),
            ),
            tooltip=[
                alt.Tooltip("row:O", title="row read"),
                alt.Tooltip("end:Q", title="epoch", format=".2f"),
                alt.Tooltip("share:Q", title=word, format=".2f"),
            ],
        )
        .properties(height=HEIGHT)
    )


def map_of_one(values: np.ndarray, word: str) -> go.Figure:
    """A gate on one picture: values (T, H) in 0..1, rows downwards, units to the right."""
    heat = go.Heatmap(z=values, zmin=0, zmax=1, colorscale="Cividis", hovertemplate="row %{y}, unit %{x}: %{z:.2f}")
    figure = go.Figure(heat)
    figure.update_traces(y0=1, name="", colorbar={"thickness": 10, "title": word})
    figure.update_layout(
        height=300,
        margin={"l": 50, "r": 8, "t": 8, "b": 40},
        dragmode=False,
        xaxis={"title": "unit", "fixedrange": True},
        yaxis={"title": "row read", "autorange": "reversed", "fixedrange": True},
    )
    return figure
