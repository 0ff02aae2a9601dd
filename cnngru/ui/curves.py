"""Learning curves on a page: accuracy beside loss."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from cnngru.figures import learning_curves
from cnngru.figures.learning_curves import Against
from cnngru.ui import present


def draw(
    data: pd.DataFrame,
    names: Sequence[str],
    end: float,
    against: Against = "epochs",
    series: str = "run",
    marked: pd.DataFrame | None = None,
) -> None:
    """Both quantities of `learning_curves.table`; `names` and all that follows as in `learning_curves.curve`."""
    for column, quantity in zip(st.columns(2), learning_curves.QUANTITIES, strict=True):
        column.altair_chart(
            _for_the_page(learning_curves.curve(data, quantity, names, end, against, series, marked)),
            key=f"{quantity}-{against}-{'+'.join(names)}",
            width="stretch",
            on_select="rerun",  # nobody asks for the selection, but without it each tick undoes the zoom
            alt=f"{quantity.capitalize()} over {against}, training and validation, of {', '.join(names)}",
        )


def _for_the_page(chart: alt.LayerChart) -> alt.LayerChart:
    """In present mode with larger type."""
    if not present.on():
        return chart
    sizes = {"labelFontSize": 12 * present.SCALE, "titleFontSize": 12 * present.SCALE}
    return chart.configure(axis=sizes, legend=sizes)
