"""The figures that are read from a run's log."""

import dataclasses

import paper
import pytest

from cnngru.comparison import metrics


def test_a_row_has_the_figures_of_the_log():
    run = paper.run(
        paper.config(model__cell="gru"),
        0.9,
        epochs=((10, 12, 0.79), (23, 25, 0.8), (34, 37, 0.95)),
        started={"recurrent_parameters": 400},
        reversed=0.7,
        shuffled=0.6,
    )
    assert metrics.of(run) == metrics.Metrics(
        parameters=1000,
        recurrent_parameters=400,
        seconds_an_epoch=10,  # 10, 23 − 12, 34 − 25
        accuracy=0.9,
        to_80=21,  # 10, 23 − 12: the older log counts validations too
        to_90=30,
        reversed=0.7,
        shuffled=0.6,
    )


def test_what_an_old_log_or_a_young_run_does_not_say_is_unknown():
    old = metrics.of(paper.run(paper.config(), 0.7))
    assert (old.recurrent_parameters, old.reversed, old.shuffled, old.to_80) == (None,) * 4
    young = metrics.of(dataclasses.replace(paper.run(paper.config()), events=[{"kind": "queued"}]))
    assert set(dataclasses.astuple(young)) == {None}


def test_without_recurrence_there_are_no_recurrent_parameters_also_in_an_old_log():
    assert metrics.of(paper.run(paper.config(model__cell="none"), 0.7)).recurrent_parameters == 0


def test_a_validation_that_gave_no_number_reached_nothing():
    run = paper.run(paper.config(), 0.9, epochs=((10, 10, None), (20, 20, 0.85)))
    assert metrics.of(run).to_80 == 20


@pytest.mark.parametrize("nonsense", ["0.9", None, True, [0.9], {}, float("nan"), float("inf"), 10**400])
def test_what_is_no_number_in_a_damaged_log_is_unknown(nonsense):
    odd = dict.fromkeys(("parameters", "recurrent_parameters", "seconds", "accuracy", "reversed", "threads"), nonsense)
    run = paper.run(paper.config(), 0.9, epochs=((10, 12, 0.85),), shuffled=nonsense)
    progress, validated = ({"kind": kind, **odd} for kind in ("progress", "validated"))
    events = [{**event, **odd} if event["kind"] in ("started", "finished") else event for event in run.events]
    run = dataclasses.replace(run, events=[progress, validated, *events])
    known = metrics.of(run)
    assert (known.seconds_an_epoch, known.to_80, known.to_90) == (10, 10, None)
    assert (known.parameters, known.recurrent_parameters, known.accuracy) == (None, None, None)
    assert (known.reversed, known.shuffled) == (None, None)
    assert hash(metrics.machine(run)) is not None


def test_events_that_say_nothing_are_no_figures():
    kinds = ("queued", "started", "progress", "validated", "finished")
    run = dataclasses.replace(paper.run(paper.config(), 0.9), events=[{"kind": kind} for kind in kinds])
    assert set(dataclasses.astuple(metrics.of(run))) == {None}
    assert metrics.share_done(dataclasses.replace(run, status="running")) == 0


@pytest.mark.parametrize(
    ("status", "progress", "share"),
    [
        ("running", {"step": 3, "steps": 12}, 0.25),
        ("running", {"step": 3, "steps": 0}, 0),
        ("running", {"step": 13, "steps": 12}, 1),
        ("stopped", {"step": 3, "steps": 12}, 1),
    ],
)
def test_how_much_is_done(status, progress, share):
    run = dataclasses.replace(paper.run(paper.config()), status=status, events=[{"kind": "progress", **progress}])
    assert metrics.share_done(run) == share
