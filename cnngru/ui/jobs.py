"""Jobs that a person starts with a button: what is computed on all test pictures of a run (`cnngru.runs.analyses`).

A result is computed once and shared by all sessions: stored beside the weights, and in memory for as long as these are
the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic

import streamlit as st

from cnngru import escaping
from cnngru.data import DataError
from cnngru.explain.survey import Survey
from cnngru.runs import analyses, index
from cnngru.runs.analyses import Analysis, R
from cnngru.runs.store import Run
from cnngru.ui import models


@dataclass(frozen=True)
class Job(Generic[R]):
    """An analysis as it is offered to a person.

    offer       what it is good for and how long it takes
    button      what the button says
    progress    what the progress bar says, from the pictures read and how many there are
    """

    analysis: Analysis[R]
    offer: str
    button: str
    progress: Callable[[int, int], str]


@dataclass
class SharedResult:
    """The result of one job for one file of weights, shared by all sessions. It depends on nobody's own picture.

    value   None until there is one
    lock    held by the session that computes it
    done    0..1: how far that session is
    """

    value: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: float = 0.0


@st.cache_resource(max_entries=16, show_spinner=False)
def shared_result(analysis: str, path: str, mtime_ns: int) -> SharedResult:
    """The same object for all sessions, by the analysis's name and the file of weights as it was written then."""
    return SharedResult()


def result(run: Run, job: Job[R], key: str) -> R | None:
    """The job's result for the run's newest weights; where there is none yet, offers to compute it and returns None.

    key     of the button, one of a kind on the page
    """
    weights = analyses.weights_file(run)
    try:
        shared = shared_result(job.analysis.name, str(weights), weights.stat().st_mtime_ns)
    except OSError:  # deleted a moment ago
        st.info("This run's weights are gone. Choose another run in the sidebar.")
        return None
    if shared.value is None:
        shared.value = analyses.stored(weights, job.analysis)
    if shared.value is None:
        _offer(run, job, key, shared)
    return shared.value


def _offer(run: Run, job: Job[R], key: str, shared: SharedResult) -> None:
    """The button and, once it is pressed, the job, at the end of which `shared` has a value."""
    place = st.empty()
    with place.container(border=True):
        st.markdown(f"{job.offer} The result is kept beside the weights.")
        if not st.button(job.button, key=key, icon=":material/query_stats:"):
            return
        bar = st.progress(0.0, "Reading the test pictures …")

        def show_progress(done: int, total: int) -> None:
            shared.done = done / total
            bar.progress(shared.done, job.progress(done, total))

        try:
            with _turn(shared, bar):
                if shared.value is None:  # no other session has computed it meanwhile
                    with models.cores(busy=any(other.live for other in index.summaries())):
                        shared.value = analyses.load_or_compute(run, job.analysis, show_progress)
        except (DataError, ValueError, OSError) as error:
            bar.empty()
            st.error(escaping.message(str(error)))
            return
    place.empty()


@contextmanager
def _turn(shared: SharedResult, bar: st.delta_generator.DeltaGenerator) -> Iterator[None]:
    """Waits while another session computes the same. Each update of the bar lets this session be interrupted."""
    while not shared.lock.acquire(timeout=0.3):
        bar.progress(shared.done, "Somebody else is having them looked at: waiting for that.")
    try:
        yield
    finally:
        shared.lock.release()


SURVEY = Job(
    analyses.SURVEY,
    "This needs one look at all test pictures of the run. It takes some seconds to half a minute, once.",
    "Look at the test pictures",
    lambda done, n: f"{done:,} of {n:,} test pictures." + " Fitting the probes …" * (done == n),
)


def survey(run: Run, key: str) -> Survey | None:
    """The survey of the run's newest weights, as `result` of SURVEY."""
    return result(run, SURVEY, key)
