"""The answer split by row: bars that each begin where the last one ended, from the head's biases to the margin."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.escaping import LINE, plotly
from cnngru.figures import axes, marks
from cnngru.figures.axes import END, Column, cell_edges
from cnngru.figures.marks import AGAINST, FOR, HATCH, HATCHED

FAINT = "rgba(128, 128, 128, 0.2)"  # in both themes, with text on it


def waterfall(
    picture: np.ndarray,
    written: np.ndarray,
    bias: float,
    bands: np.ndarray,
    *,
    names: tuple[str, str],
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """The margin of one class over another, row by row: it starts at the head's biases and ends at the margin.

    written              (D, T): what each step wrote into logit a − logit b, downward first. With two directions it
                         goes down the picture in one panel and, from where that ended, up again in the other
    bias                 of the head, a's less b's
    names                of a and b
    picture, bands, cue  as in `figures.composition`
    """
    edges = cell_edges(bands)
    middles, high = axes.middles(edges), float(edges[1] - edges[0])
    above, below = min(edges[0], 0) - END / 2, max(edges[-1], 32) + END / 2
    texts = ["Read downward", "Read upward"] if len(written) > 1 else ["Written at each step"]
    bars: list[go.Bar | go.Scatter] = []
    ends: list[go.Bar] = []
    total, reached = float(bias), [0.0, float(bias)]
    for direction in range(len(written)):
        axis = f"x{3 + direction}"
        order = np.arange(len(bands))[::-1] if direction else np.arange(len(bands))
        start, end = (below, above) if direction else (above, below)
        if not direction:
            ends.append(_end(axis, total, start, "biases"))
        sums = total + np.concatenate(([0.0], np.cumsum(written[direction][order], dtype=np.float64)))
        bars += _rows(axis, written[direction][order], sums, middles[order], order, bands, high, names)
        total, reached = float(sums[-1]), [*reached, *sums]
        last = direction == len(written) - 1
        ends.append(_end(axis, total, end, "margin" if last else "so far"))
        bars.append(_line(axis, sums, np.concatenate(([start], middles[order], [end]))))
    room = 0.08 * (max(reached) - min(reached)) or 1.0
    across = {"title": "margin so far", "range": [min(reached) - room, max(reached) + room]}
    panels = [Column(text, across | {"zeroline": True, "nticks": 5}) for text in texts]
    made = axes.beside_picture(bands, panels, below=96, cue=cue)
    made |= {"yaxis": axes.ROWS_AND_ENDS, "barmode": "overlay", "showlegend": True}
    made["legend"] = {"orientation": "h", "x": 1, "xanchor": "right", "y": -52 / axes.PLOT, "yanchor": "top"}
    made["annotations"] += [_end_word(bar) for bar in ends]
    return go.Figure([*ends, *bars, *marks.left(picture, bands)], made)


def _rows(
    axis: str,
    values: np.ndarray,
    sums: np.ndarray,
    y: np.ndarray,
    order: np.ndarray,
    bands: np.ndarray,
    high: float,
    names: tuple[str, str],
) -> list[go.Bar]:
    """A floating bar a row: those for a in one trace, those for b in the other."""
    about = np.stack([order + 1, bands[order, 0], bands[order, 1] - 1, values, sums[1:]], axis=1)
    made = []
    for place, (name, mine) in enumerate(zip(names, (values >= 0, values < 0), strict=True)):
        made.append(
            go.Bar(
                x=values[mine],
                base=sums[:-1][mine],
                y=y[mine],
                width=0.8 * high,
                orientation="h",
                xaxis=axis,
                customdata=about[mine],
                hovertemplate=f"{marks.SEEN}<br>"
                "writes %{customdata[3]:+.4f}, so far %{customdata[4]:+.4f}<extra></extra>",
                name=f"for {plotly(name, LINE)}",
                legendgroup=str(place),
                showlegend=axis == "x3",
                marker={"color": (FOR, AGAINST)[place], "pattern": {**HATCHED, "shape": ("", HATCH)[place]}},
            )
        )
    return made


def _end(axis: str, x: float, y: float, text: str) -> go.Bar:
    """A bar from 0 to where the sum stands before the first row or after the last."""
    return go.Bar(
        x=[x],
        y=[y],
        width=0.9 * END,
        orientation="h",
        xaxis=axis,
        marker={"color": FAINT, "line": {"color": "gray", "width": 1}},
        hovertemplate=f"{text}: %{{x:+.4f}}<extra></extra>",
        name=text,
        showlegend=False,
    )


def _end_word(bar: go.Bar) -> dict[str, Any]:
    """An annotation: the bar's name and value, from 0 on. In the bar itself a short one would have no room for it."""
    x = float(bar.x[0])
    place = {"x": 0, "y": bar.y[0], "xref": bar.xaxis, "xanchor": "left" if x >= 0 else "right", "showarrow": False}
    return {**place, "text": f"{bar.name} {x:+.2f}".replace("-", "−"), "font": {"size": 11}}


def _line(axis: str, sums: np.ndarray, y: np.ndarray) -> go.Scatter:
    """The sum so far, from bar to bar."""
    return go.Scatter(
        x=np.append(sums, sums[-1]),
        y=y,
        xaxis=axis,
        mode="lines",
        line={"shape": "vh", "width": 1, "color": "gray"},
        hoverinfo="skip",
        name="so far",
        showlegend=False,
    )
