"""Two networks, pictures or classes side by side: A, B and A − B of one gate on fixed scales, on one axis of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges
from cnngru.figures.gate_map import STATES
from cnngru.figures.marks import picture_trace, seen_trace
from cnngru.figures.orders import by_mean

TOP, PLOT, BELOW = 46, 256, 146  # pixels: titles, the axes, what is under them
BARS, LEGEND = 60, 122  # pixels below the axes
ON_PICTURE, ON_SEEN = {1: 0.236, 2: 0.176}, 0.026  # shares of the width; by how many pictures
GAP, BEFORE_MEANS = 0.014, 0.034  # likewise
IN_A, APART, AS_IS = "mean in A", "difference", "as they are"  # orders of units
STEPS = (1, 2, 5)  # of `ladder`, times powers of ten
SCALES = {"gate": "Viridis", "state": "RdBu"}


@dataclass(frozen=True)
class Side:
    """What one side did.

    values      (T, H) of one gate or state
    bands       (T, 2) pixel rows [start, end) that each step has seen
    order       (H,) the units from left to right
    picture     (32, 32, 3) uint8 that it read, None for none
    cue         pixel rows [start, end) of the band that decides in it (RowCue)
    """

    values: np.ndarray
    bands: np.ndarray
    order: np.ndarray
    picture: np.ndarray | None = None
    cue: tuple[int, int] | None = None


def ladder(values: np.ndarray) -> float:
    """The smallest of …, 0.01, 0.02, 0.05, 0.1, 0.2, … that is not smaller than any |value|: a scale that holds still.

    1 where there is nothing but zeros or nan.
    """
    largest = float(np.nanmax(np.abs(values), initial=0))
    if not largest:
        return 1.0
    power = np.floor(np.log10(largest))
    rungs = [round(step * 10.0 ** (power + more), 12) for more in (0, 1) for step in STEPS]
    return float(next(rung for rung in rungs if rung >= largest - 1e-9))


def mean_by_row(name: str, values: np.ndarray) -> np.ndarray:
    """(T, H) -> (T,): the mean over units; of a state, whose sign is a unit's own, that of its size."""
    return (np.abs(values) if name in STATES else values).mean(axis=1)


def pair_orders(
    a: np.ndarray, b: np.ndarray, by: str = IN_A, *, same_units: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """(T, H) of keep or of another gate or state, on both sides -> the units of each from left to right.

    by          IN_A, the largest mean in A first; APART, the largest mean of A − B first; or AS_IS
    same_units  False: each side by its own mean, whatever `by` says
    """
    if not same_units:
        return by_mean(a), by_mean(b)
    order = {IN_A: by_mean(a), APART: by_mean(a - b), AS_IS: np.arange(a.shape[1])}[by]
    return order, order


def versus(a: Side, b: Side, *, name: str = "keep", edge: float = 1.0, close: bool = False) -> go.Figure:
    """A | B | A − B of one gate by row and unit, and its mean over the units by row.

    Units stand in each side's own order; A − B takes the k-th of one from the k-th of the other. With other numbers of
    rows or units on the two sides there is no A − B, and the means by row are what can be compared.

    name        of what is drawn; candidate, cell and hidden have two sides, all others lie in 0..1
    edge        the scale of what has two sides goes from minus this to this
    close       A − B is small: its scale is the next of 0.01, 0.02, 0.05, 0.1, … that holds all of it, not the whole
                range that it could have
    """
    two_sided, alike = name in STATES, a.values.shape == b.values.shape and np.array_equal(a.bands, b.bands)
    left, right = a.values[:, a.order], b.values[:, b.order]
    low, high = (-edge, edge) if two_sided else (0.0, 1.0)
    apart = ladder(left - right) if close and alike else high - low
    drawn: list[tuple[str, np.ndarray, Side, str]] = [("A", left, a, "coloraxis"), ("B", right, b, "coloraxis")]
    if alike:
        drawn.append(("A − B", left - right, a, "coloraxis2"))
    pictures = [("A reads", a), ("B reads", b)]
    if a.picture is None or b.picture is None or np.array_equal(a.picture, b.picture):
        pictures = [("Picture", a)] if a.picture is not None else []
    first = len(pictures) + 2  # the number of A's x axis; before it are those of the pictures and of the rows seen
    means = np.concatenate([mean_by_row(name, a.values), mean_by_row(name, b.values)])
    most = 1.0 if not two_sided else max(1e-6, float(means.max()) * 1.08)
    of_means = {"range": [0, most], "nticks": 3, "zeroline": False}
    columns = [axes.on_picture(ON_PICTURE[len(pictures)], heading, "column") for heading, _ in pictures]
    columns += [axes.seen(len(a.bands), ON_SEEN, heading="Seen")]
    columns += [Column(heading, axes.of_units(values.shape[1])) for heading, values, _, _ in drawn]
    columns += [Column(f"Mean {'|' + name + '|' if two_sided else name}", of_means, gap=BEFORE_MEANS)]
    layout = axes.across(columns, GAP)
    traces: list[Any] = []
    for axis, (_, side) in zip(("x", "x2"), pictures, strict=False):
        traces.append(picture_trace(side.picture, axis))  # type: ignore[arg-type]
        if side.cue is not None:
            layout["shapes"] += [{**shape, "xref": axis} for shape in marks.cue_shapes(side.cue)]
            layout["annotations"].append({**marks.cue_word(side.cue), "xref": axis})
    seen = seen_trace(a.bands, f"x{first - 1}" if pictures else "x")
    traces.append(seen.update(showlegend=False, marker_color="gray"))
    for number, (heading, values, side, scale) in enumerate(drawn, start=first):
        traces.append(_heatmap(heading, values, side, (a, b), left, right, name, f"x{number}", scale))
    traces += [_line(word, side, name, f"x{len(columns)}") for word, side in (("A", a), ("B", b))]
    place = [layout[f"xaxis{number}"]["domain"] for number in range(first, len(columns) + 1)]  # A, B, (A − B,) means
    kind = {"cmin": low, "cmax": high, "colorscale": SCALES["state" if two_sided else "gate"]}
    layout["coloraxis"] = kind | {"colorbar": _bar((place[0][0], place[1][1]), low, high, f"{name} in A, B")}
    if alike:  # under the means too: a phone's panel is narrow
        kind = {"cmin": -apart, "cmax": apart, "colorscale": "PuOr_r"}
        layout["coloraxis2"] = kind | {"colorbar": _bar((place[2][0], place[3][1]), -apart, apart, "A − B")}
    layout |= axes.frame(TOP, PLOT, BELOW) | {
        "legend": {"orientation": "h", "x": place[-1][1], "xanchor": "right", "y": -LEGEND / PLOT, "yanchor": "top"},
    }
    return go.Figure(traces, layout)


def _heatmap(
    heading: str,
    values: np.ndarray,
    side: Side,
    sides: tuple[Side, Side],
    left: np.ndarray,
    right: np.ndarray,
    name: str,
    axis: str,
    scale: str,
) -> go.Heatmap:
    """One panel; A − B's label also has both units and both values."""
    steps, units = values.shape
    about = list(marks.steps_seen(side.bands).T[..., None])
    said = f"{marks.SEEN}<br>"
    if heading == "A − B":
        about += [sides[0].order[None], sides[1].order[None], left, right]
        said += "A: unit %{customdata[3]}, %{customdata[5]:.3f}<br>B: unit %{customdata[4]}, %{customdata[6]:.3f}<br>"
        said += "A − B %{z:+.3f}"
    else:
        about += [side.order[None]]
        said += f"unit %{{customdata[3]}}<br>{name} in {heading} %{{z:.3f}}"
    return go.Heatmap(
        z=values.astype(np.float32),
        x0=1,
        dx=1,
        y=cell_edges(side.bands),
        xaxis=axis,
        coloraxis=scale,
        customdata=np.stack([np.broadcast_to(each, (steps, units)) for each in about], axis=-1).astype(np.float32),
        hovertemplate=f"{said}<extra></extra>",
        name=heading,
    )


def _line(word: str, side: Side, name: str, axis: str) -> go.Scatter:
    return go.Scatter(
        x=mean_by_row(name, side.values),
        y=axes.middles(cell_edges(side.bands)),
        xaxis=axis,
        mode="lines+markers",
        line={"dash": "solid" if word == "A" else "dot", "width": 2},
        marker={"symbol": "circle" if word == "A" else "diamond", "size": 6},
        customdata=np.arange(1, len(side.bands) + 1),
        hovertemplate=f"step %{{customdata}} of {word}: %{{x:.4f}}<extra></extra>",
        name=word,
    )


def _bar(domain: tuple[float, float], low: float, high: float, text: str) -> dict[str, Any]:
    ticks = {value: f"{value:g}".replace("-", "−") for value in (low, (low + high) / 2, high)}
    return marks.colour_bar(domain, -BARS / PLOT, ticks, text)
