"""A run's forecast, kept beside it, and the truth."""

import pytest
import unstarted

from cnngru.presets import preset
from cnngru.runs import foretold, log, store
from cnngru.runs.pace import Time

QUICK = preset("quick", "rowcue")
TAKES = Time(110.0, 130.0, "measured", 100.0)  # 120 seconds, about, of which 100 are steps


@pytest.fixture
def run():
    """run(*events): the run as it is after these, with a forecast."""
    name = unstarted.create(QUICK, "a")
    foretold.keep(name, TAKES)

    def after(*events):
        for event in events:
            log.append(store.root() / name, event)
        return store.get(name)

    return after


def progress(seconds, left):
    return unstarted.event("progress", seconds=seconds, seconds_left=left)


def test_now_is_by_the_speed_so_far(run):
    assert foretold.compare(run()) is None
    told = foretold.compare(run(unstarted.event("started"), progress(30.0, 90.0)))
    assert told.forecast == pytest.approx(TAKES.middle)
    assert told.now == pytest.approx(TAKES.middle + 20)  # 120 seconds of steps in place of 100
    assert not told.over
    ended = foretold.compare(run(progress(90.0, 0.0), unstarted.event("finished")))
    assert ended.now == pytest.approx(TAKES.middle - 10)
    assert ended.over


def test_a_run_that_was_told_to_train_for_longer_has_no_forecast_any_more(run):
    changed = unstarted.event("command", setting="training.epochs", before=1, after=2)
    assert foretold.compare(run(progress(30.0, 90.0))) is not None
    slower = unstarted.event("command", setting="training.learning_rate", before=1, after=2)
    assert foretold.compare(run(slower)) is not None
    assert foretold.compare(run(changed)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        '{"seconds": 1}',
        '{"seconds": "a", "steps": 1}',
        '{"seconds": NaN, "steps": 1}',
        '{"seconds": -1, "steps": 1}',
        "x" * 2000,
    ],
)
def test_a_damaged_forecast_is_none(run, text):
    now = run(progress(30.0, 90.0))
    (now.folder / foretold.FILE).write_text(text)
    assert foretold.compare(now) is None
    assert foretold.forecast(now) is None


def test_no_forecast_is_kept_where_none_is_known_and_a_run_that_is_gone_is_left_alone():
    name = unstarted.create(QUICK, "b")
    foretold.keep(name, None)
    assert not (store.root() / name / foretold.FILE).exists()
    foretold.keep("gone", TAKES)
    assert not (store.root() / "gone").exists()
