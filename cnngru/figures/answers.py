"""A model's likeliest answers as bars."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from cnngru.escaping import LINE
from cnngru.figures.axes import of_names


def answer_bars(answers: Sequence[tuple[str, float]]) -> go.Figure:
    """Class names and their probabilities (0..1, most likely first) as horizontal bars with their percentages."""
    names, axis = of_names([name for name, _ in answers], LINE)
    shares = [100 * share for _, share in answers]
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
        height=12 + 30 * len(shares),
        margin={"l": 8, "r": 56, "t": 4, "b": 4},
        xaxis={"range": [0, 100], "visible": False, "fixedrange": True},
        yaxis={**axis, "autorange": "reversed", "automargin": True, "fixedrange": True},
        bargap=0.25,
    )
    return figure
