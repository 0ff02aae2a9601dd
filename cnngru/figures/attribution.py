"""Which row mattered: several answers side by side, beside the picture, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges
from cnngru.figures.marks import AGAINST, FOR, HATCH, HATCHED

LARGEST = "►"  # marks a bar in each panel
PALE = ("#ef8a62", "#f7f7f7", "#67a9cf")  # RdBu of ColorBrewer (Harrower & Brewer 2003): black is legible on it all
CELL = 46  # pixels a side, of the matrix
LIFT = 14  # pixels: a heading above its neighbours


def attributions(
    picture: np.ndarray,
    values: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    behind: bool = False,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """Bars by row, a panel for each kind of attribution, on its own scale, all on the picture's axis of rows.

    picture  (32, 32, 3) uint8, what the network sees
    values   (T,) each, by name: above 0 for class a, below 0 for class b
    behind   b is the likelier one: marked is the `largest` bar for b
    bands    (T, 2) pixel rows [start, end) that each step has seen
    cue      pixel rows [start, end) of the band that decides (RowCue), marked on the picture and through all panels
    """
    lifts = [LIFT * (place % 2) * (len(values) > 2) for place in range(len(values))]  # for a narrow window
    panels = [_panel(name, values[name], lift) for name, lift in zip(values, lifts, strict=True)]
    top = axes.TOP + 2 * max(lifts)  # above them the browser shows its buttons
    layout = axes.beside_picture(bands, panels, top=top, below=44, cue=cue)
    edges, bars = cell_edges(bands), []
    middles, high = axes.middles(edges), float(edges[1] - edges[0])
    for number, (name, row_values) in enumerate(values.items(), start=3):
        axis = f"x{number}"
        bars.append(_bars(axis, name, row_values, middles, high, bands))
        layout["annotations"].append(_mark(axis, middles[largest(row_values, behind=behind)]))
        if cue is not None:
            layout["shapes"].append(_band(axis, cue))
    return go.Figure([*bars, *marks.left(picture, bands)], layout | {"showlegend": False})


def largest(values: np.ndarray, *, behind: bool = False) -> int:
    """The row that speaks most for the class that is ahead; of what has no sign, the largest."""
    return int(values.argmin() if behind and values.min() < 0 else values.argmax())


def _panel(name: str, values: np.ndarray, lift: int) -> Column:
    low, top = min(0.0, float(values.min())), max(0.0, float(values.max()))
    size = (top - low) or 1.0
    settings = {
        "range": [low - 0.14 * size, top + 0.06 * size],
        "tickvals": _ticks(low, top),
        "tickformat": ".2~g",
        "zeroline": True,
        "showgrid": False,
    }
    return Column("<br>".join(name.capitalize().rsplit(" ", 1)), settings, lift=lift)


def _ticks(low: float, top: float) -> list[float]:
    """0, and the end that is farther from it: narrow panels have no room for more."""
    far = top if top >= -low else low
    return [0.0, far] if far else [0.0]


def _bars(axis: str, name: str, values: np.ndarray, y: np.ndarray, high: float, bands: np.ndarray) -> go.Bar:
    against = values < 0
    return go.Bar(
        x=values,
        y=y,
        width=0.8 * high,
        orientation="h",
        xaxis=axis,
        marker={
            "color": np.where(against, AGAINST, FOR).tolist(),
            "pattern": {**HATCHED, "shape": np.where(against, HATCH, "").tolist()},
        },
        customdata=marks.steps_seen(bands),
        hovertemplate=f"{marks.SEEN}<br>{name}: %{{x:.4g}}<extra></extra>",
        name=name,
    )


def _mark(axis: str, y: float) -> dict[str, Any]:
    place = {"x": 0, "xref": f"{axis} domain", "y": y, "xanchor": "left", "showarrow": False, "borderpad": 0}
    return {**place, "text": LARGEST, "font": {"size": 11}}


def _band(axis: str, cue: tuple[int, int]) -> dict[str, Any]:
    place = {"type": "rect", "xref": f"{axis} domain", "x0": 0, "x1": 1, "y0": cue[0], "y1": cue[1]}
    return {**place, "fillcolor": "gray", "opacity": 0.25, "line": {"width": 0}, "layer": "below"}


def rank_correlations(table: np.ndarray, names: list[str]) -> go.Figure:
    """A square of numbers in −1..1: how far the attributions put the rows in the same order.

    table  (K, K), NaN where one of the two has no order
    names  of the K attributions
    """
    text = np.where(np.isnan(table), "–", np.char.mod("%.2f", np.nan_to_num(table)))
    text = np.char.replace(text.astype(str), "-", "−")
    square = go.Heatmap(
        z=table,
        x=names,
        y=names,
        text=text,
        texttemplate="%{text}",
        zmin=-1,
        zmax=1,
        colorscale=PALE,
        textfont={"color": "black"},
        colorbar={"thickness": 10, "tickvals": [-1, 0, 1], "ticktext": ["−1", "0", "1"]},
        xgap=1,
        ygap=1,
        hovertemplate="%{y} and %{x}: ρ = %{text}<extra></extra>",
        name="rank correlation",
    )
    layout: dict[str, Any] = {
        "height": CELL * len(names) + 110,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {
            "automargin": True,
            "showgrid": False,
            "fixedrange": True,
            "type": "category",
            "tickvals": names,
            "ticktext": [name.replace(" ", "<br>") for name in names],
        },
        "yaxis": {
            "automargin": True,
            "showgrid": False,
            "fixedrange": True,
            "autorange": "reversed",
            "type": "category",
        },
        "dragmode": False,
    }
    return go.Figure(square, layout)
