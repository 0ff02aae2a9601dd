"""What an intervention did to the answer: class by class, cell by cell, and over a test set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.escaping import LINE
from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges
from cnngru.figures.gate_map import GAPS
from cnngru.figures.marks import picture_trace, seen_trace

MOST = 10  # classes
TOP, PLOT, BELOW = 46, 256, 104  # pixels, as in the map
ON_CELLS = "BrBG"  # as the difference in `before_and_after`
SURE = 1.96  # standard errors to either side: 95 %


def two_answers(classes: Sequence[str], before: Sequence[float] | np.ndarray, after: Any) -> go.Figure:
    """Probabilities (C,) in 0..1 before and after, side by side: of the ten classes with the largest of either."""
    shares = np.stack((np.asarray(before), np.asarray(after)), axis=1)  # (C, 2)
    shown = np.argsort(-shares.max(axis=1), kind="stable")[:MOST]
    shown = shown[np.argsort(-shares[shown, 0], kind="stable")]
    names, axis = axes.of_names([classes[place] for place in shown], LINE)
    bars = [
        go.Bar(
            x=100 * shares[shown, column],
            y=names,
            orientation="h",
            name=name,
            text=[f"{100 * share:.1f} %" for share in shares[shown, column]],
            textposition="outside",
            textfont={"size": 11},
            constraintext="none",
            cliponaxis=False,
            marker={"pattern": {"shape": shape, "fillmode": "overlay", "solidity": 0.3}},
            hovertemplate=f"%{{y}}, {name}: %{{x:.2f}} %<extra></extra>",
        )
        for column, (name, shape) in enumerate((("A: as it was", ""), ("B: changed", "/")))
    ]
    layout = {
        "height": 46 + 32 * len(shown),
        "margin": {"l": 8, "r": 56, "t": 34, "b": 8},
        "barmode": "group",
        "bargap": 0.25,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "xaxis": {"range": [0, 100], "visible": False, "fixedrange": True},
        "yaxis": {**axis, "autorange": "reversed", "automargin": True, "fixedrange": True},
        "dragmode": False,
    }
    return go.Figure(bars, layout)


def cell_effects(
    picture: np.ndarray,
    change: np.ndarray,
    other: np.ndarray,
    bands: np.ndarray,
    *,
    names: tuple[str, str],
    order: Sequence[int] | np.ndarray | None = None,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """How far the answer moves when one cell alone is held: a map of all cells, rows down, units across.

    picture  (32, 32, 3) uint8, what the network sees
    change   (T, H) drawn, on a scale of its own largest; other: (T, H) said in the label too
    bands    (T, 2) pixel rows [start, end) that each step has seen
    names    what `change` and `other` are
    order    the units from left to right; else the one that moves it furthest first
    cue      pixel rows [start, end) of the band that decides (RowCue)
    """
    if order is None:
        order = np.argsort(-np.abs(change).max(axis=0), kind="stable")
    order = np.asarray(order)
    steps, units, edges = len(bands), len(order), cell_edges(bands)
    edge = float(np.abs(change).max()) or 1.0
    about = np.empty((steps, units, 4), np.float32)
    about[..., 0], about[..., 1] = np.arange(1, steps + 1)[:, None], order
    about[..., 2], about[..., 3] = change[:, order], other[:, order]
    said = "step %{customdata[0]:d}, unit %{customdata[1]:d}"
    said += f"<br>{names[0]} %{{customdata[2]:+.4f}}<br>{names[1]} %{{customdata[3]:+.4f}}"
    heatmap = go.Heatmap(
        z=change[:, order].astype(np.float32),
        x0=1,
        dx=1,
        y=edges,
        xaxis="x3",
        coloraxis="coloraxis",
        customdata=about,
        hovertemplate=f"{said}<extra></extra>",
        name="effects",
    )
    panel = Column(f"Change of the {names[0]}", axes.of_units(units))
    layout = axes.beside_picture(bands, [panel], below=BELOW, top=TOP, plot=PLOT, gaps=GAPS, cue=cue)
    bar = marks.colour_bar(layout["xaxis3"]["domain"], -60 / PLOT, dict.fromkeys((-edge, 0, edge), ""), names[0])
    bar |= {"len": 0.5, "ticktext": None, "tickformat": ".3~g"}
    layout |= {"coloraxis": {"colorscale": ON_CELLS, "cmin": -edge, "cmax": edge, "colorbar": bar}}
    layout |= {"showlegend": False}
    figure = go.Figure([picture_trace(picture), seen_trace(bands), heatmap], layout)
    return figure.update_xaxes(fixedrange=True).update_yaxes(fixedrange=True)


def accuracies(names: Sequence[str], values: Sequence[float] | np.ndarray, n: int) -> go.Figure:
    """Accuracy in 0..1 under each intervention, a line each from the top down, the first one as it is.

    names  of the interventions, for people (`cnngru.explain.effects.for_people`)
    n      pictures: each dot has the 95 % interval that so many give (normal approximation of the binomial)
    """
    shares = np.asarray(values, np.float64)
    half = 100 * SURE * np.sqrt(shares * (1 - shares) / n)
    dots = go.Scatter(
        x=100 * shares,
        y=list(names),
        mode="markers+text",
        marker={"size": 9},
        text=[f"  {100 * share:.1f} %  " for share in shares],
        textposition=["middle left" if share > 0.5 else "middle right" for share in shares],
        error_x={"type": "data", "array": half, "thickness": 1.5},
        customdata=np.stack((100 * (shares - shares[0]), half), axis=1),
        hovertemplate="%{y}: %{x:.2f} % ± %{customdata[1]:.2f}<br>%{customdata[0]:+.2f} points<extra></extra>",
        name="accuracy",
    )
    line = {"type": "line", "x0": 100 * shares[0], "x1": 100 * shares[0], "y0": 0, "y1": 1, "yref": "paper"}
    layout = {
        "height": 70 + 24 * len(names),
        "margin": {"l": 8, "r": 16, "t": 8, "b": 48},
        "shapes": [line | {"line": {"dash": "dot", "width": 1, "color": "gray"}}],
        "xaxis": {"range": [0, 100], "title": f"right, % of {n:,} test pictures", "fixedrange": True},
        "yaxis": {"autorange": "reversed", "automargin": True, "type": "category", "fixedrange": True},
        "dragmode": False,
        "showlegend": False,
    }
    return go.Figure(dots, layout)
