"""The gate explorer as a person uses it: pointing, clicking, links, the keyboard, both themes, two people at once."""

import itertools
import re
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import torch
from acting import open_options, picture
from playwright.sync_api import expect
from test_looking import hover, settle

import cnngru
from cnngru import figures
from cnngru.explain import cell
from cnngru.runs import store
from cnngru.ui import samples
from cnngru.ui.gates.views.map import equation

MAP = ".st-key-map .js-plotly-plot"
KEEP, RESET, CANDIDATE, HIDDEN = 2, 3, 4, 5  # panels, after the picture and the rows seen
SLIDER = re.compile("Mark a step")


def read(run, picture):
    """(model, images, trace) of a sample, by its number on the page."""
    model = cnngru.load(store.get(run).folder)
    sample = samples.available(store.get(run).config.data)[picture - 1]
    images = torch.from_numpy(sample.image).permute(2, 0, 1)[None] / 255
    return model, images, cnngru.trace(model, images)[1]


def open_map(page, address, panels=4):
    """Opens it, waits for the map and brings it before the reader."""
    page.goto(address)
    settle(page)
    expect(page.locator(f"{MAP} .heatmaplayer image")).to_have_count(panels)
    page.locator(MAP).scroll_into_view_if_needed()


def area(page, panel):
    """Where a panel of the map is on the screen."""
    return page.locator(f"{MAP} .draglayer > g > rect.nsewdrag").nth(panel).bounding_box()


def click(page, panel, across, down):
    """Clicks on a place in a panel (shares of its width and height). Plotly clicks on what it has last pointed at, and
    it looks for that every 50 ms."""
    box = area(page, panel)
    x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
    page.mouse.move(x, y + 1)
    page.wait_for_timeout(150)
    page.mouse.move(x, y)
    page.wait_for_timeout(150)
    page.mouse.click(x, y)


NUMBER = re.compile(r"\d+\.\d{4}")  # without its sign: on the screen it cannot be told from a minus between terms


def on_screen(page):
    """The numbers of the equation that a reader sees, in any order."""
    return sorted(NUMBER.findall(page.locator(".katex-html").first.inner_text()))


def test_pointing_at_a_row_marks_it_in_every_panel_without_the_server(server, trained, page):
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    open_map(page, f"{server}/gates?run={trained}&picture=2")
    before = len(sent)
    assert before
    _, _, trace = read(trained, 2)
    found = figures.panels(trace, 0, 0)
    for panel in (KEEP, RESET, CANDIDATE, HIDDEN):
        label = hover(page, panel, across=0.4, down=0.53)
        expect(label).to_contain_text("step 9,")
        page.wait_for_timeout(200)  # the label follows the mouse
        said = label.text_content()
        step, unit = (int(re.search(rf"{word} (\d+)", said)[1]) for word in ("step", "unit"))
        for name, values in found.items():
            shown = re.search(rf"{name} (-?\d\.\d{{3}})", said)[1]
            assert float(shown) == pytest.approx(float(values[step - 1, unit]), abs=6e-4), (panel, name)
        line = page.locator(f"{MAP} .spikeline").first.bounding_box()
        first, last = area(page, 0), area(page, HIDDEN)
        assert line["x"] <= first["x"] + 1
        assert line["x"] + line["width"] >= last["x"] + last["width"] - 1
    assert len(sent) == before


@pytest.mark.parametrize("panel", [2, 3])  # with two of them, a unit is less than two pixels wide
def test_a_click_opens_the_unit_under_the_mouse_with_its_numbers(server, trained, page, panel):
    open_map(page, f"{server}/gates?run={trained}&picture=2&panels=keep&panels=hidden", panels=2)
    model, images, trace = read(trained, 2)
    order = figures.by_mean(figures.panels(trace, 0, 0)["keep"])
    edges, box = figures.cell_edges(trace.bands.numpy()), area(page, panel)
    for place, step in ((37, 8), (101, 12)):  # the cell's middle, told from the axes: 0.5 … 128.5 across, 0 … 32 down
        x = (place + 0.5) / len(order)
        y = (edges[step] + edges[step + 1]) / 2 / 32
        click(page, panel, x, y)
        expect(page).to_have_url(re.compile(rf"unit={order[place]}\b"))
        expect(page).to_have_url(re.compile(rf"step={step + 1}\b"))
        expect(page.get_by_role("heading", name=f"Unit {order[place]}, step {step + 1}")).to_be_visible()
        numbers = cell.numbers(model, images, trace, step, int(order[place]))
        settle(page)
        assert on_screen(page) == sorted(NUMBER.findall(equation.latex("gru", numbers)))
        assert area(page, panel) == box  # the map has not moved


def test_a_link_shows_another_person_the_same(server, trained, page, new_page):
    page.goto(f"{server}/gates?run={trained}")
    settle(page)
    picture(page).press("ArrowRight")
    expect(page).to_have_url(re.compile(r"test=\d"))
    open_options(page)
    page.get_by_role("radio", name="write").click()
    page.get_by_role("radio", name="similarity").click()
    page.get_by_role("toolbar", name="Panels").get_by_role("button", name="reset").click()
    expect(page).to_have_url(re.compile("panels="))
    page.get_by_role("spinbutton", name="Open a unit").fill("17")
    page.get_by_role("spinbutton", name="Open a unit").press("Enter")
    page.get_by_role("slider", name=SLIDER).press("End")
    expect(page.get_by_role("heading", name="Unit 17, step 16")).to_be_visible()
    settle(page)
    other = new_page()
    other.goto(page.url)
    expect(other.get_by_role("heading", name="Unit 17, step 16")).to_be_visible()
    settle(other)
    for window in (page, other):
        expect(window.locator(f"{MAP} .heatmaplayer image")).to_have_count(3)
        expect(window.locator(f"{MAP} .annotation-text", has_text="Write")).to_have_count(1)
    assert picture(page).get_attribute("aria-label") == picture(other).get_attribute("aria-label")
    assert on_screen(page) == on_screen(other)
    assert shown(page) == shown(other)


def shown(page):
    """The pictures that the map's panels are drawn as."""
    images = page.locator(f"{MAP} .heatmaplayer image, {MAP} .imagelayer image")
    return images.evaluate_all("all => all.map(image => image.getAttribute('href') || image.href.baseVal)")


def test_two_people_at_once_keep_their_own_picture_and_unit(server, trained, page, new_page):
    other = new_page()
    open_map(page, f"{server}/gates?run={trained}&picture=2&unit=3&step=5")
    open_map(other, f"{server}/gates?run={trained}&picture=7&unit=90&step=12")
    before, theirs = on_screen(page), shown(page)
    click(other, KEEP, 0.3, 0.3)
    expect(other).to_have_url(re.compile(r"step=5\b"))
    expect(other).not_to_have_url(re.compile(r"unit=90\b"))
    was = parse_qs(urlparse(other.url).query)["test"]
    picture(other).press("ArrowLeft")
    expect(other).not_to_have_url(re.compile(rf"test={was[0]}\b"))
    settle(other)
    open_options(page)
    page.get_by_role("slider", name=SLIDER).press("ArrowRight")
    expect(page.get_by_role("heading", name="Unit 3, step 6")).to_be_visible()
    page.get_by_role("slider", name=SLIDER).press("ArrowLeft")
    expect(page.get_by_role("heading", name="Unit 3, step 5")).to_be_visible()
    settle(page)
    assert on_screen(page) == before
    assert shown(page) == theirs
    assert shown(other) != theirs


def test_all_controls_are_reached_from_the_keyboard(server, trained, page):
    page.goto(f"{server}/gates?run={trained}&unit=4&step=3")
    settle(page)
    reached = set()

    def tab(times):
        for _ in range(times):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    "(e => e.getAttribute('aria-label') || e.innerText || e.closest('label')?.innerText || '')"
                    "(document.activeElement)"
                ).strip()
            )

    picture(page).focus()
    tab(30)
    page.get_by_role("button", name="Options").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Back to the defaults")).to_be_visible()
    tab(90)  # once around the page: what is open stands at its end
    said = "\n".join(reached)
    for control in ("Gates", "keep", "Mark a step", "Open a unit", "Save", "All its numbers"):
        assert control in said, (control, said)
    unit = page.get_by_role("spinbutton", name="Open a unit")
    unit.press("ArrowUp")
    unit.press("Enter")
    expect(page.get_by_role("heading", name="Unit 5, step 3")).to_be_visible()
    page.get_by_role("button", name="Save").first.focus()
    page.keyboard.press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").press("Enter")
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "step,first row,last row,unit,keep,reset,candidate,hidden"
    assert len(lines) == 1 + 16 * 128
    assert download.value.suggested_filename == f"{trained}-map.csv"


def test_html_and_the_trace_can_be_taken_away(server, trained, page, new_page, tmp_path):
    page.goto(f"{server}/gates?run={trained}")
    settle(page)
    page.get_by_role("button", name="Save").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="NPZ").click()
    with np.load(download.value.path()) as found:
        _, _, trace = read(trained, 1)
        np.testing.assert_allclose(found["update"], trace.update.numpy(), atol=1e-6)
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML").click()
    download.value.save_as(tmp_path / "map.html")
    alone = new_page()
    alone.context.set_offline(True)
    alone.goto(f"file://{tmp_path / 'map.html'}")
    expect(alone.locator(".heatmaplayer image")).to_have_count(4)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_the_map_reads_in_both_themes_and_widths(server, trained, new_page, width, scheme):
    page = new_page(width=width, scheme=scheme)
    open_map(page, f"{server}/gates?run={trained}&picture=3&unit=17&step=9", panels=1 if width == 400 else 4)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    figure = page.locator(MAP).bounding_box()
    for text in page.locator(f"{MAP} .annotation-text, {MAP} .xtitle, {MAP} .ytitle").all():
        box = text.bounding_box()
        assert box["x"] >= figure["x"] - 1
        assert box["x"] + box["width"] <= figure["x"] + figure["width"] + 1
    titles = page.locator(f"{MAP} .annotation-text", has_text=re.compile("Keep|Reset|Candidate|Hidden")).all()
    places = [title.bounding_box() for title in titles]
    assert all(left["x"] + left["width"] <= right["x"] + 1 for left, right in itertools.pairwise(places))
    colour = page.locator(f"{MAP} .xtitle").first.evaluate("element => getComputedStyle(element).fill")
    bright = sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
    assert bright > 180 if scheme == "dark" else bright < 150, colour
