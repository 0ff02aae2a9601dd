"""Which row mattered: four answers side by side, how far they agree, and why they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from torch import Tensor

from cnngru import figures
from cnngru.explain import attribution, memory
from cnngru.explain.attribution import INTEGRATED, POINTS, WRITTEN
from cnngru.figures.attribution import largest
from cnngru.ui.gates import controls, margin
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.margin import ROUNDING, Margin, number
from cnngru.ui.gates.scene import Scene

FEATURES, PIXELS = "row features", "pixel rows"
TALLEST = 4  # rows occluded at once, at most
CUE = 2  # steps that a RowCue cue is high; one of them can be enough for the network
CLOSE = 0.02  # of the change, what is left of integrated gradients' sum over finitely many points
NOT_NAMED = "**Why written does not name it.** *Written* says at which steps the final state was written, and "
ROWCUE = (
    f"{NOT_NAMED}a network need not hold what the cue wrote: this one can write it anew at every later step, from the "
    "state before it, whatever these rows show. It is no wrong number, it is another question."
)
ROWCUE_MINGRU = (
    f"{NOT_NAMED}what this one writes at a step is that step's own: so the cue wrote little into the margin itself, or "
    "later rows overwrote it, and another step wrote more. It is no wrong number, it is another question."
)


@dataclass(frozen=True)
class Attributions:
    """The attributions (1, T) each by name, what integrated gradients miss, and the Python that gives `values`."""

    values: dict[str, Tensor]
    residual: float
    code: str

    @property
    def rows(self) -> dict[str, np.ndarray]:
        """(T,) each."""
        return {name: values[0].numpy() for name, values in self.values.items()}


def show(scene: Scene) -> None:
    """The bars, what they add up to, how far they agree; and why the cell has no exact split, where it has none."""
    chosen = margin.choose(scene, scene.options.place)
    why = margin.why_no_split(scene)
    with scene.options.place:
        hide, height = _occlude(scene)
    if chosen is None:
        return
    answers = _attributions(scene, chosen, hide, height)
    figure_box(
        scene,
        figures.attributions(
            scene.picture.image, answers.rows, scene.bands, behind=chosen.value < 0, cue=scene.picture.cue
        ),
        f"How much each row mattered for {chosen.text}, each answer on a scale of its own, its largest bar for the "
        "class that is ahead marked ►; sensitivity has no sign. Do not conclude from one panel alone that a row made "
        "the answer: only occlusion takes it away, and only in one place at a time.",
        _table(scene, answers.rows),
        f"{answers.code}rows = {{name: each[0].numpy() for name, each in values.items()}}\n"
        f"figure = figures.attributions(picture, rows, bands, behind={chosen.value < 0}, cue=cue)\n",
        "mattered",
        alt=f"Bars by row beside the picture: {', '.join(answers.values)}",
    )
    if why:
        st.info(f"**Written** is not among them. {why} The other three ask the network from outside.")
    _truth(scene, chosen, answers.rows)
    _sums(scene, chosen, answers)
    st.markdown("#### How far they agree")
    _agreement(scene, answers)
    st.markdown(why_they_differ(written=not why))


def why_they_differ(written: bool) -> str:
    """In two sentences. written: whether the cell has the exact split by what was written."""
    stored = "*written* says where the answer was stored (it may have come from rows before), " if written else ""
    return (
        f"**Why they differ.** They answer different questions: {stored}*sensitivity* how much a small change of a row "
        "would move it, *occlusion* what is lost without the row, and *integrated gradients* share out all that the "
        f"picture adds to plain grey. So a row whose message another one repeats is {'written' if written else 'read'} "
        "and not missed, and one that has driven its gates to their ends is missed and not sensitive."
    )


def _occlude(scene: Scene) -> tuple[str, int]:
    """What is hidden from the network, and how many steps' at once."""
    with st.container(horizontal=True, vertical_alignment="top"):
        hide = controls.one_of(
            "Occlusion hides",
            [FEATURES, PIXELS],
            "hide",
            help=f"{FEATURES}: a step is handed what the encoder makes of plain grey. {PIXELS}: the step's own pixel "
            "rows are painted grey, and steps that have seen these rows too are handed something else as well.",
        )
        height = 1
        if hide == FEATURES and scene.steps > 1:
            height = st.slider(
                "Steps hidden at once",
                1,
                min(TALLEST, scene.steps),
                min(CUE, scene.steps) if scene.picture.cue else 1,
                key="hidden",
                bind="query-params",
                width=240,
                help="One misses what two neighbours say alike, as the two steps of a RowCue cue do: half a cue can be "
                "enough. With more, a step gets the mean over all windows that it lies in.",
            )
    scene.options.note(f"occlusion hides {hide}", "hide", hide, FEATURES)
    return hide, height


def _attributions(scene: Scene, chosen: Margin, hide: str, height: int) -> Attributions:
    options = {"pixels": True} if hide == PIXELS else {"height": height}
    values, residual = attribution.by_name(scene.model, scene.images, scene.trace, chosen.a, chosen.b, **options)
    shown = "".join(f", {name}={value}" for name, value in options.items())
    code = (
        f"from cnngru.explain import attribution\n{chosen.code}"
        f"values, _ = attribution.by_name(model, images, trace, a, b{shown})\n"
    )
    return Attributions(values, float(residual), code)


def _table(scene: Scene, rows: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    about = {"first row": scene.bands[:, 0], "last row": scene.bands[:, 1] - 1}
    return {"step": np.arange(1, scene.steps + 1), **about, **rows}


def _truth(scene: Scene, chosen: Margin, rows: Mapping[str, np.ndarray]) -> None:
    """RowCue: which of them name the band that is known to decide."""
    if scene.picture.cue is None:
        return
    start, end = scene.picture.cue
    stripes = attribution.stripes(scene.model.config)
    true = {step for step, (first, last) in enumerate(stripes) if first < end and last > start}
    if not true:  # the last step can leave pixel rows over
        st.markdown(f"In truth pixel rows {start}–{end - 1} decide, which are no step's own.")
        return
    tallest = {name: largest(values, behind=chosen.value < 0) for name, values in rows.items()}
    named = [f"{name}: step {step + 1} {'✓' if step in true else '✗'}" for name, step in tallest.items()]
    steps = " and ".join(f"step {step + 1}" for step in sorted(true))
    st.markdown(f"In truth pixel rows {start}–{end - 1} decide, the place of {steps}. Largest: {', '.join(named)}.")
    if WRITTEN in tallest and tallest[WRITTEN] not in true:
        alone = not scene.spec.reads_state and scene.model.config.layers == 1
        st.markdown(ROWCUE_MINGRU if alone else ROWCUE)


def _sums(scene: Scene, chosen: Margin, answers: Attributions) -> None:
    """What two of them add up to."""
    if WRITTEN in answers.values:
        rows = float(answers.values[WRITTEN].sum())
        head = memory.contributions(scene.model, scene.trace).bias
        bias = float(head[chosen.a] - head[chosen.b])
        margin.closure(
            abs(rows + bias - chosen.value) < ROUNDING * (1 + abs(chosen.value)),
            f"**Written** and the head's biases add up to the margin: {number(rows)} + {number(bias)} = "
            f"{number(rows + bias)}; by the network: {number(chosen.value)}.",
        )
    shared = float(answers.values[INTEGRATED].sum())
    whole = shared + answers.residual
    grey = chosen.value - whole
    text = (
        f"**Integrated gradients** add up to {number(shared)} of {number(whole)}, which is the margin, "
        f"{number(chosen.value)}, less that of plain grey, {number(grey)}. Residual: {number(answers.residual)}, for "
        f"{POINTS} points on the way stand for all."
    )
    label = "green-badge[:material/check: close]" if _is_close(answers.residual, whole) else "orange-badge[not close]"
    st.markdown(f":{label} {text}")


def _is_close(residual: float, whole: float) -> bool:
    return abs(residual) <= CLOSE * max(abs(whole), 1.0)


def _agreement(scene: Scene, answers: Attributions) -> None:
    names, table = list(answers.values), attribution.agreement(answers.values)[0].numpy()
    pairs = [(row, column) for row in range(len(names)) for column in range(row)]
    figure_box(
        scene,
        figures.rank_correlations(table, names),
        "Spearman's ρ between the orders in which two of them put the rows: 1 the same order, 0 none, −1 the reverse; "
        "beside sensitivity, which has no sign, the others' sizes are ordered. Do not conclude that where they agree "
        f"they are right: they may share a blind spot, and {scene.steps} rows are few.",
        {
            "one": [names[row] for row, _ in pairs],
            "other": [names[column] for _, column in pairs],
            "rank correlation": [float(table[pair]) for pair in pairs],
        },
        f"{answers.code}figure = figures.rank_correlations(attribution.agreement(values)[0].numpy(), list(values))\n",
        "agreement",
        alt="A square of rank correlations between the attributions",
        width=680,
    )
