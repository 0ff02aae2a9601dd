"""Plotly figures that people explore. Pure functions: arrays in, a figure out; no streamlit, no torch.

Colours of text, grid and background are left to the theme. Fixed colours appear only on top of a picture or a heatmap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.config import PICTURE

# Pixels: titles, the axes, what is under them before the meanings, a line of a meaning
TOP, PLOT, BELOW, LINE = 44, 290, 113, 16
GATE = {"cmin": 0, "cmax": 1, "colorscale": "Viridis"}  # perceptually uniform, readable with any colour vision
STATE = {"cmin": -1, "cmax": 1, "colorscale": "RdBu"}
ON_PICTURE = {"x": (0.0, 0.37), "x2": (0.39, 0.455)}
PANELS_FROM, GAP = 0.48, 0.02  # shares of the figure's width
MEANINGS = {  # in short lines, for narrow screens
    "keep": "<b>keep</b>: share of the<br>old state that stays",
    "write": "<b>write</b>: share of the<br>state that is new",
    "reset": "<b>reset</b>: share of the old<br>state the candidate sees",
    "forget": "<b>forget</b>: share of the old<br>cell state that stays",
    "input": "<b>input</b>: share of the<br>candidate that is written",
    "output": "<b>output</b>: share of the<br>result that is let out",
    "state": "<b>state</b> of the unit,<br>−1 to 1",
}


def cell_edges(bands: np.ndarray) -> np.ndarray:
    """Where each step's own row is drawn: T + 1 edges in pixel rows, cells centred on the bands and one stride high.

    bands   (T, 2) int pixel rows [start, end) that each step has seen. Bands overlap; cells do not. A band cut off by
            the picture's edge has lost its centre, so centres come from the uncut ones and continue evenly from there.
    """
    steps, lengths, centres = len(bands), bands[:, 1] - bands[:, 0], bands.mean(axis=1)
    whole = np.flatnonzero(lengths == lengths.max())
    if len(whole) < 2:
        return np.linspace(0, PICTURE, steps + 1)
    stride = (centres[whole[-1]] - centres[whole[0]]) / (whole[-1] - whole[0])
    first = centres[whole[0]] - whole[0] * stride
    return first + stride * (np.arange(steps + 1) - 0.5)


def gates(
    picture: np.ndarray,
    panels: Mapping[str, np.ndarray],
    bands: np.ndarray,
    *,
    write: bool = False,
    step: int | None = None,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """A picture, the rows that each step has seen, and one to three gates, all on one axis of pixel rows.

    picture     (32, 32, 3) uint8, what the network sees
    panels      (T, H) in 0..1 each, by the words of MEANINGS ("keep" is PyTorch's z), steps in picture-row order; or
                "state" alone, in −1..1
    bands       (T, 2) pixel rows [start, end) that each step has seen
    write       draw 1 − keep instead of keep
    step        0..T−1: outline this step's band on the picture and its row in the panels
    cue         pixel rows [start, end) of the band that decides (RowCue), marked beside the picture
    Units run across in the same order in all panels: by the mean of the first panel, largest first.
    """
    order = np.argsort(-next(iter(panels.values())).mean(axis=0), kind="stable")
    drawn = {name: values[:, order] for name, values in panels.items()}
    if write:
        drawn = {("write" if name == "keep" else name): 1 - v if name == "keep" else v for name, v in drawn.items()}
    axes = {f"x{number}": name for number, name in enumerate(drawn, start=3)}
    edges = cell_edges(bands)
    figure = go.Figure()
    figure.add_trace(
        go.Image(
            z=picture,
            x0=0.5,
            y0=0.5,
            text=[[f"pixel row {row}, column {column}" for column in range(PICTURE)] for row in range(PICTURE)],
            hovertemplate="%{text}<br>red, green, blue %{z}<extra></extra>",
            name="picture",
        )
    )
    figure.add_trace(_band_bars(bands))
    said = "step %{customdata[0]}, has seen pixel rows %{customdata[1]}–%{customdata[2]}<br>unit %{customdata[3]}"
    said += "".join(f"<br>{name} %{{customdata[{place}]:.3f}}" for place, name in enumerate(drawn, start=4))
    for axis, name in axes.items():
        figure.add_trace(
            go.Heatmap(
                z=drawn[name],
                x=np.arange(1, len(order) + 1),
                y=edges,
                xaxis=axis,
                coloraxis="coloraxis",
                customdata=_hover_values(drawn, bands, order),
                hovertemplate=f"{said}<extra></extra>",
                name=name,
            )
        )
    _lay_out(figure, axes, len(order), len(bands))
    if cue is not None:
        _mark_cue(figure, cue)
    if step is not None:
        _outline(figure, axes, bands[step], (edges[step], edges[step + 1]))
    return figure


def _band_bars(bands: np.ndarray) -> go.Bar:
    steps = np.arange(1, len(bands) + 1)
    return go.Bar(
        x=steps,
        y=bands[:, 1] - bands[:, 0],
        base=bands[:, 0],
        width=0.7,
        xaxis="x2",
        customdata=np.stack([bands[:, 0], bands[:, 1] - 1], axis=1),
        hovertemplate="step %{x}, has seen pixel rows %{customdata[0]}–%{customdata[1]}<extra></extra>",
        name="rows seen",
    )


def _hover_values(drawn: Mapping[str, np.ndarray], bands: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(T, H, 4 + panels): step, first and last pixel row seen, unit (counted from 0, as in the tensors), each value."""
    values = np.empty((len(bands), len(order), 4 + len(drawn)))
    values[..., 0] = np.arange(1, len(bands) + 1)[:, None]
    values[..., 1] = bands[:, :1]
    values[..., 2] = bands[:, 1:] - 1
    values[..., 3] = order
    values[..., 4:] = np.stack(list(drawn.values()), axis=-1)
    return values.round(4)


def _lay_out(figure: go.Figure, axes: Mapping[str, str], units: int, steps: int) -> None:
    """axes: the panels' x axes and what is drawn on each."""
    fixed: dict[str, Any] = {"showgrid": False, "zeroline": False, "anchor": "y"}
    width = (1 - PANELS_FROM + GAP) / len(axes)
    domains = dict(ON_PICTURE)
    domains |= {axis: (PANELS_FROM + i * width, PANELS_FROM + (i + 1) * width - GAP) for i, axis in enumerate(axes)}
    meaning = "<br>".join(MEANINGS[name] for name in axes.values())
    below = BELOW + LINE * (meaning.count("<br>") + 1)
    figure.update_layout(
        height=TOP + PLOT + below,
        margin={"l": 48, "r": 12, "t": TOP, "b": below},
        showlegend=False,
        hovermode="closest",
        bargap=0,
        coloraxis={**(STATE if "state" in axes.values() else GATE), "colorbar": _colorbar(meaning)},
        yaxis={
            "title": "pixel row",
            "range": [PICTURE, 0],
            "tickvals": [0, 8, 16, 24, 32],
            "scaleanchor": False,  # a picture would else claim square pixels and shrink every panel with it
            "showgrid": False,
            "zeroline": False,
            "showspikes": True,
            "spikemode": "across",
            "spikesnap": "cursor",
            "spikethickness": 1,
            "spikedash": "solid",
        },
        xaxis={"title": "pixel column", "range": [0, PICTURE], "tickvals": [0, 8, 16, 24], **fixed},
        xaxis2={"title": "step", "range": [0.4, steps + 0.6], "tickvals": [steps], **fixed},
    )
    title = "unit, sorted" if len(axes) < 3 else "unit"  # as much as a narrow screen has room for
    for axis in axes:
        across = {"title": title, "range": [0.5, units + 0.5], "tickvals": [units]}
        figure.update_layout({f"xaxis{axis[1:]}": {**across, **fixed}})
    titles = {"x": "Picture", "x2": "Rows<br>seen"} | {axis: name.capitalize() for axis, name in axes.items()}
    for axis, domain in domains.items():
        figure.update_layout({f"xaxis{axis[1:]}": {"domain": domain}})
        figure.add_annotation(
            text=f"<b>{titles[axis]}</b>",
            x=sum(domain) / 2,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="center",
            yanchor="bottom",
            showarrow=False,
        )


def _colorbar(meaning: str) -> dict[str, Any]:
    """One for all panels, under them: their colours mean the same."""
    return {
        "title": {"text": meaning, "side": "bottom"},
        "orientation": "h",
        "x": (1 + PANELS_FROM) / 2,
        "xanchor": "center",
        "y": -64 / PLOT,
        "yanchor": "top",
        "len": 1 - PANELS_FROM,
        "thickness": 12,
        "nticks": 3,
    }


def _mark_cue(figure: go.Figure, cue: tuple[int, int]) -> None:
    for width, colour in ((4, "black"), (2, "white")):  # seen on any picture, in either theme
        figure.add_shape(
            type="rect", x0=0.3, x1=31.7, y0=cue[0], y1=cue[1], line={"width": width, "color": colour, "dash": "dot"}
        )
    figure.add_annotation(
        text="decides",
        x=31,
        y=cue[0],
        xanchor="right",
        yanchor="bottom" if cue[0] > 3 else "top",
        showarrow=False,
        font={"color": "white", "size": 11},
        bgcolor="black",
        borderpad=1,
    )


def _outline(figure: go.Figure, axes: Iterable[str], band: Sequence[int], cell: tuple[float, float]) -> None:
    for width, colour in ((5, "black"), (2, "white")):
        line = {"width": width, "color": colour}
        figure.add_shape(type="rect", x0=0, x1=PICTURE, y0=band[0], y1=band[1], line=line)
        for axis in axes:
            figure.add_shape(type="rect", xref=f"{axis} domain", x0=0, x1=1, y0=cell[0], y1=cell[1], line=line)
