"""Two networks, pictures or classes side by side: A, B and A − B of one gate on fixed scales, on one axis of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import rows
from cnngru.figures.gate_map import STATES
from cnngru.figures.rows import cell_edges, picture_trace, seen_trace

TOP, PLOT, BELOW = 46, 256, 146  # pixels: titles, the axes, what is under them
BARS, LEGEND = 60, 122  # pixels below the axes
PICTURE_WIDTH, SEEN_WIDTH, GAP = {1: 0.25, 2: 0.19}, 0.04, 0.014  # shares of the width; by how many pictures
MORE = 0.02  # before the means
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
    domains = _domains(len(pictures), len(drawn))
    layout = _layout(domains, a)
    traces: list[Any] = []
    for (heading, side), (axis, domain) in zip(pictures, domains["pictures"], strict=True):
        traces.append(picture_trace(side.picture, axis))  # type: ignore[arg-type]
        layout[f"xaxis{axis[1:]}"] = {**rows.COLUMNS, "title": "column", "domain": domain}
        layout["annotations"].append(rows.title(heading, domain))
        if side.cue is not None:
            layout["shapes"] += [{**shape, "xref": axis} for shape in rows.cue_shapes(side.cue)]
            layout["annotations"].append({**rows.cue_word(side.cue), "xref": axis})
    traces.append(seen_trace(a.bands, domains["seen"][0][0]).update(showlegend=False, marker_color="gray"))
    for (heading, values, side, scale), (axis, domain) in zip(drawn, domains["panels"], strict=True):
        traces.append(_heatmap(heading, values, side, (a, b), left, right, name, axis, scale))
        units = values.shape[1]
        layout[f"xaxis{axis[1:]}"] = {"title": "unit", "range": [0.5, units + 0.5], "tickvals": [units], **rows.FIXED}
        layout[f"xaxis{axis[1:]}"]["domain"] = domain
        layout["annotations"].append(rows.title(heading, domain))
    ((axis, domain),) = domains["mean"]
    traces += [_line(word, side, name, axis) for word, side in (("A", a), ("B", b))]
    means = np.concatenate([mean_by_row(name, a.values), mean_by_row(name, b.values)])
    most = 1.0 if not two_sided else max(1e-6, float(means.max()) * 1.08)
    layout[f"xaxis{axis[1:]}"] = {"range": [0, most], "nticks": 3, "zeroline": False, "anchor": "y", "domain": domain}
    layout["annotations"].append(rows.title(f"Mean {'|' + name + '|' if two_sided else name}", domain))
    layout["legend"] |= {"x": domain[1]}
    bars = [("coloraxis", f"{name} in A, B", low, high, SCALES["state" if two_sided else "gate"])]
    bars += [("coloraxis2", "A − B", -apart, apart, "PuOr_r")] if alike else []
    for scale, text, least, largest, colours in bars:
        places = [each for each, (_, _, _, used) in zip(domains["panels"], drawn, strict=True) if used == scale]
        end = domain[1] if scale == "coloraxis2" else places[-1][1][1]  # under the means too: a phone's panel is narrow
        layout[scale] = _colours(text, least, largest, colours, places[0][1][0], end)
    return go.Figure(traces, layout)


def _domains(pictures: int, panels: int) -> dict[str, list[tuple[str, tuple[float, float]]]]:
    """Axes and their shares of the width, by what stands on them, from left to right."""
    picture = PICTURE_WIDTH.get(pictures, 0.0)
    panel = (1 + GAP - MORE - pictures * picture - SEEN_WIDTH) / (panels + 1)
    widths = ["pictures"] * pictures + ["seen"] + ["panels"] * panels + ["mean"]
    found: dict[str, list[tuple[str, tuple[float, float]]]] = {"pictures": [], "seen": [], "panels": [], "mean": []}
    left = 0.0
    for number, what in enumerate(widths, start=1):
        width = {"pictures": picture, "seen": SEEN_WIDTH}.get(what, panel)
        left += MORE if what == "mean" else 0
        found[what].append((f"x{number if number > 1 else ''}", (left, min(1.0, left + width - GAP))))
        left += width
    return found


def _layout(domains: dict[str, list[tuple[str, tuple[float, float]]]], a: Side) -> dict[str, Any]:
    ((seen, domain),) = domains["seen"]
    return {
        "height": TOP + PLOT + BELOW,
        "margin": {"l": 48, "r": 12, "t": TOP, "b": BELOW},
        "hovermode": "closest",
        "dragmode": False,
        "bargap": 0,
        "legend": {"orientation": "h", "xanchor": "right", "y": -LEGEND / PLOT, "yanchor": "top"},
        "yaxis": rows.ROWS,
        f"xaxis{seen[1:]}": {**rows.seen_axis(len(a.bands)), "domain": domain},
        "annotations": [rows.title("Seen", domain)],
        "shapes": [],
    }


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
    about = [np.arange(1, steps + 1)[:, None], side.bands[:, :1], side.bands[:, 1:] - 1]
    said = "step %{customdata[0]}, has seen pixel rows %{customdata[1]}–%{customdata[2]}<br>"
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
    edges = cell_edges(side.bands)
    return go.Scatter(
        x=mean_by_row(name, side.values),
        y=(edges[:-1] + edges[1:]) / 2,
        xaxis=axis,
        mode="lines+markers",
        line={"dash": "solid" if word == "A" else "dot", "width": 2},
        marker={"symbol": "circle" if word == "A" else "diamond", "size": 6},
        customdata=np.arange(1, len(side.bands) + 1),
        hovertemplate=f"step %{{customdata}} of {word}: %{{x:.4f}}<extra></extra>",
        name=word,
    )


def _colours(text: str, low: float, high: float, colours: str, left: float, right: float) -> dict[str, Any]:
    signed = {value: f"{value:g}".replace("-", "−") for value in (low, (low + high) / 2, high)}
    bar = {
        "title": {"text": text, "side": "bottom"},
        "orientation": "h",
        "x": (left + right) / 2,
        "xanchor": "center",
        "y": -BARS / PLOT,
        "yanchor": "top",
        "len": 0.94 * (right - left),
        "thickness": 10,
        "tickvals": list(signed),
        "ticktext": list(signed.values()),
    }
    return {"cmin": low, "cmax": high, "colorscale": colours, "colorbar": bar}
