"""A picture and the rows that each step has seen, and to their right any panels on the same axis of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from plotly.basedatatypes import BaseTraceType

from cnngru.figures import rows
from cnngru.figures.rows import picture_trace, seen_trace

TOP, PLOT, LIFT = 46, 288, 14  # pixels: titles, the axes, a title above its neighbours
ON_PICTURE = {"x": (0.0, 0.3), "x2": (0.315, 0.365)}
FROM, GAP = 0.4, 0.02  # where panels begin, and what is between them: shares of the figure's width
END = 3.0  # pixel rows above and below the picture, for what is there before the first row and after the last
FOR, AGAINST = "#2f8fc8", "#d9782d"  # blue and vermilion of Okabe and Ito (2008), between their light and dark forms
HATCH = "/"  # of what is against: colour is not all that tells the two apart
HATCHED = {"fillmode": "overlay", "fgcolor": "white", "solidity": 0.25}


def domains(count: int) -> dict[str, tuple[float, float]]:
    """The panels' x axes, x3, x4, …, and their shares of the figure's width."""
    width = (1 - FROM + GAP) / count
    starts = [FROM + place * width for place in range(count)]
    return {f"x{number}": (start, start + width - GAP) for number, start in enumerate(starts, start=3)}


def left(picture: np.ndarray, bands: np.ndarray) -> list[BaseTraceType]:
    """The traces on the axes x and x2. picture (32, 32, 3) uint8, bands (T, 2)."""
    return [picture_trace(picture), seen_trace(bands).update(showlegend=False, marker_color="gray")]


def layout(
    bands: np.ndarray,
    panels: Mapping[str, str],
    *,
    below: int,
    cue: tuple[int, int] | None = None,
    around: tuple[float, float] = (0, 0),
) -> dict[str, Any]:
    """The layout but for the panels' x axes, which get a domain and their title here.

    panels  titles of the panels, by axis as in `domains`; from three on every other one is lifted, for a narrow window
    below   pixels under the axes: tick labels, titles, a legend
    cue     pixel rows [start, end) of the band that decides (RowCue)
    around  pixel rows of free room above and below the picture
    """
    of_panels = domains(len(panels))
    titles = [("Picture", ON_PICTURE["x"]), ("Rows<br>seen", ON_PICTURE["x2"])]
    lifts = [LIFT * (place % 2) * (len(panels) > 2) for place in range(len(panels))]
    titled = [rows.title(*each) for each in titles]
    titled += [
        rows.title(text, of_panels[axis], lift) for (axis, text), lift in zip(panels.items(), lifts, strict=True)
    ]
    top = TOP + 2 * max(lifts)  # above them the browser shows its buttons
    first, last = rows.ROWS["range"][::-1]
    made: dict[str, Any] = {
        "height": top + PLOT + below,
        "margin": {"l": 48, "r": 12, "t": top, "b": below},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,  # else a finger that scrolls the page would stop at the figure
        "bargap": 0,
        "yaxis": {**rows.ROWS, "range": [last + around[1], first - around[0]]},
        "xaxis": {**rows.COLUMNS, "domain": ON_PICTURE["x"]},
        "xaxis2": {**rows.seen_axis(len(bands)), "domain": ON_PICTURE["x2"]},
        "shapes": rows.cue_shapes(cue) if cue is not None else [],
        "annotations": titled,
    }
    if cue is not None:
        made["annotations"].append(rows.cue_word(cue))
    for axis, domain in of_panels.items():
        made[f"xaxis{axis[1:]}"] = {"domain": domain, "anchor": "y"}
    return made
