"""What it kept, for every kind of cell: what is drawn and closes, what is not and why, and the Python beside it."""

import figure_boxes
import handmade
import pytest
import torch

import cnngru
from cnngru.explain import memory
from cnngru.runs import store
from cnngru.ui import samples

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
KINDS = {  # cell, readout, more -> the figures, in order
    ("gru", "last", ()): ["state is made of", "is left", "Written at"],
    ("gru", "mean", ("model__bidirectional", "model__layers")): ["state is made of", "is left", "Read downward"],
    ("gru-textbook", "mean", ()): ["state is made of", "is left", "Written at"],
    ("gru-textbook", "gated", ()): ["state is made of", "is left"],
    ("mingru", "last", ("model__layers",)): ["state is made of", "is left", "Written at"],
    ("lstm", "last", ("model__bidirectional",)): ["is left"],
    ("rnn", "last", ()): [],
}
MORE = {"model__bidirectional": True, "model__layers": 2}


def setup(cell="gru", readout="last", more=()):
    model = {"model__cell": cell, "model__readout": readout, **{name: MORE[name] for name in more}}
    handmade.run("a", *DONE, config=handmade.tiny(**model))


def read(place=0):
    """The model of run a, and its trace of sample `place` of the page."""
    model = cnngru.load(str(store.root() / "a"))
    image = torch.from_numpy(samples.available(handmade.tiny().data)[place].image).permute(2, 0, 1)
    return model, *cnngru.trace(model, image[None] / 255)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind[:2]))
def test_each_cell_shows_what_it_has_and_its_snippets_draw_the_same(app, kind):
    setup(*kind)
    test = app("gates", view="kept", picture="2")
    drawn, wanted = figure_boxes.charts(test), KINDS[kind]
    assert len(drawn) == len(wanted)
    for spec, title in zip(drawn, wanted, strict=True):
        assert any(title in note["text"] for note in spec["layout"]["annotations"])
    made = figure_boxes.run_snippets(test)
    assert len(made) == len(wanted)
    for shown, again in zip(drawn, made, strict=True):
        figure_boxes.same(shown, again)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(kind[:2]))
def test_what_cannot_be_had_is_said_with_its_reason(app, kind):
    setup(*kind)
    test = app("gates", view="kept")
    reasons = " ".join(box.value for box in test.info)
    match kind[:2]:
        case ("lstm", _):
            assert "no mixture" in reasons
            assert "output ⊙ tanh(cell state)" in reasons
        case ("rnn", _):
            assert "no gate that keeps" in reasons
        case (_, "gated"):
            assert "With this readout the logits do not split by row" in reasons
        case _:
            assert not reasons
    said = handmade.words(test)
    of_the_input = kind[0] == "mingru"  # whose writing depends on no state
    assert ("know their own input alone" in said) == of_the_input
    assert ("and from the state before it, so the same step" in said) == (
        not of_the_input and kind[0] not in ("lstm", "rnn")
    )
    assert ("More layers" in said) == ("model__layers" in kind[2])
    assert ("Both directions" in said) == ("model__bidirectional" in kind[2])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if len(KINDS[kind]) == 3], ids=lambda kind: "-".join(kind[:2]))
def test_the_closure_is_told_with_its_numbers(app, kind):
    setup(*kind)
    said = handmade.words(app("gates", view="kept"))
    model, logits, trace = read()
    best, second = logits[0].topk(2).values.tolist()
    margin = f"{best - second:.4f}"
    assert f"The bars add up to the margin: {margin} = {margin}." in said
    assert "does not close" not in said
    assert f"logit {model.classes[int(logits[0].argmax())]} − logit" in said
    assert "The shares add up to the whole state: 1.0000 = 1.0000" in said
    split = memory.contributions(model, trace)
    a, b = logits[0].topk(2).indices.tolist()
    assert f"Left: {float(split.bias[a] - split.bias[b]):.4f} of the head's".replace("-", "−") in said


def test_a_link_chooses_any_two_classes(app):
    setup()
    test = app("gates", view="kept", **{"for": "blue bars", "over": "orange checks"})
    model, logits, _ = read()
    a, b = model.classes.index("blue bars"), model.classes.index("orange checks")
    margin = f"{float(logits[0, a] - logits[0, b]):.4f}".replace("-", "−")
    assert f"The bars add up to the margin: {margin} = {margin}." in handmade.words(test)
    test.selectbox(key="over").set_value("blue bars").run()
    assert not test.exception
    assert "Choose two different ones" in handmade.words(test)
    assert len(figure_boxes.charts(test)) == 2


def test_the_upward_direction_is_read_from_below(app):
    setup("gru", "mean", ("model__bidirectional",))
    test = app("gates", view="kept")
    test.segmented_control(key="direction").set_value(1).run()
    assert not test.exception
    _, triangle, _ = figure_boxes.charts(test)
    heatmap = next(trace for trace in triangle["data"] if trace["name"] == "retention")
    kept = memory.retention(read()[2], 0, 1)[0].mean(-1)
    assert heatmap["hoverongaps"] is False
    assert float(kept[15, 0]) > 0
    assert float(kept[0, 15]) == 0


@pytest.mark.parametrize("cell", ["gru", "lstm", "mingru"])
@pytest.mark.parametrize("direction", ["top to bottom", "bottom to top"])
def test_what_is_left_of_all_that_was_written_is_the_state(app, cell, direction):
    setup(cell, more=("model__bidirectional",))
    test = app("gates", view="kept", direction=direction)
    told = next(text.value for text in test.markdown if "times what is left of it adds up to" in text.value)
    _, _, trace = read()
    state = (trace.cell if cell == "lstm" else trace.hidden)[0, int(direction == "bottom to top"), 0]
    last = float(state[0 if direction == "bottom to top" else -1, 0])
    assert told.startswith(":green-badge")
    assert f"= {last:.4f}".replace("-", "−") in told


def test_captions_are_two_sentences_and_know_the_convention(app):
    setup()
    test = app("gates", view="kept")
    test.segmented_control(key="as").set_value("write").run()
    captions = [caption.value for caption in test.caption if "Do not conclude" in caption.value]
    assert len(captions) == 3
    assert all(caption.count(". ") == 1 for caption in captions)
    assert any("the product of 1 − write" in caption for caption in captions)


def test_a_link_that_names_no_class_shows_the_answer_and_the_runner_up(app):
    setup()
    test = app("gates", view="kept", **{"for": "unicorn"})
    assert [box.value for box in test.selectbox if box.key in ("for", "over")] == ["the answer", "the runner-up"]
    assert len(figure_boxes.charts(test)) == 3
