"""Every figure with names in it draws them as they were written: short where there is little room, whole on hover."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from strangers import NAMES, from_plotly, shows, whole

from cnngru import figures
from cnngru.figures.confusion import confusion

RANDOM = np.random.default_rng(0)
T, C = 4, len(NAMES)
BANDS = np.array([(0, 8), (8, 16), (16, 24), (24, 32)])
PICTURE = RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)
OURS = re.compile(r"</?b>|<br>|<extra></extra>|%\{[a-z]+(?:\[\d\])?(?::[^}]*)?\}")  # what figures write themselves
TEXTS = ("text", "name", "hovertemplate", "texttemplate", "ticktext", "tickvals", "x", "y", "categoryarray")


def moments() -> dict[str, figures.Moment]:
    """Each class leads once."""
    eye = 0.9 * np.eye(C) + 0.1 / C
    return {
        f"step {place}": figures.Moment({"keep": RANDOM.random((T, 3))}, np.tile(row, (T, 1)))
        for place, row in enumerate(eye)
    }


def drivers() -> list[figures.Driver]:
    return [figures.Driver(PICTURE, name, place, 0, (0, 8), 0.5) for place, name in enumerate(NAMES)]


SHARES = RANDOM.dirichlet(np.ones(C), T)
FIGURES = {
    "answer_bars": lambda: figures.answer_bars([(name, 1 / C) for name in NAMES]),
    "decision_by_row": lambda: figures.decision_by_row(PICTURE, np.eye(C)[:T], NAMES, BANDS, locked=T),
    "over_training": lambda: figures.over_training(PICTURE, moments(), BANDS, NAMES, chosen="step 0"),
    "course_over_training": lambda: figures.course_over_training(moments(), NAMES, chosen="step 0", answers=range(C)),
    "two_answers": lambda: figures.two_answers(NAMES, SHARES[0], SHARES[1]),
    "class_means": lambda: figures.class_means(RANDOM.random((C, T)), {"of": RANDOM.random(T)}, BANDS, NAMES),
    "unit_pictures": lambda: figures.unit_pictures(drivers(), drivers()),
    "confusion": lambda: confusion(np.ones((C, C), int), NAMES, NAMES[0]),
    **{
        f"waterfall {ascii(name)[:20]}": lambda name=name: figures.waterfall(
            PICTURE, RANDOM.normal(size=(1, T)), 0.0, BANDS, names=(name, "cat")
        )
        for name in NAMES
    },
}


def texts(part: Any, key: str = "") -> Iterator[str]:
    """All that the figure writes, or could write, as Plotly gets it."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name != "template":
                yield from texts(value, name)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value, key)
    elif isinstance(part, str) and key in TEXTS:
        yield part


def written(figure: go.Figure) -> list[str]:
    return list(texts(json.loads(figure.to_json())))


@pytest.mark.parametrize("which", FIGURES)
def test_no_markup_but_the_figures_own_gets_through(which):
    for text in written(FIGURES[which]()):
        left = OURS.sub("", text)
        assert not set(left) & set("<>$\n\x1b\u202e"), text
        assert "%{" not in left


@pytest.mark.parametrize("which", [which for which in FIGURES if not which.startswith("waterfall")])
def test_names_are_there_as_they_were_written(which):
    drawn = [from_plotly(text) for text in written(FIGURES[which]())]
    there = [name for name in NAMES if any(shows(text, name) for text in drawn)]
    some = {"decision_by_row": 9, "over_training": 9, "two_answers": 10}  # these name at most so many classes
    assert len(there) >= some.get(which, C)


@pytest.mark.parametrize("which", FIGURES)
def test_what_is_drawn_without_pointing_at_it_is_short(which):
    figure = json.loads(FIGURES[which]().to_json())
    axes = [value for name, value in figure["layout"].items() if name[1:].startswith("axis")]
    drawn = [text for axis in axes for text in axis.get("ticktext") or []]
    drawn += [note["text"] for note in figure["layout"].get("annotations", [])]
    drawn += [text for trace in figure["data"] if trace["type"] == "bar" for text in trace.get("text") or []]
    drawn += [trace.get("name", "") for trace in figure["data"] if trace.get("showlegend", True)]
    lines = [from_plotly(line) for text in drawn if text for line in text.split("<br>")]
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize(
    "which", ["answer_bars", "decision_by_row", "course_over_training", "two_answers", "class_means", "unit_pictures"]
)
def test_the_whole_name_is_there_to_be_pointed_at(which):
    drawn = " ".join(from_plotly(text) for text in written(FIGURES[which]()))
    shortened = which in ("two_answers", "decision_by_row")
    long = [name for name in NAMES if len(name) == 200 and not shortened] or [NAMES[0]]
    assert all(whole(name) in drawn for name in long)


def test_names_that_are_cut_to_the_same_stay_two():
    a, b = "w" * 99 + "a" + "w" * 99, "w" * 99 + "b" + "w" * 99
    (bars,) = figures.answer_bars([(a, 0.6), (b, 0.4)]).data
    assert len(set(bars.y)) == 2
