"""Puts a Plotly figure on a page: a component of ours in the place of `st.plotly_chart`.

It keeps its node in the browser and changes only what is new (`Plotly.react`), lets a finger scroll the page, draws
pictures square at any width (arrange.js), shows one panel at a time where the screen is narrow, takes its colours from
the page's theme (theme.js), and hands out PNG and SVG (`save_buttons`). Plotly's own script comes from the installed
package, not from a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v1 import declare_component

from cnngru.ui import present

HERE = Path(__file__).parent
SCRIPTS = ("arrange.js", "labels.js", "theme.js", "plot.js")  # read as one module


def plot(
    figure: go.Figure,
    key: str,
    *,
    alt: str,
    width: int | str = "stretch",
    on_click: Callable[[], None] | None = None,
    on_box: Callable[[], None] | None = None,
    modebar: bool = True,
) -> None:
    """Draws `figure`.

    figure      its colours of text, grid and background are left to the page's theme
    key         one of a kind on the page
    alt         what the figure shows, for those who cannot see it
    width       pixels at most, or "stretch"
    on_click    called before the page is drawn anew, when a point or a cell was clicked: `clicked(key)` says which
    on_box      likewise when a box was drawn: `boxed(key)`. A mouse draws boxes at once, a finger after "Select"
    modebar     whether a mouse over the figure brings Plotly's buttons for zooming
    """
    data = {
        "figure": figure.to_json(),
        "alt": alt,
        "plotly": _script(),
        "clicks": on_click is not None,
        "boxes": on_box is not None,
        "modebar": modebar,
        "dark": st.context.theme.type == "dark",  # else a change of theme would change nothing that is sent
        "scale": present.SCALE if present.on() else 1,
    }
    _component()(
        key=key, data=data, width=width, on_click_change=on_click or _nothing, on_box_change=on_box or _nothing
    )


def clicked(key: str) -> Mapping[str, Any] | None:
    """In `on_click`: what was clicked in the figure `key`.

    curve   the trace's place in the figure
    point   the point's place in its trace; of a heatmap's cell [row, column]
    x, y    where it stands on its axes
    """
    return st.session_state[key].get("click")


def boxed(key: str) -> Mapping[str, Any] | None:
    """In `on_box`: the box that was drawn in the figure `key`.

    xref, yref  the axes that it is on, x and y their ranges: two numbers each
    points      places in their traces of all points inside; none of a heatmap's
    """
    return st.session_state[key].get("box")


def save_buttons(key: str, name: str) -> None:
    """Two buttons that save the figure `key` as it is on the screen, as PNG and as SVG. name: of the file."""
    _save()(key=f"{key}-save", data={"figure": key, "name": name}, width="content", height="content")


def _nothing() -> None:
    """Without a callback a value of the component would not be there to be read."""


@cache
def _script() -> str:
    """The address of Plotly's script, as the page sees it. The first call makes the server offer it."""
    folder = Path(plotly.__file__).parent / "package_data"
    return f"component/{declare_component('plotly_script', path=str(folder)).name}/plotly.min.js"


@cache
def _component() -> Any:
    script = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    css = (HERE / "plot.css").read_text(encoding="utf-8")
    html = '<div class="cnngru-figure"></div>'
    return st.components.v2.component("plot", html=html, css=css, js=script, isolate_styles=False)


@cache
def _save() -> Any:
    script = (HERE / "save.js").read_text(encoding="utf-8")
    css = (HERE / "save.css").read_text(encoding="utf-8")
    return st.components.v2.component("save_figure", html='<div class="root"></div>', css=css, js=script)
