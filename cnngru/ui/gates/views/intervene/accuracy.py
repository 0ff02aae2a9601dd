"""Accuracy under the usual interventions on all test pictures of a run: a job (`cnngru.ui.jobs`) with a button."""

from __future__ import annotations

import streamlit as st

from cnngru import figures
from cnngru.explain.effects import for_people
from cnngru.runs import analyses
from cnngru.runs.analyses import Accuracies
from cnngru.runs.store import Run
from cnngru.ui import jobs, samples, wording
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene

KEY = "tested"
JOB = jobs.Job(
    analyses.ACCURACIES,
    "How often is the network right when a gate is held at every step, or the rows come in another order? This reads "
    "all test pictures under each intervention. It takes seconds to a few minutes, once.",
    "Try them on the test pictures",
    lambda done, total: f"{done / total:.0%} of {total:,} readings",
)


def show(scene: Scene) -> None:
    """The figure of the result, else the button that computes it, or why it cannot be computed."""
    st.subheader("Over the test set")
    result = _accuracies(scene)
    if result is None:
        return
    names = [for_people(name, scene.write) for name in result.names]
    figure = figures.accuracies(names, result.accuracies, result.n)
    share = result.accuracies[0]
    figure_box(
        scene,
        figure,
        f"The share of {result.n:,} test pictures answered rightly under each intervention, in all layers and "
        f"directions at once, with its 95 % interval; dotted: as it is, {wording.percent(share, 2)}. A fall says that "
        "the network leans on this now, not that one trained without it would be worse.",
        {"intervention": names, "accuracy": result.accuracies, "n": [result.n] * len(names)},
        f"{scene.analysis_code('result', 'ACCURACIES')}"
        "from cnngru.explain.effects import for_people\n"
        f"names = [for_people(name, write={scene.write}) for name in result.names]\n"
        "figure = figures.accuracies(names, result.accuracies, result.n)\n",
        KEY,
        alt="Dots: the accuracy on the test pictures under each intervention",
        width=760,
    )


def _accuracies(scene: Scene) -> Accuracies | None:
    missing = reason(scene.run)
    if missing and analyses.stored(analyses.weights_file(scene.run), analyses.ACCURACIES) is None:
        st.info(missing)
        return None
    return jobs.result(scene.run, JOB, "over-test-go")


def reason(run: Run) -> str:
    """Why it cannot be computed here, "" where nothing is known to be in the way."""
    data = run.config.data
    test = samples.test_pictures(data) if data.name == "cifar10" else None
    return test if isinstance(test, str) else ""
