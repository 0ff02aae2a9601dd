"""What a network kept of each row: the state as a mixture, and how long a row stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges

SCALE = "Viridis"  # perceptually uniform, readable with any colour vision
THIN, WIDE = 0.001, 0.05  # shares: not to be pointed at; with room for a number
QUIET = "rgba(128, 128, 128, 0.65)"  # seen in both themes


def composition(
    picture: np.ndarray,
    shares: np.ndarray,
    bands: np.ndarray,
    *,
    upward: bool = False,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """Of what the state is made after each step: stacked areas down the rows, beside the picture.

    picture  (32, 32, 3) uint8, what the network sees
    shares   (T + 1, T), as `explain.memory.composition` of one picture, meaned over the units: [s, t] is the share of
             the state after step t that was written at step s, [T, t] the one never overwritten
    bands    (T, 2) pixel rows [start, end) that each step has seen
    upward   the rows were read from the bottom
    cue      pixel rows [start, end) of the band that decides (RowCue), marked on the picture
    """
    steps, edges = len(bands), cell_edges(bands)
    middles = axes.middles(edges)
    order = np.arange(steps)[::-1] if upward else np.arange(steps)  # of reading
    y = np.concatenate(([edges[-1] if upward else edges[0]], middles[order]))  # before the first row, and after each
    before = np.append(np.zeros(steps), 1.0)[:, None]
    over = np.concatenate((before, shares[:, order]), axis=1)  # (T + 1, 1 + T) in the order of reading
    colours = sample_colorscale(SCALE, np.linspace(0, 1, steps)) if steps > 1 else ["#21918c"]
    areas = [_area(over[steps], y, "never overwritten", QUIET, {"shape": "/", "solidity": 0.25, "fgcolor": "gray"})]
    areas += [_area(over[s], y, f"step {s + 1}", colours[s], None) for s in order]
    across = {"title": "share", "range": [0, 1], "tickvals": [0.5, 1], "tickformat": ".0%", **axes.FIXED}
    panel = Column("What the state is made of", across | {"ticklabeloverflow": "allow"})
    made = axes.beside_picture(bands, [panel], below=62, cue=cue) | {"yaxis": axes.ROWS_AND_ENDS, "showlegend": False}
    made["hoverdistance"] = -1  # an area is pointed at anywhere
    ends = np.cumsum(over[[steps, *order]], axis=0)  # (T + 1, 1 + T): where each area ends to the right
    made["annotations"] += _numbers(over[order, -1], ends[1:, -1], order, y[-1], upward)
    if over[steps, -1] > WIDE:
        made["annotations"].append(_number("never", over[steps, -1] / 2, y[-1], upward))
    points = _points(over, ends, y, order, bands)
    return go.Figure([*areas, points, *marks.left(picture, bands)], made)


def _area(shares: np.ndarray, y: np.ndarray, name: str, colour: str, pattern: dict[str, Any] | None) -> go.Scatter:
    return go.Scatter(
        x=shares,
        y=y,
        xaxis="x3",
        mode="lines",
        orientation="h",
        stackgroup="state",
        line={"width": 0.5, "color": "white"},
        fillcolor=colour,
        fillpattern=pattern,
        hoverinfo="skip",
        name=name,
    )


def _numbers(last: np.ndarray, ends: np.ndarray, order: np.ndarray, y: float, upward: bool) -> list[dict[str, Any]]:
    """Annotations: which step each wide area is of, at the end of the reading."""
    return [
        _number(str(s + 1), end - share / 2, y, upward)
        for s, share, end in zip(order, last, ends, strict=True)
        if share > WIDE
    ]


def _number(text: str, x: float, y: float, upward: bool) -> dict[str, Any]:
    place = {"x": x, "y": y, "xref": "x3", "yanchor": "bottom" if upward else "top", "showarrow": False}
    return {**place, "text": text, "font": {"size": 11}}


def _points(over: np.ndarray, ends: np.ndarray, y: np.ndarray, order: np.ndarray, bands: np.ndarray) -> go.Scatter:
    """To be pointed at: one in the middle of each area after each step. Text of which none is drawn costs nothing."""
    steps = len(order)
    found, said = [], []
    for place, s in enumerate((steps, *order)):
        for t in range(1, steps + 1):
            share = over[s, t]
            if share < THIN:
                continue
            found.append((ends[place, t] - share / 2, y[t]))
            rows = f"step {s + 1} (pixel rows {bands[s, 0]}–{bands[s, 1] - 1})" if s < steps else "no step so far"
            said.append((int(order[t - 1]) + 1, rows, float(share)))
    return go.Scatter(
        x=[x for x, _ in found],
        y=[at for _, at in found],
        xaxis="x3",
        mode="text",
        customdata=said,
        hovertemplate="after step %{customdata[0]}: %{customdata[2]:.2%} of the state<br>written by %{customdata[1]}"
        "<extra></extra>",
        name="shares",
    )


def retention(
    picture: np.ndarray,
    kept: np.ndarray,
    bands: np.ndarray,
    *,
    upward: bool = False,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """How much of what was there after one step is left after another: a triangle, beside the picture.

    kept                          (T, T), as `explain.memory.retention` of one picture, meaned over the units: [s, t]
                                  is what is left of step s after step t; 0, not drawn, where t was read before s
    picture, bands, upward, cue   as in `composition`
    """
    steps = len(bands)
    later = (np.tril if upward else np.triu)(np.ones((steps, steps), bool))
    z = np.where(later, kept, np.nan).T  # after step t down, of step s across
    after, of = np.indices((steps, steps)) + 1
    across = {"title": "of step", "range": [0.5, steps + 0.5], **axes.FIXED}
    made = axes.beside_picture(bands, [Column("What is left", across)], below=98, cue=cue) | {"showlegend": False}
    bar = marks.colour_bar(made["xaxis3"]["domain"], -66 / axes.PLOT, {0: "0%", 0.5: "50%", 1: "100%"})
    made["coloraxis"] = {"colorscale": SCALE, "cmin": 0, "cmax": 1, "colorbar": bar}
    triangle = go.Heatmap(
        z=z.astype(np.float32),
        x0=1,
        dx=1,
        y=cell_edges(bands),
        xaxis="x3",
        coloraxis="coloraxis",
        customdata=np.stack([of, after], axis=-1),
        hovertemplate="after step %{customdata[1]}, %{z:.2%} is left<br>of what was there after step %{customdata[0]}"
        "<extra></extra>",
        hoverongaps=False,
        name="retention",
    )
    return go.Figure([triangle, *marks.left(picture, bands)], made)
