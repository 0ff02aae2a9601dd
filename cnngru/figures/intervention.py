"""A | B | difference: what every unit did before and after something was changed, on scales that hold still.

A grid. Columns: A as it was, B as it is now, B − A. Rows: the picture, then one panel after the other. Everything in a
row of the grid stands on one axis of pixel rows, everything in a column below the pictures on one axis of units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnngru.config import PICTURE
from cnngru.figures import axes, marks, selection
from cnngru.figures.axes import cell_edges
from cnngru.figures.gate_map import SCALES, STATES
from cnngru.figures.marks import picture_trace
from cnngru.figures.orders import by_keeping

TOP, OF_PICTURE, OF_PANEL, GAP, BELOW = 30, 150, 112, 20, 104  # pixels
UNDER = 44  # pixels from the axis of units to the scales
LEFT, RIGHT = 0.66, 0.68  # shares of the width: where B ends and where the difference begins
HEADS = ("A: as it was", "B: changed", "B − A")
CHANGED = "BrBG"  # the difference: told from both scales of states


def before_and_after(
    pictures: Sequence[np.ndarray],
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    order: Sequence[int] | np.ndarray | None = None,
    chosen: tuple[str, Sequence[int], Sequence[int]] | None = None,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """The whole map before, after, and the difference.

    pictures        A's and B's, (32, 32, 3) uint8 each
    before, after   (T, H) each, by the words of `panels`, the same in both
    bands           (T, 2) pixel rows [start, end) that each step has seen
    order           the units from left to right; else `by_keeping` of A
    chosen          panel, steps (from 0) and units that are held: outlined
    cue             pixel rows [start, end) of the band that decides (RowCue), marked on A

    Gates are drawn on 0..1, states on −1..1, and those that leave it (a cell state) on the range that A and B have.
    Differences are drawn on all that they could be (−2..2 with states), with the colour growing as their square root,
    so that small ones are seen too.
    """
    if order is None:
        order = by_keeping(before)
    order, edges = np.asarray(order), cell_edges(bands)
    a, b = (
        {name: values[:, order].astype(np.float32) for name, values in panels.items()} for panels in (before, after)
    )
    scales = {name: _scale(name, a[name], b[name]) for name in a}
    kinds = list(dict.fromkeys(scales.values()))
    coloraxes = {kind: f"coloraxis{place}" for place, kind in enumerate(kinds, start=2)}
    where = _where(bands, order)
    data: list[Any] = [picture_trace(picture, axis) for picture, axis in zip(pictures, ("x", "x2"), strict=True)]
    data.append(_brightness(*pictures))
    for place, name in enumerate(a, start=2):
        panel: dict[str, Any] = {"x0": 1, "dx": 1, "y": edges, "yaxis": f"y{place}"}
        for axis, values, which in (("x4", a, "A"), ("x5", b, "B")):
            said = f"{which}, step %{{customdata[0]}}, unit %{{customdata[1]}}: {name} %{{z:.3f}}<extra></extra>"
            data.append(
                go.Heatmap(
                    z=values[name],
                    xaxis=axis,
                    coloraxis=coloraxes[scales[name]],
                    customdata=where,
                    hovertemplate=said,
                    name=f"{name} {which}",
                    **panel,
                )
            )
        data.append(_difference(name, a[name], b[name], where, panel))
        if chosen is not None and name == chosen[0]:
            data += selection.outlines(chosen[1], np.isin(order, list(chosen[2])), edges, f"y{place}")
    largest = max((float(np.abs([a[n], b[n]]).max()) for n in a if scales[n] == "wide"), default=1.0)
    layout = _layout(list(a), len(order)) | _colours(scales, coloraxes, largest)
    if np.array_equal(pictures[0], pictures[1]):
        layout["annotations"].append(_no_difference("x3", "y", PICTURE / 2))
    same = [place for place, name in enumerate(a, start=2) if np.allclose(a[name], b[name], atol=1e-5)]
    middle = (len(order) + 1) / 2
    layout["annotations"] += [_no_difference("x6", f"y{place}", middle) for place in same]
    if cue is not None:
        layout["shapes"] = marks.cue_shapes(cue)
        layout["annotations"].append(marks.cue_word(cue))
    return go.Figure(data, layout).update_xaxes(fixedrange=True).update_yaxes(fixedrange=True)


def _no_difference(x: str, y: str, middle: float) -> dict[str, Any]:
    """An annotation: a panel without a difference would look as if it had not been drawn.

    Black, for the middle of the scale is light in either theme.
    """
    place = {"xref": x, "yref": y, "x": middle, "y": PICTURE / 2}
    return {**place, "text": "no difference", "showarrow": False, "font": {"color": "black", "size": 12}}


def _scale(name: str, a: np.ndarray, b: np.ndarray) -> str:
    """States that leave −1..1 (a cell state, a linear candidate) have a scale of their own."""
    if name not in STATES:
        return "gate"
    return "wide" if name == "cell" or max(np.abs(a).max(), np.abs(b).max()) > 1 + 1e-6 else "state"


def _where(bands: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(T, H, 2): step from 1, unit."""
    steps = np.arange(1, len(bands) + 1, dtype=np.uint16)
    return np.stack(np.broadcast_arrays(steps[:, None], order.astype(np.uint16)[None]), axis=-1)


def _difference(name: str, a: np.ndarray, b: np.ndarray, where: np.ndarray, panel: Mapping[str, Any]) -> go.Heatmap:
    change = np.round(b - a, 5) + 0  # what differs by rounding alone is no change; + 0 makes −0 a 0
    said = f"step %{{customdata[0]:d}}, unit %{{customdata[1]:d}}<br>{name} %{{customdata[2]:.3f}} → "
    return go.Heatmap(
        z=_root(change),
        xaxis="x6",
        coloraxis="coloraxis",
        name=f"{name} B − A",
        customdata=np.concatenate((where, np.stack((a, b, change), axis=-1)), axis=-1, dtype=np.float32),
        hovertemplate=f"{said}%{{customdata[3]:.3f}} (%{{customdata[4]:+.3f}})<extra></extra>",
        **panel,
    )


def _root(change: np.ndarray) -> np.ndarray:
    return (np.sign(change) * np.sqrt(np.abs(change))).astype(np.float32)


def _brightness(a: np.ndarray, b: np.ndarray) -> go.Heatmap:
    change = (b.astype(np.float32) - a).mean(axis=2) / 255  # (32, 32)
    return go.Heatmap(
        z=_root(change),
        x0=marks.MIDDLE,
        dx=1,
        y0=marks.MIDDLE,
        dy=1,
        xaxis="x3",
        coloraxis="coloraxis",
        customdata=change,
        hovertemplate="pixel row %{y:d}, column %{x:d}<br>brightness %{customdata:+.3f}<extra></extra>",
        name="picture B − A",
        meta="picture",
    )


def _layout(names: Sequence[str], units: int) -> dict[str, Any]:
    heights = [OF_PICTURE + 2 * GAP, *[OF_PANEL + GAP] * len(names)]  # the pictures' columns need a line under them
    plot = sum(heights)
    under = [[{"b": (2 if row == 0 else 1) * GAP / plot}] * 3 for row in range(len(heights))]
    grid = make_subplots(len(heights), 3, row_heights=heights, vertical_spacing=0, horizontal_spacing=0.02, specs=under)
    across, down = ([axis.domain for axis in found] for found in (grid.select_xaxes(row=1), grid.select_yaxes(col=1)))
    layout: dict[str, Any] = {
        "height": TOP + plot + BELOW,
        "margin": {"l": 62, "r": 12, "t": TOP, "b": BELOW, "autoexpand": False},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "annotations": [axes.title(head, domain) for head, domain in zip(HEADS, across, strict=True)],
    }
    row = axes.ROWS | {"tickvals": [0, 16, 32]}
    layout["yaxis"] = row | {"domain": down[0]}
    for place, (name, domain) in enumerate(zip(names, down[1:], strict=True), start=2):
        layout[f"yaxis{place}"] = row | {"title": f"<b>{name}</b>", "domain": domain, "anchor": "x4"}
    last = f"y{len(heights)}"
    for place, domain in enumerate(across, start=1):
        layout[f"xaxis{place}"] = {"range": [0, PICTURE], "tickvals": [], **axes.FIXED, "anchor": "y", "domain": domain}
        layout[f"xaxis{place + 3}"] = axes.of_units(units) | {"anchor": last, "domain": domain}
    return layout


def _colours(scales: Mapping[str, str], coloraxes: Mapping[str, str], limit: float) -> dict[str, Any]:
    """A bar for each scale, under A and B, and that of the difference under the difference."""
    width, found = LEFT / len(coloraxes), {}
    for place, (kind, axis) in enumerate(coloraxes.items()):
        edge = limit if kind == "wide" else 1.0
        ticks = marks.OF_GATES if kind == "gate" else marks.two_sided(edge)
        text = ", ".join(name for name in scales if scales[name] == kind)
        bar = marks.colour_bar((place * width, (place + 1) * width), 0, ticks, text) | {"len": 0.9 * width}
        found[axis] = {"cmin": min(ticks), "cmax": max(ticks), **SCALES[kind], "colorbar": bar | {"ypad": UNDER}}
    most = max({"gate": 1.0, "state": 2.0, "wide": 2 * limit}[kind] for kind in coloraxes)
    edge = float(np.sqrt(most))
    bar = marks.colour_bar((RIGHT, 1.0), 0, {-edge: f"−{most:.3g}", 0: "0", edge: f"{most:.3g}"}, "difference")
    difference = {"colorscale": CHANGED, "cmin": -edge, "cmax": edge, "colorbar": bar | {"ypad": UNDER}}
    return found | {"coloraxis": difference}
