"""The confusion matrix as a Plotly figure. Pure: counts in, a figure out; no streamlit, no torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cnngru.escaping import TICK, plotly

SCALE = "Cividis"  # perceptually uniform, made for any colour vision (Nuñez et al. 2018)
SIDE = 340  # pixels, of the figure, square but for the names
NUMBERS = 12  # classes, at most, for counts to be written into the cells
CELL, LARGEST, SMALLEST_NAME = 10, 860, 10  # pixels: of a cell of many, of all cells, of a name beside them
LETTERS = 44  # of the title, at most: what there is room for
ABOVE, BELOW, LEFT = 26, 88, 84  # pixels, for the title and the classes' names


def counts(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(N, C) and (N,) -> (C, C) integers: pictures by true class (rows) and answer (columns)."""
    classes = probabilities.shape[1]
    places = labels.astype(np.int64) * classes + probabilities.argmax(1)
    return np.bincount(places, minlength=classes**2).reshape(classes, classes)


def in_cell(probabilities: np.ndarray, labels: np.ndarray, true: int, answer: int) -> np.ndarray:
    """Places of the pictures of class `true` answered `answer`, those of which the network was surest first."""
    found = np.flatnonzero((labels == true) & (probabilities.argmax(1) == answer))
    return found[np.argsort(-probabilities[found, answer], kind="stable")]


def worst_pairs(table: np.ndarray, most: int = 5) -> list[tuple[int, int, int]]:
    """(true, answer, pictures) of the commonest wrong answers, the commonest first; none that never happened."""
    wrong = table - np.diag(np.diag(table))
    places = np.argsort(-wrong, axis=None, kind="stable")[:most]
    found = [(int(place) // len(table), int(place) % len(table), int(wrong.flat[place])) for place in places]
    return [pair for pair in found if pair[2]]


def confusion(
    table: np.ndarray, classes: Sequence[str], title: str, chosen: tuple[int, int] | None = None
) -> go.Figure:
    """Counts (C, C) as a heatmap: true class down, answer across, coloured by the share of the true class, 0 to 1.

    It grows with the number of classes, so that a cell can still be pointed at.

    chosen  (true, answer): this cell is framed
    """
    size = len(classes)
    side = max(SIDE, min(CELL * size, LARGEST) + LEFT + 8)
    safe = [plotly(name, None) for name in classes]
    totals = table.sum(1, keepdims=True)
    shares = np.divide(table, totals, out=np.zeros(table.shape), where=totals > 0)
    said = [
        [
            f"true: {safe[t]}<br>answer: {safe[a]}<br>{table[t, a]:,} of {totals[t, 0]:,} pictures "
            f"({100 * shares[t, a]:.1f} %)"
            for a in range(size)
        ]
        for t in range(size)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            zmin=0,
            zmax=1,
            colorscale=SCALE,
            showscale=False,
            text=table if size <= NUMBERS else None,
            texttemplate="%{text}" if size <= NUMBERS else None,
            textfont={"size": 10},
            hovertext=said,
            hovertemplate="%{hovertext}<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    if chosen is not None:
        true, answer = chosen
        frame = {"x0": answer - 0.5, "x1": answer + 0.5, "y0": true - 0.5, "y1": true + 0.5}
        figure.add_shape(type="rect", **frame, line={"width": 3, "color": "#ff8548"})
    named = range(0, size, max(1, -(-size * SMALLEST_NAME // (side - LEFT - 8))))
    texts = [plotly(classes[place], TICK) for place in named]
    names = {"tickvals": list(named), "ticktext": texts, "showgrid": False, "zeroline": False}
    names |= {"fixedrange": True, "tickfont": {"size": 11 if size <= NUMBERS else 8}}
    edges = (-0.5, size - 0.5)
    figure.update_layout(
        width=side,
        height=side - LEFT - 8 + ABOVE + BELOW,
        margin={"l": LEFT, "r": 8, "t": ABOVE, "b": BELOW},
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        title={
            "text": plotly(title, LETTERS),
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 4},
            "font": {"size": 14},
        },
        xaxis={**names, "title": {"text": "answer", "standoff": 4}, "tickangle": -45, "range": edges},
        yaxis={**names, "title": {"text": "true class", "standoff": 4}, "range": edges[::-1]},
    )
    return figure
