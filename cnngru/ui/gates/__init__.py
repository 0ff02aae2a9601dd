"""The gates page's views, one module each, and the switch between them.

To add a view: a module in this package with `show(scene)` (see scene.py), and one line in VIEWS.
"""

from __future__ import annotations

import importlib

import streamlit as st

from cnngru.ui import keyboard
from cnngru.ui.gates import ask
from cnngru.ui.gates.scene import Scene

VIEWS = {  # the module, which is also its word in the switch and in ?view=, and its heading
    "map": "The map",
    "kept": "What it kept",
    "knew": "When it knew",
    "mattered": "Which row mattered",
    "intervene": "Intervene",
    "units": "Populations",
    "time": "Time travel",
    "compare": "Compare",
}


def show(scene: Scene) -> None:
    """The switch, and the view that is chosen; no other one runs."""
    view = ask.one_of("View", list(VIEWS), "view", wrap=True, label_visibility="collapsed")
    st.subheader(VIEWS[view])
    importlib.import_module(f"{__name__}.{view}").show(scene)
    keyboard.reach_buttons()
