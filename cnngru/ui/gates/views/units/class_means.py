"""For which classes the units keep more, row by row: class means of the gate less the mean of all pictures, and η²."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnngru import figures
from cnngru.explain.survey import Survey
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene


def show(scene: Scene, survey: Survey, chosen: Sequence[int]) -> None:
    """Classes × rows of the chosen units (all where none is), which have a gate that keeps."""
    keeping = survey.keeping
    assert keeping is not None
    word, units = scene.keeping, tuple(chosen) or tuple(range(scene.units))
    difference, eta = keeping.by_class(word, scene.layer, scene.direction, chosen)  # (C, T), (T,) each
    who = f"unit {units[0]}" if len(units) == 1 else f"the {len(units)} chosen units" if chosen else "all units"
    st.markdown(f"##### Classes\nHow much more or less {who} {word} on pictures of a class than on all pictures.")
    figure_box(
        scene,
        figures.class_means(
            difference, eta, survey.bands, survey.classes, name=word, chance=keeping.eta_squared_by_chance
        ),
        f"Colour: the class's mean {word} at this row less that of all pictures; right: η², the share of its "
        "differences between pictures that their class accounts for, the dotted line what labels at random would give. "
        "It goes along with the class and need not be used for it: look under Which rows counted and What if.",
        _table(scene, survey, difference, eta, word),
        f"{scene.survey_code}keeping = survey.keeping\n"
        f"difference, eta = keeping.by_class({word!r}, layer, direction, {tuple(chosen)})\n"
        f"figure = figures.class_means(difference, eta, survey.bands, survey.classes, name={word!r}, "
        "chance=keeping.eta_squared_by_chance)\n",
        "classes",
        alt=f"Rows by classes: the mean {word} of {who} less that of all pictures, and η² of each row",
    )


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
