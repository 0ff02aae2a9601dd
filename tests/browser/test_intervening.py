"""A box drawn over the map holds what is in it: in the link, in numbers, and for nobody else."""

import re
from urllib.parse import parse_qs, urlparse

import numpy as np
import torch
from playwright.sync_api import expect

import cnngru
from cnngru.explain import intervene
from cnngru.runs import store
from cnngru.ui import samples
from cnngru.ui.gates import controls

CHART = ".st-key-change .js-plotly-plot"
VALUES = f"""name => {{
    const chart = document.querySelector('{CHART}');
    const place = chart._fullData.findIndex(trace => trace.name === name);
    return Array.from(chart.calcdata[place][0].z, row => Array.from(row));
}}"""


def draw_box(page, subplot, across, down):
    """Drags a box over a panel (x4y2: A's first, x5y3: B's second), from and to shares of its width and height."""
    panel = page.locator(f"{CHART} .draglayer g.{subplot} rect.nsewdrag")
    panel.scroll_into_view_if_needed()
    area = panel.bounding_box()
    (left, right), (top, bottom) = across, down
    page.mouse.move(area["x"] + left * area["width"], area["y"] + top * area["height"])
    page.mouse.down()
    page.mouse.move(area["x"] + right * area["width"], area["y"] + bottom * area["height"], steps=4)
    page.mouse.up()


def link(page):
    return parse_qs(urlparse(page.url).query)


def test_a_box_holds_its_gate_steps_and_units_and_only_for_who_drew_it(server, trained, new_page):
    first, second = new_page(), new_page()
    start = f"{server}/gates?run={trained}&view=intervene&picture=2"
    for page in (first, second):
        page.goto(start)
        expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
        expect(page.locator(f"{CHART} .draglayer g.x5y3")).to_be_attached()
    as_it_was = second.evaluate(VALUES, "hidden B")

    draw_box(first, "x5y3", across=(0.2, 0.5), down=(0.26, 0.48))  # B's second panel: reset
    said = first.get_by_text(re.compile(r"^Reset of \d+ of \d+ units held at 0 from step 5 to 8\.$"))
    expect(said).to_be_visible()
    expect(first).to_have_url(re.compile("hold=reset"))
    expect(first).to_have_url(re.compile("hold-units="))
    expect(first.locator(f"{CHART} .heatmaplayer, {CHART} .hm").first).to_be_attached()

    found = link(first)
    assert found["hold-steps"] == ["5", "8"]
    model = cnngru.load(store.root() / trained)
    units = controls.read_units(found["hold-units"][0], model.config.hidden)
    assert 0.25 * model.config.hidden < len(units) < 0.35 * model.config.hidden
    image = samples.available(store.get(trained).config.data)[1].image.transpose(2, 0, 1)
    images = torch.from_numpy(image.copy())[None].float() / 255
    order = np.argsort(-cnngru.trace(model, images)[1].update[0, 0, 0].numpy().mean(0), kind="stable")
    _, trace = intervene.run(model, images, [intervene.Clamp("reset", 0.0, range(4, 8), units)])
    first.wait_for_function(f"({VALUES})('reset B')[5].includes(0)")
    for name, values in {"reset B": trace.reset, "hidden B": trace.hidden}.items():
        np.testing.assert_allclose(first.evaluate(VALUES, name), values[0, 0, 0].numpy()[:, order], atol=1e-5)

    # The second person's page does not know of it, also when it is drawn anew; with the first one's link it does.
    second.get_by_text("Try every cell alone").click()
    expect(second.locator(".st-key-cells .js-plotly-plot")).to_be_attached()
    expect(second.get_by_text("Nothing is changed yet")).to_be_visible()
    assert second.evaluate(VALUES, "hidden B") == as_it_was
    second.goto(first.url)
    expect(second.get_by_text(said.inner_text())).to_be_visible()

    first.get_by_role("button", name="Undo all").click()
    expect(first.get_by_text("Nothing is changed yet")).to_be_visible()
    expect(first).not_to_have_url(re.compile("hold="))
    expect(second.get_by_text("held at 0 from step 5 to 8")).to_be_visible()


def test_a_click_in_the_map_of_effects_holds_that_cell(server, trained, page):
    page.goto(f"{server}/gates?run={trained}&view=intervene&every=true")
    cells = page.locator(".st-key-cells .draglayer g.x3y rect.nsewdrag")
    expect(cells).to_be_attached()
    cells.scroll_into_view_if_needed()
    area = cells.bounding_box()
    page.mouse.move(area["x"] + 0.5 * area["width"], area["y"] + 0.3 * area["height"], steps=3)
    page.mouse.click(area["x"] + 0.5 * area["width"], area["y"] + 0.3 * area["height"])
    expect(page.get_by_text(re.compile(r"^Keep of unit \d+ held at 0 at step 5\.$"))).to_be_visible()
