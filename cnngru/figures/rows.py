"""What figures on the axis of pixel rows share: the picture, the rows that each step has seen, marks, cells to click.

Everything is drawn on one y axis, 0 at the top, 32 at the bottom, so that the line at the mouse goes through all panels
without a trip to the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.config import PICTURE

# Widths and colours of lines, one on the other: seen on any picture, in either theme
OUTLINE, CUE = ((5, "black"), (2, "white")), ((4, "black"), (2, "white"))
FIXED: dict[str, Any] = {"showgrid": False, "zeroline": False, "anchor": "y"}  # of x axes
COLUMNS = {"title": "pixel column", "range": [0, PICTURE], "tickvals": [0, 8, 16, 24], **FIXED}
BEFORE_CELLS = 2  # traces of a figure with cells to click: the picture and the rows seen
ROWS: dict[str, Any] = {  # the y axis
    "title": "pixel row",
    "range": [PICTURE, 0],
    "tickvals": [0, 8, 16, 24, 32],
    "scaleanchor": False,  # a picture would else claim square pixels and shrink every panel with it
    "showgrid": False,
    "zeroline": False,
    "showspikes": True,
    "spikemode": "across",
    "spikesnap": "cursor",
    "spikethickness": 1,
    "spikedash": "solid",
}


def cell_edges(bands: np.ndarray) -> np.ndarray:
    """Where each step's own row is drawn: T + 1 edges in pixel rows, cells centred on the bands and one stride high.

    bands   (T, 2) int pixel rows [start, end) that each step has seen. Bands overlap; cells do not. A band cut off by
            the picture's edge has lost its centre, so centres come from the uncut ones and continue evenly from there.
    """
    steps, lengths, centres = len(bands), bands[:, 1] - bands[:, 0], bands.mean(axis=1)
    whole = np.flatnonzero(lengths == lengths.max())
    if len(whole) < 2:
        return np.linspace(0, PICTURE, steps + 1)
    stride = (centres[whole[-1]] - centres[whole[0]]) / (whole[-1] - whole[0])
    first = centres[whole[0]] - whole[0] * stride
    return first + stride * (np.arange(steps + 1) - 0.5)


def picture_trace(picture: np.ndarray, axis: str = "x") -> go.Image:
    """(32, 32, 3) uint8 on the row axis; pointing at a pixel says where it is and its colour."""
    return go.Image(
        z=picture,
        x0=0.5,
        y0=0.5,
        xaxis=axis,
        hovertemplate="pixel row %{y:d}, column %{x:d}<br>red, green, blue %{z}<extra></extra>",
        name="picture",
    )


def seen_trace(bands: np.ndarray, axis: str = "x2") -> go.Bar:
    """For each step a bar over the pixel rows that it has seen; its x axis is `seen_axis`."""
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


def seen_axis(steps: int) -> dict[str, Any]:
    """The x axis under `seen_trace`."""
    return {"title": "step", "range": [0.4, steps + 0.6], "tickvals": [steps], **FIXED}


def cells(axis: str, edges: np.ndarray, columns: int, about: np.ndarray, said: str, name: str = "cells") -> go.Scatter:
    """Laid over a heatmap of T rows and `columns` columns, x = 1 … columns: it can be pointed at and clicked.

    A click on a heatmap is not reported, one on a scatter's point is. As text of which none is drawn, points cost the
    browser nothing, and the nearest one is found to half a pixel (a marker would count as hit within three).

    about   (T·columns, K) numbers of each cell, row by row: `customdata`, for the label and for who hears of a click
    said    the label's template
    """
    x, y = np.meshgrid(np.arange(1, columns + 1, dtype=np.uint16), ((edges[:-1] + edges[1:]) / 2).astype(np.float32))
    return go.Scatter(
        x=x.ravel(),
        y=y.ravel(),
        mode="text",
        marker={"maxdisplayed": 1},
        xaxis=axis,
        customdata=about,
        hovertemplate=f"{said}<extra></extra>",
        name=name,
        showlegend=False,
    )


def title(text: str, domain: Sequence[float], lift: int = 0) -> dict[str, Any]:
    """An annotation: a heading over a panel. domain: of its x axis; lift: pixels."""
    return {
        "text": f"<b>{text}</b>",
        "x": sum(domain) / 2,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "center",
        "yanchor": "bottom",
        "yshift": lift,
        "showarrow": False,
        "font": {"size": 11},
    }


def cue_shapes(cue: tuple[int, int]) -> list[dict[str, Any]]:
    """Pixel rows [start, end) of the band that decides, dotted on the picture."""
    place = {"type": "rect", "x0": 0.3, "x1": PICTURE - 0.3, "y0": cue[0], "y1": cue[1]}
    return [{**place, "line": {"width": width, "color": colour, "dash": "dot"}} for width, colour in CUE]


def cue_word(cue: tuple[int, int]) -> dict[str, Any]:
    """An annotation: what the dotted band does."""
    return {
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
