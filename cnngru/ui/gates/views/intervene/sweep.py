"""Each cell of a gate held alone, one after the other: how far does that move the answer?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.cells import word
from cnngru.explain import effects
from cnngru.explain.trace import gate_names
from cnngru.ui.gates.controls import one_of
from cnngru.ui.gates.figure_box import by_cell, clicked, figure_box
from cnngru.ui.gates.scene import Scene
from cnngru.ui.gates.views.intervene import controls
from cnngru.ui.gates.views.intervene.spec import STATE, Hold

KEY = "cells"
MARGIN, PROBABILITY = "margin", "probability"


def show(scene: Scene, hold: Hold | None) -> None:
    """A switch, and the map of how far holding each cell alone moves the answer.

    hold  its gate and value are tried on every cell; None: the gate that keeps, at 0
    """
    gates = gate_names(scene.model.config)
    if not gates or len(scene.classes) < 2:
        return
    if not st.toggle("Try every cell alone: a map of how far each moves the answer", key="every", bind="query-params"):
        return
    gate, value = (hold.gate, hold.value) if hold and hold.gate != STATE else (gates[0], 0.0)
    by = one_of("Change of the", [MARGIN, PROBABILITY], "every-by")
    a, b = scene.ranking[:2]
    moved = effects.cell_effects(scene.model, scene.images, gate, value, (a, b), scene.layer, scene.direction)
    change = {MARGIN: moved.margin.numpy(), PROBABILITY: moved.probability.numpy()}
    other = PROBABILITY if by == MARGIN else MARGIN
    order = np.argsort(-np.abs(change[by]).max(axis=0), kind="stable")
    shown = scene.word(word(gate))
    held = 1 - value if shown == "write" and value != "mean" else value
    held_at = "its unit's mean" if held == "mean" else f"{held:g}"
    first, second = (escaping.markdown(scene.classes[place]) for place in (a, b))
    what = f"logit of {first} − logit of {second}" if by == MARGIN else f"probability of {first}"
    figure_box(
        scene,
        figures.cell_effects(
            scene.picture.image, change[by], change[other], scene.bands, names=(by, other), cue=scene.picture.cue
        ),
        f"For each cell the change of the {by} ({what}) when {shown} of this unit at this step alone is held at "
        f"{held_at}, in the picture as it is; a click holds the cell above. Do not add cells up: together they do "
        "something else.",
        _table(scene, change),
        "from cnngru.explain import effects\n"
        f"moved = effects.cell_effects(model, images, {gate!r}, {value!r}, {(a, b)}, layer, direction)\n"
        f"change, other = moved.{by}.numpy(), moved.{other}.numpy()\n"
        f"figure = figures.cell_effects(picture, change, other, bands, names={(by, other)!r}, cue=cue)\n",
        KEY,
        alt=f"The picture, and a map by row and unit of how far holding {shown} of one cell moves the answer",
        on_click=lambda: _clicked(scene, shown, order),
    )


def _clicked(scene: Scene, word: str, order: np.ndarray) -> None:
    """Called by a click: holds this cell alone. order: of the units in the figure that was clicked."""
    if cell := clicked(KEY):
        controls.set_hold(scene, word, [cell[0]], [int(order[cell[1]])])


def _table(scene: Scene, change: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    values = {f"change of the {name}": values.ravel() for name, values in change.items()}
    return by_cell(scene.steps, range(scene.units)) | values
