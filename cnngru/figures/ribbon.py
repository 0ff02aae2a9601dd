"""Class probabilities down the rows as a ribbon: one bar a row, as wide as 1, divided among the classes.

Each class has its colour by its place, the same in all pictures, and its name where it leads and where it is widest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.config import PICTURE
from cnngru.escaping import TICK, plotly
from cnngru.figures.axes import middles

# The app's own ten for a light page: white letters and white seams can be read on each, on a dark page too
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a8458a", "#b27c00", "#3a8fc2", "#4d4d4d", "#8c564b", "#5b5bd6", "#6d7c00")
OTHERS = "#6e6e6e"
PARTS = 10  # of the ribbon, at most
LAYOUT: dict[str, Any] = {  # bars lie where they say, and a name that does not fit is left out
    "barmode": "overlay",
    "bargap": 0,
    "uniformtext": {"mode": "hide", "minsize": 9},
}
SHARES: dict[str, Any] = {  # the x axis below
    "title": "probability",
    "range": [0, 1],
    "tickvals": [0, 0.5, 1],
    "tickformat": ".0%",
    "showgrid": False,
    "zeroline": False,
}
LINE = 19  # pixels: a row must be so high for a name


def parts(probabilities: np.ndarray, classes: Sequence[str]) -> list[int]:
    """(…, C) -> the classes that get a part of their own, the likeliest at the end first; the rest share one.

    At most PARTS, or PARTS − 1 and the rest: those that are likeliest anywhere, so no leader is ever left out.
    """
    flat = probabilities.reshape(-1, len(classes))
    last, most = flat[-1], flat.max(axis=0)
    count = len(classes) if len(classes) <= PARTS else PARTS - 1
    chosen = np.argsort(-most, kind="stable")[:count]
    return sorted(chosen.tolist(), key=lambda place: (-last[place], place))


def ribbon(
    probabilities: np.ndarray,
    classes: Sequence[str],
    shown: Sequence[int],
    edges: np.ndarray,
    xaxis: str,
    yaxis: str = "y",
) -> list[go.Bar]:
    """The traces, one for each part. The figure's layout needs LAYOUT.

    probabilities   (T, C), row by row from the top of the ribbon
    shown           as of `parts`; where it leaves classes out there is one more bar, theirs
    edges           (T + 1,) where each row is drawn
    """
    shares = [probabilities[:, place] for place in shown]
    names, colours = [classes[place] for place in shown], [COLOURS[place % len(COLOURS)] for place in shown]
    if len(shown) < len(classes):
        shares.append(np.clip(1 - np.sum(shares, axis=0), 0, 1))
        names.append(f"{len(classes) - len(shown)} others")
        colours.append(OTHERS)
    ends, leaders = np.cumsum(shares, axis=0), np.argmax(shares, axis=0)
    bars = []
    for part, (share, end, name, colour) in enumerate(zip(shares, ends, names, colours, strict=True)):
        short, whole, named = plotly(name, TICK), plotly(name, None), leaders == part
        named[len(share) - 1 - int(share[::-1].argmax())] = True  # the lowest of the widest
        bars.append(
            go.Bar(
                x=share.astype(np.float32),
                base=(end - share).astype(np.float32),
                y=middles(edges),
                width=np.diff(edges),
                orientation="h",
                xaxis=xaxis,
                yaxis=yaxis,
                marker={"color": colour, "line": {"color": "white", "width": 0.5}},
                text=[short if here else "" for here in named],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                insidetextfont={"color": "white", "size": 12},
                customdata=np.arange(1, len(share) + 1),
                hovertemplate=f"rows read: %{{customdata}}<br>{whole} %{{x:.1%}}<extra></extra>",
                name=whole,
                showlegend=False,
            )
        )
    return bars


def rows_read(edges: np.ndarray, anchor: str, title: str = "rows read, from each end") -> dict[str, Any]:
    """The ribbon's own y axis, for a network that reads from both ends."""
    steps = len(edges) - 1
    told = sorted({1, (steps + 1) // 2, steps})
    return {
        "title": title,
        "range": [PICTURE, 0],
        "tickvals": [float(edges[t - 1] + edges[t]) / 2 for t in told],
        "ticktext": [str(t) for t in told],
        "showgrid": False,
        "zeroline": False,
        "anchor": anchor,
    }
