"""A unit's card: the pictures that drive its state furthest up and furthest down, with the rows where they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.config import PICTURE
from cnngru.figures.rows import OUTLINE

GAP = 0.012  # between pictures, a share of the width
ROW, HEAD, SPACE = 150, 26, 44  # pixels: a row of pictures, its heading, what stands under its pictures


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


def unit_card(most: Sequence[Driver], least: Sequence[Driver]) -> go.Figure:
    """Two rows of pictures, the furthest first; framed is the band that the step has seen at which h got there."""
    layout: dict[str, Any] = {
        "height": 2 * (HEAD + ROW + SPACE),
        "margin": {"l": 4, "r": 4, "t": 0, "b": 0},
        "hovermode": "closest",
        "dragmode": False,
        "shapes": [],
        "annotations": [],
    }
    traces, whole = [], layout["height"]
    width = (1 + GAP) / max(len(most), len(least), 1)
    for line, (heading, drivers) in enumerate((("h largest", most), ("h smallest", least))):
        top = 1 - (line * (HEAD + ROW + SPACE) + HEAD) / whole
        layout["annotations"].append(_text(f"<b>{heading}</b>", 0, top, xanchor="left", yanchor="bottom", yshift=4))
        for place, driver in enumerate(drivers):
            axis = str(line * len(most) + place + 1) if line or place else ""
            left = place * width
            still: dict[str, Any] = {"showgrid": False, "zeroline": False, "visible": False, "fixedrange": True}
            layout[f"xaxis{axis}"] = {"domain": [left, left + width - GAP], "range": [0, PICTURE], "anchor": f"y{axis}"}
            layout[f"yaxis{axis}"] = {"domain": [top - ROW / whole, top], "range": [PICTURE, 0], "anchor": f"x{axis}"}
            layout[f"xaxis{axis}"] |= still | {"constrain": "domain", "constraintoward": "left"}
            layout[f"yaxis{axis}"] |= still | {
                "scaleanchor": f"x{axis}",
                "constrain": "domain",
                "constraintoward": "top",
            }
            traces.append(_image(driver, axis))
            layout["shapes"] += _band(driver, axis)
            layout["annotations"] += [
                {"text": text, "x": 0, "y": PICTURE, "xref": f"x{axis}", "yref": f"y{axis}", "showarrow": False}
                | {"xanchor": "left", "yanchor": "top", "yshift": -15 * line_of_text, "font": {"size": 11}}
                for line_of_text, text in enumerate((driver.label, f"{driver.state:+.3f}".replace("-", "−")))
            ]
    return go.Figure(traces, layout)


def _image(driver: Driver, axis: str) -> go.Image:
    seen = f"step {driver.step + 1}, has seen pixel rows {driver.band[0]}–{driver.band[1] - 1}"
    said = f"test picture {driver.number}<br>{driver.label}<br>{seen}<br>h = {driver.state:.4f}"
    return go.Image(
        z=driver.image,
        x0=0.5,
        y0=0.5,
        xaxis=f"x{axis}",
        yaxis=f"y{axis}",
        hovertemplate=f"{said}<extra></extra>",
        name=f"test picture {driver.number}",
    )


def _band(driver: Driver, axis: str) -> list[dict[str, Any]]:
    place = {"type": "rect", "xref": f"x{axis}", "yref": f"y{axis}", "x0": 0.4, "x1": PICTURE - 0.4}
    place |= {"y0": driver.band[0] + 0.4, "y1": driver.band[1] - 0.4}
    return [{**place, "line": {"width": width, "color": colour}} for width, colour in OUTLINE]


def _text(text: str, x: float, y: float, **where: Any) -> dict[str, Any]:
    return {"text": text, "x": x, "y": y, "xref": "paper", "yref": "paper", "showarrow": False, **where}
