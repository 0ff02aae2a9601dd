"""The survey of a run's test pictures: as it was kept, or made on the page when a person asks for it."""

from __future__ import annotations

from cnngru.explain.survey import Survey
from cnngru.runs import surveys
from cnngru.runs.store import Run
from cnngru.ui.gates import desk

WORK = desk.Work[Survey](
    "survey",
    lambda run: surveys.kept_survey(surveys.weights_of(run)),
    lambda run, tell: surveys.survey_of(run, tell),
    "This needs one look at all test pictures of the run. It takes some seconds to half a minute, once.",
    "Look at the test pictures",
    lambda done, n: f"{done:,} of {n:,} test pictures." + " Fitting the probes …" * (done == n),
)


def survey(run: Run, key: str) -> Survey | None:
    """The survey of the run's newest weights. Where there is none yet, offers to make it and returns None.

    key     of the button, one of a kind on the page
    """
    return desk.result(run, WORK, key)
