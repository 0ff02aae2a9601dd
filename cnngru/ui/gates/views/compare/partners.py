"""What the picture and the network on the page can be compared with, each as a pair of scenes: A, which is the page's,
and B."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

import cnngru
from cnngru import escaping
from cnngru.cells import CELLS
from cnngru.names import DATA
from cnngru.pictures import Picture
from cnngru.runs import index, store
from cnngru.runs.store import RunError
from cnngru.ui import links, models, picture_row, wording
from cnngru.ui.gates import controls
from cnngru.ui.gates.scene import Scene, model_code_of

KEEPING = {spec.keep_word for spec in CELLS.values()}  # what a GRU's update gate does, an LSTM's forget gate does too


@dataclass(frozen=True)
class Pair:
    """Two scenes to compare.

    who         A and B in words, safe for Markdown
    same_units  unit 7 of A is unit 7 of B: one network, or one and what it was trained from
    code        Python that gives other_trace, where there are model and image
    image       the name that B's picture has in it
    notes       what else a person must know, safe for Markdown
    """

    a: Scene
    b: Scene
    who: tuple[str, str]
    same_units: bool
    code: str
    image: str = "image"
    notes: tuple[str, ...] = ()


def alike(a: Scene, b: Scene) -> bool:
    """Whether there is a cell of B for each of A: as many units, and steps that have seen the same pixel rows."""
    return a.units == b.units and np.array_equal(a.bands, b.bands)


def matching(a: Sequence[str], b: Sequence[str]) -> dict[str, str]:
    """Words of A's panels -> those of B's that mean the same: keep and forget do; a gate that B has not got is left
    out."""
    found = {}
    for name in a:
        other = next((word for word in b if word in KEEPING), "") if name in KEEPING else name
        if other in b:
            found[name] = other
    return found


def with_picture(scene: Scene) -> Pair | None:
    """The same network reads another picture: a sample, or the person's own."""
    other = picture_row.choose(scene.run, suffix="-b", first=1)
    if other is None:
        return None
    code = re.sub(r"^image = ", "other_image = ", other.code, flags=re.MULTILINE)
    code += "\n_, other_trace = cnngru.trace(model, other_image[None] / 255)\n"
    return Pair(
        scene, scene.with_picture(other), (_named(scene.picture), _named(other)), True, code, image="other_image"
    )


def with_run(scene: Scene) -> Pair | None:
    """Another run's network reads the same picture."""
    runs = {run.name: run for run in index.summaries() if run.has_model and run.config.model.cell != "none"}
    runs.pop(scene.run.name, None)
    if not runs:
        st.info("There is no other run with a recurrent network and weights. Train one, and compare it here.")
        links.link("train", "Go to Train")
        return None
    names = sorted(
        runs, key=lambda name: runs[name].config.data.name != scene.run.config.data.name
    )  # of like data first
    name = st.selectbox("Other run", names, key="other-run", bind="query-params", width=480)
    return _by_run(scene, name)


def with_untrained(scene: Scene) -> Pair | None:
    """The network as it was before its first step where that was kept, else one with random weights."""
    first = next((path for step, path in scene.run.snapshots() if step == 0), None)
    try:
        model = models.load_file(first) if first else models.untrained(scene.run)
    except (cnngru.CheckpointError, OSError) as error:
        st.warning(f"{escaping.message(str(error))} So there is nothing to compare with here.")
        return None
    gives = model_code_of(scene.run, f"snapshots/{first.name}") if first else "untrained(model)"
    code = "" if first else "from cnngru.explain.untrained import untrained\n"
    code += f"other = {gives}\n_, other_trace = cnngru.trace(other, images)\n"
    what = "before its first step of training" if first else "a network like it with random weights"
    return Pair(
        scene,
        scene.with_model(model, gives),
        (f"**{scene.run.name}** as trained", f"{'the same ' if first else ''}{what}"),
        first is not None,
        code,
        notes=("A control: what A and B have in common was not learnt.",),
    )


def with_shuffled(scene: Scene) -> Pair | None:
    """A network that was trained on the same pictures with shuffled labels: one like it, else one of another kind."""
    own = scene.run.config
    if own.data.shuffle_labels:
        st.info("This run was trained on shuffled labels: it is the control itself. Choose another run in the sidebar.")
        return None
    runs = [
        run
        for run in index.summaries()
        if run.status == "finished" and run.has_model and run.config.data.shuffle_labels
        if run.config.model.cell != "none"
        and (run.config.data.name, run.config.data.path) == (own.data.name, own.data.path)
    ]
    like_it = [run for run in runs if run.config.model == own.model]
    like = f"the preset **{escaping.markdown(own.preset)}**" if own.preset else f"the settings of **{scene.run.name}**"
    train = f"choose {like} under Train and tick **Shuffle the labels (control)**"
    if not runs:
        st.info(
            f"There is no finished run on {DATA[own.data.name]} with shuffled labels. To train one, "
            f"{train}: it stands here when it has finished. What both networks show does not come from the classes."
        )
        links.link("train", "Go to Train")
        return None
    names = {run.name: run for run in like_it or runs}
    name = next(iter(names))
    if len(names) > 1:
        name = st.selectbox("Run on shuffled labels", list(names), key="other-run", bind="query-params", width=480)
    pair = _by_run(scene, name)
    note = "A control: B learnt labels drawn at random, so what A and B have in common does not come from the classes."
    if not like_it:
        note += f" B is not the same kind of network; to have one that is, {train}."
    return replace(pair, notes=(note, *pair.notes)) if pair else None


def _by_run(scene: Scene, name: str) -> Pair | None:
    try:
        run = store.get(name)
        model = models.load(run)
    except (RunError, cnngru.CheckpointError, OSError) as error:
        st.warning(f"{escaping.message(str(error))} Choose another run.")
        return None
    layer = min(scene.layer, model.config.layers - 1)
    direction = scene.direction if model.config.bidirectional else 0
    other = replace(scene, run=run, layer=layer, direction=direction).with_model(model, model_code_of(run))
    code = f"other = {model_code_of(run)}\n_, other_trace = cnngru.trace(other, images)\n"
    notes = []
    if run.config.data.name != scene.run.config.data.name or model.classes != scene.classes:
        notes.append("B was trained on other pictures or classes, so what it does with this picture means little.")
    if (layer, direction) != (scene.layer, scene.direction):
        notes.append(
            f"B has no such layer or direction: shown is its layer {layer + 1}, read {controls.DIRECTIONS[direction]}."
        )
    who = tuple(f"**{each.name}** ({wording.about(each)})" for each in (scene.run, run))
    return Pair(scene, other, (who[0], who[1]), False, code, notes=tuple(notes))


def _named(of: Picture) -> str:
    label = f", in truth {escaping.markdown(of.label)}" if of.label else ""
    return f"{escaping.markdown(of.name)}{label}"
