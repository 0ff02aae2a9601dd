"""The gates page's views, one module each, and the switch between them.

To add a view: a module in views/ with `show(scene)` (see scene.py), and one line in VIEWS.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple

import streamlit as st

from cnngru.ui.gates import controls, keyboard
from cnngru.ui.gates.scene import Scene


class View(NamedTuple):
    """A module of views/, and its heading on the page."""

    module: str
    heading: str


VIEWS = {  # by their words in the switch and in ?view=
    "map": View("map", "The map"),
    "kept": View("memory", "What it kept"),
    "knew": View("decision", "When it knew"),
    "mattered": View("attribution", "Which row mattered"),
    "intervene": View("intervene", "Intervene"),
    "units": View("units", "Populations"),
    "time": View("over_training", "Time travel"),
    "compare": View("compare", "Compare"),
}


def show(scene: Scene) -> None:
    """The switch, and the view that is chosen; no other one runs."""
    view = controls.one_of("View", list(VIEWS), "view", wrap=True, label_visibility="collapsed")
    st.subheader(VIEWS[view].heading)
    importlib.import_module(f"{__name__}.views.{VIEWS[view].module}").show(scene)
    keyboard.reach_buttons()
