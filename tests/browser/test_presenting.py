"""For a class: the page for a projector, a link that shows others the same, and Back to where one was."""

import re

import pytest
from playwright.sync_api import expect
from test_looking import settle

from cnngru.runs import analyses, store
from cnngru.ui import gates

SMALLEST = 18  # pixels of type on a projector
# Of all text that is seen: as large as it is drawn, a figure's scale with it.
SIZES = """() => {
    const found = [];
    const walk = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement;
        const box = element.getBoundingClientRect();
        if (!walk.currentNode.data.trim() || !box.width || element.closest('style, script')) continue;
        const drawn = element.closest('svg')?.getBoundingClientRect();
        const scale = drawn ? drawn.width / element.closest('svg').width.baseVal.value : 1;
        found.push([walk.currentNode.data.trim(), scale * parseFloat(getComputedStyle(element).fontSize)]);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def surveyed(trained):
    analyses.load_or_compute(store.get(trained), analyses.SURVEY)
    return trained


def test_a_projector_shows_one_figure_in_large_type_and_keys_go_from_view_to_view(server, surveyed, new_page):
    page = new_page(width=1920, height=1080)
    page.goto(f"{server}/gates?run={surveyed}&present=1")
    for view, (_, tab, _) in gates.VIEWS.items():
        expect(page.get_by_role("heading", level=1)).to_have_text(tab)
        settle(page)
        expect(page.get_by_test_id("stSidebar")).not_to_be_visible()
        expect(page.get_by_role("tablist")).not_to_be_visible()
        expect(page.locator(".cnngru-figure:visible")).to_have_count(1)
        expect(page.locator(".js-plotly-plot .draglayer > g > rect.nsewdrag").first).to_be_in_viewport(ratio=0.9)
        small = {text: size for text, size in page.evaluate(SIZES) if size < SMALLEST}
        assert not small, (view, small)
        caption = page.locator(".st-key-alone [data-testid=stCaptionContainer]").first.bounding_box()
        assert caption["height"] < 2 * 1.6 * 22, "the caption is one line"
        assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth <= main.clientWidth")
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gates")  # around
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Side by side")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("present"))
    expect(page.get_by_test_id("stSidebar")).to_be_visible()
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile("present=1"))


def test_a_key_that_is_typed_into_a_field_is_no_command(server, trained, page):
    page.goto(f"{server}/train?run={trained}")
    settle(page)
    page.get_by_text("New run", exact=True).click()
    page.get_by_role("textbox", name="Name").press_sequentially("pp")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("pp")
    page.wait_for_timeout(500)
    expect(page).not_to_have_url(re.compile("present"))


def test_a_shared_link_is_copied_and_shows_a_second_person_the_same(server, trained, new_page):
    page = new_page()
    page.goto(f"{server}/gates?run={trained}&view=kept&test=3")
    settle(page)
    page.locator(".st-key-share").get_by_role("button").first.click()
    link = page.get_by_role("textbox", name="Link to what is shown")
    expect(link).to_have_value(re.compile("view=kept"))
    expect(page.get_by_role("img", name="QR code of the link")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    other = new_page(width=400, height=850)
    other.goto(link.input_value())
    settle(other)
    for window in (page, other):
        expect(window.get_by_role("tab", name="What stayed")).to_have_attribute("aria-selected", "true")
        expect(window.get_by_text("test picture 3").first).to_be_visible()


def test_back_comes_to_the_place_that_was_left(server, trained, page):
    page.goto(f"{server}/gates?run={trained}&view=kept")
    settle(page)
    main = page.get_by_test_id("stMain")
    main.evaluate("main => main.scrollTo(0, 700)")
    page.wait_for_timeout(300)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Predict").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Predict")
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gates")
    page.wait_for_function("Math.abs(document.querySelector('[data-testid=stMain]').scrollTop - 700) < 3")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (400, 850)])
def test_curves_and_answers_are_on_the_first_screen(server, trained, new_page, width, height):
    page = new_page(width=width, height=height, touch=width == 400)
    page.goto(f"{server}/train?run={trained}")
    settle(page)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_in_viewport(ratio=0.9)
    page.goto(f"{server}/predict?run={trained}")
    settle(page)
    expect(page.get_by_role("img", name=re.compile("as 32 by 32 pixels")).first).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".js-plotly-plot")).to_be_in_viewport(ratio=0.6)
