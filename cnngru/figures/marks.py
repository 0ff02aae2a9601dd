"""What stands on the axes: the picture, the rows that each step has seen, marks, bars of colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from cnngru.config import PICTURE

# Widths and colours of lines, one on the other: seen on any picture, in either theme
OUTLINE, CUE = ((5, "black"), (2, "white")), ((4, "black"), (2, "white"))
MIDDLE = 0.49  # of the first pixel, a hair before its middle: a label rounds, and would name the next one
BEFORE_CELLS = 2  # traces of a figure before its heatmaps: the picture and the rows seen
FOR, AGAINST = "#2f8fc8", "#d9782d"  # blue and vermilion of Okabe and Ito (2008), between their light and dark forms
ASIDE = "aside"  # name of annotations that a narrow screen leaves out
HATCH = "/"  # of what is against: colour is not all that tells the two apart
SEEN = "step %{customdata[0]}, has seen pixel rows %{customdata[1]}–%{customdata[2]}"  # a label's template
HATCHED = {"fillmode": "overlay", "fgcolor": "white", "solidity": 0.25}


def picture_trace(picture: np.ndarray, axis: str = "x") -> go.Image:
    """(32, 32, 3) uint8 on the row axis; pointing at a pixel says where it is and its colour."""
    return go.Image(
        z=picture,
        x0=MIDDLE,
        y0=MIDDLE,
        xaxis=axis,
        hovertemplate="pixel row %{y:d}, column %{x:d}<br>red, green, blue %{z}<extra></extra>",
        name="picture",
    )


def steps_seen(bands: np.ndarray) -> np.ndarray:
    """(T, 3) for SEEN: each step, counted from 1, and the first and the last pixel row that it has seen."""
    return np.stack([np.arange(1, len(bands) + 1), bands[:, 0], bands[:, 1] - 1], axis=1)


def seen_trace(bands: np.ndarray, axis: str = "x2") -> go.Bar:
    """For each step a bar over the pixel rows that it has seen; its axis is `axes.seen`."""
    return go.Bar(
        x=np.arange(1, len(bands) + 1),
        y=bands[:, 1] - bands[:, 0],
        base=bands[:, 0],
        width=0.7,
        xaxis=axis,
        customdata=np.stack([bands[:, 0], bands[:, 1] - 1], axis=1),
        hovertemplate="step %{x}, has seen pixel rows %{customdata[0]}–%{customdata[1]}<extra></extra>",
        name="rows seen",
    )


def left(picture: np.ndarray, bands: np.ndarray) -> list[BaseTraceType]:
    """The traces on the axes x and x2. picture (32, 32, 3) uint8, bands (T, 2)."""
    return [picture_trace(picture), seen_trace(bands).update(showlegend=False, marker_color="gray")]


def cue_shapes(cue: tuple[int, int]) -> list[dict[str, Any]]:
    """Pixel rows [start, end) of the band that decides, dotted on the picture."""
    place = {"type": "rect", "x0": 0.3, "x1": PICTURE - 0.3, "y0": cue[0], "y1": cue[1]}
    return [{**place, "line": {"width": width, "color": colour, "dash": "dot"}} for width, colour in CUE]


def cue_word(cue: tuple[int, int]) -> dict[str, Any]:
    """An annotation: what the dotted band does."""
    return {
        "name": ASIDE,
        "text": "decides",
        "x": PICTURE - 1,
        "y": cue[0],
        "xanchor": "right",
        "yanchor": "bottom" if cue[0] > 3 else "top",
        "showarrow": False,
        "font": {"color": "white", "size": 11},
        "bgcolor": "black",
        "borderpad": 1,
    }


def outline(axes: Iterable[str], band: Any, cell: Any) -> list[dict[str, Any]]:
    """Shapes: frames around pixel rows [start, end) on the picture and a step's row, from edge to edge, in the panels
    on `axes`."""
    on_picture: dict[str, Any] = {"x0": 0, "x1": PICTURE, "y0": band[0], "y1": band[1]}
    in_panels: list[dict[str, Any]] = [
        {"xref": f"{axis} domain", "x0": 0, "x1": 1, "y0": cell[0], "y1": cell[1]} for axis in axes
    ]
    return [
        {"type": "rect", **place, "line": {"width": width, "color": colour}}
        for width, colour in OUTLINE
        for place in (on_picture, *in_panels)
    ]


OF_GATES: dict[float, str] = {0: "0", 0.5: "0.5", 1: "1"}  # ticks of a `colour_bar`


def two_sided(edge: float) -> dict[float, str]:
    """Ticks of a `colour_bar` from minus `edge` to `edge`."""
    return {-edge: f"−{edge:.3g}", 0: "0", edge: f"{edge:.3g}"}


def colour_bar(domain: tuple[float, float], y: float, ticks: Mapping[float, str], text: str = "") -> dict[str, Any]:
    """A bar that lies under panels. domain: their share of the width; y: of the axes' height; ticks: what they say."""
    bar = {
        "orientation": "h",
        "x": sum(domain) / 2,
        "xanchor": "center",
        "y": y,
        "yanchor": "top",
        "len": 0.94 * (domain[1] - domain[0]),
        "thickness": 10,
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
    }
    return bar | ({"title": {"text": text, "side": "bottom"}} if text else {})
