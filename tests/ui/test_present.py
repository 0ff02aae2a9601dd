"""Present mode: one figure and its caption, whatever view is open."""

import figure_boxes
import handmade
import pytest

from cnngru.ui import gates, present

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


@pytest.mark.parametrize("view", ["map", "kept", "knew", "mattered", "intervene", "time", "compare"])
def test_one_figure_is_shown_larger_under_the_name_of_its_view(app, view):
    handmade.run("a", *DONE)
    test = app("gates", run="a", view=view, present="1")
    assert len(figure_boxes.charts(test)) == 1
    assert test.title[0].value == gates.VIEWS[view].tab
    assert figure_boxes.sent(test)[0]["scale"] == present.SCALE


def test_without_it_the_page_is_as_ever(app):
    handmade.run("a", *DONE)
    test = app("gates", run="a", view="kept")
    assert len(figure_boxes.charts(test)) > 1
    assert test.title[0].value == "Gates"
    assert figure_boxes.sent(test)[0]["scale"] == 1


def test_what_if_shows_its_map(app):
    handmade.run("a", *DONE)
    (figure,) = figure_boxes.charts(app("gates", run="a", view="intervene", present="1"))
    assert "Three maps" in figure["alt"]
