"""Two classes side by side: the mean of the gate that keeps over all test pictures of each."""

from __future__ import annotations

import streamlit as st

from cnngru import escaping, figures
from cnngru.ui import jobs
from cnngru.ui.gates.figure_box import by_cell, figure_box
from cnngru.ui.gates.scene import Scene
from cnngru.ui.name_box import name_box


def show(scene: Scene) -> None:
    """Asks which two; at first the picture's answer and its runner-up."""
    if not scene.spec.keeps:
        gateless = f"A {scene.spec.name} has no gate that keeps"
        st.info(f"{gateless}, so there is no mean of it for a class. Compare pictures or runs.")
        return
    survey = jobs.survey(scene.run, "survey-classes")
    if survey is None or survey.keeping is None:
        return
    keeping, classes = survey.keeping, survey.classes
    there = [name for name, count in zip(classes, keeping.class_counts, strict=True) if count]
    if len(there) < 2:
        st.info("The test pictures are all of one class, so there are no two to compare.")
        return
    ranked = [classes[place] for place in scene.ranking if classes[place] in there]
    with st.container(horizontal=True, vertical_alignment="top"):
        a, b = (
            name_box(f"Class {letter}", there, there.index(first), key, 220) or first
            for letter, first, key in (("A", ranked[0], "class-a"), ("B", ranked[1], "class-b"))
        )
    places = classes.index(a), classes.index(b)
    word = scene.keeping
    drawn = [survey.class_means(word, scene.layer, scene.direction, place) for place in places]  # (T, H) each
    order = figures.by_keeping({word: drawn[0]})
    sides = [figures.Side(values, survey.bands, order) for values in drawn]
    counts = [int(keeping.class_counts[place]) for place in places]
    st.markdown(
        f"**A**: {counts[0]:,} test pictures of {escaping.markdown(a)}  \n"
        f"**B**: {counts[1]:,} of {escaping.markdown(b)}  \n"
        f"mean {word} over rows and units: A {drawn[0].mean():.4f}, B {drawn[1].mean():.4f}"
    )
    figure_box(
        scene,
        figures.versus(*sides, name=word, close=True),
        f"The mean {word} of each unit at each row over all test pictures of a class, units sorted by A's; A − B has a "
        "scale of its own, for means lie close together. A unit that tells the classes apart on average may fail on "
        "most single pictures: η² under Units says how much.",
        {
            **by_cell(scene.steps, order),
            f"{word} in A": drawn[0][:, order].ravel(),
            f"{word} in B": drawn[1][:, order].ravel(),
            "A − B": (drawn[0] - drawn[1])[:, order].ravel(),
        },
        f"{scene.survey_code}a, b = (survey.class_means({word!r}, layer, direction, place) for place in {places})\n"
        f"order = figures.by_keeping({{{word!r}: a}})\n"
        "sides = [figures.Side(values, survey.bands, order) for values in (a, b)]\n"
        f"figure = figures.versus(*sides, name={word!r}, close=True)\n",
        "class-pair",
        alt=f"The mean {word} by row and unit of two classes, and their difference",
    )
