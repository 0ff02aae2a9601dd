"""The one way to put an explorable figure on the page: the figure, how to read it, and a way to take it away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from cnngru import figures
from cnngru.export.npz import trace_npz
from cnngru.ui import plot, present, terms
from cnngru.ui.gates.scene import Scene

WIDTH = 1000  # pixels, at most
IMPORTS = ("import ", "from ")
PAPER = "plotly_white"  # the theme of figures that leave the page, whose colours only the page can fill in


def figure_box(
    scene: Scene,
    figure: go.Figure,
    caption: str,
    table: Mapping[str, Any],
    code: str,
    key: str,
    *,
    alt: str,
    on_click: Callable[[], None] | None = None,
    on_box: Callable[[], None] | None = None,
    width: int = WIDTH,
    aside: bool = False,
) -> None:
    """Draws `figure` with its caption and the ways to save it.

    figure          a pure figure from cnngru.figures, its colours left to the theme
    caption         at most two sentences: how to read it, and what not to conclude
    table           the figure's numbers, columns of equal length by name (or a DataFrame), one line a value: the CSV
    code            Python that goes on from `scene.code` and leaves the very same figure in `figure`. A test runs what
                    is shown, so it must be deterministic; it uses public functions only, no streamlit
    key             a short word, one of a kind on the page: the chart's key, part of file names and of other keys
    alt             what the figure shows, for those who cannot see it
    on_click        called before the page is drawn anew, when a point or cell was clicked: `plot.clicked(key)` says
                    which; copy it into session state under keys of your own controls, for it is gone after this run
    on_box          likewise when a box was drawn: `plot.boxed(key)`
    width           pixels, at most
    aside           not the view's main figure: present mode, which shows one alone, leaves it out
    """
    if present.on():
        _alone(figure, caption, key, alt, aside)
        return
    name = f"{scene.run.name}-{key}"
    with st.container(width=width):
        plot.plot(figure, key, alt=alt, on_click=on_click, on_box=on_box)
        left, right = st.columns([5, 1])
        left.caption(caption, help=terms.explained(caption))
        with right.popover("Save", icon=":material/download:", type="tertiary"):
            _save(scene, figure, table, code, key, name)


def _alone(figure: go.Figure, caption: str, key: str, alt: str, aside: bool) -> None:
    """Present mode: the main figure and its caption, and nothing after them."""
    if aside:
        return
    with st.container(key=present.ALONE):
        plot.plot(figure, key, alt=alt)
        st.caption(caption)
    st.stop()


def by_cell(steps: int, units: Sequence[int] | np.ndarray) -> dict[str, np.ndarray]:
    """The first columns of a table with one line a cell, row by row: its step, counted from 1, and its unit."""
    return {"step": np.repeat(np.arange(1, steps + 1), len(units)), "unit": np.tile(units, steps)}


def clicked(key: str) -> tuple[int, int] | None:
    """In `on_click`: the cell, (step, column) from 0, of the heatmap that was clicked in the figure `key`.

    None where nothing was, or something else: the picture and the bars of the rows seen, which stand before the
    heatmaps, can be clicked too.
    """
    click = plot.clicked(key)
    if click is None or click["curve"] < figures.BEFORE_CELLS:
        return None
    step, column = click["point"]
    return int(step), int(column)


def _save(scene: Scene, figure: go.Figure, table: Mapping[str, Any], code: str, key: str, name: str) -> None:
    with st.container(horizontal=True):
        plot.save_buttons(key, name)
        for label, data, ending, mime in (
            ("HTML", lambda: as_html(figure), "html", "text/html"),
            ("CSV", lambda: as_csv(table), "csv", "text/csv"),
            ("NPZ", lambda: as_npz(scene), "npz", "application/octet-stream"),
        ):
            whole = f"{scene.run.name}-trace" if ending == "npz" else name
            st.download_button(
                label, data, f"{whole}.{ending}", mime, key=f"{key}-{ending}", on_click="ignore", help=WHAT[label]
            )
    st.caption("The Python that makes this figure, run beside the folder cnngru:")
    st.code(snippet(scene, code), language="python")


WHAT = {
    "HTML": "The figure as it is here, in one file that opens in any browser, without a network.",
    "CSV": "The figure's numbers.",
    "NPZ": "Every gate of every layer, direction, row and unit for this picture, as numpy arrays.",
}


def snippet(scene: Scene, code: str) -> str:
    """The whole program, its imports on top: it leaves the figure in `figure` and opens it."""
    lines = f"{scene.code}{code.strip()}\nfigure.show()\n".splitlines()
    imports = {"import cnngru", "from cnngru import figures", *(line for line in lines if line.startswith(IMPORTS))}
    own = sorted((line for line in imports if "cnngru" in line), key=lambda line: (line != "import cnngru", line))
    others = sorted(imports - set(own))
    body = [line for line in lines if not line.startswith(IMPORTS)]
    return "\n".join([*others, *[""] * bool(others), *own, "", *body, ""])


def as_html(figure: go.Figure) -> bytes:
    """One file with Plotly inside, on white: the page's own theme cannot leave the page."""
    free = go.Figure(figure).update_layout(template=pio.templates[PAPER])
    return free.to_html(include_plotlyjs=True, config={"displaylogo": False}).encode()


def as_csv(table: Mapping[str, Any]) -> bytes:
    """One line a row of the table, its column names first."""
    return pd.DataFrame(table).to_csv(index=False).encode()


def as_npz(scene: Scene) -> bytes:
    """What `python -m cnngru trace --out` writes, and the picture (32, 32, 3) uint8."""
    return trace_npz(scene.trace, scene.logits, scene.classes, picture=scene.picture.image)
