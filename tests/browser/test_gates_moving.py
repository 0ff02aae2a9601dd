"""The explorer's views that are played, followed and boxed; all of them on a small dark screen; one by keyboard.

Long, because all share one server with a surveyed run.
"""

import json
import os
import re
import shutil
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import torch
from acting import close, open_options
from playwright.sync_api import expect
from test_looking import nothing_sticks_out, settle

import cnngru
from cnngru import data, figures
from cnngru.explain.decision import by_row
from cnngru.figures.decision import PACE
from cnngru.runs import analyses, artifacts, lock, log, store
from cnngru.ui import gates, samples
from cnngru.ui.gates import controls

TIME, KNEW, DOTS, MAP = (f".st-key-{key} .js-plotly-plot" for key in ("time", "knew", "saturation", "pop-map"))
WORDS = "text:is([class$=title], [class$=tick] *)"  # of the axes: xtitle, x4title, ytick, …
VALUES = """([chart, name]) => {
    const plot = document.querySelector(chart);
    const place = plot._fullData.findIndex(trace => trace.type === "heatmap" && trace.name === name);
    return Array.from(plot.calcdata[place][0].z, row => Array.from(row));
}"""

# What a mouse can press or type in; what Tab led to is noted in `reached`, until it leads there again; and what is left
# over. In a group of buttons, in a list and in a box for a number arrow keys do the rest.
CONTROLS = """() => [...document.querySelectorAll("[data-testid=stMain] :is(button, input, textarea, summary, a[href], "
    + "[role=button], [role=slider], .updatemenu-button):not(:disabled)")].filter(one => one.getClientRects().length)"""
REACH = """reached => {
    const here = document.activeElement, again = reached.has(here);
    reached.add(here);
    return !again;
}"""
LEFT_OUT = """([controls, reached]) => {
    const found = [...reached], together = ":is(.stButtonGroup, .stNumberInput, .stSelectbox, .stMultiSelect)";
    return controls.filter(control => control.isConnected)
        .filter(control => !found.some(one => one === control || control.closest(together)?.contains(one)))
        .map(control => control.outerHTML.slice(0, 200));
}"""


@pytest.fixture(scope="module")
def surveyed(trained):
    """The run, with a survey of its first 300 test pictures kept."""
    split = analyses.test_pictures(store.get(trained).config.data)
    few = data.Split(split.images[:300], split.labels[:300])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyses, "test_pictures", lambda config: few)
        analyses.load_or_compute(store.get(trained), analyses.SURVEY)
    return trained


@pytest.fixture
def going_on(trained):
    """A run after its first epoch, whose worker is this process; it gives the way to end it."""
    folder = store.root() / "going-on"
    shutil.copytree(store.root() / trained, folder)
    *begun, finished = store.get(trained).events
    (folder / log.FILE).write_text("".join(f"{json.dumps(event)}\n" for event in begun), encoding="utf-8")
    (folder / "lock").write_text("")  # the number of a worker that is gone
    held = [lock.acquire(folder / "lock")]

    def end(step):
        log.append(folder, finished | {"step": step})
        os.close(held.pop())

    yield folder, end
    for descriptor in held:
        os.close(descriptor)
    store.delete(folder.name)


def read(file):
    """(model, trace) of the first sample, by the weights in a file or folder."""
    model = cnngru.load(file)
    image = samples.available(store.get("trained").config.data)[0].image.transpose(2, 0, 1)
    return model, cnngru.trace(model, torch.from_numpy(image.copy())[None] / 255)[1]


def expect_moment(page, name, file, order_of):
    """The figure of a moment: its name, and what the weights in `file` do, units in the order of the last ones."""
    expect(page.locator(f"{TIME} .annotation-text").get_by_text(name, exact=True)).to_be_visible()
    order = figures.by_mean(read(order_of)[1].update[0, 0, 0].numpy())
    trace = read(file)[1]
    for gate, values in {"keep": trace.update, "reset": trace.reset}.items():
        np.testing.assert_allclose(page.evaluate(VALUES, [TIME, gate]), values[0, 0, 0].numpy()[:, order], atol=1e-5)


def note_frames(page, chart):
    """Has the page note the frames of a figure as they come, in `played`."""
    page.evaluate("chart => document.querySelector(chart).on('plotly_animatingframe', f => played.push(f.name))", chart)


def link(page):
    return {key: values[-1] for key, values in parse_qs(urlparse(page.url).query).items()}


def test_another_moment_is_that_snapshot_and_play_goes_through_all(server, trained, page):
    page.add_init_script("window.played = []")
    page.goto(f"{server}/gates?run={trained}&view=time")
    folder = store.root() / trained
    expect_moment(page, "last", folder, folder)
    page.locator(".st-key-moment").get_by_role("slider").press("ArrowLeft")
    expect_moment(page, "step 4", artifacts.snapshot_file(folder, 4), folder)
    assert link(page)["moment"] == "step 4"
    settle(page)
    note_frames(page, TIME)
    page.locator(f"{TIME} .updatemenu-button", has_text="Play").click()
    expect_moment(page, "last", folder, folder)
    assert page.evaluate("played") == ["untrained", "step 1", "step 4", "last"]


def test_rows_are_read_by_keyboard_and_by_play(server, trained, page):
    page.add_init_script("window.played = []")
    model, trace = read(store.root() / trained)
    shares = by_row(model, trace)[0]

    def expect_rows(read):
        said = f"After {read} of 16: {model.classes[shares[read - 1].argmax()]}, {100 * shares[read - 1].max():.0f} %"
        expect(page.locator(f"{KNEW} .annotation-text").get_by_text(said, exact=True)).to_be_visible()

    page.goto(f"{server}/gates?run={trained}&view=knew&read=16")
    expect_rows(16)
    open_options(page)
    slider = page.locator(".st-key-read").get_by_role("slider")
    slider.press("ArrowLeft")
    expect_rows(15)
    slider.press("Home")
    expect_rows(1)
    expect(page).to_have_url(re.compile(r"read=1\b"))
    settle(page)
    note_frames(page, KNEW)
    close(page)
    page.get_by_role("button", name="Options").focus()
    tab_to(page, f"{KNEW} .updatemenu-button")
    page.keyboard.press("Enter")
    expect_rows(16)
    assert page.evaluate("played") == [str(row) for row in range(1, 17)]
    page.keyboard.press("Enter")
    expect_rows(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # Pause
    noted = page.evaluate("played")
    page.wait_for_timeout(3 * PACE)
    assert page.evaluate("played") == noted


def test_a_run_in_progress_is_followed_until_it_ends(server, going_on, page):
    folder, end = going_on
    page.goto(f"{server}/gates?run={folder.name}&view=time")
    page.get_by_text("Follow latest").click()
    expect_moment(page, "step 15", folder, folder)
    expect(page).to_have_url(re.compile("follow=true"))
    expect(page.locator(".st-key-moment")).to_have_count(0)
    page.evaluate("document.mine = true")  # gone if it were loaded again

    other, new = artifacts.snapshot_file(folder, 1), artifacts.snapshot_file(folder, 64)
    shutil.copy(other, folder / "new")
    os.replace(folder / "new", new)
    expect_moment(page, "step 64", new, new)
    end(64)
    expect(page.locator(".st-key-follow")).to_have_count(0)
    expect(page.locator(".st-key-moment")).to_be_visible()
    expect_moment(page, "last", folder, folder)
    assert page.evaluate("document.mine")


def test_a_box_over_dots_leaves_their_units_on_the_map(server, surveyed, page):
    page.goto(f"{server}/gates?run={surveyed}&view=units")
    settle(page)
    high = analyses.load_or_compute(store.get(surveyed), analyses.SURVEY).high["update"][0, 0]
    corner = (0.5, float(np.median(high)))  # half of the units are above, all of them to the left
    assert (analyses.load_or_compute(store.get(surveyed), analyses.SURVEY).low["update"][0, 0] < 0.45).all()
    area = page.locator(f"{DOTS} .draglayer rect.nsewdrag")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    across, down = ((share + 0.04) / 1.08 for share in corner)  # the axes: −0.04 … 1.04
    page.mouse.move(box["x"] + across * box["width"], box["y"] + (1 - down) * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 2, box["y"] + 2, steps=4)
    page.mouse.up()

    expect(page).to_have_url(re.compile("pop-units="))
    chosen = controls.read_units(link(page)["pop-units"], len(high))
    near = 2 * 1.08 / box["height"]  # two pixels
    surely, at_most = (set(np.flatnonzero(high > corner[1] + by).tolist()) for by in (near, -near))
    assert surely <= set(chosen) <= at_most
    assert len(surely) > 20
    assert len(at_most) < 108
    expect(page.get_by_text(f"What {len(chosen)} of 128 units did")).to_be_visible()
    page.wait_for_function(f"([at, units]) => ({VALUES})(at)[0].length === units", arg=[[MAP, "keep"], len(chosen)])
    _, trace = read(store.root() / surveyed)
    order = [unit for unit in figures.by_mean(trace.update[0, 0, 0].numpy()) if unit in chosen]
    for name, values in {"keep": trace.update, "hidden": trace.hidden}.items():
        np.testing.assert_allclose(page.evaluate(VALUES, [MAP, name]), values[0, 0, 0].numpy()[:, order], atol=1e-5)


@pytest.mark.parametrize(("width", "scheme"), [(400, "dark"), (1280, "light")])
def test_every_view_fits_and_can_be_read(server, surveyed, new_page, width, scheme):
    page = new_page(width=width, scheme=scheme)
    page.goto(f"{server}/gates?run={surveyed}&picture=3")
    for view, (_, tab, says) in gates.VIEWS.items():
        page.get_by_role("tab", name=tab, exact=True).click()
        expect(page.get_by_text(says)).to_be_visible()
        settle(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.locator("[data-testid=stAlertContentError]")).to_have_count(0)
        expect(page.locator(".cnngru-figure:not(:has(.main-svg))")).to_have_count(0)
        expect(page.locator(f".js-plotly-plot {WORDS}").first).to_be_visible()
        nothing_sticks_out(page, width, view)
        for colour in page.locator(f".js-plotly-plot {WORDS}").evaluate_all(
            "all => all.map(element => getComputedStyle(element).fill)"
        ):
            bright = sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
            assert bright > 150 if scheme == "dark" else bright < 150, (view, colour)


def tab_to(page, what):
    """Presses Tab until something in an element that is `what` has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement.closest(what) !== null", what):
            return
    raise AssertionError(f"Tab does not lead to {what}")


def test_tab_reaches_every_control_of_every_view(server, surveyed, page):
    opened = "unit=3&step=2&hold=reset&hold-units=1-9&paint=mask rows&every=true&pop-units=1-9"
    left_out = {}
    for view in gates.VIEWS:
        page.goto(f"{server}/gates?run={surveyed}&view={view}&{opened}")
        expect(page.get_by_text(gates.VIEWS[view].says)).to_be_visible()
        settle(page)
        for expander in page.locator("[data-testid=stMain] details:not([open]) summary").all():
            expander.click()
        settle(page)
        here = page.evaluate_handle(CONTROLS)
        page.get_by_role("heading", name="Gates", exact=True).click()  # the focus starts from there
        reached = page.evaluate_handle("() => new Set()")
        while page.keyboard.press("Tab") or page.evaluate(REACH, reached):
            pass
        assert page.evaluate("controls => controls.length", here) > 10
        left_out[view] = page.evaluate(LEFT_OUT, [here, reached])
    assert left_out == {view: [] for view in gates.VIEWS}


def test_two_quick_arrow_keys_go_two_views_on(server, trained, page):
    page.goto(f"{server}/gates?run={trained}")
    settle(page)
    tab_to(page, "[role=tab]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("view=knew"))
    expect(page.get_by_text(gates.VIEWS["knew"].says)).to_be_visible()


def test_another_view_from_the_keyboard_alone(server, trained, page):
    page.goto(f"{server}/gates?run={trained}")
    settle(page)
    tab_to(page, "[role=tab]")
    views = page.get_by_role("tablist")
    expect(views.get_by_role("tab", name="Gates")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("view=kept"))
    settle(page)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(gates.VIEWS["knew"].says)).to_be_visible()
    expect(page).to_have_url(re.compile("view=knew"))
    expect(views.get_by_role("tab", name="When it knew")).to_be_focused()
    expect(page.locator(KNEW)).to_be_visible()
