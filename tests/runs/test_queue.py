"""Who is before a run in the queue, and how long they take."""

import os

import pytest
import unstarted

from cnngru.presets import preset
from cnngru.runs import log, pace, queue, store

QUICK = preset("quick", "rowcue")


@pytest.fixture
def held():
    """held(name, *events): a run that counts as having a worker."""
    descriptors = []

    def make(name, *events):
        _, descriptor = unstarted.held(QUICK, name)
        descriptors.append(descriptor)
        for event in events:
            log.append(store.root() / name, event)

    yield make
    for descriptor in descriptors:
        os.close(descriptor)


DATA, STARTED = unstarted.event("data"), unstarted.event("started")


def left(seconds):
    return (DATA, STARTED, unstarted.event("progress", seconds_left=seconds))


def names(run):
    return [other.name for other in queue.before(store.get(run), store.all_runs())]


def test_those_that_train_and_those_that_asked_earlier_come_first(held):
    held("trains", *left(60.0))
    held("first")
    held("second")
    held("third")
    unstarted.create(QUICK, "over")  # nobody works on it
    assert names("second") == ["trains", "first"]
    assert names("first") == ["trains"]
    assert names("trains") == []  # whoever asked when: it has its turn


@pytest.mark.parametrize(("at_once", "seconds"), [(1, 150.0), (2, 60.0), (3, 0.0)])
def test_the_wait_is_until_a_place_is_free(held, at_once, seconds):
    held("a", *left(60.0))
    held("b", *left(90.0))
    ahead = [store.get(name) for name in ("a", "b")]
    assert queue.seconds(ahead, ahead, at_once) == pytest.approx(seconds)


def test_a_run_that_is_being_tested_has_left_what_its_test_takes(held):
    held("a", *left(0.0), unstarted.event("testing", done=0, total=100))
    assert queue.seconds([store.get("a")], [], 1) == 0
    log.append(store.root() / "a", unstarted.event("testing", done=25, total=100))
    events = store.get("a").events_of("testing")
    took = events[-1]["time"] - events[0]["time"]
    assert queue.seconds([store.get("a")], [], 1) == pytest.approx(3 * took)


def test_a_run_that_waits_itself_is_reckoned_and_nobody_may_know(held, monkeypatch):
    held("a")
    monkeypatch.setattr(pace, "estimate", lambda *_: pace.Time(20, 80, "elsewhere"))
    assert queue.seconds([store.get("a")], [], 1) == pytest.approx(40)
    monkeypatch.setattr(pace, "estimate", lambda *_: None)
    assert queue.seconds([store.get("a")], [], 1) is None
