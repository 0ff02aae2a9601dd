"""When it knew: the answer row by row, which can be played, and over the test pictures."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.explain.survey import Survey
from cnngru.ui import jobs, wording
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene

TRAINED = {  # what of the states the head was trained to read, by readout
    "last": "Only the state after the last row was trained to be read",
    "gated": "Only the output after the last row was trained to be read",
    "mean": "Only the mean over all rows was trained to be read",
}


def show(scene: Scene) -> None:
    """The picture's ribbon, what it says in words, and below it the same of all test pictures."""
    from cnngru.explain import decision

    by_row = decision.by_row(scene.model, scene.trace)  # (1, T, C)
    probabilities, locked = by_row[0].numpy(), int(decision.lock_in(by_row)[0])
    read = scene.options.place.slider(
        "Rows read",
        1,
        scene.steps,
        scene.steps,
        key="read",
        bind="query-params",
        width=320,
        help="Hides what comes after so many rows, as if reading had stopped there. Play in the figure goes through "
        "all of them.",
    )
    scene.options.note(f"{read} of {scene.steps} rows read", "read", read, scene.steps)
    both = scene.model.config.bidirectional
    figure_box(
        scene,
        figures.decision_by_row(
            scene.picture.image,
            probabilities,
            scene.classes,
            scene.bands,
            locked=locked,
            read=read,
            both=both,
            cue=scene.picture.cue,
        ),
        how_to_read(scene),
        {
            "rows_read": np.arange(1, scene.steps + 1).repeat(len(scene.classes)),
            "class": list(scene.classes) * scene.steps,
            "probability": probabilities.ravel(),
        },
        "from cnngru.explain import decision\n"
        "by_row = decision.by_row(model, trace)\n"
        "locked = int(decision.lock_in(by_row)[0])\n"
        "figure = figures.decision_by_row(picture, by_row[0].numpy(), model.classes, bands, locked=locked, "
        f"read={read}, both={both}, cue=cue)\n",
        "knew",
        alt=f"The picture, and a ribbon of the class probabilities after each of {scene.steps} rows; the answer locks "
        f"in after {locked}",
    )
    st.markdown(what_happened(scene, probabilities, locked))
    st.markdown("#### Over the test pictures")
    if survey := jobs.survey(scene.run, "survey-knew"):
        _over_the_test(scene, survey, locked)


def stopped(scene: Scene) -> str:
    """What stops reading where the answer row by row is asked for: in a stack that reads both ways not all of it."""
    config = scene.model.config
    if config.bidirectional and config.layers > 1:
        return "its top layer (those below it have read the whole picture) stopped"
    return "reading stopped"


def how_to_read(scene: Scene) -> str:
    """What the ribbon shows, and what it does not."""
    where = "the rows read from each end" if scene.model.config.bidirectional else "that row"
    return (
        f"Each line of the ribbon is what the network's own head would answer had {stopped(scene)} after {where}; from "
        f"the dashed line on, the likeliest class stays the same. {TRAINED[scene.model.config.readout]}, so a poor "
        "answer early on does not mean that the state knows nothing yet."
    )


def what_happened(scene: Scene, probabilities: np.ndarray, locked: int) -> str:
    """probabilities (T, C) -> which answers there were on the way, and since when the last one stands."""
    answers = probabilities.argmax(axis=1)
    last, ends = scene.classes[answers[-1]], " from each end" if scene.model.config.bidirectional else ""
    share = wording.percent(float(probabilities[locked - 1].max()))
    if locked == 1:
        return f"The answer is **{escaping.markdown(last)}** from the first row on; it is then {share} sure."
    changes = np.flatnonzero(np.diff(answers)) + 1
    before = [escaping.markdown(scene.classes[answers[place]]) for place in (0, *changes[:-1])]
    return (
        f"The answer is final after **{locked} of {scene.steps} rows**{ends}: from then on it is "
        f"**{escaping.markdown(last)}**, {share} sure at that row. Before: {' → '.join(before)}."
    )


def _over_the_test(scene: Scene, survey: Survey, locked: int) -> None:
    probed = "" if survey.probed == survey.n else f" (the first {survey.probed:,})"
    ends = " from each end" if scene.model.config.bidirectional else ""
    figure_box(
        scene,
        figures.decision_over_test(
            survey.own, survey.probe, survey.locked, chance=1 / len(survey.classes), here=locked
        ),
        f"Above: accuracy on {survey.n:,} test pictures had {stopped(scene)} after so many rows{ends}, with the "
        f"network's own head, and with a linear probe fitted to that row's state on half of the pictures{probed} and "
        "judged on the other half; below: when answers stopped changing. What a probe finds in a state the network "
        "need not use, and an answer that is final early need not be right.",
        {
            "rows_read": np.arange(1, len(survey.own) + 1),
            "own_head": survey.own,
            "probe": survey.probe,
            "locked_in_right": survey.locked[1],
            "locked_in_wrong": survey.locked[0],
        },
        f"{scene.survey_code}from cnngru.explain import decision\n"
        "here = int(decision.lock_in(decision.by_row(model, trace))[0])\n"
        "figure = figures.decision_over_test(survey.own, survey.probe, survey.locked, chance=1 / len(survey.classes), "
        "here=here)",
        "knew-test",
        alt="Accuracy by rows read, with the own head and a linear probe, and a histogram of the rows after "
        "which answers are final",
    )
    last = int(survey.own.argmax()) + 1
    half = int((survey.locked.sum(0).cumsum() >= survey.n / 2).argmax()) + 1
    st.caption(
        f"Half of the answers are final after {half} of {len(survey.own)} rows. The own head is best after "
        f"{last}: {wording.percent(float(survey.own[last - 1]))}."
    )
