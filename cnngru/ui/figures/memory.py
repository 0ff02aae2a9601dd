"""What a network kept of each row: the state as a mixture, how long a row stays, and the answer split by row."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from cnngru.ui.figures import beside
from cnngru.ui.figures.beside import AGAINST, FOR, HATCH, HATCHED
from cnngru.ui.figures.rows import cell_edges

SCALE = "Viridis"  # perceptually uniform, readable with any colour vision
THIN, WIDE = 0.001, 0.05  # shares: not to be pointed at; with room for a number
END = 3.0  # pixel rows above and below the picture, for what is there before the first row and after the last
QUIET, FAINT = "rgba(128, 128, 128, 0.65)", "rgba(128, 128, 128, 0.2)"  # seen in both themes; with text on it


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
    middles = (edges[:-1] + edges[1:]) / 2
    order = np.arange(steps)[::-1] if upward else np.arange(steps)  # of reading
    y = np.concatenate(([edges[-1] if upward else edges[0]], middles[order]))  # before the first row, and after each
    before = np.append(np.zeros(steps), 1.0)[:, None]
    over = np.concatenate((before, shares[:, order]), axis=1)  # (T + 1, 1 + T) in the order of reading
    colours = sample_colorscale(SCALE, np.linspace(0, 1, steps)) if steps > 1 else ["#21918c"]
    areas = [_area(over[steps], y, "never overwritten", QUIET, {"shape": "/", "solidity": 0.25, "fgcolor": "gray"})]
    areas += [_area(over[s], y, f"step {s + 1}", colours[s], None) for s in order]
    made = beside.layout(bands, {"x3": "What the state is made of"}, below=62, cue=cue, around=(END, END))
    made["xaxis3"] |= {
        "title": "share",
        "range": [0, 1],
        "tickvals": [0.5, 1],
        "ticklabeloverflow": "allow",
        "tickformat": ".0%",
        "zeroline": False,
        "showgrid": False,
    }
    made["hoverdistance"] = -1  # an area is pointed at anywhere
    ends = np.cumsum(over[[steps, *order]], axis=0)  # (T + 1, 1 + T): where each area ends to the right
    made["annotations"] += _numbers(over[order, -1], ends[1:, -1], order, y[-1], upward)
    if over[steps, -1] > WIDE:
        made["annotations"].append(_number("never", over[steps, -1] / 2, y[-1], upward))
    points = _points(over, ends, y, order, bands)
    return go.Figure([*areas, points, *beside.left(picture, bands)], made)


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
    made = beside.layout(bands, {"x3": "What is left"}, below=62, cue=cue)
    made["xaxis3"] |= {"title": "of step", "range": [0.5, steps + 0.5], "showgrid": False, "zeroline": False}
    made["coloraxis"] = {
        "colorscale": SCALE,
        "cmin": 0,
        "cmax": 1,
        "colorbar": {"thickness": 10, "tickvals": [0, 0.5, 1], "tickformat": ".0%", "len": 1, "x": 1.01},
    }
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
    made["margin"]["r"] = 52
    return go.Figure([triangle, *beside.left(picture, bands)], made)


def waterfall(
    picture: np.ndarray,
    written: np.ndarray,
    bias: float,
    bands: np.ndarray,
    *,
    names: tuple[str, str],
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """The margin of one class over another, row by row: it starts at the head's biases and ends at the margin.

    written              (D, T): what each step wrote into logit a − logit b, downward first. With two directions it
                         goes down the picture in one panel and, from where that ended, up again in the other
    bias                 of the head, a's less b's
    names                of a and b
    picture, bands, cue  as in `composition`
    """
    edges = cell_edges(bands)
    middles, high = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
    above, below = min(edges[0], 0) - END / 2, max(edges[-1], 32) + END / 2
    texts = ["Read downward", "Read upward"] if len(written) > 1 else ["Written at each step"]
    axes = {f"x{number}": text for number, text in enumerate(texts, start=3)}
    bars: list[go.Bar | go.Scatter] = []
    ends: list[go.Bar] = []
    total, reached = float(bias), [0.0, float(bias)]
    for direction, axis in enumerate(axes):
        order = np.arange(len(bands))[::-1] if direction else np.arange(len(bands))
        start, end = (below, above) if direction else (above, below)
        if not direction:
            ends.append(_end(axis, total, start, "biases"))
        sums = total + np.concatenate(([0.0], np.cumsum(written[direction][order], dtype=np.float64)))
        bars += _rows(axis, written[direction][order], sums, middles[order], order, bands, high, names)
        total, reached = float(sums[-1]), [*reached, *sums]
        last = direction == len(written) - 1
        ends.append(_end(axis, total, end, "margin" if last else "so far"))
        bars.append(_line(axis, sums, np.concatenate(([start], middles[order], [end]))))
    room = 0.08 * (max(reached) - min(reached)) or 1.0
    made = beside.layout(bands, axes, below=96, cue=cue, around=(END, END))
    for axis in axes:
        made[f"xaxis{axis[1:]}"] |= {
            "title": "margin so far",
            "range": [min(reached) - room, max(reached) + room],
            "zeroline": True,
            "nticks": 5,
        }
    made |= {"barmode": "overlay", "showlegend": True}
    made["legend"] = {"orientation": "h", "x": 1, "xanchor": "right", "y": -52 / beside.PLOT, "yanchor": "top"}
    made["annotations"] += [_end_word(bar) for bar in ends]
    return go.Figure([*ends, *bars, *beside.left(picture, bands)], made)


def _rows(
    axis: str,
    values: np.ndarray,
    sums: np.ndarray,
    y: np.ndarray,
    order: np.ndarray,
    bands: np.ndarray,
    high: float,
    names: tuple[str, str],
) -> list[go.Bar]:
    """A floating bar a row: those for a in one trace, those for b in the other."""
    about = np.stack([order + 1, bands[order, 0], bands[order, 1] - 1, values, sums[1:]], axis=1)
    made = []
    for place, (name, mine) in enumerate(zip(names, (values >= 0, values < 0), strict=True)):
        made.append(
            go.Bar(
                x=values[mine],
                base=sums[:-1][mine],
                y=y[mine],
                width=0.8 * high,
                orientation="h",
                xaxis=axis,
                customdata=about[mine],
                hovertemplate="step %{customdata[0]}, has seen pixel rows %{customdata[1]}–%{customdata[2]}<br>"
                "writes %{customdata[3]:+.4f}, so far %{customdata[4]:+.4f}<extra></extra>",
                name=f"for {_safe(name)}",
                legendgroup=str(place),
                showlegend=axis == "x3",
                marker={"color": (FOR, AGAINST)[place], "pattern": {**HATCHED, "shape": ("", HATCH)[place]}},
            )
        )
    return made


def _end(axis: str, x: float, y: float, text: str) -> go.Bar:
    """A bar from 0 to where the sum stands before the first row or after the last."""
    return go.Bar(
        x=[x],
        y=[y],
        width=0.9 * END,
        orientation="h",
        xaxis=axis,
        marker={"color": FAINT, "line": {"color": "gray", "width": 1}},
        hovertemplate=f"{text}: %{{x:+.4f}}<extra></extra>",
        name=text,
        showlegend=False,
    )


def _end_word(bar: go.Bar) -> dict[str, Any]:
    """An annotation: the bar's name and value, from 0 on. In the bar itself a short one would have no room for it."""
    x = float(bar.x[0])
    place = {"x": 0, "y": bar.y[0], "xref": bar.xaxis, "xanchor": "left" if x >= 0 else "right", "showarrow": False}
    return {**place, "text": f"{bar.name} {x:+.2f}".replace("-", "−"), "font": {"size": 11}}


def _line(axis: str, sums: np.ndarray, y: np.ndarray) -> go.Scatter:
    """The sum so far, from bar to bar."""
    return go.Scatter(
        x=np.append(sums, sums[-1]),
        y=y,
        xaxis=axis,
        mode="lines",
        line={"shape": "vh", "width": 1, "color": "gray"},
        hoverinfo="skip",
        name="so far",
        showlegend=False,
    )


def _safe(name: str) -> str:
    """A class name of a person's own, for Plotly, which would draw tags."""
    return escape(name, quote=False)
