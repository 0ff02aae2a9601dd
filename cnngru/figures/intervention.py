"""A | B | difference: what every unit did before and after something was changed, on scales that hold still.

A grid. Columns: A as it was, B as it is now, B − A. Rows: the picture, then one panel after the other. Everything in a
row of the grid stands on one axis of pixel rows, everything in a column below the pictures on one axis of units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.config import PICTURE
from cnngru.figures import held, rows
from cnngru.figures.gate_map import SCALES, STATES
from cnngru.figures.rows import cell_edges, picture_trace

TOP, OF_PICTURE, OF_PANEL, GAP, BELOW = 30, 150, 112, 20, 104  # pixels
UNDER = 44  # pixels from the axis of units to the scales
COLUMNS = ((0.0, 0.32), (0.34, 0.66), (0.68, 1.0))  # shares of the width: A, B, difference
HEADS = ("A: as it was", "B: changed", "B − A")
CHANGED = "BrBG"  # the difference: told from both scales of states


def before_and_after(
    pictures: Sequence[np.ndarray],
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    write: bool = False,
    order: Sequence[int] | np.ndarray | None = None,
    chosen: tuple[str, Sequence[int], Sequence[int]] | None = None,
    cue: tuple[int, int] | None = None,
    drag: bool = False,
) -> go.Figure:
    """The whole map before, after, and the difference.

    pictures        A's and B's, (32, 32, 3) uint8 each
    before, after   (T, H) each, by the words of `panels`, the same in both
    bands           (T, 2) pixel rows [start, end) that each step has seen
    write           draw write = 1 − keep instead of keep
    order           the units from left to right; else by the mean of the first panel of A, largest first
    chosen          panel, steps (from 0) and units that are held: outlined
    cue             pixel rows [start, end) of the band that decides (RowCue), marked on A
    drag            whether the mouse draws a box; `figures.boxed` says what is in it

    Gates are drawn on 0..1, states on −1..1, and those that leave it (a cell state) on the range that A and B have.
    Differences are drawn on all that they could be (−2..2 with states), with the colour growing as their square root,
    so that small ones are seen too.
    """
    if order is None:
        order = np.argsort(-next(iter(before.values())).mean(axis=0), kind="stable")
    order, edges = np.asarray(order), cell_edges(bands)
    a, b = (_drawn(panels, order, write) for panels in (before, after))
    scales = {name: _scale(name, a[name], b[name]) for name in a}
    kinds = list(dict.fromkeys(scales.values()))
    axes = {kind: f"coloraxis{place}" for place, kind in enumerate(kinds, start=2)}
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
                    coloraxis=axes[scales[name]],
                    customdata=where,
                    hovertemplate=said,
                    name=f"{name} {which}",
                    **panel,
                )
            )
        data.append(_difference(name, a[name], b[name], where, panel))
        if chosen is not None and name == ("write" if write and chosen[0] == "keep" else chosen[0]):
            data += held.outlines(chosen[1], np.isin(order, list(chosen[2])), edges, f"y{place}")
    largest = max((float(np.abs([a[n], b[n]]).max()) for n in a if scales[n] == "wide"), default=1.0)
    layout = _layout(list(a), len(order)) | _colours(scales, axes, largest)
    layout["dragmode"] = "select" if drag else False
    if cue is not None:
        layout["shapes"] = rows.cue_shapes(cue)
        layout["annotations"].append(rows.cue_word(cue))
    return go.Figure(data, layout)


def _drawn(panels: Mapping[str, np.ndarray], order: np.ndarray, write: bool) -> dict[str, np.ndarray]:
    found = {}
    for name, values in panels.items():
        flipped = write and name == "keep"
        found["write" if flipped else name] = (1 - values if flipped else values)[:, order].astype(np.float32)
    return found


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
        x0=0.5,
        dx=1,
        y0=0.5,
        dy=1,
        xaxis="x3",
        coloraxis="coloraxis",
        customdata=change,
        hovertemplate="pixel row %{y:d}, column %{x:d}<br>brightness %{customdata:+.3f}<extra></extra>",
        name="picture B − A",
    )


def _layout(names: Sequence[str], units: int) -> dict[str, Any]:
    plot = OF_PICTURE + 2 * GAP + len(names) * (OF_PANEL + GAP)  # pixels; the pictures' columns need a line under them
    layout: dict[str, Any] = {
        "height": TOP + plot + BELOW,
        "margin": {"l": 62, "r": 12, "t": TOP, "b": BELOW, "autoexpand": False},
        "showlegend": False,
        "hovermode": "closest",
        "annotations": [rows.title(head, domain) for head, domain in zip(HEADS, COLUMNS, strict=True)],
    }
    row = {key: value for key, value in rows.ROWS.items() if key != "title"} | {"tickvals": [0, 16, 32]}
    layout["yaxis"] = {**row, "title": "pixel row", "domain": [1 - OF_PICTURE / plot, 1], "fixedrange": True}
    top = plot - OF_PICTURE - 2 * GAP
    for place, name in enumerate(names, start=2):
        domain = [max(0.0, top - OF_PANEL) / plot, top / plot]
        layout[f"yaxis{place}"] = {**row, "title": f"<b>{name}</b>", "domain": domain, "anchor": "x4"}
        layout[f"yaxis{place}"]["fixedrange"] = True
        top -= OF_PANEL + GAP
    across = {"title": "unit", "range": [0.5, units + 0.5], "tickvals": [units], "showgrid": False, "zeroline": False}
    for place, share in enumerate(COLUMNS):
        column = {"range": [0, PICTURE], "tickvals": [], **rows.FIXED}
        layout[f"xaxis{place + 1 if place else ''}"] = {**column, "domain": share, "fixedrange": True}
        layout[f"xaxis{place + 4}"] = {**across, "domain": share, "anchor": f"y{len(names) + 1}", "fixedrange": True}
    return layout


def _colours(scales: Mapping[str, str], axes: Mapping[str, str], limit: float) -> dict[str, Any]:
    """A bar for each scale, under A and B, and that of the difference under the difference."""
    width = (COLUMNS[1][1] - COLUMNS[0][0]) / len(axes)
    found: dict[str, Any] = {}
    for place, (kind, axis) in enumerate(axes.items()):
        edge = limit if kind == "wide" else 1.0
        low, high = (0.0, 1.0) if kind == "gate" else (-edge, edge)
        ticks = ["0", "0.5", "1"] if kind == "gate" else [f"−{edge:.3g}", "0", f"{edge:.3g}"]
        text = ", ".join(name for name in scales if scales[name] == kind)
        bar = _bar(text, (place + 0.5) * width, 0.9 * width, [low, (low + high) / 2, high], ticks)
        found[axis] = {"cmin": low, "cmax": high, **SCALES[kind], "colorbar": bar}
    middle, length = sum(COLUMNS[2]) / 2, 0.94 * (COLUMNS[2][1] - COLUMNS[2][0])
    most = max({"gate": 1.0, "state": 2.0, "wide": 2 * limit}[kind] for kind in axes)
    edge = float(np.sqrt(most))
    bar = _bar("difference", middle, length, [-edge, 0, edge], [f"−{most:.3g}", "0", f"{most:.3g}"])
    return found | {"coloraxis": {"colorscale": CHANGED, "cmin": -edge, "cmax": edge, "colorbar": bar}}


def _bar(text: str, middle: float, length: float, values: Sequence[float], ticks: Sequence[str]) -> dict[str, Any]:
    return {
        "title": {"text": text, "side": "bottom"},
        "orientation": "h",
        "x": middle,
        "xanchor": "center",
        "y": 0,
        "ypad": UNDER,
        "yanchor": "top",
        "len": length,
        "thickness": 10,
        "tickvals": values,
        "ticktext": ticks,
    }
