"""The map on its page: its controls, its link, a click, and the unit that opens."""

from types import SimpleNamespace

import figure_boxes
import handmade
import numpy as np
import pytest
import torch

import cnngru
from cnngru import figures
from cnngru.explain import cell as cells
from cnngru.runs import analyses, store
from cnngru.ui import samples
from cnngru.ui.gates.views import map as gate_map
from cnngru.ui.gates.views.map import equation

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
KINDS = [("gru", "last"), ("gru-textbook", "gated"), ("lstm", "last"), ("mingru", "last"), ("rnn", "last")]


def trained(cell="gru", readout="last", **settings):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell=cell, model__readout=readout, **settings))
    return cnngru.load(store.get("a").folder)


def read(model, picture=1):
    """(images, trace) of a sample, by its number on the page."""
    sample = samples.available(store.get("a").config.data)[picture - 1]
    images = torch.from_numpy(sample.image).permute(2, 0, 1)[None] / 255
    return images, cnngru.trace(model, images)[1]


def chart(test, place=0):
    return figure_boxes.charts(test)[place]


def heatmap(test, name):
    return next(t for t in chart(test)["data"] if t["type"] == "heatmap" and t["name"] == name)


def drawn(array):
    """A typed array of a figure's JSON."""
    import base64

    shape = [int(n) for n in str(array.get("shape", "-1")).split(",")]
    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"]).reshape(shape)


def test_units_are_sorted_as_asked(app):
    found = figures.panels(read(trained())[1], 0, 0)
    orders = {
        "keep": np.argsort(-found["keep"].mean(0), kind="stable"),
        "similarity": figures.by_similarity(found),
        "as they are": np.arange(16),
    }
    for sort, order in orders.items():
        test = app("gates", sort=sort)
        assert test.segmented_control(key="sort").value == sort
        for name in ("keep", "hidden"):
            np.testing.assert_allclose(drawn(heatmap(test, name)["z"]), found[name][:, order], rtol=1e-5)


def test_units_are_sorted_by_class_selectivity_once_the_test_was_looked_at(app, monkeypatch):
    model = trained()
    test = app("gates", sort="class selectivity")
    assert "one look at all test pictures" in handmade.words(test)
    by_keep = drawn(heatmap(test, "keep")["z"])
    split = analyses.test_pictures(store.get("a").config.data)
    monkeypatch.setattr(
        analyses, "test_pictures", lambda _: SimpleNamespace(images=split.images[:60], labels=split.labels[:60])
    )
    test.button(key="survey-map").click().run()
    assert not test.exception
    survey = analyses.stored(analyses.weights_file(store.get("a")), analyses.SURVEY)
    order = np.argsort(-survey.keeping.selectivity[0, 0], kind="stable")
    found = figures.panels(read(model)[1], 0, 0)
    now = drawn(heatmap(test, "keep")["z"])
    np.testing.assert_allclose(now, found["keep"][:, order], rtol=1e-5)
    assert not np.allclose(now, by_keep)
    assert "one look" not in handmade.words(test)


def test_a_plain_rnn_is_not_sorted_by_a_gate(app):
    trained("rnn")
    assert app("gates").segmented_control(key="sort").options == ["hidden", "similarity", "as they are"]


def test_panels_are_chosen_and_never_none(app):
    trained("lstm")
    test = app("gates")
    names = ["forget", "input", "output", "candidate", "cell", "hidden"]
    assert test.pills(key="panels").options == names
    test.pills(key="panels").set_value(["cell", "forget"]).run()
    assert [t["name"] for t in chart(test)["data"] if t["type"] == "heatmap"] == ["forget", "cell"]
    test.pills(key="panels").set_value([]).run()
    assert [t["name"] for t in chart(test)["data"] if t["type"] == "heatmap"] == ["forget", "input", "output", "hidden"]


@pytest.mark.parametrize("place", [0, 37, 16 * 16 - 1])
def test_a_click_opens_the_unit_and_the_step_of_the_cell(app, monkeypatch, place):
    found = figures.panels(read(trained())[1], 0, 0)
    order = np.argsort(-found["keep"].mean(0), kind="stable")
    import streamlit as st

    clicked = {"map": {"click": {"curve": 3, "point": [place // 16, place % 16]}}}
    monkeypatch.setattr(st, "session_state", clicked)
    gate_map._open(order)
    assert (clicked["step"], clicked["unit"]) == (place // 16 + 1, order[place % 16])
    clicked["unit"] = 5
    for other in (None, {"curve": 1, "point": place}):  # beside the cells; a bar of the rows seen
        clicked["map"]["click"] = other
        gate_map._open(order)
        assert clicked["unit"] == 5


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_the_open_unit_shows_its_trace_its_numbers_and_its_equation(app, cell, readout, write):
    if write and cell in ("lstm", "rnn"):
        pytest.skip("no update gate")
    model = trained(cell, readout)
    images, trace = read(model, picture=2)
    test = app("gates", picture="2", unit="3", step="7", **({"as": "write"} if write else {}))
    numbers = cells.numbers(model, images, trace, 6, 3)
    (text,) = [block.value for block in test.latex]
    assert equation.latex(cell, numbers, write) in text
    assert "Unit 3, step 7" in handmade.words(test)
    (table,) = [frame.value for frame in test.dataframe]
    for name, values in figures.panels(trace, 0, 0).items():
        if write and name == "keep":
            name, values = "write", 1 - values
        np.testing.assert_allclose(table[name], values[:, 3], rtol=1e-5)
        line = next(t for t in chart(test, 1)["data"] if t["name"] == name)
        np.testing.assert_allclose(drawn(line["x"]), values[:, 3], rtol=1e-5)


def test_without_a_step_a_unit_shows_no_equation_and_says_how_to_get_it(app):
    trained()
    test = app("gates", unit="3")
    assert not test.latex
    assert "Mark a step" in handmade.words(test)


def test_layer_and_direction_lead_to_their_own_units(app):
    model = trained(model__layers=2, model__bidirectional=True)
    images, trace = read(model)
    test = app("gates", unit="3", step="7", layer="2", direction="bottom to top")
    assert equation.latex("gru", cells.numbers(model, images, trace, 6, 3, 1, 1)) in test.latex[0].value
    np.testing.assert_allclose(
        np.sort(drawn(heatmap(test, "hidden")["z"])), np.sort(trace.hidden[1, 1, 0].numpy()), rtol=1e-5
    )
    assert "reads the one below" in handmade.words(test)
    assert "read the bottom step first" in handmade.words(test)


def test_a_link_that_fits_another_network_opens_what_it_can(app):
    trained()
    test = app("gates", unit="900", step="99", layer="7", direction="sideways", sort="x", panels="forget", view="?")
    assert test.number_input(key="unit").value in (None, 15)
    assert test.session_state["view-tab"] == "Gates"
    assert [t["name"] for t in chart(test)["data"] if t["type"] == "heatmap"] == [
        "keep",
        "reset",
        "candidate",
        "hidden",
    ]


def test_two_people_see_their_own_picture_and_their_own_unit(app):
    model = trained()
    one, other = app("gates", picture="2", unit="3", step="7"), app("gates", picture="5")
    other.number_input(key="unit").set_value(8).run()
    other.slider(key="step").set_value(2).run()
    one.run()
    for test, picture, step, unit in ((one, 2, 6, 3), (other, 5, 1, 8)):
        images, trace = read(model, picture)
        assert equation.latex("gru", cells.numbers(model, images, trace, step, unit)) in test.latex[0].value
        image = samples.available(store.get("a").config.data)[picture - 1].image
        assert (drawn(chart(test)["data"][0]["z"]) == image).all()
