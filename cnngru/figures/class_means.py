"""For which classes a gate is opened wider than for others, row by row, and how much of its changes that explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from cnngru.escaping import TICK
from cnngru.figures import axes, marks
from cnngru.figures.axes import Column
from cnngru.figures.versus import ladder

TOP, PLOT, NAMES, BAR = 46, 300, 92, 58  # pixels: titles, the axes, class names, the colour bar
LONGER = 36  # pixels more for names that are as long as there can be any
SEEN, CLASSES, ETA = 0.07, 0.62, 0.23  # shares of the width
LINES = (("solid", "circle"), ("dot", "diamond"))


def class_means(
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
    edges, edge, seen = axes.cell_edges(bands), ladder(difference), marks.steps_seen(bands)
    most = max([float(values.max()) for values in eta.values()] + [chance, 0.01])
    of_eta = {"range": [0, 1.08 * most], "nticks": 4, "zeroline": False}
    names, of_classes = axes.of_names(classes, TICK)
    deep = NAMES + LONGER * ("ticktext" in of_classes)
    headings = f"{name.capitalize()}: class mean − mean of all", "η² by row"
    layout = axes.across(
        [
            axes.seen(len(bands), SEEN),
            Column(headings[0], {**of_classes, **axes.FIXED, "tickangle": -60}, CLASSES, gap=0.03),
            Column(headings[1], of_eta, ETA, gap=0.05),
        ]
    )
    ticks = {-edge: f"−{edge:g}", 0: "0", edge: f"+{edge:g}"}
    heatmap = go.Heatmap(
        z=difference.T,
        x=names,
        y=edges,
        xaxis="x2",
        zmin=-edge,
        zmax=edge,
        colorscale="PuOr_r",
        customdata=np.repeat(seen[:, None], len(classes), axis=1),
        hovertemplate=f"%{{x}}<br>{marks.SEEN}<br>{name} %{{z:+.4f}} against all pictures<extra></extra>",
        colorbar=marks.colour_bar(layout["xaxis2"]["domain"], -deep / PLOT, ticks, f"{name}: class − all"),
        name=name,
    )
    lines = [
        go.Scatter(
            x=values,
            y=axes.middles(edges),
            xaxis="x3",
            mode="lines+markers",
            line={"dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 6},
            customdata=seen,
            hovertemplate=f"{marks.SEEN}<br>η² {of}: %{{x:.3f}}<extra></extra>",
            name=of,
        )
        for (of, values), (dash, symbol) in zip(eta.items(), LINES, strict=False)
    ]
    guess = {"type": "line", "xref": "x3", "x0": chance, "x1": chance, "yref": "y domain", "y0": 0, "y1": 1}
    layout |= axes.frame(TOP, PLOT, deep + BAR) | {
        "showlegend": len(eta) > 1,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": (32 - deep) / PLOT, "yanchor": "top"},
        "shapes": [guess | {"line": {"dash": "dot", "width": 1, "color": "gray"}}],
    }
    read = marks.seen_trace(bands, "x").update(showlegend=False, marker_color="gray")
    return go.Figure([read, heatmap, *lines], layout)
