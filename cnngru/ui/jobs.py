"""What is found out on all test pictures of a run: as it was kept, or found on the page when a person asks for it.

Found once for all sessions, and kept beside the weights and in memory for as long as they are the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import streamlit as st

from cnngru.data import DataError
from cnngru.explain.survey import Survey
from cnngru.runs import store, surveys
from cnngru.runs.store import Run
from cnngru.ui import models, wording

T = TypeVar("T")
Progress = Callable[[int, int], None]  # done, total


@dataclass(frozen=True)
class Work(Generic[T]):
    """Something to be found out.

    name    one of a kind
    kept    what the run's folder has of it for exactly its newest weights, else None
    find    the same, found now if need be
    offer   what it is good for and how long it takes, for a person
    button  what the button says
    going   what is said on the way, from done and total
    """

    name: str
    kept: Callable[[Run], T | None]
    find: Callable[[Run, Progress], T]
    offer: str
    button: str
    going: Callable[[int, int], str]


@dataclass
class Desk:
    """Where it lies for all sessions, once it is there. It says nothing of anybody's picture.

    lock    held by the session that is finding it
    done    0..1: how far that one is
    """

    found: Any = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: float = 0.0


@st.cache_resource(max_entries=16, show_spinner=False)
def desk_of(work: str, path: str, mtime_ns: int) -> Desk:
    """The desk of some work on a file of weights, as it was written then."""
    return Desk()


def result(run: Run, work: Work[T], key: str) -> T | None:
    """What there is of it, for the run's newest weights; where there is nothing yet, offers to find it: None.

    key     of the button, one of a kind on the page
    """
    weights = surveys.weights_of(run)
    try:
        desk = desk_of(work.name, str(weights), weights.stat().st_mtime_ns)
    except OSError:  # deleted a moment ago
        st.info("This run's weights are gone. Choose another run in the sidebar.")
        return None
    if desk.found is None:
        desk.found = work.kept(run)
    if desk.found is None:
        _offer(run, work, key, desk)
    return desk.found


def _offer(run: Run, work: Work[T], key: str, desk: Desk) -> None:
    """The button and, once it is pressed, the work, at the end of which `desk` has the result."""
    place = st.empty()
    with place.container(border=True):
        st.markdown(f"{work.offer} The result is kept beside the weights.")
        if not st.button(work.button, key=key, icon=":material/query_stats:"):
            return
        bar = st.progress(0.0, "Reading the test pictures …")

        def tell(done: int, total: int) -> None:
            desk.done = done / total
            bar.progress(desk.done, work.going(done, total))

        try:
            with _turn(desk, bar):
                if desk.found is None:  # nobody has found it meanwhile
                    with models.cores(busy=any(other.live for other in store.all_runs())):
                        desk.found = work.find(run, tell)
        except (DataError, ValueError, OSError) as error:
            bar.empty()
            st.error(wording.plain(str(error)))
            return
    place.empty()


@contextmanager
def _turn(desk: Desk, bar: st.delta_generator.DeltaGenerator) -> Iterator[None]:
    """Waits while another session is at the same. Each look at the bar lets this session be interrupted."""
    while not desk.lock.acquire(timeout=0.3):
        bar.progress(desk.done, "Somebody else is having them looked at: waiting for that.")
    try:
        yield
    finally:
        desk.lock.release()


SURVEY = Work[Survey](
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
    return result(run, SURVEY, key)
