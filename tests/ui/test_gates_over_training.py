"""Time travel: the moments there are, what is drawn of each, following a run, and runs that kept nothing."""

import os

import figure_boxes
import handmade
import numpy as np
import pandas as pd
import pytest
import torch

import cnngru
from cnngru import checkpoint, figures
from cnngru.data.rowcue import CLASSES
from cnngru.explain import decision
from cnngru.explain.untrained import untrained
from cnngru.nn.classifier import CNNGRU
from cnngru.runs import lock, store
from cnngru.ui import models, samples
from cnngru.ui.gates import figure_box
from cnngru.ui.gates.views import over_training

VALIDATED, FINISHED = handmade.VALIDATED, handmade.FINISHED
BEGUN = [handmade.STARTED, handmade.PROGRESS, VALIDATED]
KINDS = {
    ("gru", "mean"): ["keep", "reset"],
    ("gru-textbook", "gated"): ["keep", "reset", "output"],
    ("lstm", "last"): ["forget", "input", "output"],
    ("mingru", "mean"): ["keep"],
    ("rnn", "last"): ["hidden"],
}


@pytest.fixture
def drawn(monkeypatch):
    found, draw = [], figures.over_training
    monkeypatch.setattr(figures, "over_training", lambda *a, **o: found.append((a, o)) or draw(*a, **o))
    return found


def made(*steps, events=(*BEGUN, FINISHED), cell="gru", readout="mean", **settings):
    """A run with snapshots of other random weights at these steps."""
    config = handmade.tiny(model__cell=cell, model__readout=readout, **settings)
    handmade.run("a", *events, config=config)
    for step in steps:
        keep(step, config)


def keep(step, config):
    with torch.random.fork_rng():
        torch.manual_seed(100 + step)
        folder = store.root() / "a" / "snapshots"
        folder.mkdir(exist_ok=True)
        checkpoint.save(CNNGRU(config.model, CLASSES).eval(), folder, f"step-{step:07}.safetensors", half=True)


def read(model):
    """What a model does with the first sample: (trace, probabilities (T, C))."""
    image = samples.available(handmade.tiny().data)[0].image
    _, trace = cnngru.trace(model, torch.from_numpy(image.transpose(2, 0, 1).copy())[None].float() / 255)
    return trace, decision.by_row(model, trace)[0].numpy()


@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_each_moment_is_what_its_weights_do(app, drawn, cell, readout):
    made(0, 1, 4, cell=cell, readout=readout)
    test = app("gates", view="time")
    moments = drawn[-1][0][1]
    assert list(moments) == ["untrained", "step 1", "step 4", "last"]
    folder = store.root() / "a"
    files = [folder / "snapshots" / f"step-{step:07}.safetensors" for step in (0, 1, 4)]
    for moment, file in zip(moments.values(), [*files, folder], strict=True):
        trace, probabilities = read(cnngru.load(file))
        np.testing.assert_allclose(moment.probabilities, probabilities, atol=1e-6)
        assert list(moment.panels) == KINDS[cell, readout]
        for name, values in moment.panels.items():
            expected = trace.hidden if name == "hidden" else trace.shares[name]
            np.testing.assert_allclose(values, expected[0, 0, 0], atol=1e-6)
    assert not test.info
    assert test.select_slider(key="moment").value == "last"


@pytest.mark.parametrize("gate", ["keep", "write"])
def test_the_tables_have_all_that_is_drawn(app, drawn, monkeypatch, gate):
    taken = {}
    monkeypatch.setattr(figure_box, "_save", lambda _, figure, table, code, key, name: taken.update({key: table}))
    made(0, 1)
    app("gates", view="time", **{"as": gate})
    moments = drawn[-1][0][1]
    folder, lines = store.root() / "a", pd.DataFrame(taken["time"])
    files = {"untrained": 0, "step 1": 1}
    keeps = {
        name: read(cnngru.load(folder / f"snapshots/step-{files[name]:07}.safetensors" if name in files else folder))[0]
        .shares["keep"][0, 0, 0]
        .numpy()
        for name in moments
    }
    assert len(lines) == sum(m.probabilities.size + sum(v.size for v in m.panels.values()) for m in moments.values())
    for name, moment in moments.items():
        of = lines[lines["moment"] == name].pivot(index="step", columns="of", values="value")
        keep = keeps[name]
        parts = [f"{gate} unit {unit}" for unit in range(keep.shape[1])]
        np.testing.assert_allclose(of[parts], 1 - keep if gate == "write" else keep, atol=1e-6)
        np.testing.assert_allclose(of[[f"p({each})" for each in CLASSES]], moment.probabilities, atol=1e-6)
    for word, (low, high) in figures.saturated(moments).items():
        assert (taken["course"][f"{word} < 0.1"], taken["course"][f"{word} > 0.9"]) == (low, high)


def test_the_slider_is_in_the_link_and_moves_the_figure(app, drawn):
    made(0, 1, 4)
    test = app("gates", view="time", moment="step 1")
    assert drawn[-1][1]["chosen"] == "step 1"
    assert "At this moment, **step 1**" in handmade.words(test)
    test.select_slider(key="moment").set_value("untrained").run()
    assert drawn[-1][1]["chosen"] == "untrained"
    assert test.select_slider(key="moment").proto.query_param_key == "moment"  # the browser writes it there
    test = app("gates", view="time", moment="step 3")  # there is none
    assert drawn[-1][1]["chosen"] == "last"


def test_without_snapshots_the_control_is_offered_and_it_is_said_why(app, drawn):
    made()
    test = app("gates", view="time", moment="untrained")
    said = handmade.words(test)
    assert "has no snapshots" in said
    assert "train with the same settings again" in said
    moments = drawn[-1][0][1]
    assert list(moments) == ["untrained", "last"]
    control = untrained(cnngru.load(store.root() / "a"))
    np.testing.assert_allclose(moments["untrained"].probabilities, read(control)[1], atol=1e-6)


def test_a_damaged_snapshot_is_told_and_left_out(app, drawn):
    made(0, 1, 4)
    (store.root() / "a" / "snapshots" / "step-0000001.safetensors").write_bytes(b"torn")
    other = handmade.tiny(model__hidden=8)
    keep(4, other)
    test = app("gates", view="time")
    assert list(drawn[-1][0][1]) == ["untrained", "last"]
    assert "The moment step 1 is left out" in handmade.words(test)
    assert "The moment step 4 is left out" in handmade.words(test)


def test_moments_stand_in_the_order_of_their_steps(checkpoints):
    made(0, 16, 64, events=BEGUN)  # interrupted at step 64; weights were saved at 20
    assert list(over_training.moments_of(store.get("a"))) == ["untrained", "step 16", "step 20", "step 64"]
    assert over_training.moments_of(store.get("a"))["step 20"].name == "model.safetensors"
    made_again = store.get("a")
    (made_again.folder / "snapshots" / "step-0000064.safetensors").unlink()
    keep(20, handmade.tiny())  # the same moment: the one with all digits stays
    assert list(over_training.moments_of(store.get("a"))) == ["untrained", "step 16", "last"]


@pytest.fixture
def live(checkpoints):
    """A run in progress: somebody holds its lock."""
    made(0, 1, events=BEGUN)
    held = lock.acquire(store.root() / "a" / "lock")
    assert store.get("a").live
    yield
    os.close(held)


def test_a_run_in_progress_can_be_followed(app, drawn, live):
    test = app("gates", view="time")
    test.select_slider(key="moment").set_value("untrained").run()
    assert drawn[-1][1]["chosen"] == "untrained"
    test.toggle(key="follow").set_value(True).run()
    assert test.toggle(key="follow").proto.query_param_key == "follow"
    assert not test.select_slider
    assert drawn[-1][1]["chosen"] == "step 20"
    keep(64, handmade.tiny(model__readout="mean"))
    test.run()
    assert drawn[-1][1]["chosen"] == "step 64"
    assert "Training: epoch" in handmade.words(test)


def test_the_page_is_drawn_anew_when_there_are_other_weights_or_it_has_ended(live, monkeypatch):
    class Anew(Exception):
        pass

    def anew():
        raise Anew

    monkeypatch.setattr(over_training.st, "rerun", anew)
    marks = over_training._marks(store.get("a"))
    over_training._watch("a", marks, True)
    keep(4, handmade.tiny())
    with pytest.raises(Anew):
        over_training._watch("a", marks, True)
    over_training._watch("a", marks, False)  # somebody who looks at another moment is left alone
    marks = over_training._marks(store.get("a"))
    over_training._watch("a", marks, True)
    handmade.log.append(store.root() / "a", FINISHED)
    with pytest.raises(Anew):
        over_training._watch("a", marks, True)
    with pytest.raises(Anew):
        over_training._watch("deleted", marks, True)


def test_a_finished_run_offers_nothing_to_follow(app):
    made(0)
    assert not app("gates", view="time", follow="true").toggle


def test_snapshots_are_loaded_once_until_their_file_changes(app, monkeypatch):
    made(0, 1)
    loaded, load = [], cnngru.load
    monkeypatch.setattr(cnngru, "load", lambda path: loaded.append(str(path)) or load(path))
    test = app("gates", view="time")
    before = len(loaded)
    test.query_params["test"] = "3"
    test.run()
    assert len(loaded) == before == 3
    keep(1, handmade.tiny(model__readout="mean"))
    test.run()
    assert len(loaded) == before + 1
    assert models.load_file(store.root() / "a" / "snapshots" / "step-0000001.safetensors") is not None


@pytest.mark.parametrize("settings", [{}, {"model__bidirectional": True, "model__layers": 2}])
@pytest.mark.parametrize("steps", [(), (0, 4)])
def test_the_snippets_make_the_figures_that_are_shown(app, steps, settings):
    made(*steps, **settings)
    more = {"layer": "2", "direction": "bottom to top"} if settings else {}
    test = app("gates", view="time", moment="untrained", picture="2", **{"as": "write"}, **more)
    shown = figure_boxes.charts(test)
    assert len(shown) == 2
    for chart, figure in zip(shown, figure_boxes.run_snippets(test), strict=True):
        figure_boxes.same(chart, figure)
