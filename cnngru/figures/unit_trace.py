"""One unit down the rows: the picture, and what the unit's gates and states did at the height where each step reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import rows
from cnngru.figures.gate_map import STATES
from cnngru.figures.rows import cell_edges, picture_trace, seen_trace

TOP, PLOT, BELOW = 62, 256, 104  # pixels: titles, the axes, what is under them
ON_PICTURE = {"x": (0.0, 0.3), "x2": (0.315, 0.365)}
TWO, ONE = {"x3": (0.42, 0.69), "x4": (0.73, 1.0)}, {"x3": (0.42, 1.0)}  # panels: gates and states, or states alone
DASHES = ("solid", "dot", "dash")
SYMBOLS = ("circle", "square", "diamond")


def unit(
    picture: np.ndarray,
    series: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    write: bool = False,
    step: int | None = None,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """One unit's gates and states as lines down the rows, beside the picture, on one axis of pixel rows.

    picture, bands, write, step, cue    as in `gates`
    series                              (T,) each, by the words of `panels`: one unit of them
    """
    drawn = {("write" if write and name == "keep" else name): values for name, values in series.items()}
    if write and "keep" in series:
        drawn["write"] = 1 - series["keep"]
    of_gates, of_states = [name for name in drawn if name not in STATES], [name for name in drawn if name in STATES]
    panels = [(of_gates, "Gates", (0.0, 1.0))] if of_gates else []
    edge = max(1.0, max(float(np.abs(drawn[name]).max()) for name in of_states))
    panels.append((of_states, "State", (-edge, edge)))
    domains = TWO if of_gates else ONE
    edges = cell_edges(bands)
    middles = (edges[:-1] + edges[1:]) / 2
    lines = [
        go.Scatter(
            x=drawn[name],
            y=middles,
            mode="lines+markers",
            line={"dash": DASHES[place % 3], "width": 2},
            marker={"symbol": SYMBOLS[place % 3], "size": 6},
            xaxis=axis,
            name=name,
            customdata=np.arange(1, len(bands) + 1),
            hovertemplate=f"step %{{customdata}}: {name} %{{x:.4f}}<extra></extra>",
        )
        for axis, (names, _, _) in zip(domains, panels, strict=True)
        for place, name in enumerate(names)
    ]
    titles = [rows.title(text, ON_PICTURE[axis]) for axis, text in (("x", "Picture"), ("x2", "Rows<br>seen"))]
    layout: dict[str, Any] = {
        "height": TOP + PLOT + BELOW,
        "margin": {"l": 46, "r": 12, "t": TOP, "b": BELOW},
        "hovermode": "closest",
        "dragmode": False,
        "bargap": 0,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": -64 / PLOT, "yanchor": "top"},
        "yaxis": rows.ROWS,
        "xaxis": {**rows.COLUMNS, "domain": ON_PICTURE["x"]},
        "xaxis2": {**rows.seen_axis(len(bands)), "domain": ON_PICTURE["x2"]},
        "shapes": rows.cue_shapes(cue) if cue is not None else [],
        "annotations": [*titles, *([rows.cue_word(cue)] if cue is not None else [])],
    }
    for (axis, domain), (_, text, (low, high)) in zip(domains.items(), panels, strict=True):
        room = 0.04 * (high - low)
        layout[f"xaxis{axis[1:]}"] = {
            "domain": domain,
            "range": [low - room, high + room],
            "tickvals": [low, (low + high) / 2, high],
            "tickformat": ".3~g",
            "zeroline": False,
            "anchor": "y",
        }
        layout["annotations"].append(rows.title(text, domain))
    if step is not None:
        layout["shapes"] += rows.outline((), bands[step], ())
        layout["shapes"] += [
            {"type": "line", "xref": f"{axis} domain", "x0": 0, "x1": 1, "y0": middles[step], "y1": middles[step]}
            | {"line": {"width": 1, "dash": "dot", "color": "gray"}}
            for axis in domains
        ]
    seen = seen_trace(bands).update(showlegend=False)
    return go.Figure([picture_trace(picture), seen, *lines], layout)
