"""Comparing runs as a person does it: figures, curves, and from a cell of a confusion matrix to a picture's gates."""

import re
import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

from cnngru.runs import store


@pytest.fixture(scope="module")
def pair(trained):
    """Two finished runs; the second is a copy."""
    shutil.copytree(store.root() / trained, store.root() / "another")
    yield trained, "another"
    store.delete("another")


def confused(name):
    """(true class, answer, pictures) of the cell off the diagonal that has most; the place of its surest picture."""
    shares, labels = store.get(name).test_answers()
    answers = shares.argmax(1)
    cells = np.bincount(labels * 10 + answers, minlength=100).reshape(10, 10)
    np.fill_diagonal(cells, 0)
    true, answer = np.unravel_index(cells.argmax(), cells.shape)
    inside = np.flatnonzero((labels == true) & (answers == answer))
    return true, answer, len(inside), inside[shares[inside, answer].argmax()]


def click_cell(page, matrix, true, answer):
    cells = page.locator(".js-plotly-plot").nth(matrix).locator(".draglayer rect.nsewdrag").first
    cells.scroll_into_view_if_needed()
    area = cells.bounding_box()
    page.mouse.click(area["x"] + (answer + 0.5) / 10 * area["width"], area["y"] + (true + 0.5) / 10 * area["height"])


def test_a_click_on_a_cell_shows_its_pictures_and_one_leads_to_its_gates(server, pair, page):
    page.goto(f"{server}/compare?runs={pair[0]}&runs={pair[1]}")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    true, answer, pictures, surest = confused(pair[1])
    classes = store.get(pair[1]).last("started")["classes"]
    click_cell(page, 1, true, answer)
    expect(page.get_by_text(f"{pictures:,} pictures of {classes[true]} answered {classes[answer]}")).to_be_visible()
    expect(page).to_have_url(re.compile("of=another"))
    expect(page.get_by_role("combobox", name="True class")).to_have_value(classes[true])

    page.get_by_test_id("stMain").get_by_role("link", name="Gates").first.click()
    expect(page.get_by_text(re.compile(f"in truth {classes[true]}.* · test picture {surest}$"))).to_be_visible()
    expect(page).to_have_url(re.compile(f"test={surest}"))

    page.go_back()
    expect(page.get_by_text(f"{pictures:,} pictures of {classes[true]} answered {classes[answer]}")).to_be_visible()
    expect(page.get_by_role("combobox", name="Answer")).to_have_value(classes[answer])


def test_cells_open_from_the_keyboard_and_curves_turn_to_seconds(server, pair, page):
    page.goto(f"{server}/compare?runs={pair[0]},{pair[1]}")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page).to_have_url(re.compile(f"runs={pair[0]}&runs={pair[1]}"))
    for name in ("True class", "Answer"):
        box = page.get_by_role("combobox", name=name)
        box.focus()
        box.press("ArrowDown")
        box.press("Enter")
    expect(page.get_by_text(re.compile("picture.* of orange block answered orange block"))).to_be_visible()
    page.get_by_role("radio", name="seconds").click()
    expect(page.get_by_test_id("stVegaLiteChart").first.get_by_text("seconds of training")).to_be_visible()


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_of_a_comparison_sticks_out_sideways(server, pair, new_page, width):
    page = new_page(width=width)
    page.goto(f"{server}/compare?runs={pair[0]}&runs={pair[1]}")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    assert page.get_by_test_id("stMain").evaluate("element => element.scrollWidth <= element.clientWidth")
    for chart in page.locator(".js-plotly-plot, [data-testid=stVegaLiteChart]").all():
        box = chart.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
