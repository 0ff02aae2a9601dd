"""Home, Predict and Gates in each of their states."""

import io
from urllib.parse import parse_qs

import figure_boxes
import handmade
import numpy as np
import pytest
from PIL import Image

from cnngru import figures
from cnngru.ui import links, models, samples

ENDED = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED]
DONE = [*ENDED, handmade.FINISHED]


def png(width=60, height=40):
    data = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)).save(data, "PNG")
    return data.getvalue()


def test_home_without_anything_says_what_to_do_first(app):
    said = handmade.words(app("home"))
    assert "No runs yet" in said
    assert "not on this machine yet" in said
    assert "RowCue** is always ready" in said


def test_home_tells_damaged_data(app, tmp_path):
    folder = tmp_path / "no-data" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    (folder / "test_batch").write_bytes(b"cut short")
    assert "Download them again" in handmade.words(app("home"))


@pytest.mark.parametrize("page", ["home", "train", "predict", "gates", "compare"])
def test_a_folder_of_nobody_is_told_on_each_page_that_needs_it(app, monkeypatch, page):
    handmade.run("a", handmade.STARTED, handmade.FINISHED)
    test = app(page)  # which looks that nothing broke
    monkeypatch.setenv("CNNGRU_DATA", "~nosuchuser/x")
    test.run()
    assert not test.exception
    if page in ("home", "train"):
        said = handmade.words(test) + " ".join(error.value for error in test.error)
        assert r"There is no folder \~nosuchuser/x for CIFAR-10" in said
    assert all(b.disabled for b in test.button if b.label in ("Download CIFAR-10", "Start"))


def test_home_counts_and_lists_the_runs(app):
    handmade.run("a", *DONE)
    handmade.run("b", *ENDED)
    said = handmade.words(app("home"))
    assert "1 finished; 2 in all" in said
    assert "test 81.2 %" in said


def test_home_lists_finished_controls_last(app):
    handmade.run("network", *DONE)
    handmade.run("control", *DONE, config=handmade.tiny(data__shuffle_labels=True))  # the newer one
    labels = [link.proto.label for link in app("home").get("page_link")]
    assert [label for label in labels if label in ("network", "control")] == ["network", "control"]


def test_home_says_when_a_run_was_made_and_shows_one_whose_result_is_no_number(app):
    handmade.run("a", *DONE)
    handmade.run("b", *ENDED, {**handmade.FINISHED, "accuracy": "much"})
    said = handmade.words(app("home"))
    assert "test 81.2 % · just now" in said
    assert "2 in all" in said
    assert "much" not in said


def test_each_page_says_in_the_menu_what_it_is_for(app, monkeypatch):
    purposes = [page.purpose for page in links.PAGES.values()]
    assert [page.help for page in links.pages()] == purposes
    assert all(purpose.endswith((".", "?")) for purpose in purposes)
    said = handmade.words(app("home"))
    assert all(purpose in said for purpose in purposes[1:])


def test_links_do_not_repeat_what_their_page_is_for(app):
    handmade.run("a", *DONE)
    links_on_page = app("home").get("page_link")
    assert len(links_on_page) == 5  # four doors and the run
    assert not any(link.proto.help for link in links_on_page)


def test_home_downloads_with_progress_and_quotes_what_goes_wrong(app, monkeypatch):
    from cnngru.data import DataError, cifar10

    def fetch(path="", progress=None):
        progress(85_000_000, 170_000_000, "Downloading")
        raise DataError("No source answered. Nothing was changed.")

    monkeypatch.setattr(cifar10, "fetch", fetch)
    test = app("home")
    next(b for b in test.button if b.label == "Download CIFAR-10").click().run()
    assert not test.exception
    assert test.error[0].value == "No source answered. Nothing was changed."


@pytest.mark.parametrize("page", ["predict", "gates"])
def test_without_any_model_there_is_a_way_to_one(app, page):
    assert "no trained network yet" in handmade.words(app(page))


@pytest.mark.parametrize("page", ["predict", "gates"])
def test_a_run_without_weights_is_not_replaced_by_another(app, page):
    handmade.run("good", *DONE)
    handmade.run("bad", *ENDED, model=False)
    assert "ended before any weights were saved" in handmade.words(app(page, run="bad"))


@pytest.mark.parametrize("page", ["predict", "gates"])
def test_a_damaged_checkpoint_is_named(app, page, checkpoints):
    handmade.run("a", *DONE)
    (checkpoints / "a" / "model.safetensors").write_bytes(b"nothing of ours")
    test = app(page, run="a")
    assert "model.safetensors" in test.error[0].value


@pytest.mark.parametrize("page", ["predict", "gates"])
def test_with_no_run_picked_nobodys_newest_is_shown(app, page):
    handmade.run("ended", *ENDED)
    handmade.run("finished", *DONE)
    handmade.run("later", *DONE)
    assert "**finished** ·" in handmade.words(app(page))
    first = {"gates": "rowcue-quick", "predict": "cifar10-best"}[page]
    for ours in ("cifar10-quick-gru", first):
        handmade.run(ours, *DONE)
        assert f"**{ours}** ·" in handmade.words(app(page))
    assert "**later** ·" in handmade.words(app(page, run="later"))


@pytest.mark.parametrize("page", ["predict", "gates"])
def test_a_control_with_shuffled_labels_has_to_be_picked(app, page):
    handmade.run("old", *DONE)
    handmade.run("control", *DONE, config=handmade.tiny(data__shuffle_labels=True))
    assert "**old** ·" in handmade.words(app(page))
    assert "**control** ·" in handmade.words(app(page, run="control"))


def test_predict_answers_a_sample_with_five_bars_and_its_true_class(app):
    handmade.run("a", *DONE)
    test = app("predict", picture="2")
    assert test.query_params["test"] == str(samples.available(handmade.tiny().data)[1].test)
    assert "It must choose one of these 10: orange" in handmade.words(test)
    (chart,) = figure_boxes.charts(test)
    assert str(chart).count(" %") >= 5


def test_predict_goes_on_after_a_bad_file(app):
    handmade.run("a", *DONE)
    test = app("predict")
    files = [
        ("good.png", png(), "image/png"),
        ("b*d.png", b"not a picture", "image/png"),
        ("also.png", png(), "image/png"),
    ]
    test.file_uploader[0].set_value(files).run()
    assert not test.exception
    assert len(test.error) == 1
    assert test.error[0].value.startswith(r"**b\*d.png**")
    words = handmade.words(test)
    assert "also.png" in words  # the newest is answered, the one before it below
    assert "good.png" in words
    assert len(figure_boxes.charts(test)) == 1


def test_predict_without_samples_says_where_they_come_from(app):
    handmade.run("a", *DONE, config=handmade.tiny(data__name="cifar10"))
    assert "download it on Home" in handmade.words(app("predict"))


def test_gates_show_one_figure_for_a_sample_with_its_deciding_band(app):
    handmade.run("a", *DONE)
    test = app("gates", picture="3")
    assert "decides" in str(figure_boxes.charts(test))
    assert "in truth" in handmade.words(test)


def test_gates_of_a_run_without_recurrence_are_said_not_to_exist(app):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell="none"))
    test = app("gates")
    assert "no gates to show" in handmade.words(test)
    assert not figure_boxes.charts(test)


def test_layer_and_direction_are_offered_only_where_there_are_several(app):
    handmade.run("small", *DONE)
    handmade.run("big", *DONE, config=handmade.tiny(model__layers=2, model__bidirectional=True))
    labels = [[g.label for g in app("gates", run=run).segmented_control] for run in ("small", "big")]
    assert [label for label in labels[1] if label not in labels[0]] == ["Layer", "Direction"]


def test_choices_reach_the_figure(app, monkeypatch):
    import torch

    import cnngru
    from cnngru.runs import store

    handmade.run("a", *DONE, config=handmade.tiny(model__layers=2, model__bidirectional=True))
    drawn, draw = [], figures.gate_map
    monkeypatch.setattr(figures, "gate_map", lambda *a, **options: drawn.append((*a, options)) or draw(*a, **options))
    test = app("gates", picture="2")
    test.segmented_control(key="layer").set_value(1).run()
    test.segmented_control(key="direction").set_value(1).run()
    test.segmented_control(key="as").set_value("write").run()
    test.slider(key="step").set_value(4).run()
    assert not test.exception
    picture, panels, _, options = drawn[-1]
    _, trace = cnngru.trace(models.load(store.get("a")), torch.from_numpy(picture).permute(2, 0, 1)[None] / 255)
    np.testing.assert_allclose(panels["write"], 1 - trace.update[1, 1, 0].numpy())
    np.testing.assert_allclose(panels["reset"], trace.reset[1, 1, 0].numpy())
    assert "keep" not in panels
    assert options["step"] == 3
    assert "Step 4 has seen pixel rows" in handmade.words(test)
    assert "takes in something new" in handmade.words(test)


def test_gates_of_an_own_picture_and_of_a_bad_file(app):
    handmade.run("a", *DONE)
    test = app("gates")
    test.file_uploader[0].set_value([("mine.png", png(), "image/png")]).run()
    assert not test.exception
    assert "mine.png" in handmade.words(test)
    assert len(figure_boxes.charts(test)) == 1
    test.file_uploader[0].set_value([("bad.png", b"no", "image/png")]).run()
    assert test.error[0].value.startswith("**bad.png**")
    assert not figure_boxes.charts(test)


def test_a_picture_from_predict_is_shown_and_stays_when_the_run_is_switched(app):
    handmade.run("a", *DONE)
    handmade.run("b", *DONE)
    test = app("predict", run="a")
    test.file_uploader[0].set_value([("cat.png", png(), "image/png")]).run()
    (link,) = [link for link in test.get("page_link") if link.proto.label == "See its gates"]
    for name, (value,) in parse_qs(link.proto.query_string).items():
        test.query_params[name] = value
    test.switch_page("pages/gates.py").run()
    assert not test.exception
    assert "cat.png" in handmade.words(test).replace("\\", "")
    test.selectbox(key="run").select("b").run()
    assert not test.exception
    assert "cat.png" in handmade.words(test).replace("\\", "")
    assert len(figure_boxes.charts(test)) == 1
