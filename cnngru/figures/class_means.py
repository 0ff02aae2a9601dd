"""For which classes a gate is opened wider than for others, row by row, and how much of its changes that explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import rows
from cnngru.figures.versus import ladder

TOP, PLOT, BELOW = 46, 300, 150  # pixels: titles, the axes, class names and the colour bar
SEEN, CLASSES, ETA = (0.0, 0.07), (0.1, 0.72), (0.77, 1.0)  # shares of the width
LINES = (("solid", "circle"), ("dot", "diamond"))


def class_keeping(
    difference: np.ndarray,
    eta: Mapping[str, np.ndarray],
    bands: np.ndarray,
    classes: Sequence[str],
    *,
    name: str = "keep",
    chance: float = 0.0,
) -> go.Figure:
    """Rows × classes: the class's mean gate less that of all pictures; beside it η² of each row.

    difference  (C, T); nan where there is no picture of a class. Its scale is symmetric, the next of 0.01, 0.02, 0.05,
                0.1, … that holds all of it
    eta         (T,) in 0..1 by what it is of: the share of the variance over the pictures that the class accounts for
    bands       (T, 2) pixel rows [start, end) that each step has seen
    name        of the gate, for the words
    chance      η² that labels at random would give, a dotted line
    """
    edges, steps = rows.cell_edges(bands), np.arange(1, len(bands) + 1)
    middles, edge = (edges[:-1] + edges[1:]) / 2, ladder(difference)
    seen = np.stack([steps, bands[:, 0], bands[:, 1] - 1], axis=-1)  # (T, 3)
    said = "step %{customdata[0]}, has seen pixel rows %{customdata[1]}–%{customdata[2]}<br>"
    heatmap = go.Heatmap(
        z=difference.T,
        x=list(classes),
        y=edges,
        xaxis="x2",
        zmin=-edge,
        zmax=edge,
        colorscale="PuOr_r",
        customdata=np.repeat(seen[:, None], len(classes), axis=1),
        hovertemplate=f"%{{x}}<br>{said}{name} %{{z:+.4f}} against all pictures<extra></extra>",
        colorbar={
            "title": {"text": f"{name}: class − all", "side": "bottom"},
            "orientation": "h",
            "x": sum(CLASSES) / 2,
            "xanchor": "center",
            "y": -92 / PLOT,
            "yanchor": "top",
            "len": 0.94 * (CLASSES[1] - CLASSES[0]),
            "thickness": 10,
            "tickvals": [-edge, 0, edge],
            "ticktext": [f"−{edge:g}", "0", f"+{edge:g}"],
        },
        name=name,
    )
    lines = [
        go.Scatter(
            x=values,
            y=middles,
            xaxis="x3",
            mode="lines+markers",
            line={"dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 6},
            customdata=seen,
            hovertemplate=f"{said}η² {of}: %{{x:.3f}}<extra></extra>",
            name=of,
        )
        for (of, values), (dash, symbol) in zip(eta.items(), LINES, strict=False)
    ]
    most = max([float(values.max()) for values in eta.values()] + [chance, 0.01])
    layout: dict[str, Any] = {
        "height": TOP + PLOT + BELOW,
        "margin": {"l": 48, "r": 12, "t": TOP, "b": BELOW},
        "hovermode": "closest",
        "dragmode": False,
        "bargap": 0,
        "showlegend": len(eta) > 1,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": -60 / PLOT, "yanchor": "top"},
        "yaxis": rows.ROWS,
        "xaxis": {**rows.seen_axis(len(bands)), "domain": SEEN},
        "xaxis2": {"domain": CLASSES, "tickangle": -60, "type": "category", **rows.FIXED},
        "xaxis3": {"domain": ETA, "range": [0, 1.08 * most], "nticks": 4, "zeroline": False, "anchor": "y"},
        "shapes": [
            {"type": "line", "xref": "x3", "x0": chance, "x1": chance, "yref": "y domain", "y0": 0, "y1": 1}
            | {"line": {"dash": "dot", "width": 1, "color": "gray"}}
        ],
        "annotations": [
            rows.title("Rows<br>seen", SEEN),
            rows.title(f"{name.capitalize()}: class mean − mean of all", CLASSES),
            rows.title("η² by row", ETA),
        ],
    }
    return go.Figure(
        [rows.seen_trace(bands, "x").update(showlegend=False, marker_color="gray"), heatmap, *lines], layout
    )
