"""Intervene: what is held is what the API holds, said in words, kept in the link, and nobody else's.

Long, because each control is tried with each way to set it.
"""

import handmade
import numpy as np
import pytest
import torch

import cnngru
from cnngru import figures
from cnngru.explain import effects, intervene
from cnngru.pictures import Picture
from cnngru.runs import analyses, store
from cnngru.ui.gates import scene as scenes

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
KINDS = {  # cell and readout -> what can be held
    ("gru", "last"): ["nothing", "keep", "reset", "state"],
    ("gru-textbook", "gated"): ["nothing", "keep", "reset", "output", "state"],
    ("lstm", "last"): ["nothing", "forget", "input", "output", "state"],
    ("mingru", "mean"): ["nothing", "keep", "state"],
    ("rnn", "last"): ["nothing", "state"],
}
FIGURES = ("two_answers", "before_and_after", "cell_effects", "accuracies")


@pytest.fixture
def drawn(monkeypatch):
    """The figures that the page draws, newest last, by the function that made them."""
    found = {name: [] for name in FIGURES}

    def watch(name, make):
        def made(*arguments, **options):
            found[name].append((make(*arguments, **options), arguments, options))
            return found[name][-1][0]

        monkeypatch.setattr(figures, name, made)

    for name in FIGURES:
        watch(name, getattr(figures, name))
    return found


def made(cell="gru", readout="last", name="a", **settings):
    handmade.run(name, *DONE, config=handmade.tiny(model__cell=cell, model__readout=readout, **settings))
    return cnngru.load(store.root() / name)


def picture(number=1):
    """The page's sample of that number, (1, 3, 32, 32)."""
    from cnngru.ui import samples

    image = samples.available(handmade.tiny().data)[number - 1].image
    return torch.from_numpy(image.transpose(2, 0, 1).copy())[None].float() / 255


def after(drawn):
    """The probabilities (C,) of the network that is shown as changed."""
    return drawn["two_answers"][-1][1][2]


@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_each_cell_offers_what_it_has_and_holds_it_as_the_api_does(app, drawn, cell, readout):
    model = made(cell, readout)
    test = app("gates", view="intervene")
    assert "Nothing is changed yet" in handmade.words(test)
    assert test.segmented_control(key="hold").options == KINDS[cell, readout]
    for word in KINDS[cell, readout][1:]:
        test.segmented_control(key="hold").set_value(word).run()
        test.slider(key="hold-steps").set_value((3, 5)).run()
        test.text_input(key="hold-units").set_value("0–2, 9").run()
        assert not test.exception
        rows, units = range(2, 5), (0, 1, 2, 9)
        gate = {"keep": "update"}.get(word, word)
        edit = intervene.Zero(rows, units) if word == "state" else intervene.Clamp(gate, 0.0, rows, units)
        logits, _ = intervene.run(model, picture(), [edit])
        np.testing.assert_allclose(after(drawn), logits.softmax(1)[0], atol=1e-6)
        said = handmade.words(test)
        if word == "state":
            assert "The **state** of 4 of 16 units set to 0 after each of the steps 3 to 5." in said
        else:
            assert f"**{word.capitalize()}** of 4 of 16 units held at 0 from step 3 to 5." in said
    if cell == "rnn":
        assert not test.toggle
        return
    test.toggle(key="every").set_value(True).run()
    assert not test.exception
    assert drawn["cell_effects"]


def test_switching_to_write_says_it_the_other_way_round_and_changes_nothing(app, drawn):
    made()
    test = app("gates", view="intervene", hold="keep", **{"hold-units": "3"})
    held = after(drawn).copy()
    assert "**Keep** of unit 3 held at 0 at every step." in handmade.words(test)
    test.segmented_control(key="as").set_value("write").run()
    assert not test.exception
    assert "**Write** of unit 3 held at 1 at every step." in handmade.words(test)
    assert test.segmented_control(key="to").value == "1"
    np.testing.assert_array_equal(after(drawn), held)
    assert [next(iter(panels)) for panels in drawn["before_and_after"][-1][1][1:3]] == ["write", "write"]
    again = app("gates", view="intervene", hold="write", to="1", **{"hold-units": "3", "as": "write"})
    assert "**Write** of unit 3 held at 1 at every step." in handmade.words(again)
    np.testing.assert_array_equal(after(drawn), held)
    test.segmented_control(key="as").set_value("keep").run()
    assert "**Keep** of unit 3 held at 0 at every step." in handmade.words(test)


def test_layer_direction_and_the_units_mean(app, drawn):
    model = made(model__layers=2, model__bidirectional=True)
    test = app("gates", view="intervene", hold="reset", to="mean", layer="2", direction="bottom to top")
    said = "**Reset** of all 16 units held at each unit's mean over the steps at every step (layer 2, bottom to top)."
    assert said in handmade.words(test)
    logits, _ = intervene.run(model, picture(), [intervene.Clamp("reset", "mean", layer=1, direction=1)])
    np.testing.assert_allclose(after(drawn), logits.softmax(1)[0], atol=1e-6)


def test_the_picture_is_masked_swapped_and_reversed(app, drawn):
    model = made()
    test = app("gates", view="intervene", paint="mask rows", **{"paint-rows": ["4", "9"]})
    images = picture()

    def same(changed, sentence):
        assert not test.exception
        assert sentence in handmade.words(test)
        np.testing.assert_allclose(after(drawn), model(changed).softmax(1)[0].detach(), atol=1e-6)

    changed = images.clone()
    changed[:, :, 4:10] = images.mean((2, 3), keepdim=True)
    same(changed, "Pixel rows 4–9 painted over with the picture's mean colour.")
    test.segmented_control(key="paint").set_value("swap rows").run()
    test.slider(key="paint-to").set_value(20).run()
    changed = images.clone()
    changed[:, :, 4:10], changed[:, :, 20:26] = images[:, :, 20:26], images[:, :, 4:10]
    same(changed, "Pixel rows 4–9 exchanged with rows 20–25.")
    np.testing.assert_array_equal(
        drawn["before_and_after"][-1][1][0][1], (changed[0] * 255).round().byte().permute(1, 2, 0)
    )
    test.slider(key="paint-to").set_value(6).run()
    assert "overlap" in test.warning[0].value
    same(images, "Nothing was changed.")
    test.segmented_control(key="paint").set_value("reverse rows").run()
    test.slider(key="paint-rows").set_value((0, 31)).run()
    same(images.flip(2), "The picture turned upside down.")


def test_undo_all_and_units_that_are_not_there(app, drawn):
    made()
    test = app("gates", view="intervene", hold="keep", paint="mask rows", **{"hold-units": "3, 99"})
    assert test.warning[0].value.replace("\\", "") == (
        "There is no unit 99: here they go from 0 to 15. Until then nothing is held."
    )
    assert "Pixel rows 8–15 painted over" in handmade.words(test)
    test.text_input(key="hold-units").set_value("3").run()
    assert not test.warning
    assert "**Keep** of unit 3 held at 0 at every step; pixel rows 8–15" in handmade.words(test)
    before = drawn["two_answers"][-1][1][1]
    assert np.abs(after(drawn) - before).max() > 1e-6
    test.button(key="undo").click().run()
    assert not test.exception
    assert "Nothing is changed yet" in handmade.words(test)
    np.testing.assert_array_equal(after(drawn), before)
    assert test.segmented_control(key="hold").value == "nothing"
    assert set(test.query_params) <= {"run", "view"}


def test_another_run_with_fewer_steps_and_other_gates_is_no_error(app, drawn):
    made()
    made("lstm", name="b", model__encoder="seed-cnn")
    test = app("gates", run="a", view="intervene", hold="keep", **{"hold-steps": ["9", "12"], "hold-units": "15"})
    assert "held at 0 from step 9 to 12" in handmade.words(test)
    test.selectbox(key="run").set_value("b").run()
    assert not test.exception
    test.segmented_control(key="hold").set_value("forget").run()
    assert not test.exception
    assert "**Forget** of unit 15 held at 0" in handmade.words(test)


def test_two_people_never_see_each_others_clamp(app, drawn):
    made()
    first = app("gates", run="a", view="intervene")
    second = app("gates", run="a", view="intervene")
    as_it_is = after(drawn).copy()
    first.segmented_control(key="hold").set_value("keep").run()
    first.segmented_control(key="paint").set_value("mask rows").run()
    assert "**Keep** of all 16 units held at 0 at every step; pixel rows 8–15" in handmade.words(first)
    held = after(drawn).copy()
    assert np.abs(held - as_it_is).max() > 1e-6
    second.run()
    assert "Nothing is changed yet" in handmade.words(second)
    np.testing.assert_array_equal(after(drawn), as_it_is)
    second.segmented_control(key="hold").set_value("reset").run()
    assert "**Reset** of all 16 units" in handmade.words(second)
    assert "Keep" not in next(line for line in handmade.words(second).splitlines() if "held at" in line)
    first.run()
    assert "**Keep** of all 16 units held at 0 at every step; pixel rows 8–15" in handmade.words(first)
    np.testing.assert_array_equal(after(drawn), held)


def test_every_cell_is_tried_with_what_is_held(app, drawn):
    model = made()
    test = app("gates", view="intervene", every="true")
    logits = model(picture())[0]
    a, b = logits.argsort(descending=True)[:2].tolist()
    expected = effects.cell_effects(model, picture(), "update", 0.0, (a, b))
    _, arguments, options = drawn["cell_effects"][-1]
    np.testing.assert_allclose(arguments[1], expected.margin, atol=1e-6)
    np.testing.assert_allclose(arguments[2], expected.probability, atol=1e-6)
    assert options["names"] == ("margin", "probability")
    test.segmented_control(key="hold").set_value("reset").run()
    test.segmented_control(key="to").set_value("1").run()
    test.segmented_control(key="every-by").set_value("probability").run()
    assert not test.exception
    expected = effects.cell_effects(model, picture(), "reset", 1.0, (a, b))
    np.testing.assert_allclose(drawn["cell_effects"][-1][1][1], expected.probability, atol=1e-6)


def test_over_the_test_set_by_one_press_and_kept(app, drawn, monkeypatch):
    from cnngru.data import rowcue

    monkeypatch.setattr(rowcue, "TEST", 40)
    model = made()
    test = app("gates", run="a", view="intervene")
    assert not drawn["accuracies"]
    test.button(key="over-test-go").click().run()
    assert not test.exception
    figure, (names, values, n), _ = drawn["accuracies"][-1]
    assert n == 40
    split = rowcue.generate(40, (0, 2))
    expected = [(effects.for_people(name), share) for name, share in effects.accuracy_under(model, split)]
    assert list(zip(names, values, strict=True)) == expected
    assert "right, % of 40 test pictures" in figure.layout.xaxis.title.text
    assert "40 test pictures" in handmade.words(test)

    def never(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(effects, "accuracy_under", never)
    again = app("gates", run="a", view="intervene", **{"as": "write"})
    assert "over-test-go" not in [button.key for button in again.button]
    assert "write := 1" in drawn["accuracies"][-1][0].data[0].y
    weights = store.root() / "a" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    assert analyses.stored(analyses.weights_file(store.get("a")), analyses.ACCURACIES) is None


def test_accuracies_stay_in_memory_where_they_cannot_be_kept(app, drawn, monkeypatch):
    from cnngru.data import rowcue
    from cnngru.runs import artifacts

    monkeypatch.setattr(rowcue, "TEST", 40)
    monkeypatch.setattr(artifacts, "write_arrays", lambda *_: (_ for _ in ()).throw(OSError("read-only")))
    made()
    test = app("gates", run="a", view="intervene")
    test.button(key="over-test-go").click().run()
    for again in (test.run(), app("gates", run="a", view="intervene", hold="reset")):
        assert "over-test-go" not in [button.key for button in again.button]
    assert len(drawn["accuracies"]) == 3


def test_without_the_data_set_it_says_so(app):
    handmade.run("a", *DONE, config=handmade.tiny(data__name="cifar10"))
    from cnngru.runs.store import get
    from cnngru.ui.gates.views.intervene import accuracy  # the page asks for a picture first, of which there is none

    assert get("a").config.data.name == "cifar10"
    assert "CIFAR-10 are not on this machine: download it on Home" in accuracy.reason(get("a"))


def test_the_snippets_make_the_very_figures(app, drawn, monkeypatch):
    from cnngru.data import rowcue

    monkeypatch.setattr(rowcue, "TEST", 40)
    made(model__bidirectional=True)
    link = {"hold": "write", "to": "0", "as": "write", "direction": "bottom to top", "every": "true"}
    link |= {"hold-units": "2–4, 7", "hold-steps": ["3", "8"], "paint": "swap rows"}
    test = app("gates", run="a", view="intervene", **link)
    test.button(key="over-test-go").click().run()
    assert not test.exception
    shown = {name: found[-1][0] for name, found in drawn.items()}
    snippets = [code.value for code in test.code]
    assert len(snippets) == len(FIGURES)
    monkeypatch.setattr("plotly.graph_objects.Figure.show", lambda _: None)
    for name, code in zip(FIGURES, snippets, strict=True):
        names = {}
        exec(compile(code, name, "exec"), names)
        assert alike(names["figure"].to_plotly_json(), shown[name].to_plotly_json()), name


def alike(left, right):
    """The same figure, numbers up to rounding."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, np.ndarray) and left.dtype.kind in "fiu":
        return np.allclose(left, right, atol=2e-3 if left.dtype.kind == "f" else 0)
    if isinstance(left, (list, tuple)) and not isinstance(left, str):
        return len(left) == len(right) and all(map(alike, left, right))
    if isinstance(left, np.ndarray):
        return left.tolist() == right.tolist()
    return left == right or left == pytest.approx(right, abs=1e-5)


def test_a_box_and_a_click_hold_what_they_touch(app, monkeypatch):
    """The callbacks alone: the harness cannot draw in a figure. tests/browser does it for real."""
    import streamlit as st

    from cnngru.ui.gates.views import intervene as view
    from cnngru.ui.gates.views.intervene import sweep

    model = made("lstm")
    logits, trace = cnngru.trace(model, picture())
    image = (picture()[0] * 255).byte().permute(1, 2, 0).numpy()
    shown = scenes.Scene(store.get("a"), model, Picture(image, "it"), 0, 0, False, "", logits, trace, None)
    state = {}
    monkeypatch.setattr(st, "session_state", state)
    order = np.random.default_rng(0).permutation(16)
    names = list(figures.panels(trace))

    def draw(panel, x, y):
        box = {"xref": "x5", "yref": f"y{names.index(panel) + 2}", "x": x, "y": y}
        state[view.MAP] = {"box": box}
        view._boxed(shown, names, order)

    draw("forget", [3.2, 1.6], [9.9, 4.1])  # columns 2 and 3; cells are two pixel rows high
    assert state["hold"] == "forget"
    assert state["hold-steps"] == (3, 5)
    assert state["hold-units"] == ", ".join(str(unit) for unit in sorted(order[1:3]))
    draw("candidate", [0.6, 16.4], [1.1, 1.2])  # which nothing can hold: the gate stays
    assert state["hold"] == "forget"
    assert state["hold-steps"] == (1, 1)
    assert state["hold-units"] == ""
    draw("cell", [0.6, 0.7], [31, 31.5])
    assert (state["hold"], state["hold-steps"]) == ("state", (16, 16))
    kept = dict(state)
    state[view.MAP] = {"box": None}
    view._boxed(shown, names, order)
    assert {key: state[key] for key in kept if key != view.MAP} == {k: v for k, v in kept.items() if k != view.MAP}
    state[sweep.KEY] = {"click": {"curve": 2, "point": [4, 6]}}
    sweep._clicked(shown, "input", order)
    assert (state["hold"], state["hold-steps"], state["hold-units"]) == ("input", (5, 5), str(order[6]))
