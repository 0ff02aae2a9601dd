"""Predicting on uploaded pictures, and looking at gates, as a person does it."""

import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from acting import open_options, open_uploader, picture, upload
from PIL import Image, ImageDraw
from playwright.sync_api import expect

SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"


def drawing(width, height, form):
    """A ship at sea, as a person might photograph it: bytes of a PNG or a JPEG."""
    picture = Image.new("RGB", (width, height), "lightskyblue")
    pen = ImageDraw.Draw(picture)

    def part(colour, *points):
        pen.polygon([(x * width, y * height) for x, y in points], fill=colour)

    part("steelblue", (0, 0.62), (1, 0.62), (1, 1), (0, 1))
    part("white", (0.32, 0.36), (0.68, 0.36), (0.68, 0.52), (0.32, 0.52))
    part("firebrick", (0.45, 0.18), (0.55, 0.18), (0.55, 0.36), (0.45, 0.36))
    part("darkslategray", (0.12, 0.52), (0.9, 0.52), (0.8, 0.72), (0.2, 0.72))
    data = io.BytesIO()
    picture.save(data, form)
    return data.getvalue()


def phone_photo():
    """12 megapixels with a sensor's noise, so that the file is as large as a phone's."""
    noise = np.random.default_rng(0).normal(128, 40, (3024, 4032, 3)).clip(0, 255).astype(np.uint8)
    picture = Image.blend(Image.open(io.BytesIO(drawing(4032, 3024, "PNG"))), Image.fromarray(noise), 0.2)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=90)
    assert 2e6 < len(data.getvalue()) < 20e6
    return data.getvalue()


def hover(page, panel, across=0.5, down=0.5):
    """Moves the mouse over a panel of the map (0 picture, 1 rows seen, 2 keep, 3 reset, …) and returns the label."""
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()
    area = page.locator(".js-plotly-plot .draglayer > g > rect.nsewdrag").nth(panel).bounding_box()
    page.mouse.move(area["x"] + 2, area["y"] + 2)
    page.mouse.move(area["x"] + across * area["width"], area["y"] + down * area["height"], steps=5)
    return page.locator(".js-plotly-plot .hoverlayer .hovertext")


def test_a_png_and_a_phone_photo_get_five_bars_each_and_a_bad_file_one_sentence(server, trained, page):
    page.goto(f"{server}/predict?run={trained}")
    upload(page, ("small.png", drawing(640, 480, "PNG")), ("text.png", b"only text"), ("photo.jpg", phone_photo()))
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("what the network sees: 32 × 32 pixels")).to_have_count(1)  # of the last one
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(5)
    expect(main.get_by_text("small.png: ")).to_be_visible()  # answered below
    expect(main.get_by_test_id("stAlert")).to_have_count(2)
    expect(main.get_by_test_id("stAlert").last).to_contain_text("nothing but RowCue's ten patterns")
    expect(main.get_by_test_id("stAlert").first).to_contain_text("text.png")

    page.get_by_role("link", name="See its gates").last.click()
    expect(page.get_by_text(re.compile("sure · photo.jpg|\\) · photo.jpg"))).to_be_visible()
    expect(picture(page)).to_have_attribute("aria-label", "photo.jpg")
    expect(page).to_have_url(re.compile(f"run={trained}"))
    expect(page.locator(".js-plotly-plot .heatmaplayer image, .js-plotly-plot .hm image")).not_to_have_count(0)


def test_a_file_over_the_limit_is_told_in_words_and_no_sample_could_be_taken_for_it(server, trained, page, tmp_path):
    """The browser refuses it by itself: all that the page can do is done there, too."""
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(21_000_000)
    page.goto(f"{server}/predict?run={trained}")
    expect(page.locator(".js-plotly-plot .bars .point")).to_have_count(5)
    open_uploader(page)
    page.locator("input[type=file]").set_input_files(large)
    expect(page.get_by_test_id("stFileChip")).to_have_attribute("aria-invalid", "true")
    told = "e => getComputedStyle(e, '::after').content"
    assert "a file may have up to 20 MB" in page.get_by_test_id("stFileUploader").evaluate(told)
    expect(page.locator(".js-plotly-plot")).to_be_hidden()
    page.get_by_role("button", name="Remove large.png").click()
    expect(page.locator(".js-plotly-plot .bars .point").last).to_be_visible()
    assert page.get_by_test_id("stFileUploader").evaluate(told) == "none"


def test_hovering_over_the_gates_gives_row_unit_and_value(server, trained, page):
    page.goto(f"{server}/gates?run={trained}&picture=2")
    expect(page.get_by_text("in truth")).to_be_visible()
    expect(hover(page, 0)).to_contain_text(re.compile(r"pixel row 1[56], column 1[56]red, green, blue"))
    for panel in (2, 3, 4, 5):
        values = "".join(rf"{name} -?\d\.\d{{3}}" for name in ("keep", "reset", "candidate", "hidden"))
        said = rf"step [89], has seen pixel rows \d+–\d+unit \d+{values}$"
        expect(hover(page, panel, across=0.4)).to_have_text(re.compile(said))
    # The line at the mouse's pixel row goes across all panels.
    line = page.locator(".js-plotly-plot .spikeline").first.bounding_box()
    figure = page.locator(".js-plotly-plot").bounding_box()
    assert line["width"] > 0.7 * figure["width"]


def test_gates_work_from_the_keyboard_and_the_picture_stays_in_the_link(server, trained, page):
    page.goto(f"{server}/gates?run={trained}")
    expect(page.get_by_text("in truth")).to_be_visible()
    second = page.get_by_role("radiogroup", name="Pictures").get_by_role("radio").nth(1).get_attribute("aria-label")
    picture(page).press("ArrowRight")
    expect(picture(page)).to_have_attribute("aria-label", second)
    expect(page).to_have_url(re.compile(r"test=\d"))
    expect(page.get_by_text(second.partition(":")[0], exact=False)).to_be_visible()
    open_options(page)
    step = page.get_by_role("slider", name=re.compile("Mark a step"))
    step.focus()
    step.press("ArrowRight")
    expect(page.get_by_text("Step 1 has seen pixel rows 0–")).to_be_visible()
    page.reload()
    expect(picture(page)).to_have_attribute("aria-label", second)


def test_switching_the_run_keeps_an_uploaded_picture_on_gates(server, trained, page):
    page.goto(f"{server}/gates?run={trained}")
    upload(page, ("house.png", drawing(300, 300, "PNG")))
    expect(page.get_by_text("· house.png")).to_be_visible()
    page.get_by_role("button", name="Clear").first.click()
    expect(page).not_to_have_url(re.compile("run="))
    expect(page.get_by_text("· house.png")).to_be_visible()  # another run answers instead


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_sticks_out_sideways(server, trained, new_page, width):
    page = new_page(width=width)
    for path in ("", f"train?run={trained}", f"predict?run={trained}", f"gates?run={trained}"):
        page.goto(f"{server}/{path}")
        settle(page)
        nothing_sticks_out(page, width, path)


def nothing_sticks_out(page, width, where):
    """Asserts that neither the page nor a chart is wider than the window."""
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth"), where
    for chart in page.locator(".js-plotly-plot, [data-testid=stVegaLiteChart]").all():
        box = chart.bounding_box()
        assert box["x"] >= 0, where
        assert box["x"] + box["width"] <= width, where


def settle(page):
    """Waits until the page has drawn itself."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.locator(".cnngru-figure:not([data-drawn])")).to_have_count(0)


@pytest.mark.skipif(os.environ.get("CNNGRU_SCREENSHOTS") != "1", reason="set CNNGRU_SCREENSHOTS=1 to write them")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_screenshots(shipped, new_page, width, scheme):
    page = new_page(width=width, scheme=scheme)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def shoot(name):
        settle(page)
        page.mouse.move(0, 0)
        height = page.get_by_test_id("stMainBlockContainer").evaluate("element => element.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(height, 1600)})
        page.wait_for_timeout(1500)  # fonts and Plotly's resize
        page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-{width}.png")
        page.set_viewport_size({"width": width, "height": 900})

    for name, path in {
        "home": "",
        "train": "train?run=cifar10-best",
        "gates": "gates?run=rowcue-quick&picture=3",
        "compare": "compare",
    }.items():
        page.goto(f"{shipped}/{path}")
        shoot(name)
    page.goto(f"{shipped}/predict?run=cifar10-best")
    settle(page)
    upload(page, ("ship.png", drawing(640, 480, "PNG")))
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    shoot("predict")
