"""Classes with names that are markup, long, or from other scripts, as a browser draws them: as they were written."""

import numpy as np
import pytest
import torch
import unstarted
from playwright.sync_api import expect
from strangers import ISOLATES, JOINER, NAMES, shows
from test_looking import settle

from cnngru import checkpoint
from cnngru.config import override
from cnngru.data import rowcue
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import preset
from cnngru.runs import artifacts, log, store

ANSWER, RUNNER_UP = ":material/home: :smile: :red[red]", "- one -> two"
PATHS = {
    "predict": "/predict?run=strange",
    "ribbon": "/gates?run=strange&view=knew",
    "waterfall": "/gates?run=strange&view=kept&test=1",  # whose parts speak for either class
    "answers": "/gates?run=strange&view=intervene",
    "two classes": "/gates?run=strange&view=mattered",
    "matrix": "/compare?runs=strange",
}
DRAWN = """() => [...document.querySelectorAll('[data-testid=stMain] .js-plotly-plot text')].map(t => t.textContent)"""
# Of the page's own there are bold headings in figures, and links to pages; none of these
MADE = """() => [...document.querySelectorAll(
    '[data-testid=stMain] :is(.katex, img.emoji, [data-testid=stMarkdownColoredText], code), .js-plotly-plot a,'
    + ' [data-testid=stMarkdownContainer] :is(a[href*="example.org"], br)')]
    .filter(e => !e.closest('[data-testid=stExpander] pre, .katex-display')).map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def strange(home):
    """A run whose classes are NAMES, with answers to RowCue's test pictures."""
    config = override(preset("quick", "rowcue"), "model.hidden", 16)
    folder = store.root() / unstarted.create(config, "strange")
    for event in (unstarted.event("started", classes=list(NAMES)), unstarted.event("finished")):
        log.append(folder, event)
    torch.manual_seed(0)
    model = CNNGRU(config.model, NAMES).eval()
    with torch.no_grad():
        model.head.bias[[NAMES.index(ANSWER), NAMES.index(RUNNER_UP)]] = torch.tensor([9.0, 8.0])
    checkpoint.save(model, folder)
    labels = rowcue.generate(rowcue.TEST, (0, rowcue.STREAMS["test"])).labels.numpy()
    shares = np.full((len(labels), len(NAMES)), 0.01, np.float32)
    shares[:, 0] = 0.8
    artifacts.write_answers(folder, shares, labels)
    return "strange"


def read(texts):
    return [text.translate(dict.fromkeys(map(ord, JOINER + ISOLATES))) for text in texts]


@pytest.mark.parametrize("which", PATHS)
def test_names_are_drawn_as_they_were_written_and_nothing_is_made_of_them(server, strange, new_page, which):
    page = new_page(width=400, height=900)
    page.goto(server + PATHS[which])
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    if which == "predict":
        expect(page.get_by_text("a<br>b · <b>x</b> · $x^2$ · a_b_c")).to_be_visible()
    drawn = read(page.evaluate(DRAWN))
    some = NAMES if which == "matrix" else [ANSWER, RUNNER_UP] if which != "two classes" else []
    assert not [name for name in some if not any(shows(text, name) for text in drawn)]
    text = " ".join(read([page.get_by_test_id("stMain").inner_text()]))
    assert shows(text, ANSWER) or which == "matrix"
    assert page.evaluate(MADE) == []
    assert page.evaluate("typeof MathJax") == "undefined"
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    inside = "e => [...e.querySelectorAll('.js-plotly-plot')].every(p => p.getBoundingClientRect().right <= innerWidth)"
    assert page.get_by_test_id("stMain").evaluate(inside)


def test_a_class_is_chosen_in_the_list_by_what_it_is_called(server, strange, page):
    page.goto(f"{server}{PATHS['matrix']}&said=a<br>b")
    settle(page)
    box = page.get_by_role("combobox", name="True class")
    box.click()
    box.fill("[x]")
    expect(page.get_by_role("option")).to_have_count(1)  # Enter takes what the list shows
    box.press("Enter")
    expect(page.get_by_text("No picture of").or_(page.get_by_text("pictures of")).last).to_be_visible()
    expect(page.get_by_text("[x](https⁠://example.org) answered a<br>b")).to_be_visible()
