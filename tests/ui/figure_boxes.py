"""What lies in a page's figure boxes: the figures as the browser gets them, and the snippets as they are shown, run."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
import torch
from streamlit.testing.v1 import AppTest


def charts(test: AppTest) -> list[dict[str, Any]]:
    """Each figure as plain data: data, layout, frames."""
    return [json.loads(data["figure"]) | {"alt": data["alt"]} for data in sent(test)]


def sent(test: AppTest) -> list[dict[str, Any]]:
    """What the browser is told of each figure."""
    found = [json.loads(part.proto.json or "{}") for part in test.get("bidi_component")]
    return [data for data in found if "alt" in data]


def run_snippets(test: AppTest) -> list[dict[str, Any]]:
    """The figures that the shown snippets make, in the same form."""
    return [_run(block.value) for block in test.code]


def _run(snippet: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    opened: list[go.Figure] = []
    show = go.Figure.show
    go.Figure.show = lambda figure: opened.append(figure)  # type: ignore[method-assign]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as pages compute: with more, sums are added up in another order
    try:
        exec(compile(snippet, "snippet", "exec"), names)
    finally:
        go.Figure.show = show  # type: ignore[method-assign]
        torch.set_num_threads(threads)
    assert opened == [names["figure"]]
    return json.loads(names["figure"].to_json())


def same(shown: dict[str, Any], made: dict[str, Any]) -> None:
    """Asserts that they are one figure, to the last number."""
    for part in ("data", "layout", "frames"):
        assert shown.get(part) == made.get(part), part
