"""Figures under a finger, and at any width: a swipe scrolls the page, pictures are square, one panel at a time."""

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect
from test_looking import settle

from cnngru.runs import analyses, store
from cnngru.ui import gates

# Of all pictures that Plotly has drawn: width over height. Heatmaps that are pictures too have `meta`.
SQUARENESS = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => plot._fullData
    .filter(trace => trace.visible === true && (trace.type === 'image' || trace.meta === 'picture'))
    .map(trace => {
        const axis = id => plot._fullLayout[id[0] + 'axis' + id.slice(1)];
        const [x, y] = [axis(trace.xaxis ?? 'x'), axis(trace.yaxis ?? 'y')];
        return (x._length / Math.abs(x.range[1] - x.range[0])) / (y._length / Math.abs(y.range[1] - y.range[0]));
    }))"""
PLOTS = ".js-plotly-plot:has(.main-svg)"
STATE = "plot => JSON.stringify([plot._fullLayout.xaxis.range, plot._fullLayout.dragmode])"
MOVED = "([plot, was]) => Math.abs(plot.getBoundingClientRect().y - was) > 60"


@pytest.fixture(scope="module")
def surveyed(trained):
    analyses.load_or_compute(store.get(trained), analyses.SURVEY)
    return trained


class Finger:
    """Touches a page as the browser hears it, before any script."""

    def __init__(self, page):
        self.page, self.browser = page, page.context.new_cdp_session(page)

    def drag(self, *points):
        """Goes down at the first of the points (x, y), along the others, and up."""
        kinds = ["touchStart", *["touchMove"] * (len(points) - 1), "touchEnd"]
        for kind, point in zip(kinds, [*points, None], strict=True):
            touching = [{"x": point[0], "y": point[1]}] if point else []
            self.browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touching})
            self.page.wait_for_timeout(16)  # a screen's frame

    def swipe(self, figure, by):
        """From the middle of a figure so many pixels up."""
        box = figure.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 100)
        self.drag(*((x, y - by * part / 8) for part in range(9)))


@pytest.mark.parametrize("view", gates.VIEWS)
def test_a_swipe_over_a_figure_scrolls_the_page_and_changes_nothing(server, surveyed, new_page, view):
    page = new_page(width=400, height=850, scheme="dark", touch=True)
    page.goto(f"{server}/gates?run={surveyed}&view={view}")
    settle(page)
    address, finger = page.url, Finger(page)
    expect(page.locator(PLOTS).first).to_be_attached()
    for figure in page.locator(PLOTS).all():
        figure.scroll_into_view_if_needed()
        before = figure.bounding_box()["y"]
        up = before > 300  # there is a page below, else above
        shown = figure.evaluate(STATE)
        finger.swipe(figure, 150 if up else -150)
        page.wait_for_function(MOVED, arg=[figure.element_handle(), before])
        assert figure.evaluate(STATE) == shown
        assert figure.locator(".select-outline, .zoombox").count() == 0
    page.wait_for_timeout(500)  # what a selection would have sent
    assert page.url == address


@pytest.mark.parametrize("width", [400, 1000, 1280])
def test_pictures_are_square_within_two_percent(server, surveyed, new_page, width):
    page = new_page(width=width, height=850, touch=width == 400)
    seen = 0
    for view in gates.VIEWS:
        page.goto(f"{server}/gates?run={surveyed}&view={view}")
        settle(page)
        found = page.evaluate(SQUARENESS)
        assert all(0.98 < ratio < 1.02 for ratio in found), (view, found)
        seen += len(found)
    assert seen >= 8


def test_a_phone_shows_the_picture_and_one_panel_and_a_switch_for_the_others(server, trained, new_page):
    page = new_page(width=400, height=850, scheme="dark", touch=True)
    page.goto(f"{server}/gates?run={trained}")
    settle(page)
    panels = page.locator(".st-key-map .heatmaplayer image")
    expect(panels).to_have_count(1)
    keep = panels.first.get_attribute("href")
    page.get_by_role("button", name="Reset", exact=True).tap()
    expect(page.get_by_role("button", name="Reset", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(panels).to_have_count(1)
    expect(panels.first).not_to_have_attribute("href", keep)
    page.set_viewport_size({"width": 900, "height": 850})
    expect(panels).to_have_count(4)


def test_the_picture_and_the_first_panel_of_every_view_are_on_a_phones_first_screen(server, surveyed, new_page):
    page = new_page(width=400, height=850, scheme="dark", touch=True)
    for view in gates.VIEWS:
        page.goto(f"{server}/gates?run={surveyed}&view={view}")
        settle(page)
        for area in page.locator(PLOTS).first.locator(".draglayer > g > rect.nsewdrag").all():
            expect(area).to_be_in_viewport(ratio=0.6)


def test_a_finger_draws_a_box_after_select(server, trained, new_page):
    page = new_page(width=400, height=850, scheme="dark", touch=True)
    page.goto(f"{server}/gates?run={trained}&view=intervene")
    settle(page)
    chart = page.locator(".st-key-change")
    chart.scroll_into_view_if_needed()
    chart.get_by_role("button", name="Select").tap()
    expect(chart.get_by_role("button", name="Select")).to_have_attribute("aria-pressed", "true")
    panel = chart.locator(".draglayer g.x4y3 rect.nsewdrag")
    panel.scroll_into_view_if_needed()
    box = panel.bounding_box()
    left, right = (box["x"] + share * box["width"] for share in (0.2, 0.7))
    top, bottom = (box["y"] + share * box["height"] for share in (0.2, 0.7))
    Finger(page).drag(*((left + part * (right - left), top + part * (bottom - top)) for part in (0, 0.3, 0.6, 1)))
    expect(page).to_have_url(re.compile("hold=reset"))
    assert parse_qs(urlparse(page.url).query)["hold-units"]


def test_a_figure_is_saved_as_png_and_svg(server, trained, page):
    page.goto(f"{server}/gates?run={trained}")
    settle(page)
    page.get_by_role("button", name="Save").first.click()
    for kind, begins in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).click()
        assert download.value.suggested_filename == f"{trained}-map.{kind.lower()}"
        assert download.value.path().read_bytes().startswith(begins)


def test_a_swipe_over_curves_scrolls_the_page_too(server, trained, new_page):
    page = new_page(width=400, height=850, touch=True)
    page.goto(f"{server}/train?run={trained}")
    settle(page)
    curve = page.get_by_test_id("stVegaLiteChart").first
    expect(curve.locator("canvas, svg").first).to_be_visible()
    finger, before = Finger(page), curve.bounding_box()["y"]
    finger.swipe(curve, 150)
    page.wait_for_function(MOVED, arg=[curve.element_handle(), before])


def test_the_tab_that_is_open_is_in_sight_on_a_phone(server, trained, new_page):
    page = new_page(width=400, height=850, scheme="dark", touch=True)
    page.goto(f"{server}/gates?run={trained}&view=compare")
    settle(page)
    expect(page.get_by_role("tab", name="Side by side")).to_be_in_viewport(ratio=0.9)
