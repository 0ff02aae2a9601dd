"""The picture-locked map: a picture, the rows that each step has seen, and what every unit did, on one axis of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges
from cnngru.figures.marks import picture_trace, seen_trace
from cnngru.figures.orders import by_keeping

if TYPE_CHECKING:
    from cnngru.explain.trace import Trace

TOP, PLOT, BELOW = 62, 256, 98  # pixels: titles, the axes, what is under them
GAPS = (0.02, 0.012)  # before the first panel and between panels: shares of the figure's width
RAISED = 12  # pixels: of panels' titles, above the triangle that marks a unit
STATES = ("candidate", "cell", "hidden")  # with two sides and zero between; all others are gates in 0..1
SCALES: dict[str, dict[str, Any]] = {
    "gate": {"colorscale": "Viridis"},  # perceptually uniform, readable with any colour vision
    "state": {"colorscale": "RdBu"},
    "wide": {"colorscale": "PuOr"},
}


def panels(
    trace: Trace, layer: int = -1, direction: int = 0, picture: int = 0, *, write: bool = False
) -> dict[str, np.ndarray]:
    """What there is to draw of a trace, (T, H) each, by the words for people: gates first, the one that keeps first.

    gru, gru-textbook   keep, reset, (output,) candidate, hidden        keep is PyTorch's z
    lstm                forget, input, output, candidate, cell, hidden
    mingru, rnn         keep, candidate, hidden; hidden alone
    write               have write = 1 − keep in the place of keep
    """
    found = dict(trace.shares)
    states = {"candidate": trace.gates["candidate"], "cell": trace.gates.get("cell"), "hidden": trace.hidden}
    found |= {word: values for word, values in states.items() if values is not None and (found or word == "hidden")}
    shown = {word: values[layer, direction, picture].numpy() for word, values in found.items()}
    if not write:
        return shown
    return {"write" if word == "keep" else word: 1 - v if word == "keep" else v for word, v in shown.items()}


def gate_map(
    picture: np.ndarray,
    panels: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    order: Sequence[int] | np.ndarray | None = None,
    step: int | None = None,
    unit: int | None = None,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """A picture, the rows that each step has seen, and any panels, all on one axis of pixel rows.

    picture     (32, 32, 3) uint8, what the network sees
    panels      (T, H) each, steps in picture-row order, as from `panels`: candidate, cell and hidden have two sides,
                all others lie in 0..1
    bands       (T, 2) pixel rows [start, end) that each step has seen
    order       the units from left to right, the same in all panels; else `by_keeping`
    step        0..T−1: outline this step's band on the picture and its row in the panels
    unit        0..H−1: mark it above each panel
    cue         pixel rows [start, end) of the band that decides (RowCue), marked beside the picture
    """
    if order is None:
        order = by_keeping(panels)
    order = np.asarray(order)
    drawn = {name: values[:, order] for name, values in panels.items()}
    on = {name: f"x{number}" for number, name in enumerate(drawn, start=3)}
    scales = {name: _scale(name, values, drawn) for name, values in drawn.items()}
    edges, about = cell_edges(bands), _about(drawn, bands, order)
    said = f"{marks.SEEN}<br>unit %{{customdata[3]}}"
    said += "".join(f"<br>{name} %{{customdata[{place}]:.3f}}" for place, name in enumerate(drawn, start=4))
    heatmaps = [
        go.Heatmap(
            z=drawn[name].astype(np.float32),
            x0=1,
            dx=1,
            y=edges,
            xaxis=axis,
            coloraxis=_coloraxis(scales[name], scales),
            customdata=about,
            hovertemplate=f"{said}<extra></extra>",
            name=name,
        )
        for name, axis in on.items()
    ]
    columns = [Column(name.capitalize(), axes.of_units(len(order)), lift=RAISED) for name in drawn]
    layout = axes.beside_picture(bands, columns, below=BELOW, top=TOP, plot=PLOT, gaps=GAPS, cue=cue)
    layout |= {"showlegend": False, **_colours(scales, drawn, layout)}
    layout["margin"]["l"] = 46
    if step is not None:
        layout["shapes"] += marks.outline(on.values(), bands[step], edges[step : step + 2])
    if unit is not None:
        layout["annotations"] += _triangles(on.values(), int(np.flatnonzero(order == unit)[0]) + 1, edges[0])
    return go.Figure([picture_trace(picture), seen_trace(bands), *heatmaps], layout)


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
    """(T, H, 4 + panels): step, first and last pixel row seen, unit (counted from 0, as in the tensors), each value."""
    about = np.empty((len(bands), len(order), 4 + len(drawn)), np.float32)
    about[..., :3] = marks.steps_seen(bands)[:, None]
    about[..., 3] = order
    about[..., 4:] = np.stack(list(drawn.values()), axis=-1)
    return about


def _colours(scales: Mapping[str, str], drawn: Mapping[str, np.ndarray], layout: Mapping[str, Any]) -> dict[str, Any]:
    """One scale for all panels that it means the same in, its bar under them."""
    domains = {name: layout[f"xaxis{number}"]["domain"] for number, name in enumerate(drawn, start=3)}
    found: dict[str, Any] = {}
    for scale in dict.fromkeys(scales.values()):
        names = [name for name in drawn if scales[name] == scale]
        edge = 1.0 if scale == "state" else float(max(np.abs(drawn[name]).max() for name in names)) or 1.0
        ticks = marks.OF_GATES if scale == "gate" else marks.two_sided(edge)
        bar = marks.colour_bar((domains[names[0]][0], domains[names[-1]][1]), -70 / PLOT, ticks)
        found[_coloraxis(scale, scales)] = {"cmin": min(ticks), "cmax": max(ticks), **SCALES[scale], "colorbar": bar}
    return found


def _triangles(axes: Iterable[str], place: int, top: float) -> list[dict[str, Any]]:
    """Annotations: one over each panel, at the column of the unit that is open."""
    mark = {"text": "▼", "x": place, "y": top, "yref": "y", "yanchor": "bottom", "yshift": -2, "showarrow": False}
    return [{**mark, "xref": axis, "font": {"size": 11}} for axis in axes]
