"""The picture-locked map: the picture, the rows that each step has seen, and what every unit did, on one row axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnngru import figures
from cnngru.ui import jobs, wording
from cnngru.ui.gates import controls
from cnngru.ui.gates.figure_box import clicked, figure_box
from cnngru.ui.gates.scene import Scene
from cnngru.ui.gates.views.map import unit as opened

KEY = "map"
MEANINGS = {
    "keep": "share of the old state that stays",
    "write": "share of the state that is new",
    "reset": "share of the old state that the candidate sees (where that is small, a low one changes little)",
    "forget": "share of the old cell state that stays",
    "input": "share of the candidate that is written",
    "output": "share of the result that is let out",
    "candidate": "what would be written",
    "cell": "the cell state",
    "hidden": "the state after the step",
}
DID = {  # what a step did, on average over the units, in words
    "keep": "it keeps {} of the old state",
    "forget": "it keeps {} of the old cell state",
    "reset": "its reset gates are {} open",
    "input": "its input gates are {} open",
    "output": "its output gates are {} open",
}
CLASSES, SIMILAR, AS_IS = "class selectivity", "similarity", "as they are"


@dataclass(frozen=True)
class Order:
    """Units from left to right (H,), and the Python that finds them from `panels`."""

    units: np.ndarray
    code: str


def show(scene: Scene) -> None:
    """The map, and the unit that is open."""
    panels = scene.panels
    by = _sorted_by(scene, scene.spec.keep_word or "hidden")
    with scene.options.place:
        names = _panels(scene, list(panels))
        step, unit = _cell(scene)
    order = _order(scene, panels, by)
    drawn = {name: panels[name] for name in names}
    figure_box(
        scene,
        figures.gate_map(
            scene.picture.image,
            drawn,
            scene.bands,
            order=order.units,
            step=step,
            unit=unit,
            cue=scene.picture.cue,
        ),
        how_to_read(scene),
        _table(scene, drawn, order.units),
        _code(scene, list(panels), names, order, step, unit),
        KEY,
        alt=f"The picture, the rows each step has seen, and heatmaps by row and unit: {', '.join(names)}",
        on_click=lambda: _open(order.units),
    )
    st.caption(" · ".join(f"**{name}**: {MEANINGS[name]}" for name in names))
    if step is not None:
        st.caption(_what_it_did(scene, step))
    if unit is not None:
        opened.show(scene, unit, step)


def _open(order: np.ndarray) -> None:
    """Called by a click: opens the cell's step and unit. order: of the units in the figure that was clicked."""
    if cell := clicked(KEY):
        st.session_state.update({"step": cell[0] + 1, "unit": int(order[cell[1]])})


def _sorted_by(scene: Scene, first: str) -> str:
    """first: what the cell keeps with; of a plain RNN its state."""
    survey = [CLASSES] if scene.spec.keeps else []
    return scene.options.one_of(
        "Sort units by",
        [first, *survey, SIMILAR, AS_IS],
        "sort",
        help=f"{first}: the largest mean first. {CLASSES}: first those whose {first} gate differs most between the "
        f"classes of the test pictures. {SIMILAR}: units that did the same here stand together. {AS_IS}: by number.",
    )


def _order(scene: Scene, panels: dict[str, np.ndarray], by: str) -> Order:
    if by == SIMILAR:
        return Order(figures.by_similarity(panels), "order = figures.by_similarity(panels)\n")
    if by == AS_IS:
        return Order(np.arange(scene.units), "order = range(trace.hidden.shape[-1])\n")
    if by == CLASSES and (order := _by_classes(scene)):
        return order
    return Order(figures.by_keeping(panels), "order = figures.by_keeping(panels)\n")


def _by_classes(scene: Scene) -> Order | None:
    """None until there is a survey of the test pictures."""
    survey = jobs.survey(scene.run, "survey-map")
    if survey is None or survey.keeping is None:
        return None
    selectivity = survey.keeping.selectivity[scene.layer, scene.direction]
    code = f"{scene.survey_code}order = (-survey.keeping.selectivity[layer, direction]).argsort(kind='stable')\n"
    return Order(np.argsort(-selectivity, kind="stable"), code)


def _panels(scene: Scene, names: list[str]) -> list[str]:
    """Which of the panels to draw; all of them where none is chosen. Links say keep in either convention."""
    if len(names) == 1:
        return names
    options = ["keep" if name == "write" else name for name in names]
    start = list(scene.spec.at_first) or options
    picked = st.pills(
        "Panels",
        options,
        selection_mode="multi",
        default=start,
        key="panels",
        bind="query-params",
        help="Fewer panels are wider.",
    )
    chosen = [name for name in options if name in (picked or start)]
    scene.options.note(f"panels: {', '.join(map(scene.word, chosen))}", "panels", chosen, start)
    return [scene.word(name) for name in chosen]


def _cell(scene: Scene) -> tuple[int | None, int | None]:
    """The step that is marked and the unit that is open, each from 0."""
    mark = st.slider(
        "Mark a step",
        0,
        scene.steps,
        key="step",
        bind="query-params",
        width=320,
        help="0: none. Outlines the step's row in every panel, and on the picture all pixel rows that it has seen.",
    )
    return (mark - 1 if mark else None), controls.unit(scene.units)  # the figure and what is below it tell of both


def _what_it_did(scene: Scene, step: int) -> str:
    start, end = scene.bands[step]
    seen = f"Step {step + 1} has seen pixel rows {start}–{end - 1}."
    at = (scene.layer, scene.direction, 0, step)
    did = [DID[name].format(wording.percent(float(v[at].mean()))) for name, v in scene.trace.shares.items()]
    return f"{seen} On average over the units {'; '.join(did)}." if did else seen


def how_to_read(scene: Scene) -> str:
    """What the figure shows, and what it does not."""
    what = "gate" if scene.spec.keeps else "state"
    match scene.spec.keeps:
        case "":
            bright = f"A {scene.spec.name} has no gates, so every step writes every unit anew: shown is its state"
        case "forget":
            bright = "Where the forget gate is bright (1 = keeps) the unit holds on to its old cell state"
        case _:
            did = "takes in something new" if scene.write else "holds on to its old state"
            bright = f"Where the update gate is bright the unit {did}"
    below = ", all the less as this layer reads the one below and not the picture" if scene.layer else ""
    return (
        f"{bright}; each row of a panel is one step, at the height of the picture where it reads, each column one "
        f"unit. Do not conclude that a row where the {what} is strong decided the answer{below}."
    )


def _table(scene: Scene, drawn: dict[str, np.ndarray], order: np.ndarray) -> dict[str, np.ndarray]:
    """One line a cell, row by row, units as drawn."""
    steps, units = scene.steps, len(order)
    values = {name: panel[:, order].ravel() for name, panel in drawn.items()}
    return {
        "step": np.repeat(np.arange(1, steps + 1), units),
        "first row": np.repeat(scene.bands[:, 0], units),
        "last row": np.repeat(scene.bands[:, 1] - 1, units),
        "unit": np.tile(order, steps),
        **values,
    }


def _code(
    scene: Scene, all_names: Sequence[str], names: Sequence[str], order: Order, step: int | None, unit: int | None
) -> str:
    chosen = "panels" if list(names) == list(all_names) else f"{{name: panels[name] for name in {tuple(names)!r}}}"
    return (
        f"panels = {scene.panels_code()}\n{order.code}"
        f"figure = figures.gate_map(picture, {chosen}, bands, order=order, step={step}, unit={unit}, cue=cue)\n"
    )
