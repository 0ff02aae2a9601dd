"""A family of runs as a tree over their steps: each run is a line, which leaves its parent's where it was continued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from cnngru.escaping import plotly

ROW, AROUND = 44, 70  # pixels: of a run, and above and below all of them
LONGEST = 40  # letters of a run's name beside its line


@dataclass(frozen=True)
class Branch:
    """One run. start, end: its first and its last step; parent: the name of the one that it was continued from, None
    for none; accuracy 0..1, None where it is not known; said: what was changed, in words, "" for the first.
    """

    name: str
    called: str
    parent: str | None
    start: int
    end: int
    accuracy: float | None
    said: str


def tree(branches: Sequence[Branch], chosen: str) -> go.Figure:
    """The runs from top to bottom as they come, parents before children; one trace each, in that order.

    chosen  the name of the one that is looked at: its line is thicker
    """
    rows = {branch.name: row for row, branch in enumerate(branches)}
    figure = go.Figure()
    for row, branch in enumerate(branches):
        x: list[float] = [branch.start, max(branch.end, branch.start)]
        y: list[float] = [row, row]
        if branch.parent in rows:
            x, y = [branch.start, *x], [rows[branch.parent], *y]
        accuracy = "" if branch.accuracy is None else f" · {100 * branch.accuracy:.1f} %"
        said = f"<br>{plotly(branch.said, 80)}" if branch.said else ""
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines+markers+text",
            line={"width": 5 if branch.name == chosen else 2.5},
            marker={"size": [0] * (len(x) - 2) + [9, 9]},
            text=[""] * (len(x) - 2) + [f"{plotly(branch.called, LONGEST)}{accuracy}", ""],
            textposition="top right",
            hovertemplate=f"<b>{plotly(branch.called, 80)}</b>{accuracy}<br>step %{{x:,}}{said}<extra></extra>",
            cliponaxis=False,
        )
    figure.update_layout(
        height=AROUND + ROW * len(branches),
        margin={"l": 10, "r": 10, "t": 24, "b": 40},
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        xaxis={"title": "step", "zeroline": False, "rangemode": "tozero"},
        yaxis={"visible": False, "range": [len(branches) - 0.5, -0.8], "fixedrange": True},
    )
    return figure
