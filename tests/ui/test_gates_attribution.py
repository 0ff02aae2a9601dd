"""Which row mattered, for every kind of cell: the four answers, their sums, how far they agree, and RowCue's truth."""

import base64

import figure_boxes
import handmade
import numpy as np
import pytest
import torch

import cnngru
from cnngru.explain import attribution
from cnngru.runs import store
from cnngru.ui import samples

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
ALL, OUTSIDE = (
    ["written", "sensitivity", "occlusion", "integrated gradients"],
    ["sensitivity", "occlusion", "integrated gradients"],
)
KINDS = {  # cell and readout -> the answers
    ("gru", "last"): ALL,
    ("gru-textbook", "mean"): ALL,
    ("mingru", "mean"): ALL,
    ("gru-textbook", "gated"): OUTSIDE,
    ("lstm", "last"): OUTSIDE,
    ("rnn", "last"): OUTSIDE,
}


def setup(cell="gru", readout="last", **settings):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell=cell, model__readout=readout, **settings))


def read(place=0):
    """The model of run a, sample `place` of the page as the model takes it, and logits and trace of that."""
    model, sample = cnngru.load(str(store.root() / "a")), samples.available(handmade.tiny().data)[place]
    images = torch.from_numpy(sample.image).permute(2, 0, 1)[None] / 255
    return model, images, *cnngru.trace(model, images), sample


def bars(test):
    """(T,) each, by name, as drawn."""
    found = {}
    for trace in figure_boxes.charts(test)[0]["data"]:
        if trace.get("orientation") == "h":
            values = trace["x"]
            if isinstance(values, dict):  # as Plotly packs arrays
                values = np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
            found[trace["name"]] = np.asarray(values, float)
    return found


@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_each_cell_has_the_answers_that_it_can_have_and_its_snippets_draw_the_same(app, cell, readout):
    setup(cell, readout)
    test = app("gates", view="mattered", picture="3")
    drawn, names = figure_boxes.charts(test), KINDS[cell, readout]
    assert list(bars(test)) == names
    assert drawn[1]["data"][0]["y"] == names
    reasons = " ".join(box.value for box in test.info)
    assert ("do not split by row" in reasons) == (names == OUTSIDE)
    for shown, again in zip(drawn, figure_boxes.run_snippets(test), strict=True):
        figure_boxes.same(shown, again)


def test_the_bars_are_the_librarys_numbers_for_answer_and_runner_up(app):
    setup()
    shown = bars(app("gates", view="mattered"))
    model, images, logits, trace, _ = read()
    a, b = attribution.answer_and_runner_up(logits)
    for name, values in {
        "written": attribution.written(model, trace, a, b),
        "sensitivity": attribution.sensitivity(model, images, a, b),
        "occlusion": attribution.occlusion(model, images, a, b, height=2),
        "integrated gradients": attribution.integrated_gradients(model, images, a, b)[0],
    }.items():
        np.testing.assert_allclose(shown[name], values[0].numpy(), atol=1e-6)


def test_the_sums_are_told_with_their_numbers(app):
    setup()
    said = handmade.words(app("gates", view="mattered"))
    model, images, logits, *_ = read()
    a, b = attribution.answer_and_runner_up(logits)
    margin = f"{float(logits[0, a] - logits[0, b]):.4f}"
    assert f"= {margin}; by the network: {margin}." in said
    _, residual = attribution.integrated_gradients(model, images, a, b)
    assert f"Residual: {'−' if float(residual) < -5e-5 else ''}{abs(float(residual)):.4f}" in said
    assert "does not close" not in said


def test_other_classes_and_other_ways_to_hide_give_other_numbers(app):
    setup()
    test = app("gates", view="mattered", **{"for": "blue bars"})
    model, images, logits, _, _ = read()
    a, b = model.classes.index("blue bars"), int(logits[0].topk(2).indices[1])
    two = attribution.occlusion(model, images, a, b, height=2)[0].numpy()  # at first: a cue is two steps high
    np.testing.assert_allclose(bars(test)["occlusion"], two, atol=1e-6)
    test.slider(key="hidden").set_value(1).run()
    one = attribution.occlusion(model, images, a, b)[0].numpy()
    np.testing.assert_allclose(bars(test)["occlusion"], one, atol=1e-6)
    test.segmented_control(key="hide").set_value("pixel rows").run()
    painted = attribution.occlusion_of_pixels(model, images, a, b)[0].numpy()
    np.testing.assert_allclose(bars(test)["occlusion"], painted, atol=1e-6)
    assert not test.exception
    test.selectbox(key="over").set_value("blue bars").run()
    assert "Choose two different ones" in handmade.words(test)
    assert not figure_boxes.charts(test)


def test_a_link_says_how_to_hide(app):
    setup()
    model, images, logits, *_ = read()
    a, b = attribution.answer_and_runner_up(logits)
    three = attribution.occlusion(model, images, a, b, height=3)[0].numpy()
    np.testing.assert_allclose(bars(app("gates", view="mattered", hidden="3"))["occlusion"], three, atol=1e-6)
    painted = attribution.occlusion_of_pixels(model, images, a, b)[0].numpy()
    linked = app("gates", view="mattered", hide="pixel rows")
    np.testing.assert_allclose(bars(linked)["occlusion"], painted, atol=1e-6)


def test_on_rowcue_the_truth_is_drawn_and_each_answer_is_held_against_it(app):
    setup()
    test = app("gates", view="mattered", picture="2")
    start, end = read(1)[-1].cue
    shapes = figure_boxes.charts(test)[0]["layout"]["shapes"]
    assert sum((shape["y0"], shape["y1"]) == (start, end) for shape in shapes) >= 5
    said = handmade.words(test)
    assert f"In truth pixel rows {start}–{end - 1} decide, the place of step {start // 2 + 1} and step" in said
    for name, values in bars(test).items():
        step = int(values.argmax())
        named = start <= 2 * step < end
        assert f"{name}: step {step + 1} {'✓' if named else '✗'}" in said
        if name == "written":
            assert ("Why written does not name it" in said) != named


@pytest.mark.parametrize(("cell", "layers"), [("gru", 1), ("mingru", 1), ("mingru", 2), ("lstm", 1)])
def test_the_reasons_are_those_of_the_cell(app, cell, layers):
    setup(cell, model__layers=layers)
    for picture in range(1, 13):
        said = handmade.words(app("gates", view="mattered", picture=str(picture)))
        assert ("where the answer was stored" in said) == (cell != "lstm")
        if "Why written does not name it" in said:  # a minimal GRU of one layer knows no state when it writes
            alone = (cell, layers) == ("mingru", 1)
            assert ("what this one writes at a step is that step's own" in said) == alone
            assert ("from the state before it" in said) != alone
            return
    assert cell == "lstm"


def test_correlations_are_those_of_what_is_drawn(app):
    setup(model__bidirectional=True, model__layers=2)
    test = app("gates", view="mattered")
    shown = {name: torch.tensor(values)[None] for name, values in bars(test).items()}
    table = attribution.agreement(shown)[0].numpy()
    assert figure_boxes.charts(test)[1]["data"][0]["text"] == [
        [f"{v:.2f}".replace("-", "−") for v in row] for row in table
    ]
    assert "Why they differ" in handmade.words(test)


def test_captions_are_two_sentences(app):
    setup()
    test = app("gates", view="mattered")
    captions = [caption.value for caption in test.caption if "Do not conclude" in caption.value]
    assert len(captions) == 2
    assert all(caption.count(". ") == 1 for caption in captions)


def test_where_the_class_is_behind_the_largest_bar_against_it_is_marked(app):
    setup()
    _, _, logits, *_ = read()
    answer = handmade.CLASSES[int(logits[0].argmax())]
    test = app("gates", view="mattered", **{"for": "the runner-up", "over": answer})
    marks = [note for note in figure_boxes.charts(test)[0]["layout"]["annotations"] if note["text"] == "►"]
    edges = np.linspace(0, 32, 17)
    for note, (name, values) in zip(marks, bars(test).items(), strict=True):
        step = int(np.searchsorted(edges, note["y"])) - 1
        assert step == (values.argmax() if name == "sensitivity" else values.argmin()), name


@pytest.mark.parametrize("encoder", ["pixels", "seed-cnn"])
def test_other_encoders_have_a_place_for_the_band_that_decides(app, encoder):
    setup(model__encoder=encoder)
    test = app("gates", view="mattered")
    assert not test.exception
    assert "In truth pixel rows" in handmade.words(test)
    assert {len(values) for values in bars(test).values()} == {32 if encoder == "pixels" else 4}


def test_a_band_that_is_no_steps_own_is_said_to_be_so(app, monkeypatch):
    setup()
    monkeypatch.setattr(attribution, "stripes", lambda config: [(0, 0)] * 16)
    assert "which are no step's own" in handmade.words(app("gates", view="mattered"))
