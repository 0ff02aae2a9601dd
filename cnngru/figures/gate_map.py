"""The picture-locked map: a picture, the rows that each step has seen, and what every unit did, on one axis of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import rows
from cnngru.figures.rows import cell_edges, cells, picture_trace, seen_trace

if TYPE_CHECKING:
    from cnngru.explain.trace import Trace

TOP, PLOT, BELOW = 62, 256, 98  # pixels: titles, the axes, what is under them
ON_PICTURE = {"x": (0.0, 0.3), "x2": (0.315, 0.365)}
PANELS_FROM, GAP = 0.385, 0.012  # shares of the figure's width
RAISED = 12  # pixels: of panels' titles, above the triangle that marks a unit
STATES = ("candidate", "cell", "hidden")  # with two sides and zero between; all others are gates in 0..1
SCALES: dict[str, dict[str, Any]] = {
    "gate": {"colorscale": "Viridis"},  # perceptually uniform, readable with any colour vision
    "state": {"colorscale": "RdBu"},
    "wide": {"colorscale": "PuOr"},
}


def panels(trace: Trace, layer: int = -1, direction: int = 0, picture: int = 0) -> dict[str, np.ndarray]:
    """What there is to draw of a trace, (T, H) each, by the words for people: gates first, the one that keeps first.

    gru, gru-textbook   keep, reset, (output,) candidate, hidden        keep is PyTorch's z
    lstm                forget, input, output, candidate, cell, hidden
    mingru, rnn         keep, candidate, hidden; hidden alone
    """
    found = dict(trace.shares)
    states = {"candidate": trace.gates["candidate"], "cell": trace.gates.get("cell"), "hidden": trace.hidden}
    found |= {word: values for word, values in states.items() if values is not None and (found or word == "hidden")}
    return {word: values[layer, direction, picture].numpy() for word, values in found.items()}


def gates(
    picture: np.ndarray,
    panels: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    write: bool = False,
    order: Sequence[int] | np.ndarray | None = None,
    step: int | None = None,
    unit: int | None = None,
    cue: tuple[int, int] | None = None,
    limit: float | None = None,
) -> go.Figure:
    """A picture, the rows that each step has seen, and any panels, all on one axis of pixel rows.

    picture     (32, 32, 3) uint8, what the network sees
    panels      (T, H) each, steps in picture-row order, as from `panels`: candidate, cell and hidden have two sides,
                all others lie in 0..1
    bands       (T, 2) pixel rows [start, end) that each step has seen
    write       draw write = 1 − keep instead of keep
    order       the units from left to right, the same in all panels; else by the mean of the first one, largest first
    step        0..T−1: outline this step's band on the picture and its row in the panels
    unit        0..H−1: mark it above each panel
    cue         pixel rows [start, end) of the band that decides (RowCue), marked beside the picture
    limit       of the scale of states that leave −1..1, so that several figures can be compared; else their own largest
    """
    if order is None:
        order = np.argsort(-next(iter(panels.values())).mean(axis=0), kind="stable")
    order = np.asarray(order)
    drawn = {name: values[:, order] for name, values in panels.items()}
    if write:
        drawn = {("write" if name == "keep" else name): 1 - v if name == "keep" else v for name, v in drawn.items()}
    axes = {name: f"x{number}" for number, name in enumerate(drawn, start=3)}
    scales = {name: _scale(name, values, drawn) for name, values in drawn.items()}
    edges, about = cell_edges(bands), _about(drawn, bands, order)
    said = "step %{customdata[0]}, has seen pixel rows %{customdata[1]}–%{customdata[2]}<br>unit %{customdata[3]}"
    said += "".join(f"<br>{name} %{{customdata[{place}]:.3f}}" for place, name in enumerate(drawn, start=4))
    heatmaps = [
        go.Heatmap(
            z=drawn[name].astype(np.float32),
            x0=1,
            dx=1,
            y=edges,
            xaxis=axis,
            coloraxis=_coloraxis(scales[name], scales),
            hoverinfo="skip",
            name=name,
        )
        for name, axis in axes.items()
    ]
    to_click = [cells(axis, edges, len(order), about, said, f"cells of {name}") for name, axis in axes.items()]
    layout = _layout(axes, len(order), len(bands)) | _colours(scales, drawn, limit)
    if cue is not None:
        layout["shapes"] += rows.cue_shapes(cue)
        layout["annotations"].append(rows.cue_word(cue))
    if step is not None:
        layout["shapes"] += rows.outline(axes.values(), bands[step], edges[step : step + 2])
    if unit is not None:
        layout["annotations"] += _triangles(axes.values(), int(np.flatnonzero(order == unit)[0]) + 1, edges[0])
    return go.Figure([picture_trace(picture), seen_trace(bands), *heatmaps, *to_click], layout)


def _scale(name: str, values: np.ndarray, drawn: Mapping[str, np.ndarray]) -> str:
    """A cell state, and what leaves −1..1 with a linear candidate, has a scale of its own."""
    if name not in STATES:
        return "gate"
    linear = any(np.abs(drawn[other]).max() > 1 + 1e-6 for other in ("candidate", "hidden") if other in drawn)
    return "wide" if name == "cell" or linear else "state"


def _coloraxis(scale: str, scales: Mapping[str, str]) -> str:
    """ "coloraxis", "coloraxis2", … in the order in which the panels need them."""
    place = list(dict.fromkeys(scales.values())).index(scale)
    return f"coloraxis{place + 1 if place else ''}"


def _about(drawn: Mapping[str, np.ndarray], bands: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(T·H, 4 + panels): step, first and last pixel row seen, unit (counted from 0, as in the tensors), each value."""
    about = np.empty((len(bands), len(order), 4 + len(drawn)), np.float32)
    about[..., 0] = np.arange(1, len(bands) + 1)[:, None]
    about[..., 1] = bands[:, :1]
    about[..., 2] = bands[:, 1:] - 1
    about[..., 3] = order
    about[..., 4:] = np.stack(list(drawn.values()), axis=-1)
    return about.reshape(-1, about.shape[-1])


def _domains(axes: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """The panels' shares of the width, by axis."""
    width = (1 - PANELS_FROM + GAP) / len(axes)
    starts = [PANELS_FROM + place * width for place in range(len(axes))]
    return {axis: (start, start + width - GAP) for axis, start in zip(axes.values(), starts, strict=True)}


def _layout(axes: Mapping[str, str], units: int, steps: int) -> dict[str, Any]:
    """axes: what is drawn, and on which x axis."""
    of_panels = _domains(axes)
    domains = ON_PICTURE | of_panels
    titles = [rows.title(text, ON_PICTURE[axis]) for axis, text in (("x", "Picture"), ("x2", "Rows<br>seen"))]
    titles += [rows.title(name.capitalize(), of_panels[axis], RAISED) for name, axis in axes.items()]
    across = {"title": "unit", "range": [0.5, units + 0.5], "tickvals": [units], **rows.FIXED}
    under = {"x": rows.COLUMNS, "x2": rows.seen_axis(steps)} | dict.fromkeys(axes.values(), across)
    return {
        "height": TOP + PLOT + BELOW,
        "margin": {"l": 46, "r": 12, "t": TOP, "b": BELOW},
        "showlegend": False,
        "hovermode": "closest",
        "clickmode": "event+select",
        "dragmode": False,  # else a finger that scrolls the page would stop at the figure
        "bargap": 0,
        "yaxis": rows.ROWS,
        **{f"xaxis{axis[1:]}": {**under[axis], "domain": domain} for axis, domain in domains.items()},
        "annotations": titles,
        "shapes": [],
    }


def _colours(scales: Mapping[str, str], drawn: Mapping[str, np.ndarray], limit: float | None) -> dict[str, Any]:
    """One scale for all panels that it means the same in, its bar under them."""
    domains = _domains({name: name for name in drawn})
    found: dict[str, Any] = {}
    for scale in dict.fromkeys(scales.values()):
        names = [name for name in drawn if scales[name] == scale]
        left, right = domains[names[0]][0], domains[names[-1]][1]
        edge = 1.0 if scale == "state" else limit or float(max(np.abs(drawn[name]).max() for name in names)) or 1.0
        low, high = (0, 1) if scale == "gate" else (-edge, edge)
        bar: dict[str, Any] = {
            "orientation": "h",
            "x": (left + right) / 2,
            "xanchor": "center",
            "y": -70 / PLOT,
            "yanchor": "top",
            "len": 0.94 * (right - left),
            "thickness": 10,
            "tickvals": [low, (low + high) / 2, high],
            "ticktext": ["0", "0.5", "1"] if scale == "gate" else [f"−{edge:.3g}", "0", f"{edge:.3g}"],
        }
        found[_coloraxis(scale, scales)] = {"cmin": low, "cmax": high, **SCALES[scale], "colorbar": bar}
    return found


def _triangles(axes: Iterable[str], place: int, top: float) -> list[dict[str, Any]]:
    """Annotations: one over each panel, at the column of the unit that is open."""
    mark = {"text": "▼", "x": place, "y": top, "yref": "y", "yanchor": "bottom", "yshift": -2, "showarrow": False}
    return [{**mark, "xref": axis, "font": {"size": 11}} for axis in axes]
