"""The picture-locked map: the picture, the rows that each step has seen, and what every unit did, on one row axis."""

from __future__ import annotations

import numpy as np
import streamlit as st

from cnngru.ui import figures, words
from cnngru.ui.gates.plate import plate
from cnngru.ui.gates.scene import Scene

DID = {  # what a step did, on average over the units, in words
    "keep": "it keeps {} of the old state",
    "forget": "it keeps {} of the old cell state",
    "reset": "its reset gates are {} open",
    "input": "its input gates are {} open",
    "output": "its output gates are {} open",
}


def show(scene: Scene) -> None:
    """The map, with a step marked if that is asked for."""
    mark = st.slider(
        "Mark a step (0: none)",
        0,
        scene.steps,
        key="step",
        bind="query-params",
        width=320,
        help="Outlines the step's row in every panel, and on the picture all pixel rows that it has seen.",
    )
    gates = {word: values[scene.layer, scene.direction, 0].numpy() for word, values in scene.trace.shares.items()}
    panels = gates or {"state": scene.values("hidden")}
    step = mark - 1 if mark else None
    plate(
        scene,
        figures.gates(scene.picture.image, panels, scene.bands, write=scene.write, step=step, cue=scene.picture.cue),
        how_to_read(scene),
        {name: values.ravel() for name, values in panels.items()},
        "",
        "gates",
        alt=f"The picture, the rows each step has seen, and heatmaps by row and unit: {', '.join(panels)}",
    )
    if step is not None:
        st.caption(_what_it_did(scene, panels, step))


def _what_it_did(scene: Scene, panels: dict[str, np.ndarray], step: int) -> str:
    start, end = scene.bands[step]
    seen = f"Step {step + 1} has seen pixel rows {start}–{end - 1}."
    did = [DID[name].format(words.percent(float(v[step].mean()))) for name, v in panels.items() if name in DID]
    return f"{seen} On average over the units {'; '.join(did)}." if did else seen


def how_to_read(scene: Scene) -> str:
    """What the figure shows, and what it does not."""
    match scene.cell:
        case "rnn":
            bright, what = "A plain RNN has no gates, so every step writes every unit anew: shown is its state", "state"
        case "lstm":
            bright, what = "Where the forget gate is bright (1 = keeps) the unit holds on to its old cell state", "gate"
        case _:
            did = "takes in something new" if scene.write else "holds on to its old state"
            bright, what = f"Where the update gate is bright the unit {did}", "gate"
    return (
        f"{bright}; each row of a panel is one step, at the height of the picture where it reads, each column one "
        f"unit. Do not conclude that a row where the {what} is strong decided the answer."
    )
