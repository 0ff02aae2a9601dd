"""The card of one unit: the test pictures, and the rows in them, that drive its state furthest up and down."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.data import TestSplit
from cnngru.explain.survey import Survey
from cnngru.ui import samples
from cnngru.ui.gates import controls
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene

KEY = "card"


def show(scene: Scene, survey: Survey) -> None:
    """Asks which unit. Without the pictures, says so and gives their numbers."""
    st.markdown("##### A unit's card")
    unit = controls.unit(scene.units)
    if unit is None:
        st.caption("Click a dot or a cell above, or give a number: the card has the pictures that drive the unit most.")
        return
    st.caption(_numbers(scene, survey, unit))
    test = samples.test_pictures(scene.run.config.data)
    if isinstance(test, str):
        st.info(f"{escaping.message(test)} Here are their numbers in the test.")
    elif len(test.labels) != survey.n:
        st.info("The test pictures are others than those that were surveyed, so here are only their numbers.")
    else:
        _pictures(scene, survey, unit, test)
        return
    st.dataframe(_table(scene, survey, unit, None), hide_index=True)


def _numbers(scene: Scene, survey: Survey, unit: int) -> str:
    """One line of what the survey has of a unit."""
    at = (scene.layer, scene.direction, unit)
    parts = [f"Unit {unit}"]
    for word in map(scene.word, scene.trace.shares):
        parts.append(f"mean {word} {survey.unit_means(word)[at]:.3f}")
    if survey.keeping is not None:
        parts.append(f"half-life {survey.keeping.half_life[at]:.2f} rows")
        parts.append(f"class selectivity (η²) {survey.keeping.selectivity[at]:.3f}")
    return " · ".join(parts)


def _pictures(scene: Scene, survey: Survey, unit: int, test: TestSplit) -> None:
    most, least = (
        figures.drivers(which, survey.bands, scene.layer, scene.direction, unit, test.picture)
        for which in (survey.most, survey.least)
    )
    figure_box(
        scene,
        figures.unit_pictures(most, least),
        "The test pictures on which the unit's state h goes furthest, each framed around all pixel rows that the step "
        "had seen where it got there. What they have in common is a guess at what drives the unit: in this layer's "
        "state there is more than the framed rows, all that was kept from before.",
        _table(scene, survey, unit, test),
        "from cnngru import data\n"
        f"{scene.survey_code}test = data.test_pictures(store.get({scene.run.name!r}).config.data)\n"
        "most, least = (\n"
        f"    figures.drivers(which, survey.bands, layer, direction, {unit}, test.picture)\n"
        "    for which in (survey.most, survey.least)\n"
        ")\n"
        "figure = figures.unit_pictures(most, least)\n",
        KEY,
        alt=f"Test pictures that drive unit {unit} most, and least",
        width=760,
    )
    st.caption("Look at one of them in all views (by its number in the test):")
    with st.container(horizontal=True, gap="xsmall", width=760):
        for number in dict.fromkeys(driver.number for driver in (*most, *least)):
            st.button(str(number), key=f"card-{number}", type="tertiary", on_click=_look_at, args=(number,))


def _look_at(number: int) -> None:
    st.query_params["test"] = str(number)
    st.query_params.pop("upload", None)


def _table(scene: Scene, survey: Survey, unit: int, test: TestSplit | None) -> dict[str, Any]:
    """One line a picture, first those of the largest h; their classes where the pictures are here."""
    both = {"h largest": survey.most, "h smallest": survey.least}
    at = (scene.layer, scene.direction, unit)
    numbers, steps, states = (
        np.concatenate([getattr(which, part)[at] for which in both.values()]) for part in ("picture", "row", "state")
    )
    classes = {} if test is None else {"class": [test.classes[int(test.labels[number])] for number in numbers]}
    return {
        "where": [word for word, which in both.items() for _ in which.state[at]],
        "test picture": numbers,
        **classes,
        "step": steps + 1,
        "first row": survey.bands[steps, 0],
        "last row": survey.bands[steps, 1] - 1,
        "h": states,
    }
