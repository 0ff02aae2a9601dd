"""The gates page: which picture is read, the views as tabs, one module each, and the one that is open.

To add a view: a module in views/ with `show(scene)` (see scene.py), and one line in VIEWS.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnngru.ui import picture_row, present
from cnngru.ui.gates import scene
from cnngru.ui.gates.options import Options

if TYPE_CHECKING:
    from cnngru.nn.classifier import CNNGRU
    from cnngru.runs.store import Run


class View(NamedTuple):
    """A module of views/, its tab, and one sentence on what it shows."""

    module: str
    tab: str
    says: str


VIEWS = {  # by their words in ?view=
    "map": View("map", "Gates", "How far each gate is open at each row of the picture: a column is one unit."),
    "kept": View("memory", "What stayed", "Which rows the network's memory is made of, and how long each row stays."),
    "knew": View("decision", "When it knew", "What it would answer if the picture ended after each row."),
    "mattered": View(
        "attribution", "Which rows counted", "How much each row mattered for the answer, asked four ways."
    ),
    "intervene": View("intervene", "What if", "Hold a gate or change the picture, and see what becomes of the answer."),
    "units": View("units", "Units", "What the units do over all test pictures, and which pictures move one most."),
    "time": View("over_training", "While it learned", "The same picture, read at moments of the network's training."),
    "compare": View("compare", "Side by side", "Two pictures, networks or classes, and where their gates differ."),
}
TABS = "view-tab"  # key of the tabs; the address says ?view=, in words that outlive a tab's name


def show(run: Run, model: CNNGRU, header: DeltaGenerator) -> None:
    """The row of pictures, the tabs, and the view that is open; no other one runs.

    header  an empty place, for the answer in words
    """
    read = picture_row.choose(run)
    if read is None:
        return
    name = _chosen()
    tabs = dict(
        zip(VIEWS, st.tabs([view.tab for view in VIEWS.values()], key=TABS, on_change=_to_address), strict=True)
    )
    with tabs[name]:
        options = Options(VIEWS[name].says)
        seen = scene.read(run, model, read, options)
        header.markdown(scene.answer(seen))
        importlib.import_module(f"{__name__}.views.{VIEWS[name].module}").show(seen)
        options.finish()


def title() -> str:
    """The page's title; in present mode, where there are no tabs, that of the view."""
    return VIEWS[_wanted()].tab if present.on() else "Gates"


def _wanted() -> str:
    """The view that the address names; the first one where it names none."""
    wanted = st.query_params.get("view", "")
    return wanted if wanted in VIEWS else next(iter(VIEWS))


def _chosen() -> str:
    """The view to be shown, its tab opened."""
    name = _wanted()
    if st.session_state.get(TABS) != VIEWS[name].tab:  # set where nothing is to be moved, it would undo a quick click
        st.session_state[TABS] = VIEWS[name].tab
    return name


def _to_address() -> None:
    """Called by a click on a tab: the view goes into the address, from where it is read."""
    st.query_params["view"] = next(name for name, view in VIEWS.items() if view.tab == st.session_state[TABS])
