"""Populations: from the survey to the page, the chosen units in the link and on the maps, the card and its pictures."""

import base64
from types import SimpleNamespace

import figure_boxes
import handmade
import numpy as np
import pytest
import torch

import cnngru
from cnngru import checkpoint, data
from cnngru.data import rowcue
from cnngru.runs import analyses, store
from cnngru.ui.gates.views.units import unit_pictures

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
CELLS = ["gru", "gru-textbook", "lstm", "mingru", "rnn"]


@pytest.fixture
def surveyed(monkeypatch, app):
    """surveyed(cell, …): a finished run "a" and its survey, of few test pictures."""
    monkeypatch.setattr(rowcue, "TEST", 150)

    def make(cell="gru", **settings):
        handmade.run("a", *DONE, config=handmade.tiny(model__cell=cell, **settings))
        model = cnngru.load(store.root() / "a")
        with torch.no_grad():
            for weights in model.layers.parameters():
                weights *= 8  # else no gate is ever nearly 0 or 1
        checkpoint.save(model, store.root() / "a")
        return analyses.load_or_compute(store.get("a"), analyses.SURVEY)

    return make


def array(packed):
    """Plotly sends arrays packed, or as lists."""
    if isinstance(packed, dict):
        flat = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
        return flat.reshape([int(n) for n in packed["shape"].split(",")]) if "shape" in packed else flat
    return np.asarray(packed)


def test_it_asks_before_it_reads_all_test_pictures(app, monkeypatch):
    monkeypatch.setattr(rowcue, "TEST", 150)
    handmade.run("a", *DONE)
    test = app("gates", view="units")
    assert not figure_boxes.charts(test)
    test.button(key="survey-units").click().run()
    assert not test.exception
    assert len(figure_boxes.charts(test)) == 4
    assert "150 test pictures" in handmade.words(test)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("gate", ["keep", "write"])
def test_every_cell_has_what_it_can_have_and_its_snippets_draw_the_same(app, surveyed, cell, gate):
    surveyed(cell, model__layers=2, model__bidirectional=True)
    link = {"layer": "2", "direction": "bottom to top", "pop-units": "3, 5–7", "unit": "5", "picture": "2", "as": gate}
    test = app("gates", view="units", **link)
    made = figure_boxes.run_snippets(test)
    assert len(made) == (2 if cell == "rnn" else 5)
    for shown, again in zip(figure_boxes.charts(test), made, strict=True):
        figure_boxes.same(shown, again)
    if cell == "rnn":
        assert "A plain RNN has no gates" in handmade.words(test)


def test_snippets_without_a_choice(app, surveyed):
    surveyed()
    test = app("gates", view="units", **{"pop-gate": "reset"})
    for shown, again in zip(figure_boxes.charts(test), figure_boxes.run_snippets(test), strict=True):
        figure_boxes.same(shown, again)


def test_the_maps_keep_only_the_chosen_units(app, surveyed):
    survey = surveyed()
    test = app("gates", view="units", **{"pop-units": "3, 5–7"})
    dots, gates, _, classes = figure_boxes.charts(test)
    marked = [unit for unit, symbol in enumerate(array(dots["data"][0]["marker"]["symbol"])) if symbol == "circle"]
    assert marked == [3, 5, 6, 7]
    heatmaps = [array(trace["z"]) for trace in gates["data"] if trace["type"] == "heatmap"]
    assert {values.shape for values in heatmaps} == {(16, 4)}
    (difference,) = [array(trace["z"]) for trace in classes["data"] if trace["type"] == "heatmap"]
    expected = survey.keeping.class_difference[0, 0][..., [3, 5, 6, 7]].mean(-1).T
    np.testing.assert_allclose(difference, expected, atol=1e-6)
    test.button(key="pop-all").click().run()
    assert not test.exception
    heatmaps = [array(trace["z"]) for trace in figure_boxes.charts(test)[1]["data"] if trace["type"] == "heatmap"]
    assert {values.shape for values in heatmaps} == {(16, 16)}


@pytest.mark.parametrize("text", ["3, x", "99", "7–3"])
def test_units_that_are_none_are_said_to_be_none(app, surveyed, text):
    surveyed()
    test = app("gates", view="units", **{"pop-units": text})
    assert "All units are shown" in handmade.words(test)
    assert len(figure_boxes.charts(test)) == 4


def test_write_turns_the_scatter_over(app, surveyed):
    survey = surveyed()
    keep, write = (figure_boxes.charts(app("gates", view="units", **{"as": each}))[0] for each in ("keep", "write"))
    assert np.abs(survey.low["update"] - survey.high["update"]).max() > 0.1
    np.testing.assert_allclose(array(keep["data"][0]["x"]), survey.low["update"][0, 0])
    np.testing.assert_allclose(array(write["data"][0]["x"]), survey.high["update"][0, 0])
    assert "write nearly 0" in write["layout"]["xaxis"]["title"]["text"]


def test_a_card_shows_the_surveys_pictures_and_opens_one(app, surveyed):
    survey = surveyed()
    test = app("gates", view="units", unit="4")
    card = figure_boxes.charts(test)[-1]
    assert [trace["type"] for trace in card["data"]] == ["image"] * 12
    drawn = rowcue.generate(rowcue.TEST, (0, rowcue.STREAMS["test"]))
    for trace, number in zip(card["data"], survey.most.picture[0, 0, 4], strict=False):
        np.testing.assert_array_equal(array(trace["z"]), drawn.images[int(number)].permute(1, 2, 0).numpy())
    number = int(survey.most.picture[0, 0, 4, 0])
    test.button(key=f"card-{number}").click().run()
    assert not test.exception
    assert test.query_params["test"] == str(number)
    assert f"test picture {number}" in handmade.words(test)


def test_without_the_pictures_their_numbers_are_there(app, surveyed, monkeypatch):
    survey = surveyed()
    gone = SimpleNamespace(test_pictures=lambda _: "CIFAR-10 is not on this machine.")
    monkeypatch.setattr(unit_pictures, "samples", gone)
    test = app("gates", view="units", unit="4")
    assert "not on this machine" in handmade.words(test)
    (table,) = [frame.value for frame in test.dataframe]
    expected = np.concatenate([survey.most.picture[0, 0, 4], survey.least.picture[0, 0, 4]])
    np.testing.assert_array_equal(table["test picture"], expected)
    assert len(figure_boxes.charts(test)) == 4


def test_other_pictures_than_those_surveyed_are_not_shown(app, surveyed, monkeypatch):
    surveyed()
    monkeypatch.setattr(rowcue, "TEST", 20)
    test = app("gates", view="units", unit="4")
    assert "others than those that were surveyed" in handmade.words(test)


def test_a_survey_that_cannot_be_made_is_said_to_be_missing(app, monkeypatch):
    handmade.run("a", *DONE)

    def gone(_):
        raise data.DataError("The test pictures are gone.")

    monkeypatch.setattr(analyses, "test_pictures", gone)
    test = app("gates", view="units")
    test.button(key="survey-units").click().run()
    assert not test.exception
    assert "The test pictures are gone" in handmade.words(test)
