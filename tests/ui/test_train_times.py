"""How long each preset takes here, in the form; and a run's forecast beside the truth."""

from dataclasses import replace

import handmade
import measured
import pytest
import unstarted

from cnngru.presets import PRESETS, preset
from cnngru.runs import foretold, log, machine, store
from cnngru.runs.pace import Time


@pytest.fixture(autouse=True)
def found():
    """found(**values): this computer was measured."""
    return lambda **values: machine.keep(measured.found(**values))


def test_the_form_says_how_long_each_preset_takes_here(app, found):
    found()
    test = app("train")
    [line] = [caption.value for caption in test.caption if caption.value.startswith("On this computer: ")]
    assert [part.split(" about ")[0].split()[-1] for part in line.split(" · ")] == list(PRESETS)
    sentence = next(text for text in test.markdown if "on this computer" in text.value)
    takes = line.split(" · ")[0].partition("quick ")[2]
    assert f"{takes} on this computer." in sentence.value
    assert sentence.help.startswith("Measured")


def test_it_says_that_it_is_measured_and_then_the_time(app, found, monkeypatch):
    monkeypatch.setattr(machine, "under_way", lambda: machine.kept() is None)
    test = app("train")
    assert "This computer is being measured" in handmade.words(test)
    found()
    test.run()
    assert "This computer is being measured" not in handmade.words(test)
    assert "quick about" in handmade.words(test)


def test_pictures_that_nobody_has_counted_have_no_time(app, found):
    found()
    test = app("train")
    test.selectbox(key="new-data").set_value("folder").run()
    assert not test.exception
    assert "On this computer: quick" not in handmade.words(test)


def test_starting_keeps_what_was_told(app, engine, found):
    found()
    test = app("train")
    test.selectbox(key="new-data").set_value("rowcue").run()
    next(button for button in test.button if button.label == "Start").click().run()
    run = store.get("made-1")
    assert 20 < foretold.forecast(run) < 200


def test_forecast_and_truth_stand_side_by_side(app):
    name = unstarted.create(preset("quick", "rowcue"), "a")
    foretold.keep(name, Time(120.0, 120.0, "measured", 100.0))
    for event in (unstarted.event("started"), unstarted.event("progress", seconds=60.0, seconds_left=60.0)):
        log.append(store.root() / name, event)
    assert "forecast about 2 minutes, now 2 min 20 sec" in handmade.words(app("train", run="a"))
    log.append(store.root() / name, unstarted.event("progress", seconds=100.0, seconds_left=0.0))
    log.append(store.root() / name, unstarted.event("finished"))
    assert "forecast about 2 minutes, took 2 min" in handmade.words(app("train", run="a"))


def test_a_precision_that_is_slow_here_is_warned_of(app, found, monkeypatch):
    found()
    model, training = PRESETS["quick"]
    assert "no instructions for bfloat16" not in handmade.words(app("train"))
    monkeypatch.setitem(PRESETS, "quick", (model, replace(training, precision="bfloat16")))
    test = app("train")
    assert "no instructions for bfloat16: a step takes about 9 times as long" in handmade.words(test)
