"""What if: what the network answers when a gate is held or the picture is changed, and the map redrawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.cells import word
from cnngru.explain import intervene
from cnngru.explain.trace import Trace
from cnngru.ui import plot, wording
from cnngru.ui.gates.figure_box import by_cell, figure_box
from cnngru.ui.gates.scene import Scene
from cnngru.ui.gates.views.intervene import accuracy, controls, sweep
from cnngru.ui.gates.views.intervene.spec import STATE, Hold, Repaint

MAP, ANSWERS = "change", "answers"  # figures


@dataclass(frozen=True)
class Changed:
    """What the changed network answered: B's picture (32, 32, 3) uint8, probabilities (C,), and its trace."""

    picture: np.ndarray
    probabilities: np.ndarray
    trace: Trace


def show(scene: Scene) -> None:
    """Controls, what is being done in words, both answers, the map as A | B | difference, every cell, the test set."""
    hold, repaint = controls.choose(scene)
    try:
        changed = _read(scene, hold, repaint)
    except ValueError as reason:  # bands that overlap: a person's choice
        st.warning(f"{escaping.message(str(reason))} Nothing was changed.")
        hold, repaint, changed = None, None, _read(scene, None, None)
    if hold or repaint:
        st.markdown(_answers(scene, changed))
    code = _code(hold, repaint)
    figure_box(
        scene,
        figures.two_answers(scene.classes, scene.probabilities, changed.probabilities),
        "What the network answers to A and to B, the classes in the order of A. A class that gains need not have been "
        "written into the state: it may only have lost its rival.",
        {"class": scene.classes, "A": scene.probabilities, "B": changed.probabilities},
        f"{code}"
        "answers = [each.softmax(1)[0].numpy() for each in (logits, changed_logits)]\n"
        "figure = figures.two_answers(model.classes, *answers)\n",
        ANSWERS,
        alt="Bars: the probability of each class before and after the change",
        width=640,
        aside=True,
    )
    _map(scene, hold, changed, code)
    sweep.show(scene, hold)
    accuracy.show(scene)


def _read(scene: Scene, hold: Hold | None, repaint: Repaint | None) -> Changed:
    """Reads the changed picture with the edits. Raises ValueError for rows that cannot be swapped."""
    if hold is None and repaint is None:
        return Changed(scene.picture.image, scene.probabilities, scene.trace)
    images = repaint.apply(scene.images) if repaint else scene.images
    edits = hold.edits(scene.layer, scene.direction) if hold else ()
    logits, trace = intervene.run(scene.model, images, edits)
    seen = (images[0] * 255).round().byte().permute(1, 2, 0).numpy()
    return Changed(seen, logits.softmax(dim=1)[0].numpy(), trace)


def _answers(scene: Scene, changed: Changed) -> str:
    a, b = scene.ranking[0], int(changed.probabilities.argmax())
    was, now = scene.probabilities, changed.probabilities
    name = escaping.markdown(scene.classes[a])
    if wording.is_guess(float(now[b]), len(scene.classes)):
        said = wording.sure(escaping.markdown(scene.classes[b]), float(now[b]), len(scene.classes))
        return f"The answer was **{name}** ({wording.percent(float(was[a]))}). What is left is {said}."
    if a == b:
        return f"The answer stays **{name}**: {wording.percent(float(was[a]))} → {wording.percent(float(now[a]))}."
    return (
        f"The answer was **{name}** ({wording.percent(float(was[a]))}) and is now "
        f"**{escaping.markdown(scene.classes[b])}** ({wording.percent(float(now[b]))}); {name} has "
        f"{wording.percent(float(now[a]))} left."
    )


def _map(scene: Scene, hold: Hold | None, changed: Changed, code: str) -> None:
    before, after = scene.panels, scene.panels_of(changed.trace)
    order = figures.by_keeping(before)
    chosen = None
    if hold:
        panel = "hidden" if hold.gate == STATE else scene.word(word(hold.gate))
        units = range(scene.units) if hold.units is None else hold.units
        chosen = (panel, range(hold.first, hold.last + 1), units)
    figure = figures.before_and_after(
        (scene.picture.image, changed.picture),
        before,
        after,
        scene.bands,
        order=order,
        chosen=chosen,
        cue=scene.picture.cue,
    )
    figure_box(
        scene,
        figure,
        "Both maps are on the same scales, units in the order of A; the difference's colour grows as its square root, "
        "so that small ones are seen. A unit that changed a lot need not matter: the answers above say what did.",
        _table(scene, before, after),
        f"{code}"
        "pictures = picture, (changed[0] * 255).round().byte().permute(1, 2, 0).numpy()\n"
        f"before, after = {scene.panels_code()}, {scene.panels_code('changed_trace')}\n"
        "figure = figures.before_and_after(pictures, before, after, bands, "
        f"chosen={chosen!r}, cue=cue)\n",
        MAP,
        alt=f"Three maps side by side, before, after and the difference: {', '.join(before)}, by row and unit",
        on_box=lambda: _boxed(scene, list(before), order),
    )


def _boxed(scene: Scene, names: list[str], order: np.ndarray) -> None:
    """Called when a box is drawn: holds the cells in it. names, order: of the figure that it was drawn on."""
    box = plot.boxed(MAP)
    selected = figures.cells_in_box(box, names, scene.bands, order) if box else None
    if selected is None:
        return
    panel, steps, units = selected
    there = controls.gates_to_hold(scene)
    word = STATE if panel in ("hidden", "cell") else panel
    if word not in there:  # a candidate cannot be held: what is being held stays the same
        held = st.session_state.get("hold") or controls.NOTHING
        word = held if held != controls.NOTHING else next(iter(there))
    controls.set_hold(scene, word, steps, units)


def _table(scene: Scene, before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One line a cell, row by row, units by their numbers."""
    table = by_cell(scene.steps, range(scene.units))
    for name in before:
        table |= {f"{name} {which}": panels[name].ravel() for which, panels in (("A", before), ("B", after))}
    return table


def _code(hold: Hold | None, repaint: Repaint | None) -> str:
    """Python that gives changed (1, 3, 32, 32), changed_logits and changed_trace."""
    if hold is None and repaint is None:
        return "changed, changed_logits, changed_trace = images, logits, trace\n"
    imports = "from cnngru.explain import intervene\n" + "from cnngru.pictures import alter\n" * bool(repaint)
    return (
        f"{imports}changed = {repaint.code() if repaint else 'images'}\n"
        f"edits = {hold.code() if hold else '()'}\n"
        "changed_logits, changed_trace = intervene.run(model, changed, edits)\n"
    )
