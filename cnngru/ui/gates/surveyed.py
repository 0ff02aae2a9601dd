"""The survey of a run's test pictures: as it was kept, or made on the page when a person asks for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st

from cnngru.data import DataError
from cnngru.explain.survey import Survey
from cnngru.runs import store, surveys
from cnngru.runs.store import Run
from cnngru.ui import models, words


@dataclass
class _Desk:
    """Where one checkpoint's survey lies for all sessions, once it is there. It says nothing of anybody's picture.

    lock    held by the session that is making it
    done    0..1: how far that one is
    """

    survey: Survey | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: float = 0.0


@st.cache_resource(max_entries=8, show_spinner=False)
def _desk(path: str, mtime_ns: int) -> _Desk:
    return _Desk()


def survey(run: Run, key: str) -> Survey | None:
    """The survey of the run's newest weights. Where there is none yet, offers to make it and returns None.

    It is kept beside the weights, and in memory for as long as they are the same: also where the folder is read-only.
    key     of the button, one of a kind on the page
    """
    weights = surveys.weights_of(run)
    try:
        desk = _desk(str(weights), weights.stat().st_mtime_ns)
    except OSError:  # deleted a moment ago
        st.info("This run's weights are gone. Choose another run in the sidebar.")
        return None
    if desk.survey is None:
        desk.survey = surveys.kept_survey(weights)
    if desk.survey is None:
        _offer(run, key, desk)
    return desk.survey


def _offer(run: Run, key: str, desk: _Desk) -> None:
    """The button and, once it is pressed, the work, at the end of which `desk` has the survey."""
    place = st.empty()
    with place.container(border=True):
        st.markdown(
            "This needs one look at all test pictures of the run. It takes half a minute to two, once: the result is "
            "kept beside the weights."
        )
        if not st.button("Look at the test pictures", key=key, icon=":material/query_stats:"):
            return
        bar = st.progress(0.0, "Reading the test pictures …")

        def tell(done: int, n: int) -> None:
            desk.done = done / n
            last = " Fitting the probes …" if done == n else ""
            bar.progress(desk.done, f"{done:,} of {n:,} test pictures.{last}")

        try:
            with _turn(desk, bar):
                if desk.survey is None:  # nobody has made it meanwhile
                    with models.cores(busy=any(other.live for other in store.all_runs())):
                        desk.survey = surveys.survey_of(run, tell)
        except (DataError, ValueError, OSError) as error:
            st.error(words.plain(str(error)))
            return
    place.empty()


@contextmanager
def _turn(desk: _Desk, bar: st.delta_generator.DeltaGenerator) -> Iterator[None]:
    """Waits while another session is making the same survey. Each look at the bar lets this session be interrupted."""
    while not desk.lock.acquire(timeout=0.3):
        bar.progress(desk.done, "Somebody else is having them looked at: waiting for that.")
    try:
        yield
    finally:
        desk.lock.release()
