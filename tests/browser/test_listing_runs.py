"""The table of all runs in a real browser: rows are chosen by mouse and keyboard, and what is chosen is what goes."""

import time

import unstarted
from playwright.sync_api import Page, expect

from cnngru.presets import preset
from cnngru.runs import log, store

ROW = 35  # pixels of the table's rows, its head too


def made(name: str) -> None:
    time.sleep(0.002)  # newer than the one before
    unstarted.create(preset("quick", "rowcue"), name)
    log.append(store.root() / name, unstarted.event("stopped"))


def left_edge(page: Page, row: int) -> tuple[float, float]:
    """Where the box of a row is that chooses it; row 0 is the head."""
    box = page.get_by_test_id("stDataFrame").bounding_box()
    assert box is not None
    return box["x"] + 16, box["y"] + ROW * (row + 0.5)


def test_rows_are_chosen_deleted_and_had_back(server: str, page: Page) -> None:
    for name in ("one", "two", "three"):
        made(name)
    page.goto(server)
    page.get_by_text("All runs", exact=True).click()
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    expect(page.get_by_text("Choose rows at their left edge")).to_be_visible()
    page.mouse.click(*left_edge(page, 1))
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.mouse.click(*left_edge(page, 3))
    expect(page.get_by_text("2 chosen")).to_be_visible()
    made("four")  # somebody starts another run: it comes into the first row
    page.get_by_role("button", name="Delete", exact=False).click()
    page.get_by_text("Delete 2 runs with curves and weights?").wait_for()
    page.locator(".st-key-delete-chosen button").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert {run.name for run in store.all_runs()} == {"two", "four"}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert {run.name for run in store.all_runs()} == {"one", "two", "three", "four"}
