"""Steering on the Train page: who may press what when, what a press asks of the run, and continuing it as a new one."""

import handmade
import numpy as np
import pytest
import torch

from cnngru.config import override
from cnngru.runs import artifacts, commands, family, probe, states, store
from cnngru.runs.commands import Command
from cnngru.training.state import Counters, State, to_bytes
from cnngru.ui.train import steer

STOPPED = {"kind": "stopped", "step": 10, "reason": "Stopped on request."}
PAUSED = {"kind": "command", "number": 1, "step": 10, "do": "pause"}


def button(test, label):
    return next((button for button in test.button if button.label == label), None)


def labels(test):
    wanted = ("Pause", "Resume", "One step", "Stop training")
    return [button.label for button in test.button if button.label in wanted]


def asked(name):
    return [command for _, command in commands.given(store.root() / name, 0)]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody answers here, so nobody is waited for."""
    monkeypatch.setattr(steer, "_until_heard", lambda run: None)


def kept(name, config, step):
    state = State(config, config, Counters(step=step), {"model.a": torch.zeros(1)})
    states.write(store.root() / name, step, to_bytes(state), stays=True)


def test_a_running_run_can_be_paused_stepped_and_stopped(app, holding):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("a")
    test = app("train", run="a")
    assert labels(test) == ["Pause", "One step", "Stop training"]
    button(test, "Pause").click().run()
    button(app("train", run="a"), "One step").click().run()
    assert asked("a") == [Command("pause"), Command("step", value=1)]


def test_a_paused_run_can_be_gone_on_with(app, holding):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, PAUSED, model=False)
    holding("a")
    test = app("train", run="a")
    assert "Paused at step 10" in handmade.words(test)
    assert labels(test) == ["Resume", "One step", "Stop training"]
    button(test, "Resume").click().run()
    assert asked("a") == [Command("resume")]


def test_a_paused_run_without_a_worker_gets_one(app, engine):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, PAUSED, model=False)
    test = app("train", run="a")
    assert "Other runs have its place." in handmade.words(test)
    assert labels(test) == ["Resume", "One step"]
    button(test, "One step").click().run()
    button(test, "Resume").click().run()
    assert engine.resumed == [("a", Command("step", value=1)), ("a", None)]


def test_a_stopped_or_interrupted_run_goes_on_from_where_it_was_kept(app, engine):
    config = handmade.run("a", handmade.STARTED, handmade.PROGRESS, STOPPED)
    test = app("train", run="a")
    assert "Resume begins anew" in handmade.words(test)
    kept("a", config, 8)
    test = app("train", run="a")
    assert "Resume goes on from step 8." in handmade.words(test)
    button(test, "Resume").click().run()
    assert engine.resumed == [("a", None)]


def test_a_finished_run_is_not_steered(app):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, handmade.FINISHED)
    test = app("train", run="a")
    assert labels(test) == []
    assert button(test, "Change it") is None


def test_what_is_changed_is_asked_for_and_nothing_else(app, holding):
    config = handmade.run("a", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("a")
    test = app("train", run="a")
    assert button(test, "Change it").disabled
    test.text_input(key="training.learning_rate-a").set_value("0.0005").run()
    test.text_input(key="data.shift-a").set_value(str(config.data.shift + 1)).run()
    button(test, "Change it").click().run()
    assert asked("a") == [
        Command("set", "training.learning_rate", 0.0005),
        Command("set", "data.shift", config.data.shift + 1),
    ]


def test_a_wrong_value_is_told_and_nothing_is_asked(app, holding):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("a")
    test = app("train", run="a")
    test.text_input(key="training.epochs-a").set_value("0").run()
    assert "Epochs must be 1 to 1,000; got 0." in [error.value for error in test.error]
    assert button(test, "Change it").disabled


def test_slow_motion_and_a_pause_that_gives_the_place_away(app, holding):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("a")
    test = app("train", run="a")
    test.select_slider(key="slow-a").set_value(300).run()
    button(test, "Pause, and let other runs go first").click().run()
    assert asked("a") == [Command("slow", value=300), Command("pause", free=True)]


def test_a_change_is_marked_and_the_number_of_epochs_is_the_new_one(app, holding):
    change = {
        "kind": "command", "number": 1, "step": 10, "do": "set",
        "setting": "training.epochs", "before": 6, "after": 9,
    }  # fmt: skip
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, change, model=False)
    holding("a")
    test = app("train", run="a")
    assert "epoch 0.5 of 9" in handmade.words(test)
    assert test.text_input(key="training.epochs-a").value == "9"


def test_a_run_is_continued_as_a_new_one_with_other_settings(app, engine):
    config = handmade.run("a", handmade.STARTED, handmade.PROGRESS, handmade.FINISHED)
    kept("a", config, 10)
    test = app("train", run="a")
    test.text_input(key="fork-training.epochs-a").set_value("12").run()
    test.text_input(key="fork-a").set_value("longer").run()
    button(test, "Continue").click().run()
    assert engine.started == [override(config, "training.epochs", 12)]
    [made] = [run for run in store.all_runs() if run.name != "a"]
    assert family.read(made.folder) == family.Origin("a", 10, config)
    assert made.title == "longer"
    assert [step for step, _ in states.listed(made.folder)] == [10]
    assert "Family (2 runs)" in [box.label for box in test.expander]


def test_without_any_moment_that_was_kept_nothing_is_offered(app):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, handmade.FINISHED)
    test = app("train", run="a")
    assert button(test, "Continue") is None


def test_what_training_tells_besides_is_shown_one_thing_at_a_time(app, holding):
    told = handmade.PROGRESS | {"gradients": [0.1, 0.2]}
    epoch = handmade.VALIDATED | {"confusion": [[3, 1], [0, 4]]}
    handmade.run("a", handmade.STARTED, told, epoch, model=False)
    holding("a")
    test = app("train", run="a")
    box = test.get("button_group")[0]
    assert box.options == ["Accuracy and loss", "Learning rate and speed", "Gradients by row", "Confusion"]
    for name, words in (("Gradients by row", "the gradient vanishes"), ("Confusion", "by what they were taken for")):
        test = app("train", run="a")
        test.get("button_group")[0].set_value(name).run()
        assert words in handmade.words(test)
        assert not test.exception


def test_gates_and_pictures_are_shown_where_somebody_has_looked(app, holding):
    look = {"kind": "gates", "step": 10, "epoch": 0.5, "shares": {"keep": [0.5, 0.6]}, "saturated": 0.25}
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, look, model=False)
    kept = {
        "pictures": np.zeros((2, 3, 32, 32), np.uint8),
        "labels": np.array([0, 1], np.uint8),
        "probabilities": np.array([[0.75, 0.25], [0.9, 0.1]], np.float16),
        "step": np.array(10),
        "map": np.zeros((2, 4), np.float16),
    }
    artifacts.write_arrays(store.root() / "a" / probe.FILE, kept)
    holding("a")
    test = app("train", run="a")
    test.get("button_group")[0].set_value("Gates by row").run()
    assert "Now 25 % of all gate values are below 0.1 or above 0.9." in handmade.words(test)
    test = app("train", run="a")
    test.get("button_group")[0].set_value("Pictures").run()
    said = [caption.value for caption in test.caption]
    assert any(text.startswith("✓ ") and text.endswith(", 75 %") for text in said)
    assert any(text.startswith("✗ ") and ", 90 %" in text for text in said)
    (store.root() / "a" / probe.FILE).write_bytes(b"damaged")
    test.run()
    assert not test.exception


def test_a_log_of_before_offers_what_it_has(app):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, handmade.FINISHED)
    test = app("train", run="a")
    assert test.get("button_group")[0].options == ["Accuracy and loss", "Learning rate and speed"]
