"""Cells that are selected in the figure A | B | difference: frames around those that are held, and those in a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures.axes import cell_edges
from cnngru.figures.marks import OUTLINE

FRAMES = 12  # around more blocks of units than this only the top and the bottom are drawn: the sides would hide them


def cells_in_box(
    box: Mapping[str, Any], names: Sequence[str], bands: np.ndarray, order: Sequence[int] | np.ndarray
) -> tuple[str, list[int], list[int]] | None:
    """The panel, steps (T places, from 0) and units that a box touches in a figure of `before_and_after`.

    box    of a selection: yref, and the two corners x, y. None for one that is on the pictures
    names  of the panels, from the top down
    """
    place = int(str(box["yref"])[1:] or 1) - 2
    if not 0 <= place < len(names):
        return None
    edges = cell_edges(bands)
    (left, right), (top, bottom) = sorted(box["x"]), sorted(box["y"])
    steps = np.flatnonzero((edges[1:] > top) & (edges[:-1] < bottom))
    columns = np.arange(1, len(order) + 1)
    units = np.asarray(order)[(columns + 0.5 > left) & (columns - 0.5 < right)]
    return (names[place], steps.tolist(), sorted(units.tolist())) if len(steps) and len(units) else None


def outlines(steps: Sequence[int], held: np.ndarray, edges: np.ndarray, axis: str) -> list[go.Scatter]:
    """A frame around each block of neighbouring units that are held, in all three columns of the grid.

    held  (H,) booleans in the order drawn
    """
    ends = np.flatnonzero(np.diff(np.concatenate(([0], held.astype(np.int8), [0]))))  # start, end, start, end …
    framed = len(ends) <= 2 * FRAMES
    x: list[float | None] = []
    y: list[float | None] = []
    for first, last in _runs(steps):
        top, bottom = float(edges[first]), float(edges[last + 1])
        for start, end in zip(ends[::2] + 0.5, ends[1::2] + 0.5, strict=True):
            left, right = float(start), float(end)
            x += [left, right, right, left, left, None] if framed else [left, right, None, left, right, None]
            y += [top, top, bottom, bottom, top, None] if framed else [top, top, None, bottom, bottom, None]
    return [
        go.Scatter(
            x=x,
            y=y,
            mode="lines",
            line={"width": width, "color": colour},
            xaxis=column,
            yaxis=axis,
            hoverinfo="skip",
            name="held",
        )
        for width, colour in OUTLINE
        for column in ("x4", "x5", "x6")
    ]


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each stretch of neighbouring places."""
    found: list[tuple[int, int]] = []
    for place in sorted(places):
        if found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found
