"""Gates for every kind of cell: what is drawn, which switches there are, and the words beside it."""

import figure_boxes
import handmade
import numpy as np
import pytest

from cnngru import figures

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
STATES = ["candidate", "hidden"]
KINDS = {  # cell and readout -> the panels
    ("gru", "last"): ["keep", "reset", *STATES],
    ("gru-textbook", "mean"): ["keep", "reset", *STATES],
    ("gru-textbook", "gated"): ["keep", "reset", "output", *STATES],
    ("lstm", "last"): ["forget", "input", "output", "hidden"],
    ("mingru", "last"): ["keep", *STATES],
    ("rnn", "last"): ["hidden"],
}


def setup(monkeypatch, cell, readout="last", **settings):
    """A finished run of that kind. What its page will draw lands in the list."""
    model = {"model__cell": cell, "model__readout": readout, **settings}
    handmade.run("a", *DONE, config=handmade.tiny(**model))
    drawn, draw = [], figures.gate_map

    def remember(picture, panels, bands, **options):
        drawn.append((panels, options))
        return draw(picture, panels, bands, **options)

    monkeypatch.setattr(figures, "gate_map", remember)
    return drawn


@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_each_cell_shows_what_it_has(app, monkeypatch, cell, readout):
    drawn = setup(monkeypatch, cell, readout)
    test = app("gates", picture="2")
    (chart,) = figure_boxes.charts(test)
    panels, _ = drawn[-1]
    said = handmade.words(test)
    assert all(f"**{name}**: " in said for name in panels)
    assert list(panels) == KINDS[cell, readout]
    for name, values in panels.items():
        assert values.shape == (16, 16)
        assert values.min() >= (0 if name not in (*STATES, "cell") else -np.inf if cell == "mingru" else -1)
        assert f"<b>{name.capitalize()}</b>" in [note["text"] for note in chart["layout"]["annotations"]]
    test.slider(key="step").set_value(4).run()
    assert not test.exception
    assert drawn[-1][1]["step"] == 3
    assert "Step 4 has seen pixel rows" in handmade.words(test)


@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_keep_or_write_is_asked_only_of_an_update_gate(app, monkeypatch, cell, readout):
    drawn = setup(monkeypatch, cell, readout)
    test = app("gates")
    asked = "Update gate as" in [control.label for control in test.segmented_control]
    assert asked == ("keep" in KINDS[cell, readout])
    if asked:
        test.segmented_control(key="as").set_value("write").run()
        assert not test.exception
        assert next(iter(drawn[-1][0])) == "write"
        assert "takes in something new" in handmade.words(test)
    else:
        assert "write" not in drawn[-1][0]
        assert "update gate" not in handmade.words(test)


def test_a_plain_rnn_is_said_to_have_no_gates(app, monkeypatch):
    setup(monkeypatch, "rnn")
    said = handmade.words(app("gates"))
    assert "A plain RNN has no gates" in said
    assert "its state" in said


def test_an_lstms_forget_gate_is_said_to_keep(app, monkeypatch):
    drawn = setup(monkeypatch, "lstm", model__layers=2, model__bidirectional=True)
    test = app("gates")
    test.segmented_control(key="layer").set_value(1).run()
    test.segmented_control(key="direction").set_value(1).run()
    test.slider(key="step").set_value(1).run()
    assert not test.exception
    said = handmade.words(test)
    assert "forget gate is bright (1 = keeps)" in said
    share = float(np.mean(drawn[-1][0]["forget"][0]))
    assert f"it keeps {100 * share:.1f} % of the old cell state" in said
    assert "input gates are" in said


@pytest.mark.parametrize(("encoder", "steps"), [("pixels", 32), ("seed-cnn", 4)])
def test_other_encoders_have_as_many_steps_as_rows(app, monkeypatch, encoder, steps):
    drawn = setup(monkeypatch, "gru", model__encoder=encoder)
    test = app("gates")
    assert test.slider(key="step").max == steps
    assert drawn[-1][0]["keep"].shape == (steps, 16)
