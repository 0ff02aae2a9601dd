"""When it knew: the ribbon is the model's own answer by row, the survey is made once, its numbers are the survey's."""

import json

import figure_boxes
import handmade
import numpy as np
import pytest
import torch

import cnngru
from cnngru import figures
from cnngru.data import DataError, Split, rowcue
from cnngru.explain import decision
from cnngru.runs import analyses, store
from cnngru.ui import jobs, models, samples

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
KINDS = [("gru", "mean"), ("gru-textbook", "gated"), ("lstm", "last"), ("mingru", "mean"), ("rnn", "last")]
N = 60


@pytest.fixture
def few(monkeypatch):
    """The test split has N pictures. How often it was read lands in the list."""
    read = []
    drawn = rowcue.generate(N, (0, 2))

    def test_pictures(config):
        read.append(config)
        return Split(drawn.images, drawn.labels)

    monkeypatch.setattr(analyses, "test_pictures", test_pictures)
    return read


def made(cell="gru", readout="mean", **settings):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell=cell, model__readout=readout, **settings))
    return cnngru.load(store.root() / "a")


def by_row(model, number=1):
    image = samples.available(handmade.tiny().data)[number - 1].image
    _, trace = cnngru.trace(model, torch.from_numpy(image.transpose(2, 0, 1).copy())[None].float() / 255)
    return decision.by_row(model, trace)


def watch(monkeypatch, name):
    drawn, draw = [], getattr(figures, name)
    monkeypatch.setattr(figures, name, lambda *a, **o: drawn.append((a, o)) or draw(*a, **o))
    return drawn


@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_each_cells_ribbon_is_its_own_answer_by_row(app, monkeypatch, cell, readout):
    model, drawn = made(cell, readout), watch(monkeypatch, "decision_by_row")
    test = app("gates", view="knew", picture="2")
    (arguments, options) = drawn[-1]
    found = by_row(model, 2)
    np.testing.assert_allclose(arguments[1], found[0], atol=1e-6)
    locked = int(decision.lock_in(found)[0])
    assert options["locked"] == locked
    said = handmade.words(test)
    assert f"after **{locked} of 16 rows**" in said if locked > 1 else "from the first row on" in said
    assert "does not mean that the state knows nothing" in said
    assert ("Only the mean" in said) == (readout == "mean")


def test_the_link_says_how_many_rows_are_read(app, monkeypatch):
    made()
    drawn = watch(monkeypatch, "decision_by_row")
    test = app("gates", view="knew", read="5")
    assert test.slider(key="read").value == 5
    assert drawn[-1][1]["read"] == 5
    test.slider(key="read").set_value(7).run()
    assert drawn[-1][1]["read"] == 7
    assert test.slider(key="read").proto.query_param_key == "read"  # the browser writes it there


def test_both_directions_are_counted_from_both_ends(app, monkeypatch):
    made(model__bidirectional=True, model__layers=2)
    drawn = watch(monkeypatch, "decision_by_row")
    test = app("gates", view="knew")
    assert drawn[-1][1]["both"] is True
    assert "from each end" in handmade.words(test)
    below = "those below it have read the whole picture"  # so the answer early on is not of those rows alone
    assert below in handmade.words(test)
    assert below in handmade.words(app("gates", view="time"))
    store.delete("a")
    made(model__bidirectional=True)
    test = app("gates", view="knew")
    assert "from each end" in handmade.words(test)
    assert below not in handmade.words(test)


def test_the_survey_is_made_on_request_once_and_shown(app, monkeypatch, few):
    made()
    drawn = watch(monkeypatch, "decision_over_test")
    test = app("gates", view="knew")
    assert not drawn
    assert not few
    test.button(key="survey-knew").click().run()
    assert not test.exception
    kept = analyses.stored(store.root() / "a" / "model.safetensors", analyses.SURVEY)
    (own, probe, locked), options = drawn[-1]
    np.testing.assert_array_equal(own, kept.own)
    np.testing.assert_array_equal(probe, kept.probe)
    np.testing.assert_array_equal(locked, kept.locked)
    assert options["chance"] == 0.1
    test.run()
    assert len(few) == 1
    assert "survey-knew" not in [button.key for button in test.button]
    assert f"on {N} test pictures" in handmade.words(test)


def test_a_survey_stays_in_memory_where_it_cannot_be_kept(app, monkeypatch, few):
    made()
    monkeypatch.setattr(analyses.artifacts, "write_arrays", lambda *_: (_ for _ in ()).throw(OSError("read-only")))
    test = app("gates", view="knew")
    test.button(key="survey-knew").click().run()
    test.run()
    assert len(few) == 1
    assert "survey-knew" not in [button.key for button in test.button]
    assert len(figure_boxes.charts(test)) == 2


def test_without_test_pictures_the_page_says_what_to_do(app, monkeypatch):
    made()

    def gone(config):
        raise DataError("The test pictures are gone. Fetch them on Home.")

    monkeypatch.setattr(analyses, "test_pictures", gone)
    test = app("gates", view="knew")
    test.button(key="survey-knew").click().run()
    assert not test.exception
    assert "The test pictures are gone. Fetch them on Home." in handmade.words(test)
    assert len(figure_boxes.charts(test)) == 1


def test_two_sessions_do_not_make_the_same_survey_twice(app, few, monkeypatch):
    """The second comes while the first is at work: it waits, and has what the first one made."""
    made()
    weights = store.root() / "a" / "model.safetensors"
    place = jobs.shared_result(jobs.SURVEY.analysis.name, str(weights), weights.stat().st_mtime_ns)
    first = analyses.load_or_compute(store.get("a"), analyses.SURVEY)
    (store.root() / "a" / "survey.npz").unlink()
    test = app("gates", view="knew")
    taken = place.lock.acquire

    def wait(timeout):  # the first one comes to its end meanwhile
        place.value = first
        return taken(timeout=timeout)

    place.lock = type("Lock", (), {"acquire": staticmethod(wait), "release": staticmethod(place.lock.release)})()
    test.button(key="survey-knew").click().run()
    assert not test.exception
    assert len(few) == 1
    assert len(figure_boxes.charts(test)) == 2


def test_threads_are_lent_only_while_nobody_trains():
    torch.set_num_threads(1)
    with models.cores(busy=True):
        assert torch.get_num_threads() == 1
    with pytest.raises(KeyError), models.cores(busy=False):
        raise KeyError
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize("both", [False, True])
def test_the_snippets_make_the_figures_that_are_shown(app, few, both):
    made(model__bidirectional=both)
    analyses.load_or_compute(store.get("a"), analyses.SURVEY)
    test = app("gates", view="knew", picture="3", read="4")
    shown = figure_boxes.charts(test)
    assert len(shown) == 2
    for chart, figure in zip(shown, figure_boxes.run_snippets(test), strict=True):
        figure_boxes.same(chart, figure)
    assert json.dumps(shown[0]["frames"])
