"""A unit's card: the pictures that drive its state furthest up and furthest down, with the rows where they did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnngru.config import PICTURE
from cnngru.escaping import TICK, plotly
from cnngru.figures.marks import OUTLINE

if TYPE_CHECKING:
    from cnngru.explain.survey import Extremes

GAP = 0.012  # between pictures, a share of the width
ROW, HEAD, SPACE = 150, 26, 44  # pixels: a row of pictures, its heading, what stands under its pictures


class Labelled(Protocol):
    """A picture (32, 32, 3) uint8, and its class."""

    @property
    def image(self) -> np.ndarray: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class Driver:
    """One picture on a card.

    image   (32, 32, 3) uint8
    label   its class
    number  in the test, counted from 0
    step    from 0, where the unit's state got there
    band    pixel rows [start, end) that this step has seen
    state   h
    """

    image: np.ndarray
    label: str
    number: int
    step: int
    band: tuple[int, int]
    state: float


def drivers(
    extremes: Extremes, bands: np.ndarray, layer: int, direction: int, unit: int, picture: Callable[[int], Labelled]
) -> list[Driver]:
    """The pictures that drive a unit furthest one way (`survey.most` or `survey.least`), the furthest first.

    bands       (T, 2) pixel rows [start, end) that each step has seen
    picture     gives the test picture with a number (`cnngru.data.TestSplit.picture`)
    """
    at = (layer, direction, unit)
    found = []
    for number, step, state in zip(extremes.picture[at], extremes.row[at], extremes.state[at], strict=True):
        shown, (start, end) = picture(int(number)), map(int, bands[step])
        found.append(Driver(shown.image, shown.label, int(number), int(step), (start, end), float(state)))
    return found


def unit_pictures(most: Sequence[Driver], least: Sequence[Driver]) -> go.Figure:
    """Two rows of pictures, the furthest first; framed is the band that the step has seen at which h got there."""
    lines, whole = (("h largest", most), ("h smallest", least)), 2 * (HEAD + ROW + SPACE)
    count, room = max(len(most), len(least), 1), {"t": HEAD / whole, "b": SPACE / whole}
    cells = [[room if place < len(drivers) else None for place in range(count)] for _, drivers in lines]
    figure = make_subplots(2, count, horizontal_spacing=GAP, vertical_spacing=0, specs=cells)
    still: dict[str, Any] = {"showgrid": False, "zeroline": False, "visible": False, "fixedrange": True}
    figure.update_xaxes(range=[0, PICTURE], constrain="domain", constraintoward="left", **still)
    figure.update_yaxes(range=[PICTURE, 0], constrain="domain", constraintoward="top", **still)
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for row, (heading, drivers) in enumerate(lines):
        place = {"x": 0, "y": 1 - (row * whole / 2 + HEAD) / whole, "xref": "paper", "yref": "paper", "yshift": 4}
        notes.append({**place, "text": f"<b>{heading}</b>", "showarrow": False, "xanchor": "left", "yanchor": "bottom"})
        for column, driver in enumerate(drivers):
            figure.add_trace(_image(driver), row + 1, column + 1)
            on = {"xref": figure.data[-1].xaxis, "yref": figure.data[-1].yaxis}
            figure.update_yaxes(scaleanchor=on["xref"], row=row + 1, col=column + 1)
            shapes += [{**shape, **on} for shape in _band(driver)]
            notes += [
                {**on, "text": text, "x": 0, "y": PICTURE, "xanchor": "left", "yanchor": "top", "showarrow": False}
                | {"yshift": -15 * line, "font": {"size": 11}}
                for line, text in enumerate((plotly(driver.label, TICK), f"{driver.state:+.3f}".replace("-", "−")))
            ]
    return figure.update_layout(
        height=whole,
        margin={"l": 4, "r": 4, "t": 0, "b": 0},
        hovermode="closest",
        dragmode=False,
        shapes=shapes,
        annotations=notes,
    )


def _image(driver: Driver) -> go.Image:
    seen = f"step {driver.step + 1}, has seen pixel rows {driver.band[0]}–{driver.band[1] - 1}"
    said = f"test picture {driver.number}<br>{plotly(driver.label, None)}<br>{seen}<br>h = {driver.state:.4f}"
    return go.Image(
        z=driver.image,
        x0=0.5,
        y0=0.5,
        hovertemplate=f"{said}<extra></extra>",
        name=f"test picture {driver.number}",
    )


def _band(driver: Driver) -> list[dict[str, Any]]:
    place = {"type": "rect", "x0": 0.4, "x1": PICTURE - 0.4, "y0": driver.band[0] + 0.4, "y1": driver.band[1] - 0.4}
    return [{**place, "line": {"width": width, "color": colour}} for width, colour in OUTLINE]
