"""Every page and every view of the gates with classes, files and settings that strangers named: shown as written."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import figure_boxes
import handmade
import numpy as np
import pytest
import torch
from google.protobuf.json_format import MessageToDict
from PIL import Image
from strangers import NAMES, from_markdown, from_plotly, shows, whole
from streamlit.testing.v1 import AppTest

from cnngru import checkpoint, data, escaping
from cnngru.config import DataConfig
from cnngru.data import folder
from cnngru.escaping import LETTERS
from cnngru.figures.ribbon import COLOURS
from cnngru.nn.classifier import CNNGRU
from cnngru.runs import analyses, artifacts, log, store
from cnngru.ui.gates import VIEWS

STARTED = {**handmade.STARTED, "classes": list(NAMES), "notes": [f"{name} was left out." for name in NAMES]}
DONE = [STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]
HIDDEN = [name for name in NAMES if escaping.plain(name) != name]  # long, or with what cannot be seen
MARKED = [name for name in NAMES if set(name) & set("<$_[{`*:>-.")]
TAGGED = [name for name in NAMES if set(name) & set("<$&{")] + HIDDEN[2:]  # whole on hover
PLAIN = ("options", "alt", "raw_value", "raw_values", "placeholder")  # parts of elements that are no Markdown


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def run(app, monkeypatch):
    """run(a, b): a finished run "a" on a folder whose classes are NAMES; it answers a, and b is the runner-up."""
    count = 2 * len(NAMES)
    images = torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(count, dtype=torch.uint8) % len(NAMES)
    monkeypatch.setattr(folder, "test", lambda config: data.TestSplit(images, labels, NAMES, config))

    def make(a: str, b: str) -> None:
        pictures = DataConfig("folder", "/pictures/a<br>b")
        config = replace(handmade.tiny(), data=pictures, preset="<b>$x_y$</b>")
        for name in ("a", "b"):
            handmade.run(name, *DONE, config=config, model=False)
            torch.manual_seed(0)
            model = CNNGRU(config.model, NAMES).eval()
            with torch.no_grad():
                model.head.bias[[NAMES.index(a), NAMES.index(b)]] = torch.tensor([9.0, 8.0])
            checkpoint.save(model, store.root() / name)
            shares = np.full((count, len(NAMES)), 0.01, np.float32)
            shares[:, NAMES.index(a)] = 0.8
            artifacts.write_answers(store.root() / name, shares, labels.numpy())

    return make


def leaves(node: Any) -> Iterator[Any]:
    """Every element on the page, the sidebar's too."""
    children = getattr(node, "children", None)
    if children:
        for child in children.values():
            yield from leaves(child)
    if getattr(node, "proto", None) is not None:
        yield node


def strings(part: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name != "template":
                yield from strings(value, name)
    elif isinstance(part, list):
        for value in part:
            yield from strings(value, key)
    elif isinstance(part, str):
        yield key, part


def seen(test: AppTest) -> dict[str, list[str]]:
    """All text of a page by how it is read: markdown, plotly, plain."""
    found: dict[str, list[str]] = {"markdown": [], "plotly": [], "plain": []}
    for node in leaves(test._tree):
        match node.type:
            case "code":
                continue
            case "bidi_component":  # plain text, which the browser writes as text
                sent = json.loads(node.proto.json or "{}")
                figure = sent.pop("figure", None)
                found["plain"] += [text for key, text in strings(sent) if key not in ("link", "code")]  # addresses
                if "alt" in sent:  # a figure, else the buttons that save one
                    found["plotly"] += [text for _, text in strings(json.loads(figure))]
            case "arrow_data_frame":
                found["plain"] += [str(value) for value in (*node.value.columns, *node.value.to_numpy().ravel())]
            case "vega_lite_chart" | "arrow_vega_lite_chart":
                found["plain"] += [text for _, text in strings(json.loads(node.proto.spec))]
            case _:
                for key, text in strings(MessageToDict(node.proto, preserving_proto_field_name=True)):
                    found["plain" if key in PLAIN else "markdown"].append(text)
    return found


def check(test: AppTest) -> dict[str, list[str]]:
    """Asserts that no name got through as markup; all texts of the page."""
    assert not test.exception, [error.value for error in test.exception]
    found = seen(test)
    for kind, names in (("markdown", MARKED + HIDDEN), ("plotly", TAGGED), ("plain", HIDDEN)):
        for text in found[kind]:
            whole = " was left out." in text  # sentences about a folder
            assert not [name for name in names if name in text and not (whole and len(name) > LETTERS)], (kind, text)
    return found


def says(found: dict[str, list[str]], name: str) -> bool:
    return any(shows(from_markdown(text), name) for text in found["markdown"])


PAIRS = [("<b>x</b>", "w" * 200), (":material/home: :smile: :red[red]", "a\nb\x1b[1m"), ("شاحنة", "- one -> two")]
OPTIONS = {"intervene": {"hold": "keep", "every": "true"}, "units": {"unit": "1"}, "compare": {"beside": "two classes"}}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: ascii(pair[0]))
def test_every_view_of_the_gates(app, run, view, pair):
    run(*pair)
    analyses.load_or_compute(store.get("a"), analyses.SURVEY)
    found = check(app("gates", run="a", view=view, test="3", **OPTIONS.get(view, {})))
    assert says(found, pair[0])
    assert any("in truth" in text and shows(from_markdown(text), NAMES[3]) for text in found["markdown"])


@pytest.mark.parametrize("beside", ["another picture", "another run", "untrained", "shuffled labels"])
def test_every_comparison_of_gates(app, run, beside):
    run(*PAIRS[0])
    assert says(check(app("gates", run="a", view="compare", beside=beside, test="3")), PAIRS[0][0])


def test_predict_with_files_of_such_names(app, run):
    run(*PAIRS[0])
    test = app("predict", run="a")
    files = [(f"{name}.png", png(), "image/png") for name in NAMES]
    test.file_uploader[0].set_value([*files, ("<b>bad</b>.png", b"no", "image/png")]).run()
    found = check(test)
    for name in NAMES:  # among what it must choose from, and as files
        assert sum(shows(from_markdown(text), name) for text in found["markdown"]) >= 2
    assert sum(f"**{escaping.markdown(PAIRS[0][0])}**" in text for text in found["markdown"]) == len(NAMES)
    assert not any("<b>bad" in text for text in found["markdown"])


@pytest.mark.parametrize("page", ["home", "train", "compare"])
def test_pages_of_runs(app, run, page):
    run(*PAIRS[0])
    log.append(store.root() / "b", {"kind": "failed", "reason": f"{NAMES[4]} is {NAMES[0]}"})
    found = check(app(page, run="b"))
    if page == "train":
        assert all(says(found, name) for name in NAMES)  # as notes on the pictures


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_cell_of_the_confusion_matrix_is_opened_by_the_names_in_the_link(app, run, name):
    run(*PAIRS[0])
    test = app("compare", runs="a", true=name, said=PAIRS[0][0])
    found = check(test)
    assert test.selectbox(key="true").value == name
    assert any("answered" in text and shows(from_markdown(text), name) for text in found["markdown"])
    short = app("compare", runs="a", true=escaping.distinct(NAMES, 22)[name], said=PAIRS[0][0])  # as the page writes it
    assert short.selectbox(key="true").value == name


def test_classes_are_chosen_by_name_and_told_apart_by_colour(app, run):
    run(*PAIRS[0])
    for name in NAMES:
        test = app("gates", run="a", view="kept", test="3", **{"for": escaping.distinct([*NAMES], 27)[name]})
        if name == PAIRS[0][1]:
            continue  # the runner-up, against itself
        legend = [text for text in check(test)["plotly"] if text.startswith("for ")]
        assert any(shows(from_plotly(text), name) for text in legend), name
    spec = figure_boxes.charts(app("gates", run="a", view="knew", test="3"))[0]
    bars = [trace for trace in spec["data"] if trace["type"] == "bar"]
    places = [[place for place, name in enumerate(NAMES) if from_plotly(bar["name"]) == whole(name)] for bar in bars]
    assert sum(map(len, places)) == len(bars) - 1 == 9  # the last is the others'
    assert all(
        bar["marker"]["color"] == COLOURS[place[0] % 10] for bar, place in zip(bars, places, strict=True) if place
    )


def test_snippets_name_classes_as_they_are(app, run):
    run(*PAIRS[1])
    code = "\n".join(block.value for block in app("gates", run="a", view="kept", test="3").code)
    assert repr(PAIRS[1]) in code
    assert whole(PAIRS[1][1]) in code  # no control character gets out of a snippet either
