"""Compare: what stands on both sides, the controls, networks of other shapes, and the snippets."""

import figure_boxes
import handmade
import numpy as np
import pytest
import torch
from test_gates_units import array

import cnngru
from cnngru import checkpoint, figures
from cnngru.data.rowcue import CLASSES
from cnngru.explain.untrained import untrained
from cnngru.nn.classifier import CNNGRU
from cnngru.runs import analyses, artifacts, store
from cnngru.ui.gates.views.compare import partners

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
CELLS = ["gru", "gru-textbook", "lstm", "mingru", "rnn"]


def drawn(test):
    """The heatmaps of the one figure, by name."""
    (chart,) = figure_boxes.charts(test)
    return {trace["name"]: array(trace["z"]) for trace in chart["data"] if trace["type"] == "heatmap"}


def snippets_draw_the_same(test):
    (shown,), (again,) = figure_boxes.charts(test), figure_boxes.run_snippets(test)
    figure_boxes.same(shown, again)


def two_runs(one=None, other=None):
    handmade.run("a", *DONE, config=handmade.tiny(**(one or {})))
    config = handmade.tiny(**(other or {}))
    handmade.run("b", *DONE, config=config)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        checkpoint.save(CNNGRU(config.model, CLASSES).eval(), store.root() / "b")


@pytest.mark.parametrize("cell", CELLS)
def test_two_pictures(app, cell):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell=cell, model__layers=2, model__bidirectional=True))
    link = {"picture": "1", "picture-b": "5", "layer": "2", "direction": "bottom to top"}
    test = app("gates", view="compare", **link)
    values = drawn(test)
    np.testing.assert_allclose(values["A"] - values["B"], values["A − B"], atol=1e-6)
    assert np.abs(values["A − B"]).max() > 1e-3
    snippets_draw_the_same(test)
    same = drawn(app("gates", view="compare", **{**link, "picture-b": "1"}))
    assert not same["A − B"].any()


@pytest.mark.parametrize("by", ["mean in A", "difference", "as they are"])
@pytest.mark.parametrize("gate", ["keep", "write"])
def test_the_order_of_units_and_the_convention_are_in_the_link(app, by, gate):
    handmade.run("a", *DONE)
    test = app("gates", view="compare", **{"pair-sort": by, "as": gate, "pair-gate": gate})
    snippets_draw_the_same(test)
    values = drawn(test)
    sorted_by = {"mean in A": values["A"], "difference": values["A − B"]}.get(by)
    if sorted_by is not None:
        falls = np.diff(sorted_by.mean(axis=0)) * (-1 if gate == "write" else 1)
        assert (falls <= 1e-6).all()


def test_the_mean_is_said_as_it_is(app):
    handmade.run("a", *DONE)
    test = app("gates", view="compare", **{"pair-gate": "hidden"})
    a, b = (np.abs(drawn(test)[side]).mean() for side in "AB")
    assert f"A {a:.3f}, B {b:.3f}" in handmade.words(test)


def test_another_run_of_the_same_shape_is_compared_rank_with_rank(app):
    two_runs()
    test = app("gates", run="a", view="compare", beside="another run")
    values = drawn(test)
    for side in "AB":
        assert (np.diff(values[side].mean(axis=0)) <= 1e-6).all()
    assert "A − B" in values
    assert "Two networks have no units in common" in handmade.words(test)
    snippets_draw_the_same(test)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"model__hidden": 24}, "A has 16 units here and B 24"),
        ({"model__encoder": "pixels"}, "A reads 16 rows and B 32"),
    ],
)
def test_other_rows_or_units_leave_the_means_by_row(app, other, reason):
    two_runs(other=other)
    test = app("gates", run="a", view="compare", beside="another run")
    assert list(drawn(test)) == ["A", "B"]
    assert reason in handmade.words(test)
    snippets_draw_the_same(test)


@pytest.mark.parametrize(
    ("other", "shown"),
    [
        ({}, "layer 1, read top to bottom"),
        ({"model__layers": 2}, "layer 2, read top to bottom"),
        ({"model__bidirectional": True}, "layer 1, read bottom to top"),
    ],
)
def test_a_layer_and_a_direction_that_b_has_not_got(app, other, shown):
    two_runs(one={"model__layers": 2, "model__bidirectional": True}, other=other)
    test = app("gates", run="a", view="compare", beside="another run", layer="2", direction="bottom to top")
    assert f"B has no such layer or direction: shown is its {shown}." in handmade.words(test)
    snippets_draw_the_same(test)


@pytest.mark.parametrize("gate", ["keep", "write"])
def test_a_grus_update_gate_beside_an_lstms_forget_gate(app, gate):
    two_runs(other={"model__cell": "lstm"})
    test = app("gates", run="a", view="compare", beside="another run", **{"as": gate})
    assert "forget in B" in handmade.words(test)
    snippets_draw_the_same(test)
    other = cnngru.load(store.root() / "b")
    image = image_of(test)
    _, trace = cnngru.trace(other, image)
    forget = trace.gates["forget"][0, 0, 0].numpy()
    forget = forget[:, figures.by_mean(forget)]
    np.testing.assert_allclose(drawn(test)["B"], 1 - forget if gate == "write" else forget, atol=1e-6)


def image_of(test):
    """(1, 3, 32, 32): the picture in the figure."""
    (chart,) = figure_boxes.charts(test)
    (picture,) = [array(trace["z"]) for trace in chart["data"] if trace["type"] == "image"]
    return torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (["keep", "reset", "hidden"], ["forget", "input", "hidden"], {"keep": "forget", "hidden": "hidden"}),
        (["forget", "cell"], ["keep", "hidden"], {"forget": "keep"}),
        (["keep", "reset"], ["keep", "reset"], {"keep": "keep", "reset": "reset"}),
        (["keep", "hidden"], ["hidden"], {"hidden": "hidden"}),
    ],
)
def test_what_means_the_same_is_compared(a, b, expected):
    assert partners.matching(a, b) == expected


def test_no_other_run(app):
    handmade.run("a", *DONE)
    test = app("gates", view="compare", beside="another run")
    assert "There is no other run" in handmade.words(test)


def test_a_run_that_cannot_be_read_is_said_to_be_so(app):
    two_runs()
    (store.root() / "b" / "model.safetensors").write_bytes(b"nothing")
    test = app("gates", run="a", view="compare", beside="another run")
    assert not figure_boxes.charts(test)
    assert "Choose another run" in handmade.words(test)


def test_the_untrained_control_is_the_first_snapshot_or_has_random_weights(app):
    handmade.run("a", *DONE)
    link = {"view": "compare", "beside": "untrained"}
    test = app("gates", **link)
    assert "with random weights" in handmade.words(test)
    model = cnngru.load(store.root() / "a")
    _, trace = cnngru.trace(untrained(model), image_of(test))
    keep = trace.update[0, 0, 0].numpy()
    np.testing.assert_allclose(drawn(test)["B"], keep[:, figures.by_mean(keep)], atol=1e-6)
    snippets_draw_the_same(test)

    first = artifacts.snapshot_file(store.root() / "a", 0)
    first.parent.mkdir()
    checkpoint.save(untrained(model, 5), first.parent)
    (first.parent / "model.safetensors").rename(first)
    test = app("gates", **link)
    assert "before its first step of training" in handmade.words(test)
    snippets_draw_the_same(test)


def test_the_shuffled_control(app):
    two_runs(other={"data__shuffle_labels": True})
    test = app("gates", run="a", view="compare", beside="shuffled labels")
    assert "labels drawn at random" in handmade.words(test)
    snippets_draw_the_same(test)
    test = app("gates", run="b", view="compare", beside="shuffled labels")
    assert "the control itself" in handmade.words(test)


def test_where_none_is_like_it_another_shuffled_network_is_the_control(app):
    two_runs(other={"data__shuffle_labels": True, "model__hidden": 24})
    test = app("gates", run="a", view="compare", beside="shuffled labels")
    assert "B is not the same kind of network" in handmade.words(test)
    assert "24 units" in handmade.words(test)
    snippets_draw_the_same(test)
    handmade.run("c", *DONE, config=handmade.tiny(data__shuffle_labels=True))
    test = app("gates", run="a", view="compare", beside="shuffled labels")
    assert "24 units" not in handmade.words(test)
    assert "not the same kind" not in handmade.words(test)


@pytest.mark.parametrize("other", [{}, {"data__shuffle_labels": True, "model__cell": "none"}])
def test_where_there_is_no_shuffled_control_it_says_how_to_train_one(app, other):
    two_runs(other=other)
    test = app("gates", run="a", view="compare", beside="shuffled labels")
    assert "Shuffle the labels (control)" in handmade.words(test)
    assert not figure_boxes.charts(test)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("gate", ["keep", "write"])
def test_two_classes(app, monkeypatch, cell, gate):
    monkeypatch.setattr("cnngru.data.rowcue.TEST", 150)
    handmade.run("a", *DONE, config=handmade.tiny(model__cell=cell))
    split = analyses.test_pictures(store.get("a").config.data)
    analyses.load_or_compute(store.get("a"), analyses.SURVEY)
    names = [CLASSES[4], CLASSES[7]]
    link = {"class-a": names[0], "class-b": names[1], "as": gate}
    test = app("gates", view="compare", beside="two classes", **link)
    snippets_draw_the_same(test)
    _, trace = cnngru.trace(cnngru.load(store.root() / "a"), split.images.float() / 255)
    keep = trace.gates["forget" if cell == "lstm" else "update"][0, 0].numpy()
    a, b = (keep[split.labels.numpy() == place].mean(axis=0) for place in (4, 7))
    order = figures.by_mean(a)
    expected = (b - a if gate == "write" and cell == "gru" else a - b)[:, order]
    np.testing.assert_allclose(drawn(test)["A − B"], expected, atol=1e-5)


def test_a_plain_rnn_keeps_nothing_for_a_class(app):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell="rnn"))
    test = app("gates", view="compare", beside="two classes")
    assert "no gate that keeps" in handmade.words(test)
