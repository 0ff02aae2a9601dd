"""Learning curves on a page: accuracy beside loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

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
    on_click: Callable[[str, float], None] | None = None,
) -> None:
    """Both quantities of `learning_curves.table`; `names` and what follows as in `learning_curves.curve`.

    on_click    called with a run's name and the epoch of a point of its curve that somebody has clicked
    """
    for column, quantity in zip(st.columns(2), learning_curves.QUANTITIES, strict=True):
        key = f"{quantity}-{against}-{'+'.join(names)}"
        chart = learning_curves.curve(data, quantity, names, end, against, series, marked, on_click is not None)
        column.altair_chart(
            _for_the_page(chart),
            key=key,
            width="stretch",
            # Where nobody asks for the selection: without it each tick undoes the zoom.
            on_select=partial(_clicked, key, on_click) if on_click else "rerun",
            alt=f"{quantity.capitalize()} over {against}, training and validation, of {', '.join(names)}",
        )


def _clicked(key: str, on_click: Callable[[str, float], None]) -> None:
    for point in st.session_state[key].selection.get(learning_curves.PICKED) or []:
        if isinstance(point.get("run"), str) and isinstance(point.get("epoch"), int | float):
            on_click(point["run"], float(point["epoch"]))


def _for_the_page(chart: alt.LayerChart) -> alt.LayerChart:
    """In present mode with larger type."""
    if not present.on():
        return chart
    sizes = {"labelFontSize": 12 * present.SCALE, "titleFontSize": 12 * present.SCALE}
    return chart.configure(axis=sizes, legend=sizes)
