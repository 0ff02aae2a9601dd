"""The opened unit: what it did down the rows, its exact numbers, and its equation at one step."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from cnngru import figures
from cnngru.ui.gates.figure_box import WIDTH, figure_box
from cnngru.ui.gates.scene import Scene
from cnngru.ui.gates.views.map import equation

HEIGHT = 320  # pixels, of the table


def show(scene: Scene, unit: int, step: int | None) -> None:
    """unit from 0; step from 0, None for no step."""
    series = {name: values[:, unit] for name, values in scene.panels.items()}
    st.markdown(f"##### Unit {unit}" + (f", step {step + 1}" if step is not None else ""))
    figure_box(
        scene,
        figures.unit_trace(scene.picture.image, series, scene.bands, step=step, cue=scene.picture.cue),
        "Read it from top to bottom beside the picture: each point is one step, at the height where it reads"
        f"{' (this direction read the bottom step first)' if scene.direction else ''}. That the unit changes at a row "
        "does not say that the answer depends on it.",
        _table(scene, series),
        _code(scene, unit, step),
        "unit-map",
        alt=f"Unit {unit} of the layer down the rows: {', '.join(series)}",
    )
    if step is None:
        st.caption("Mark a step, or click a cell of the map, for this unit's equation with its numbers.")
    else:
        _equation(scene, unit, step)
    with st.expander("All its numbers", icon=":material/table_rows:", width=WIDTH):
        st.dataframe(_table(scene, series), hide_index=True, height=HEIGHT, column_config=_formats(series))


def _equation(scene: Scene, unit: int, step: int) -> None:
    from cnngru.explain import cell

    numbers = cell.numbers(scene.model, scene.images, scene.trace, step, unit, scene.layer, scene.direction)
    start, end = scene.bands[step]
    meaning = {"keep": "z = keep", "write": "z = write = 1 − keep"}["write" if scene.write else "keep"]
    heading = f"Its equation at step {step + 1}, which has seen pixel rows {start}–{end - 1}"
    st.markdown(heading + (f" ({meaning}):" if "z" in numbers else ":"))
    st.latex(equation.latex(scene.model.config.cell, numbers, scene.write), width="content")


def _table(scene: Scene, series: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One line a step."""
    steps = np.arange(1, scene.steps + 1)
    return {"step": steps, "first row": scene.bands[:, 0], "last row": scene.bands[:, 1] - 1, **series}


def _formats(series: dict[str, np.ndarray]) -> dict[str, Any]:
    return {name: st.column_config.NumberColumn(format="%.6f") for name in series}


def _code(scene: Scene, unit: int, step: int | None) -> str:
    return (
        f"panels = {scene.panels_code()}\n"
        f"series = {{name: values[:, {unit}] for name, values in panels.items()}}\n"
        f"figure = figures.unit_trace(picture, series, bands, step={step}, cue=cue)\n"
    )
