"""One unit down the rows: the picture, and what the unit's gates and states did at the height where each step reads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges
from cnngru.figures.gate_map import STATES
from cnngru.figures.marks import picture_trace, seen_trace

TOP, PLOT, BELOW = 62, 256, 104  # pixels: titles, the axes, what is under them
GAPS = (0.055, 0.04)  # before the first panel and between the two: shares of the figure's width
DASHES = ("solid", "dot", "dash")
SYMBOLS = ("circle", "square", "diamond")


def unit_trace(
    picture: np.ndarray,
    series: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    step: int | None = None,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """One unit's gates and states as lines down the rows, beside the picture, on one axis of pixel rows.

    picture, bands, step, cue   as in `gate_map`
    series                      (T,) each, by the words of `panels`: one unit of them
    """
    of_gates, of_states = [name for name in series if name not in STATES], [name for name in series if name in STATES]
    edge = max(1.0, max(float(np.abs(series[name]).max()) for name in of_states))
    panels = [(of_gates, _panel("Gates", 0.0, 1.0))] if of_gates else []
    panels.append((of_states, _panel("State", -edge, edge)))
    middles = axes.middles(cell_edges(bands))
    lines = [
        go.Scatter(
            x=series[name],
            y=middles,
            mode="lines+markers",
            line={"dash": DASHES[place % 3], "width": 2},
            marker={"symbol": SYMBOLS[place % 3], "size": 6},
            xaxis=f"x{number}",
            name=name,
            customdata=np.arange(1, len(bands) + 1),
            hovertemplate=f"step %{{customdata}}: {name} %{{x:.4f}}<extra></extra>",
        )
        for number, (names, _) in enumerate(panels, start=3)
        for place, name in enumerate(names)
    ]
    columns = [column for _, column in panels]
    layout = axes.beside_picture(bands, columns, below=BELOW, top=TOP, plot=PLOT, gaps=GAPS, cue=cue)
    layout["margin"]["l"] = 46
    layout["legend"] = {"orientation": "h", "x": 1, "xanchor": "right", "y": -64 / PLOT, "yanchor": "top"}
    if step is not None:
        layout["shapes"] += marks.outline((), bands[step], ())
        layout["shapes"] += [
            {"type": "line", "xref": f"x{number} domain", "x0": 0, "x1": 1, "y0": middles[step], "y1": middles[step]}
            | {"line": {"width": 1, "dash": "dot", "color": "gray"}}
            for number in range(3, 3 + len(panels))
        ]
    seen = seen_trace(bands).update(showlegend=False)
    return go.Figure([picture_trace(picture), seen, *lines], layout)


def _panel(heading: str, low: float, high: float) -> Column:
    room, ticks = 0.04 * (high - low), [low, (low + high) / 2, high]
    settings = {"range": [low - room, high + room], "tickvals": ticks, "tickformat": ".3~g", "zeroline": False}
    return Column(heading, settings)
