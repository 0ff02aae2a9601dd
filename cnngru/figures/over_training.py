"""One picture along a training: what the gates did, and what the answer was, at each moment that was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from cnngru.escaping import LINE as LETTERS
from cnngru.escaping import TICK, plotly
from cnngru.figures import axes, marks
from cnngru.figures.axes import Column, cell_edges
from cnngru.figures.gate_map import SCALES, STATES, panels
from cnngru.figures.marks import picture_trace
from cnngru.figures.orders import by_keeping
from cnngru.figures.play_buttons import play_buttons
from cnngru.figures.ribbon import LAYOUT, LINE, SHARES, parts, ribbon, rows_read

if TYPE_CHECKING:
    from cnngru.explain.trace import Trace

TOP, PLOT, BELOW = 46, 256, 112  # pixels: titles, the axes, what is under them
PACE = 900  # milliseconds a moment
ON_PICTURE, FIRST, GAP, TICKS = 0.2, 0.03, 0.02, 0.05  # shares of the figure's width: the picture, and gaps
LOW, HIGH = 0.1, 0.9  # a gate below or above is nearly shut, nearly open


@dataclass(frozen=True)
class Moment:
    """What a network, as it was at some moment of its training, did with the picture.

    panels          (T, H) each, in picture-row order, by the words of `figures.panels`
    probabilities   (T, C) by rows read, as of `cnngru.explain.decision.by_row`
    """

    panels: Mapping[str, np.ndarray]
    probabilities: np.ndarray


def moment(
    trace: Trace, probabilities: np.ndarray, layer: int = -1, direction: int = 0, *, write: bool = False
) -> Moment:
    """What a network did with the one picture of its trace: the gates of a layer and direction; a plain RNN's state.

    probabilities   (T, C) by rows read, as of `cnngru.explain.decision.by_row`
    """
    shown = panels(trace, layer, direction, write=write)
    gates = {word: values for word, values in shown.items() if word not in STATES}
    return Moment(gates or {"hidden": shown["hidden"]}, probabilities)


def over_training(
    picture: np.ndarray,
    moments: Mapping[str, Moment],
    bands: np.ndarray,
    classes: Sequence[str],
    *,
    chosen: str,
    both: bool = False,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """The picture, heatmaps of the gates and the ribbon of the answer at one moment; Play goes through all of them.

    picture     (32, 32, 3) uint8, what the network sees
    moments     by name, in the order of time, all of the same shape
    bands       (T, 2) pixel rows [start, end) that each step has seen
    chosen      the name of the moment that is drawn first
    both        the network reads from both ends: the ribbon's rows are counted from both
    cue         pixel rows [start, end) of the band that decides (RowCue), marked on the picture
    Units stand at the same place at all moments: `by_keeping` of the last one.
    """
    latest, edges = list(moments.values())[-1], cell_edges(bands)
    order = by_keeping(latest.panels)
    shown = parts(np.stack([moment.probabilities for moment in moments.values()]), classes)
    answer_axis, yaxis = f"x{len(latest.panels) + 2}", "y2" if both else "y"
    units = axes.of_units(len(order))
    columns = [Column(word.capitalize(), units) for word in latest.panels]
    answer = SHARES | {"tickvals": [0.5, 1]}  # 0 would stand on the number of units beside it
    columns.append(Column("", answer, gap=GAP + TICKS * both, weight=1.5, yaxis=yaxis))
    placed = axes.across([axes.on_picture(ON_PICTURE), replace(columns[0], gap=FIRST), *columns[1:]], GAP)
    *headings, over_answer = placed["annotations"]
    about = np.empty((len(bands), len(order), 2), np.float32)
    about[..., 0], about[..., 1] = np.arange(1, len(bands) + 1)[:, None], order

    def traces(moment: Moment) -> list[Any]:
        maps = [
            go.Heatmap(
                z=values[:, order].astype(np.float32),
                x0=1,
                dx=1,
                y=edges,
                xaxis=f"x{number}",
                coloraxis="coloraxis2" if word in STATES else "coloraxis",
                customdata=about,
                hovertemplate=f"step %{{customdata[0]}}, unit %{{customdata[1]}}<br>{word} %{{z:.3f}}<extra></extra>",
                name=word,
            )
            for number, (word, values) in enumerate(moment.panels.items(), start=2)
        ]
        return [*maps, *ribbon(moment.probabilities, classes, shown, edges, answer_axis, yaxis)]

    def notes(name: str) -> list[dict[str, Any]]:
        last = moments[name].probabilities[-1]
        said = f"{plotly(classes[int(last.argmax())], TICK)}, {100 * float(last.max()):.0f} %"
        when = {"text": f"<b>{name}</b>", "x": 1, "y": 0, "xref": "paper", "yref": "paper", "showarrow": False}
        when |= {"xanchor": "right", "yanchor": "top", "yshift": -70, "font": {"size": 18}}
        titles = [*headings, over_answer | {"text": f"<b>{said}</b>"}, when]
        return [*titles, *([marks.cue_word(cue)] if cue is not None else [])]

    layout = placed | {
        "height": TOP + max(PLOT, LINE * len(bands)) + BELOW,
        "margin": {"l": 48, "r": 24, "t": TOP, "b": BELOW},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        **LAYOUT,
        "yaxis": {**axes.ROWS, "showspikes": not both},
        "coloraxis": {"cmin": 0, "cmax": 1, **SCALES["gate"], "showscale": False},
        "coloraxis2": {"cmin": -1, "cmax": 1, **SCALES["state"], "showscale": False},
        "shapes": marks.cue_shapes(cue) if cue is not None else [],
        "annotations": notes(chosen),
        **play_buttons(PACE, below=66),
    }
    if both:
        layout["yaxis2"] = rows_read(edges, answer_axis, title="")  # there is no room for one
    first = traces(moments[chosen])
    places = list(range(1, len(first) + 1))
    frames = [
        go.Frame(name=name, data=traces(moment), traces=places, layout={"annotations": notes(name)})
        for name, moment in moments.items()
    ]
    return go.Figure([picture_trace(picture), *first], layout, frames)


def course_over_training(
    moments: Mapping[str, Moment],
    classes: Sequence[str],
    *,
    chosen: str,
    answers: Sequence[int],
) -> go.Figure:
    """By moment: above, the probabilities of some classes after the last row; below, how saturated the gates were.

    answers     places of the classes
    Saturated: the share of all rows and units where the gate is below 0.1, and above 0.9. A plain RNN has no gates.
    """
    names = list(moments)
    lines = [
        go.Scatter(
            x=names,
            y=[float(moment.probabilities[-1, place]) for moment in moments.values()],
            mode="lines+markers",
            hovertemplate=f"%{{x}}<br>{plotly(classes[place], None)} %{{y:.1%}}<extra></extra>",
            name=plotly(classes[place], LETTERS),
        )
        for place in answers
    ]
    for word, (low, high) in saturated(moments).items():
        for shares, said, dash, symbol in (
            (low, f"{word} &lt; {LOW}", "dot", "triangle-down"),
            (high, f"{word} &gt; {HIGH}", "solid", "triangle-up"),
        ):
            lines.append(
                go.Scatter(
                    x=names,
                    y=shares,
                    yaxis="y2",
                    mode="lines+markers",
                    line={"dash": dash},
                    marker={"symbol": symbol, "size": 9},
                    hovertemplate=f"%{{x}}<br>{said}: %{{y:.1%}}<extra></extra>",
                    name=said,
                )
            )
    gates = len(lines) > len(answers)
    here = {"type": "line", "x0": chosen, "x1": chosen, "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    share = {"range": [-0.03, 1.03], "tickvals": [0, 0.5, 1], "tickformat": ".0%", "fixedrange": True}
    layout: dict[str, Any] = {
        "height": 440 if gates else 280,
        "margin": {"l": 64, "r": 16, "t": 12, "b": 48},
        "hovermode": "closest",
        "dragmode": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"type": "category", "anchor": "y2" if gates else "y", "fixedrange": True},
        "yaxis": {"title": "probability", "domain": [0.54, 1] if gates else [0, 1], **share},
        "shapes": [{**here, "line": {"width": 2, "dash": "dash", "color": "gray"}}],
    }
    if gates:
        layout["yaxis2"] = {"title": "saturated", "domain": [0, 0.44], **share}
    return go.Figure(lines, layout)


def saturated(moments: Mapping[str, Moment]) -> dict[str, tuple[list[float], list[float]]]:
    """By gate, and for each moment: the share of all rows and units below 0.1, and above 0.9."""
    found = {}
    for name in (name for name in next(iter(moments.values())).panels if name not in STATES):
        each = [moment.panels[name].astype(np.float32) for moment in moments.values()]
        found[name] = (
            [float((values < LOW).mean()) for values in each],
            [float((values > HIGH).mean()) for values in each],
        )
    return found
