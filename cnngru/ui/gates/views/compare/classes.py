"""Two classes side by side: the mean of the gate that keeps over all test pictures of each."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnngru import figures
from cnngru.ui import jobs, wording
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene


def show(scene: Scene) -> None:
    """Asks which two; at first the picture's answer and its runner-up."""
    if scene.cell == "rnn":
        st.info("A plain RNN has no gate that keeps, so there is no mean of it for a class. Compare pictures or runs.")
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
            st.selectbox(f"Class {letter}", there, there.index(first), key=key, bind="query-params", width=220)
            for letter, first, key in (("A", ranked[0], "class-a"), ("B", ranked[1], "class-b"))
        )
    places = classes.index(a), classes.index(b)
    word = {"update": "write" if scene.write else "keep"}.get(keeping.gate, keeping.gate)
    at = (scene.layer, scene.direction)
    means = [survey.mean[keeping.gate][at] + keeping.class_difference[at][place] for place in places]  # (T, H) each
    order = figures.by_mean(means[0])
    drawn = [1 - mean if scene.write else mean for mean in means]
    sides = [figures.Side(values, survey.bands, order) for values in drawn]
    counts = [int(keeping.class_counts[place]) for place in places]
    st.markdown(
        f"**A**: {counts[0]:,} test pictures of {wording.plain(a)}  \n**B**: {counts[1]:,} of {wording.plain(b)}  \n"
        f"mean {word} over rows and units: A {drawn[0].mean():.4f}, B {drawn[1].mean():.4f}"
    )
    figure_box(
        scene,
        figures.versus(*sides, name=word, close=True),
        f"The mean {word} of each unit at each row over all test pictures of a class, units sorted by A's; A − B has a "
        "scale of its own, for means lie close together. A unit that tells the classes apart on average may fail on "
        "most single pictures: η² under Populations says how much.",
        {
            "step": np.repeat(np.arange(1, scene.steps + 1), scene.units),
            "unit": np.tile(order, scene.steps),
            f"{word} in A": drawn[0][:, order].ravel(),
            f"{word} in B": drawn[1][:, order].ravel(),
            "A − B": (drawn[0] - drawn[1])[:, order].ravel(),
        },
        f"{scene.survey_code}keeping = survey.keeping\n"
        "mean = survey.mean[keeping.gate][layer, direction]\n"
        f"a, b = (mean + keeping.class_difference[layer, direction, place] for place in {places})\n"
        "figure = figures.versus(\n"
        + "".join(
            f"    figures.Side({'1 - ' * scene.write}{each}, survey.bands, figures.by_mean(a)),\n" for each in "ab"
        )
        + f"    name={word!r},\n"
        "    close=True,\n"
        ")\n",
        "class-pair",
        alt=f"The mean {word} by row and unit of two classes, and their difference",
    )
