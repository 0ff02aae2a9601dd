"""For which classes the units keep more, row by row: class means of the gate less the mean of all pictures, and η²."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnngru import figures
from cnngru.explain.survey import Keeping, Survey
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene

OF_MEAN, BY_UNIT, ONE = "of their mean", "unit by unit", "of the unit"


def show(scene: Scene, survey: Survey, chosen: Sequence[int]) -> None:
    """Classes × rows of the chosen units (all where none is), which have a gate that keeps."""
    keeping = survey.keeping
    assert keeping is not None
    word = {"update": "write" if scene.write else "keep"}.get(keeping.gate, keeping.gate)
    at, units = (scene.layer, scene.direction), list(chosen) or list(range(scene.units))
    difference = keeping.class_difference[at][..., units].mean(-1) * (-1 if scene.write else 1)  # (C, T)
    eta = _eta(keeping, at, chosen, units)
    who = f"unit {units[0]}" if len(units) == 1 else f"the {len(units)} chosen units" if chosen else "all units"
    st.markdown(f"##### Classes\nHow much more or less {who} {word} on pictures of a class than on all pictures.")
    figure_box(
        scene,
        figures.class_keeping(
            difference, eta, survey.bands, survey.classes, name=word, chance=keeping.eta_squared_by_chance
        ),
        f"Colour: the class's mean {word} at this row less that of all pictures; right: η², the share of its "
        "differences between pictures that their class accounts for, the dotted line what labels at random would give. "
        "It goes along with the class and need not be used for it: look under Which row mattered and Intervene.",
        _table(scene, survey, difference, eta, word),
        _code(scene, chosen, word),
        "classes",
        alt=f"Rows by classes: the mean {word} of {who} less that of all pictures, and η² of each row",
    )


def _eta(keeping: Keeping, at: tuple[int, int], chosen: Sequence[int], units: list[int]) -> dict[str, np.ndarray]:
    by_unit = keeping.eta_squared_by_row(units)[at]
    if len(units) == 1:
        return {ONE: by_unit}
    return {BY_UNIT: by_unit} if chosen else {OF_MEAN: keeping.eta_squared_of_mean[at], BY_UNIT: by_unit}


def _table(
    scene: Scene, survey: Survey, difference: np.ndarray, eta: dict[str, np.ndarray], word: str
) -> dict[str, np.ndarray]:
    """One line a step."""
    columns = {f"{name}: {word} − mean": values for name, values in zip(survey.classes, difference, strict=True)}
    return {
        "step": np.arange(1, scene.steps + 1),
        "first row": survey.bands[:, 0],
        "last row": survey.bands[:, 1] - 1,
        **columns,
        **{f"η² {of}": values for of, values in eta.items()},
    }


def _code(scene: Scene, chosen: Sequence[int], word: str) -> str:
    units = tuple(chosen) if chosen else f"range({scene.units})"
    by_unit = "keeping.eta_squared_by_row(units)[layer, direction]"
    if len(chosen) == 1 or scene.units == 1:
        eta = f"{{{ONE!r}: {by_unit}}}"
    elif chosen:
        eta = f"{{{BY_UNIT!r}: {by_unit}}}"
    else:
        eta = f"{{{OF_MEAN!r}: keeping.eta_squared_of_mean[layer, direction], {BY_UNIT!r}: {by_unit}}}"
    return (
        f"{scene.survey_code}keeping, units = survey.keeping, list({units})\n"
        "difference = keeping.class_difference[layer, direction][..., units].mean(-1)\n"
        "figure = figures.class_keeping(\n"
        f"    difference{' * -1' if scene.write else ''},\n"
        f"    {eta},\n"
        "    survey.bands,\n"
        "    survey.classes,\n"
        f"    name={word!r},\n"
        "    chance=keeping.eta_squared_by_chance,\n"
        ")\n"
    )
