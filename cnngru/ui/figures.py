"""Plotly figures that people explore. Pure functions: arrays in, a figure out; no streamlit, no torch.

Colours of text, grid and background are left to the theme. Fixed colours appear only on top of a picture or a heatmap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnngru.config import PICTURE

HEIGHT, BELOW = 495, 175  # pixels: of the whole figure, and under its axes for titles and colour bars
SCALE = "Viridis"  # perceptually uniform, and readable with any colour vision
PANELS = {"x": (0.0, 0.37), "x2": (0.39, 0.455), "x3": (0.48, 0.73), "x4": (0.75, 1.0)}
MEANINGS = {  # in short lines, for narrow screens
    "keep": "keep: share<br>of the old<br>state that<br>stays",
    "write": "write: share<br>of the state<br>that is new",
    "reset": "reset: share<br>of the old<br>state seen by<br>candidate",
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
    keep: np.ndarray,
    reset: np.ndarray,
    bands: np.ndarray,
    *,
    write: bool = False,
    step: int | None = None,
    cue: tuple[int, int] | None = None,
) -> go.Figure:
    """A picture, the rows that each step has seen, and the two gates, all on one axis of pixel rows.

    picture     (32, 32, 3) uint8, what the network sees
    keep, reset (T, H) in 0..1, steps in picture-row order; keep is PyTorch's z
    bands       (T, 2) pixel rows [start, end) that each step has seen
    write       draw 1 − keep instead of keep
    step        0..T−1: outline this step's band on the picture and its row in the panels
    cue         pixel rows [start, end) of the band that decides (RowCue), marked beside the picture
    Units run across in the same order in both panels, the one that keeps most (on average) first.
    """
    order = np.argsort(-keep.mean(axis=0), kind="stable")
    update, reset = (1 - keep if write else keep)[:, order], reset[:, order]
    word = "write" if write else "keep"
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
    for values, axis, gate in ((update, "x3", word), (reset, "x4", "reset")):
        figure.add_trace(
            go.Heatmap(
                z=values,
                x=np.arange(1, keep.shape[1] + 1),
                y=edges,
                xaxis=axis,
                zmin=0,
                zmax=1,
                colorscale=SCALE,
                customdata=_hover_values(update, reset, bands, order),
                hovertemplate=(
                    "step %{customdata[0]}, has seen pixel rows %{customdata[1]}–%{customdata[2]}<br>"
                    f"unit %{{customdata[3]}}<br>{word} %{{customdata[4]:.3f}}<br>reset %{{customdata[5]:.3f}}"
                    "<extra></extra>"
                ),
                name=gate,
                colorbar=_colorbar(MEANINGS[gate], PANELS[axis]),
            )
        )
    _lay_out(figure, keep.shape[1], len(bands), ("Picture", "Rows seen", word.capitalize(), "Reset"))
    if cue is not None:
        _mark_cue(figure, cue)
    if step is not None:
        _outline(figure, bands[step], (edges[step], edges[step + 1]))
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


def _hover_values(update: np.ndarray, reset: np.ndarray, bands: np.ndarray, order: np.ndarray) -> np.ndarray:
    """(T, H, 6): step, first and last pixel row seen, unit (counted from 0, as in the tensors), update, reset."""
    steps, units = update.shape
    values = np.empty((steps, units, 6))
    values[..., 0] = np.arange(1, steps + 1)[:, None]
    values[..., 1] = bands[:, :1]
    values[..., 2] = bands[:, 1:] - 1
    values[..., 3] = order
    values[..., 4] = update
    values[..., 5] = reset
    return values.round(4)


def _colorbar(title: str, domain: tuple[float, float]) -> dict[str, Any]:
    return {
        "title": {"text": title, "side": "bottom"},
        "orientation": "h",
        "x": sum(domain) / 2,
        "xanchor": "center",
        "y": -0.22,
        "yanchor": "top",
        "len": domain[1] - domain[0],
        "thickness": 12,
        "tickvals": [0, 0.5, 1],
    }


def _lay_out(figure: go.Figure, units: int, steps: int, titles: Sequence[str]) -> None:
    fixed: dict[str, Any] = {"showgrid": False, "zeroline": False, "anchor": "y"}
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 48, "r": 12, "t": 30, "b": BELOW},
        showlegend=False,
        hovermode="closest",
        bargap=0,
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
        xaxis3={"title": "unit, sorted", "range": [0.5, units + 0.5], "tickvals": [units], **fixed},
        xaxis4={"title": "unit, sorted", "range": [0.5, units + 0.5], "tickvals": [units], **fixed},
    )
    for number, (axis, domain) in enumerate(PANELS.items()):
        figure.update_layout({f"xaxis{axis[1:]}": {"domain": domain}})
        figure.add_annotation(
            text=f"<b>{titles[number]}</b>",
            x=sum(domain) / 2,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="center",
            yanchor="bottom",
            showarrow=False,
        )


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


def _outline(figure: go.Figure, band: Sequence[int], cell: tuple[float, float]) -> None:
    for width, colour in ((5, "black"), (2, "white")):
        line = {"width": width, "color": colour}
        figure.add_shape(type="rect", x0=0, x1=PICTURE, y0=band[0], y1=band[1], line=line)
        for axis in ("x3", "x4"):
            figure.add_shape(type="rect", xref=f"{axis} domain", x0=0, x1=1, y0=cell[0], y1=cell[1], line=line)


def answer_bars(answers: Sequence[tuple[str, float]]) -> go.Figure:
    """Class names and their probabilities (0..1, most likely first) as horizontal bars with their percentages."""
    names, shares = [name for name, _ in answers], [100 * share for _, share in answers]
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=names,
            orientation="h",
            text=[f"{share:.1f} %" for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2f} %<extra></extra>",
        )
    )
    figure.update_layout(
        height=12 + 30 * len(names),
        margin={"l": 8, "r": 56, "t": 4, "b": 4},
        xaxis={"range": [0, 100], "visible": False, "fixedrange": True},
        yaxis={"autorange": "reversed", "automargin": True, "fixedrange": True, "type": "category"},
        bargap=0.25,
    )
    return figure
