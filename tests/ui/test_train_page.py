"""The Train page in each of its states.

Long, because each state of a run is a state of the page.
"""

import dataclasses
import time
from types import SimpleNamespace

import handmade
import pytest
from PIL import Image

from cnngru import escaping, names, schema
from cnngru.config import DataConfig, ModelConfig, TrainingConfig
from cnngru.data import cifar10
from cnngru.presets import PRESETS, preset
from cnngru.runs import commands, store
from cnngru.ui import roles, wording
from cnngru.ui.train import steer

EPOCHS = "new-rowcue-quick-epochs"


def button(test, label):
    return next((b for b in test.button if b.label == label), None)


def test_with_no_runs_it_says_what_a_good_first_one_is(app):
    test = app("train")
    assert "RowCue with the quick preset" in handmade.words(test)
    assert button(test, "Start")


def test_the_settings_start_from_the_preset_and_follow_it(app):
    test = app("train")
    assert test.text_input(key="new-cifar10-quick-hidden").value == str(PRESETS["quick"][0].hidden)
    test.selectbox(key="new-preset").select("standard").run()
    model, training = PRESETS["standard"]
    assert test.text_input(key="new-cifar10-standard-hidden").value == str(model.hidden)
    assert test.text_input(key="new-cifar10-standard-epochs").value == str(training.epochs)


@pytest.mark.parametrize("data", ["cifar10", "rowcue"])
@pytest.mark.parametrize("name", PRESETS)
def test_a_form_that_nobody_changed_is_the_preset(app, engine, name, data):
    test = app("train")
    test.selectbox(key="new-data").select(data).run()
    test.selectbox(key="new-preset").select(name).run()
    button(test, "Start").click().run()
    assert engine.started == [preset(name, data)]


FIELDS = {
    "epochs": "training.epochs",
    "batch": "training.batch",
    "rate": "training.learning_rate",
    "seed": "training.seed",
    "pictures": "data.pictures",
    "hidden": "model.hidden",
    "layers": "model.layers",
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_number_out_of_bounds_is_told_at_its_field_and_nothing_starts(app, engine, name):
    test = app("train")
    part, _, of = FIELDS[name].partition(".")
    kind = {"data": DataConfig, "model": ModelConfig, "training": TrainingConfig}[part]
    limits, key = schema.bounds(kind, of), f"new-cifar10-quick-{name}"
    for wrong in (limits.low - 1, limits.high + 1, "many", ""):
        test.text_input(key=key).set_value(str(wrong))
        if not (start := button(test, "Start")).disabled:
            start.click()  # arrives together with the change
        test.run()
        assert not engine.started
        assert button(test, "Start").disabled
        assert str(limits) in test.error[0].value
        assert f":red[{test.error[0].value}]" in handmade.words(test)
    test.text_input(key=key).set_value(f"{limits.high:.17g}").run()
    assert not test.error
    button(test, "Start").click().run()
    (config,) = engine.started
    assert getattr(getattr(config, part), of) == limits.high


def test_a_decimal_comma_is_one(app, engine):
    test = app("train")
    test.text_input(key="new-cifar10-quick-rate").set_value("0,01").run()
    button(test, "Start").click().run()
    assert engine.started[0].training.learning_rate == 0.01


def test_what_will_run_stands_above_start_with_its_time(app):
    test = app("train")
    test.selectbox(key="new-data").select("rowcue").run()
    test.text_input(key="new-rowcue-quick-pictures").set_value("5,000").run()
    test.text_input(key=EPOCHS).set_value("3").run()
    told = next(text for text in test.markdown if "on this computer" in text.value)
    assert told.value.startswith("RowCue, 5,000 pictures, 3 epochs of the quick GRU with 290,000 parameters: ")
    assert "other computers" in told.help
    test.text_input(key=EPOCHS).set_value("0").run()
    assert "on this computer" not in handmade.words(test)


def test_the_forms_choices_are_those_of_the_settings(app):
    test = app("train")
    for name, of in {"encoder": "encoder", "cell": "cell", "direction": "bidirectional", "readout": "readout"}.items():
        assert len(test.selectbox(key=f"new-cifar10-quick-{name}").options) == len(schema.choices(ModelConfig, of))


def test_one_picture_is_too_few_and_the_form_says_so(app):
    test = app("train")
    test.text_input(key="new-cifar10-quick-pictures").set_value("1").run()
    assert "too few" in test.error[0].value
    assert button(test, "Start").disabled


def choose(test, **values):
    """Sets fields of the quick preset's form on RowCue, one after the other as a person would."""
    for name, value in values.items():
        test.selectbox(key=f"new-rowcue-quick-{name}").select(value).run()
        assert not test.exception


def test_each_recurrence_on_each_encoder_can_be_started(app, engine):
    test = app("train")
    test.selectbox(key="new-data").select("rowcue").run()
    for encoder in names.ENCODERS:
        for cell in names.CELLS:
            choose(test, encoder=encoder, cell=cell)
            assert not test.error
            assert not button(test, "Start").disabled
    button(test, "Start").click().run()
    assert (engine.started[0].model.encoder, engine.started[0].model.cell) == ("seed-cnn", "none")


def test_a_readout_that_does_not_go_with_the_recurrence_is_told_and_can_be_mended(app, engine):
    test = app("train")
    test.selectbox(key="new-data").select("rowcue").run()
    choose(test, readout="gated")
    assert "belongs to the textbook GRU" in test.error[0].value
    assert button(test, "Start").disabled
    choose(test, cell="gru-textbook")
    assert not test.error
    choose(test, direction=True)
    assert "downward" in test.error[0].value
    choose(test, direction=False)
    assert not button(test, "Start").disabled
    choose(test, cell="lstm")
    assert test.error
    choose(test, cell="none")  # its readout is greyed out: it must not be what is in the way
    assert not test.error
    assert test.selectbox(key="new-rowcue-quick-readout").disabled
    button(test, "Start").click().run()
    assert (engine.started[0].model.cell, engine.started[0].model.readout) == ("none", "mean")


def test_rows_in_the_documents_place_are_those_that_the_data_set_asks_for(app, engine):
    test = app("train")
    test.selectbox(key="new-data").select("rowcue").run()
    test.selectbox(key="new-preset").select("document").run()
    assert "4 steps; a step sees at most 22 of the picture's 32 pixel rows." in handmade.words(test)
    test.selectbox(key="new-rowcue-document-encoder").select("rows").run()
    assert "16 steps; a step sees at most 2 of" in handmade.words(test)
    button(test, "Start").click().run()
    assert engine.started[0].model.convs == preset("standard", "rowcue").model.convs


def test_shuffled_labels_are_asked_for_and_named(app, engine):
    test = app("train")
    test.checkbox(key="new-cifar10-quick-shuffled").check().run()
    button(test, "Start").click().run()
    assert engine.started[0].data.shuffle_labels
    assert "CIFAR-10, shuffled labels" in handmade.words(test)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "16 steps; a step sees at most 2 of the picture's 32 pixel rows."),
        ({"encoder": "pixels"}, "32 steps; a step sees one pixel row."),
        ({"cell": "none"}, "No steps: the readout sees the mean of 16 rows; a row has seen at most 2 of the"),
        ({"encoder": "seed-cnn", "cell": "none"}, "No steps: the document's three layers read all 4 rows at once"),
    ],
)
def test_under_the_form_stands_what_a_step_sees(changes, sentence):
    assert sentence in wording.steps(dataclasses.replace(preset("quick", "rowcue").model, **changes))


def test_what_a_run_is_stands_in_one_line():
    config = handmade.tiny(model__cell="lstm", model__layers=2, data__shuffle_labels=True)
    assert wording.about(SimpleNamespace(config=config)) == (
        "RowCue, shuffled labels · LSTM 2 × 16 units · last readout · 6 epochs"
    )
    document = SimpleNamespace(config=preset("document"))
    assert wording.about(document).startswith("CIFAR-10 · document's CNN · GRU 2 × 256 units")


def test_the_curves_are_explained_as_they_were_made():
    def said(config):
        return wording.what_curves_show(SimpleNamespace(config=config))

    assert "which are varied and have smoothed labels; validation" in said(preset("quick"))
    assert "varied" not in said(preset("quick", "rowcue"))
    assert said(preset("document")) == "Training values are means over the batches just seen."
    assert "labels of both were shuffled" in said(handmade.tiny(data__shuffle_labels=True))


def test_start_hands_the_settings_to_the_engine_and_goes_to_the_run(app, engine):
    test = app("train")
    test.selectbox(key="new-data").select("rowcue").run()
    test.text_input(key=EPOCHS).set_value("3").run()
    test.selectbox(key="new-rowcue-quick-direction").select(True).run()
    button(test, "Start").click().run()
    assert not test.exception
    (config,) = engine.started
    assert config.data.name == "rowcue"
    assert not config.data.flip
    assert config.training.epochs == 3
    assert config.model.bidirectional
    assert config.preset == "quick"
    assert test.selectbox(key="run").value == "made-1"
    assert store.get("made-1").title.startswith("GRU quick on RowCue, 20k, ")
    assert f"**{escaping.markdown(store.get('made-1').title)}**" in handmade.words(test)


def test_a_second_click_on_the_same_start_button_does_not_start_a_second_run(app, engine):
    test = app("train")
    first = button(test, "Start")
    first.click().run()
    first.click().run()
    assert len(engine.started) == 1
    button(test, "Start").click().run()
    assert len(engine.started) == 2


def test_a_folder_is_looked_at_while_it_is_typed_and_the_form_stays(app, engine, tmp_path):
    mine = tmp_path / "mine"
    test = app("train")
    test.selectbox(key="new-data").select("folder").run()
    test.get("button_group")[0].set_value("folder").run()
    assert "Write the folder" in test.error[0].value
    assert button(test, "Start").disabled
    for wrong, said in (("nowhere", "There is no folder"), ("cats", "There is no folder"), ("a\0b", "NUL")):
        test.text_input(key="new-path").input(str(mine / wrong)).run()
        assert said in test.error[0].value
        assert button(test, "Start").disabled
    for name in ("cats", "dogs"):
        (mine / name).mkdir(parents=True)
        for i in range(3):
            Image.new("RGB", (8, 8)).save(mine / name / f"{i}.png")
    test.text_input(key="new-path").input(f' "{mine}"').run()
    assert not test.error
    assert r"2 classes. cats \(3 files\), dogs \(3 files\)." in handmade.words(test)
    assert "6 own pictures, 3 epochs" in handmade.words(test)
    button(test, "Start").click().run()
    assert engine.started[0].data.path == str(mine)


def test_where_cifar10_cannot_be_read_another_data_set_can_be_trained_on(app, engine, monkeypatch):
    monkeypatch.setattr(cifar10, "unreadable", lambda path="": "CIFAR-10 cannot be read: /data: Permission denied.")
    test = app("train")
    assert "Permission denied" in test.error[0].value
    assert button(test, "Start").disabled
    test.selectbox(key="new-data").select("rowcue").run()
    assert not test.error
    assert not button(test, "Start").disabled


def test_an_engine_that_refuses_is_quoted(app, engine, monkeypatch):
    def refuse(config, name=None, begin=None):
        raise store.RunError("The disk is full. Nothing was started.")

    monkeypatch.setattr(engine, "start", refuse)
    test = app("train")
    button(test, "Start").click().run()
    assert test.error[0].value == "The disk is full. Nothing was started."


ENDED = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED]


@pytest.mark.parametrize(
    ("events", "model", "expected"),
    [
        pytest.param([*ENDED, handmade.FINISHED], True, ["Finished in 12 sec", "Predict", "Gates"], id="finished"),
        pytest.param(
            [*ENDED, handmade.STOPPED], True, ["Stopped at step 20", "weights saved last are kept"], id="stopped"
        ),
        pytest.param(
            [{**handmade.STOPPED, "step": 0}], False, ["before the first step", "before it had learnt"], id="early"
        ),
        pytest.param(
            [{"kind": "failed", "step": 0, "reason": "No picture."}],
            False,
            ["No picture.", "before it had learnt"],
            id="failed",
        ),
        pytest.param(ENDED, True, ["Interrupted", "weights saved last are kept", "same settings"], id="interrupted"),
        pytest.param([], False, ["Interrupted"], id="never came up"),
    ],
)
def test_each_end_is_told_in_plain_words_with_what_was_kept(app, events, model, expected):
    handmade.run("a", *events, model=model)
    said = handmade.words(app("train", run="a"))
    for text in expected:
        assert text in said


def test_pictures_that_were_left_out_are_named_and_names_draw_nothing(app):
    note = "cats/*big*.png was left out. The file is empty."
    handmade.run("a", {**handmade.STARTED, "notes": [note]}, handmade.PROGRESS)
    test = app("train", run="a")
    assert "Notes (1)" in [expander.label for expander in test.expander]
    assert r"cats/\*big\*.png was left out." in handmade.words(test)


def test_the_final_accuracy_is_shown_as_such(app):
    handmade.run("a", *ENDED, handmade.FINISHED)
    test = app("train", run="a")
    assert "**81.2 %** on the test · **50.0 %** on validation" in handmade.words(test)


def test_a_queued_run_says_that_it_waits_and_can_be_stopped(app, engine, holding):
    handmade.run("a", model=False)
    holding("a")
    test = app("train", run="a")
    assert "It starts in a moment." in handmade.words(test)
    button(test, "Stop training").click().run()
    assert engine.stopped == [("a", False)]


def test_a_queued_run_says_how_many_are_before_it_and_how_long_they_take(app, engine, holding):
    handmade.run("first", handmade.STARTED, handmade.PROGRESS, model=False)  # it has 75 seconds left
    handmade.run("second", model=False)
    holding("first")
    holding("second")
    assert "Waiting for its turn: 1 before it, about 1 min 20 sec." in handmade.words(app("train", run="second"))


def test_a_run_that_is_being_tested_says_so_and_how_far_it_is(app, holding):
    testing = {"kind": "testing", "step": 40, "done": 2500, "total": 10_000, "orders": 3}
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, testing, model=False)
    holding("a")
    test = app("train", run="a")
    assert "Testing on 10,000 pictures, in three orders of their rows." in handmade.words(test)
    bar = test.get("progress")[0].proto
    assert (bar.value, bar.text) == (25, "25 % of the test")
    assert button(test, "Stop training")


def test_a_running_run_shows_its_progress_and_cannot_be_deleted(app, holding):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("a")
    test = app("train", run="a")
    assert "Training: epoch 0.5 of 6" in handmade.words(test)
    bar = test.get("progress")[0].proto
    assert bar.value == 25
    assert bar.text == "25 % · 1 min 15 sec left · 1,234 images/s"


def test_a_download_is_shown_as_a_bar(app, holding):
    handmade.run("a", {"kind": "data", "done": 30, "total": 120, "what": "Downloading CIFAR-10"}, model=False)
    holding("a")
    test = app("train", run="a")
    assert "Getting ready" in handmade.words(test)
    assert test.get("progress")[0].proto.text == "Downloading CIFAR-10 · 25 %"


def test_a_run_that_does_not_stop_can_be_ended_by_force(app, engine, holding, monkeypatch):
    handmade.run("a", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("a")
    commands.request_stop(store.root() / "a")
    test = app("train", run="a")
    assert "Stopping" in handmade.words(test)
    assert not button(test, "End it now")
    monkeypatch.setattr(steer, "PATIENCE", -1)
    test.run()
    button(test, "End it now").click().run()
    assert engine.stopped == [("a", True)]


def test_deleting_asks_first_and_then_leaves_no_trace(app):
    handmade.run("a", *ENDED, handmade.FINISHED)
    handmade.run("b", *ENDED, handmade.FINISHED)
    test = app("train", run="a")
    button(test, "Delete it").click().run()
    assert not test.exception
    assert [run.name for run in store.all_runs()] == ["b"]
    assert test.selectbox(key="run").value is None


def test_a_deleted_run_can_be_had_back_for_a_while(app, monkeypatch):
    handmade.run("a", *ENDED, handmade.FINISHED)
    test = app("train", run="a")
    button(test, "Delete it").click().run()
    assert "Deleted a." in "".join(caption.value for caption in test.sidebar.caption)
    button(test, "Undo").click().run()
    assert [run.name for run in store.all_runs()] == ["a"]
    button(app("train", run="a"), "Delete it").click().run()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + store.KEPT_FOR + 1)
    app("home")
    assert not list(store.root().iterdir())


def test_deleting_a_run_that_has_come_alive_is_refused_in_words(app, holding):
    handmade.run("a", *ENDED)
    test = app("train", run="a")
    holding("a")
    button(test, "Delete it").click().run()
    assert store.get("a")
    assert any("stop it first" in error.value for error in test.error)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("gone", "no run named gone"), ("../../etc", "cannot be a run's name"), ("![x](http://x)", r"\!\[x\]")],
)
def test_a_link_to_no_run_is_told_and_the_page_still_works(app, wanted, expected):
    handmade.run("a", *ENDED, handmade.FINISHED)
    test = app("train", run=wanted)
    assert expected in test.warning[0].value
    assert button(test, "Start")


def test_runs_can_be_compared(app):
    handmade.run("a", *ENDED, handmade.FINISHED)
    handmade.run("b", *ENDED, handmade.FINISHED)
    handmade.run("empty", model=False)
    test = app("train", run="a")
    choice = test.multiselect(key="compare-a")
    assert choice.options == ["b"]
    choice.select("b").run()
    assert not test.exception
    assert len(test.get("vega_lite_chart")) == 2


def test_a_run_can_be_given_another_name(app):
    handmade.run("a", *ENDED, handmade.FINISHED)
    test = app("train", run="a")
    test.text_input(key="title-a").set_value(" ").run()
    assert button(test, "Save").disabled
    test.text_input(key="title-a").set_value("the *best*").run()
    button(test, "Save").click().run()
    assert not test.exception
    assert store.get("a").title == "the *best*"
    assert rf"**{escaping.markdown('the *best*')}**" in handmade.words(test)
    assert test.query_params["run"] in ("a", ["a"])


@pytest.mark.parametrize("name", ["rowcue-quick", "theirs"])
def test_what_comes_along_and_what_is_others_keeps_its_name(app, monkeypatch, name):
    handmade.run(name, *ENDED, handmade.FINISHED)
    monkeypatch.setattr(roles, "may_change", lambda run: False)
    test = app("train", run=name)
    (popover,) = [block for block in test.get("popover") if block.proto.popover.label == "Name and notes"]
    assert popover.proto.popover.disabled
