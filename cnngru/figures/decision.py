"""When a network knew: one picture's answer row by row, which can be played, and a whole test set's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.config import PICTURE
from cnngru.escaping import TICK, plotly
from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges
from cnngru.figures.marks import picture_trace
from cnngru.figures.play_buttons import play_buttons
from cnngru.figures.ribbon import LAYOUT, LINE, SHARES, parts, ribbon, rows_read

TOP, PLOT, BELOW = 46, 256, 100  # pixels: titles, the axes, what is under them
ON_PICTURE, GAP = 0.3, 0.1  # shares of the width: the picture, and what is between it and the ribbon
OWN_ROWS = (0.28, 0.19)  # likewise, where the ribbon's rows have a title between them
UNREAD = "rgba(128,128,128,0.8)"
PACE = 500  # milliseconds a row


def decision_by_row(
    picture: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    bands: np.ndarray,
    *,
    locked: int,
    read: int | None = None,
    both: bool = False,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """A picture, and beside it the probabilities after each row as a ribbon; Play reads the picture row by row.

    picture         (32, 32, 3) uint8, what the network sees
    probabilities   (T, C) had reading stopped after t + 1 rows, as of `cnngru.explain.decision.by_row`
    bands           (T, 2) pixel rows [start, end) that each step has seen
    locked          1..T: after so many rows the answer is what it stays (`cnngru.explain.decision.lock_in`)
    read            1..T: hide what comes after so many rows; all of them when left out
    both            it reads from both ends: after t rows, t from the top and t from the bottom
    cue             pixel rows [start, end) of the band that decides (RowCue), marked on the picture
    """
    steps, edges = len(bands), cell_edges(bands)
    yaxis, (width, gap) = ("y2", OWN_ROWS) if both else ("y", (ON_PICTURE, GAP))
    placed = axes.across([axes.on_picture(width), Column("", SHARES, gap=gap, yaxis=yaxis)])
    on_picture, on_ribbon = placed["annotations"]
    traces = ribbon(probabilities, classes, parts(probabilities, classes), edges, "x2", yaxis)

    def after(count: int) -> dict[str, Any]:
        """The marks when `count` rows have been read: always as many, for a frame is laid over the one before."""
        answer = int(probabilities[count - 1].argmax())
        share = 100 * float(probabilities[count - 1, answer])
        said = f"After {count} of {steps}: {plotly(classes[answer], TICK)}, {share:.0f} %"
        top = float(edges[locked - 1])
        shapes = _read(bands, edges, count, both, yaxis) + _lock_line(top, yaxis, count >= locked)
        notes = [on_picture, on_ribbon | {"text": f"<b>{said}</b>"}]
        notes.append({**_lock_word(top, yaxis, above=locked > 1), "visible": count >= locked})
        if cue is not None:
            shapes, notes = [*shapes, *marks.cue_shapes(cue)], [*notes, marks.cue_word(cue)]
        return {"shapes": shapes, "annotations": notes}

    layout = placed | {
        "height": TOP + max(PLOT, LINE * steps) + BELOW,
        "margin": {"l": 48, "r": 24, "t": TOP, "b": BELOW},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        **LAYOUT,
        "yaxis": {**axes.ROWS, "showspikes": not both},
        **play_buttons(PACE, below=62),
        **after(read or steps),
    }
    if both:
        layout["yaxis2"] = rows_read(edges, "x2")
    frames = [go.Frame(name=str(count), layout=after(count)) for count in range(1, steps + 1)]
    return go.Figure([picture_trace(picture), *traces], layout, frames)


def _read(bands: np.ndarray, edges: np.ndarray, count: int, both: bool, yaxis: str) -> list[dict[str, Any]]:
    """Shapes: grey over what has not been read, and frames around what was read last; none to be seen at the end."""
    steps, going_on = len(bands), count < len(bands)
    seen_to, seen_from = int(bands[count - 1, 1]), int(bands[steps - count, 0]) if both else PICTURE
    on_picture: dict[str, Any] = {"type": "rect", "xref": "x", "yref": "y", "x0": 0, "x1": PICTURE, "visible": going_on}
    on_ribbon: dict[str, Any] = {**on_picture, "xref": "x2 domain", "yref": yaxis, "x1": 1}
    grey = [
        {**on_picture, "y0": seen_to, "y1": seen_from, "visible": seen_to < seen_from},
        {**on_ribbon, "y0": float(edges[count - 1 + going_on]), "y1": float(edges[-1])},
    ]
    framed = [
        {**on_picture, "y0": int(start), "y1": int(end)}
        for start, end in ([bands[count - 1], bands[steps - count]] if both else [bands[count - 1]])
    ]
    framed.append({**on_ribbon, "y0": float(edges[count - 1]), "y1": float(edges[count])})
    return [{**place, "fillcolor": UNREAD, "line": {"width": 0}} for place in grey] + [
        {**place, "line": {"width": width, "color": colour}} for width, colour in marks.OUTLINE for place in framed
    ]


def _lock_line(y: float, yaxis: str, visible: bool) -> list[dict[str, Any]]:
    line = {"type": "line", "xref": "x2 domain", "yref": yaxis, "x0": 0, "x1": 1, "y0": y, "y1": y, "visible": visible}
    return [
        {**line, "line": {"width": width, "color": colour, "dash": dash}}
        for width, colour, dash in ((4, "black", "solid"), (2, "white", "dash"))
    ]


def _lock_word(y: float, yaxis: str, above: bool) -> dict[str, Any]:
    return {
        "name": marks.ASIDE,
        "text": "final from here ▼",
        "xref": "x2 domain",
        "x": 0.99,
        "yref": yaxis,
        "y": y,
        "xanchor": "right",
        "yanchor": "bottom" if above else "top",
        "showarrow": False,
        "font": {"color": "white", "size": 11},
        "bgcolor": "black",
        "borderpad": 1,
    }


def decision_over_test(
    own: np.ndarray,
    probe: np.ndarray,
    locked: np.ndarray,
    *,
    chance: float,
    here: int | None = None,
) -> go.Figure:
    """Over a test set, by rows read: accuracy above, below it when answers locked in.

    own, probe  (T,) accuracy in 0..1 by the network's own head and by a linear probe (nan: there is none)
    locked      (2, T) pictures whose answer did not change any more after t + 1 rows: [0] wrong, [1] right answers
    chance      accuracy of guessing
    here        1..T: one picture's lock-in, marked
    """
    read = np.arange(1, len(own) + 1)
    shares = locked / max(1, int(locked.sum()))
    lines = [
        go.Scatter(
            x=read,
            y=accuracy,
            mode="lines+markers",
            line={"dash": dash},
            marker={"symbol": symbol, "size": 7},
            hovertemplate=f"rows read: %{{x}}<br>{name} %{{y:.1%}}<extra></extra>",
            name=name,
        )
        for name, accuracy, dash, symbol in (
            ("its own head", own, "solid", "circle"),
            ("linear probe", probe, "dash", "diamond"),
        )
        if np.isfinite(accuracy).any()
    ]
    bars = [
        go.Bar(
            x=read,
            y=share,
            yaxis="y2",
            marker={"pattern": {"shape": pattern}},
            customdata=count,
            hovertemplate=f"rows read: %{{x}}<br>{name} answers: %{{customdata:,}} (%{{y:.1%}})<extra></extra>",
            name=f"{name} answers",
        )
        for name, share, count, pattern in (("right", shares[1], locked[1], ""), ("wrong", shares[0], locked[0], "/"))
    ]
    guess = {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "y0": chance, "y1": chance}
    shapes: list[dict[str, Any]] = [{**guess, "line": {"width": 1, "dash": "dot", "color": "gray"}}]
    notes: list[dict[str, Any]] = [
        {"text": "guessing", "xref": "x domain", "x": 1, "xanchor": "right", "y": chance, "yanchor": "bottom"}
    ]
    if here is not None:
        mark = {"type": "line", "x0": here, "x1": here, "yref": "y2 domain", "y0": 0, "y1": 1}
        shapes.append({**mark, "line": {"width": 2, "dash": "dash", "color": "gray"}})
        notes.append({"text": "this picture", "x": here, "yref": "y2 domain", "y": 1, "yanchor": "bottom"})
    share_axis = {"tickformat": ".0%", "rangemode": "tozero", "fixedrange": True}
    layout = {
        "height": 460,
        "margin": {"l": 64, "r": 16, "t": 12, "b": 48},
        "barmode": "stack",
        "bargap": 0.15,
        "hovermode": "closest",
        "dragmode": False,
        "legend": {"orientation": "h", "traceorder": "normal", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"title": "rows read", "anchor": "y2", "range": [0.4, len(own) + 0.6], "fixedrange": True},
        "yaxis": {"title": "accuracy", "domain": [0.46, 1], "range": [0, 1], **share_axis},
        "yaxis2": {"title": "answers final", "domain": [0, 0.38], **share_axis},
        "shapes": shapes,
        "annotations": [{**note, "showarrow": False, "font": {"size": 11}} for note in notes],
    }
    return go.Figure([*lines, *bars], layout)
