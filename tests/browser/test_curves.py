"""Curves of a run that has only just begun, and what lies over them."""

import unstarted
from playwright.sync_api import expect
from serving import rowcue
from test_looking import settle

from cnngru.runs import log, store


def test_before_the_first_validation_the_browser_has_nothing_to_complain_of(server, page):
    name = unstarted.create(rowcue(epochs=2, pictures=300), "begun")
    for event in (unstarted.event("started"), unstarted.event("progress", step=1), unstarted.event("progress", step=2)):
        log.append(store.root() / name, event)
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("warning", "error") else None)
    page.goto(f"{server}/train?run={name}")
    settle(page)
    expect(page.get_by_test_id("stVegaLiteChart").first.locator("canvas, svg").first).to_be_visible()
    page.wait_for_timeout(1000)
    assert not [text for text in said if "extent" in text.lower() or "vega" in text.lower()]


def test_a_charts_buttons_do_not_cover_the_figures_above_it(server, trained, page):
    page.goto(f"{server}/train?run={trained}")
    settle(page)
    chart = page.get_by_test_id("stVegaLiteChart").first
    chart.hover()
    buttons = page.locator("[data-testid=stFullScreenFrame]:has([data-testid=stVegaLiteChart])").first.get_by_test_id(
        "stElementToolbar"
    )
    expect(buttons).to_be_visible()
    assert buttons.bounding_box()["y"] >= chart.bounding_box()["y"] - 1
