"""Where things stand in a figure: x axes side by side, headings over them, and the axis of pixel rows that they share.

Everything is drawn on one y axis, 0 at the top, 32 at the bottom, so that the line at the mouse goes through all panels
without a trip to the server. Knows nothing of what is drawn there: that is `marks` and the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from plotly.subplots import make_subplots

from cnngru.config import PICTURE
from cnngru.escaping import plotly
from cnngru.figures.marks import cue_shapes, cue_word

FIXED: dict[str, Any] = {"showgrid": False, "zeroline": False}  # of x axes
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
END = 3.0  # pixel rows above and below the picture, for what is there before the first row and after the last
ROWS_AND_ENDS = ROWS | {"range": [PICTURE + END, -END]}
TOP, PLOT = 46, 288  # pixels: headings, the axes
TICKS = 24  # names along an axis, at most


@dataclass(frozen=True)
class Column:
    """One x axis.

    title, lift     the heading over it, and how many pixels it stands higher than others
    settings        of the axis, as Plotly calls them
    width, weight   its share of the figure's width; without one it gets a part, by weight, of what the others leave
    gap             to its left, a share of the figure's width; None for the gap that the figure has between columns
    yaxis           the one that stands beside it
    """

    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    width: float | None = None
    gap: float | None = None
    weight: float = 1.0
    lift: int = 0
    yaxis: str = "y"


def across(columns: Sequence[Column], gap: float = 0.0) -> dict[str, Any]:
    """A layout: xaxis, xaxis2, … from left to right, their headings as `annotations`, and the axis of rows.

    gap    between columns that have none of their own, a share of the figure's width
    """
    gaps = [gap * (place > 0) if column.gap is None else column.gap for place, column in enumerate(columns)]
    left = 1 - sum(gaps) - sum(column.width or 0 for column in columns)
    part = left / (sum(column.weight for column in columns if column.width is None) or 1)
    widths = [part * column.weight if column.width is None else column.width for column in columns]
    grid = make_subplots(
        cols=len(columns),
        column_widths=[free + width for free, width in zip(gaps, widths, strict=True)],
        horizontal_spacing=0,
        specs=[[{"l": free} for free in gaps]],
    )
    layout: dict[str, Any] = {"yaxis": ROWS, "shapes": [], "annotations": []}
    for column, axis in zip(columns, grid.select_xaxes(), strict=True):
        layout[axis.plotly_name] = {**column.settings, "domain": axis.domain, "anchor": column.yaxis}
        layout["annotations"].append(title(column.title, axis.domain, column.lift))
    return layout


def beside_picture(
    bands: np.ndarray,
    panels: Sequence[Column],
    *,
    below: int,
    top: int = TOP,
    plot: int = PLOT,
    gaps: tuple[float, float] = (0.035, 0.02),
    cue: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """A layout: the picture on x, the rows that each step has seen on x2, and panels on x3, x4, …

    bands       (T, 2) pixel rows [start, end) that each step has seen
    below, top  pixels under the axes: tick labels, titles, a legend; and over them: headings
    plot        pixels of the axes
    gaps        left of the first panel and of each other one, shares of the figure's width
    cue         pixel rows [start, end) of the band that decides (RowCue), marked on the picture
    """
    first, *others = panels
    columns = [on_picture(0.3), seen(len(bands), 0.05, gap=0.015), replace(first, gap=gaps[0]), *others]
    layout = across(columns, gaps[1])
    layout |= frame(top, plot, below)
    if cue is not None:
        layout["shapes"] += cue_shapes(cue)
        layout["annotations"].append(cue_word(cue))
    return layout


def frame(top: int, plot: int, below: int) -> dict[str, Any]:
    """Of a layout: height and margins, from the pixels over, on and under the axes, and what a pointer does."""
    return {
        "height": top + plot + below,
        "margin": {"l": 48, "r": 12, "t": top, "b": below},
        "hovermode": "closest",
        "dragmode": False,  # else a finger that scrolls the page would stop at the figure
        "bargap": 0,
    }


def on_picture(width: float, heading: str = "Picture", text: str = "pixel column") -> Column:
    """The axis of pixel columns."""
    return Column(heading, {"title": text, "range": [0, PICTURE], "tickvals": [0, 8, 16, 24], **FIXED}, width)


def seen(steps: int, width: float, gap: float | None = None, heading: str = "Rows<br>seen") -> Column:
    """The axis under `marks.seen_trace`."""
    return Column(heading, {"title": "step", "range": [0.4, steps + 0.6], "tickvals": [steps], **FIXED}, width, gap)


def of_units(count: int) -> dict[str, Any]:
    """Settings of an axis on which units stand at 1, 2, …"""
    return {"title": "unit", "range": [0.5, count + 0.5], "tickvals": [count], **FIXED}


def of_names(names: Sequence[str], letters: int) -> tuple[list[str], dict[str, Any]]:
    """The names as categories, whole so that none become one, and settings of their axis, which draws so many letters.

    Where one is longer, each of up to TICKS is named; else Plotly chooses, by the room that there is.
    """
    whole, short = ([plotly(name, most) for name in names] for most in (None, letters))
    settings: dict[str, Any] = {"type": "category"}
    if short != whole:
        apart = -(-len(names) // TICKS)
        settings |= {"tickvals": whole[::apart], "ticktext": short[::apart]}
    return whole, settings


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


def middles(edges: np.ndarray) -> np.ndarray:
    """(T + 1,) -> (T,): where a step's dot or bar stands."""
    return (edges[:-1] + edges[1:]) / 2
