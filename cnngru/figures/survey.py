"""Units as a population, over many pictures: how saturated their gates are, and for how many rows they hold on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.explain.survey import density

SQUARE, LOW_HIGH = 420, {"range": [-0.04, 1.04], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
TALL, POINTS = 320, 200  # pixels of the time scales; places where their density is drawn
LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}


def saturation(low: np.ndarray, high: np.ndarray, *, name: str = "keep", chosen: Sequence[int] = ()) -> go.Figure:
    """A dot a unit: how often its gate is nearly shut against how often it is nearly open.

    After Karpathy, Johnson & Fei-Fei 2015 (arXiv:1506.02078), figure 3.

    low, high   (H,) shares, 0..1, of all rows and pictures where the gate is below 0.1 and above 0.9
    name        of the gate, for the words
    chosen      units that are drawn full and larger; the others are rings
    """
    full = np.isin(np.arange(len(low)), np.asarray(chosen, int))
    dots = go.Scatter(
        x=low,
        y=high,
        mode="markers",
        marker={"symbol": np.where(full, "circle", "circle-open"), "size": np.where(full, 11, 8), "line": {"width": 1}},
        customdata=np.arange(len(low)),
        hovertemplate=(
            "unit %{customdata}<br>"
            f"{name} < 0.1: %{{x:.1%}}<br>{name} > 0.9: %{{y:.1%}}<br>between: %{{text}}<extra></extra>"
        ),
        text=[f"{100 * share:.1f}%" for share in 1 - low - high],
        unselected={"marker": {"opacity": 0.4}},
        name="units",
    )
    always = go.Scatter(
        x=[0, 1], y=[1, 0], mode="lines", line={"dash": "dot", "width": 1, "color": "gray"}, hoverinfo="skip"
    )
    return go.Figure(
        [dots, always],
        {
            "height": SQUARE,
            "margin": {"l": 64, "r": 12, "t": 12, "b": 56},
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "xaxis": {"title": f"{name} nearly 0 (< 0.1)", "zeroline": False, **LOW_HIGH},
            "yaxis": {"title": f"{name} nearly 1 (> 0.9)", "zeroline": False, **LOW_HIGH},
            "annotations": [
                {"text": "never in between", "x": 0.5, "y": 0.5, "textangle": 45, "showarrow": False}
                | {"xanchor": "center", "yanchor": "middle", "xshift": 9, "yshift": 9, "font": {"size": 11}}
            ],
        },
    )


def time_scales(half_life: np.ndarray, initial: np.ndarray, steps: int, *, chosen: Sequence[int] = ()) -> go.Figure:
    """After how many rows half of a unit's state is gone: every unit, their density, and that of units not yet trained.

    After Tallec & Ollivier 2018 (arXiv:1804.11188): what a network can hold on to is set by the time scales of its
    gates, and those by what they begin with.

    half_life   (H,) in rows, > 0; infinite ones cannot be drawn
    initial     (M,) likewise, of all units of networks that have learned nothing
    steps       T: a dotted line stands there
    chosen      units that are drawn full and larger; the others are ticks
    """
    units, full = np.arange(len(half_life)), np.isin(np.arange(len(half_life)), np.asarray(chosen, int))
    there, begun = np.isfinite(half_life), initial[np.isfinite(initial)]
    at = _places([half_life[there], begun, np.array([float(steps)])])
    curves: list[Any] = [
        go.Scatter(
            x=at,
            y=density(values, at) if len(values) else np.zeros_like(at),
            mode="lines",
            line={"dash": dash, "width": 2},
            fill=fill,
            name=name,
            hovertemplate=f"{name}: %{{y:.2f}} of all units per factor of ten<br>around %{{x:.2f}} rows<extra></extra>",
        )
        for name, values, dash, fill in (
            ("before training", begun, "dash", None),
            ("now", half_life[there], "solid", "tozeroy"),
        )
    ]
    dots = go.Scatter(
        x=half_life[there],
        y=np.zeros(there.sum()),
        yaxis="y2",
        mode="markers",
        marker={
            "symbol": np.where(full, "circle", "line-ns-open")[there],
            "size": np.where(full, 11, 8)[there],
            "line": {"width": 1},
        },
        customdata=units[there],
        hovertemplate="unit %{customdata}: half is gone after %{x:.2f} rows<extra></extra>",
        name="a unit",
        showlegend=False,
    )
    return go.Figure(
        [*curves, dots],
        {
            "height": TALL,
            "margin": {"l": 64, "r": 12, "t": 36, "b": 56},
            "hovermode": "closest",
            "dragmode": False,
            "legend": LEGEND,
            "xaxis": {"type": "log", "title": "half-life in rows", "dtick": "D1", "anchor": "y2"},
            "yaxis": {
                "title": "units per factor of ten",
                "domain": [0.2, 1],
                "rangemode": "tozero",
                "tickformat": ".1f",
            },
            "yaxis2": {"domain": [0, 0.12], "visible": False, "range": [-1, 1]},
            "shapes": [
                {"type": "line", "x0": steps, "x1": steps, "yref": "paper", "y0": 0, "y1": 1}
                | {"line": {"dash": "dot", "width": 2, "color": "gray"}}
            ],
            "annotations": [
                {"text": f"T = {steps}", "x": np.log10(steps), "y": 1, "yref": "paper", "yanchor": "top"}
                | {"xanchor": "right", "xshift": -4, "showarrow": False}
            ],
        },
    )


def _places(values: Sequence[np.ndarray]) -> np.ndarray:
    """Evenly on the logarithmic axis, a little beyond all values."""
    logs = np.log10(np.concatenate(values))
    return 10 ** np.linspace(logs.min() - 0.25, logs.max() + 0.25, POINTS)
