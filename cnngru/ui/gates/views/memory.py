"""What the network kept of each row: what its state is made of, how long a row stays, and the answer split by row."""

from __future__ import annotations

import numpy as np
import streamlit as st
from torch import Tensor

from cnngru import figures
from cnngru.explain import memory
from cnngru.ui.gates import margin
from cnngru.ui.gates.controls import DIRECTIONS
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.margin import ROUNDING, number, small
from cnngru.ui.gates.scene import Scene


def show(scene: Scene) -> None:
    """Those of the three figures that the cell has, why it has no others, and what is exact."""
    if not scene.spec.keeps:
        nothing = "So there is nothing kept to show: no share of the state, and no part of a logit, is one row's."
        st.info(f"{scene.spec.no_mixture} {nothing}")
        st.caption(
            "What a row does to the answer can still be measured from outside: see *Which rows counted* and *What if*."
        )
        return
    if scene.spec.mixture:
        _composition(scene)
    else:
        st.info(
            f"**What the state is made of** cannot be shown. {scene.spec.no_mixture} The two gates need not add up to "
            "1, so the cell state is a sum of any size, and it has no shares that make up a whole."
        )
    _retention(scene)
    st.markdown("#### The answer, row by row")
    if why := margin.why_no_split(scene):
        st.info(why)
    elif chosen := margin.choose(scene):
        _waterfall(scene, chosen)
    _what_is_exact(scene)


def _composition(scene: Scene) -> None:
    shares = memory.composition(scene.trace, scene.layer, scene.direction)[0]  # (T + 1, T, H)
    drawn, upward = shares.mean(-1).numpy(), bool(scene.direction)
    figure_box(
        scene,
        figures.composition(scene.picture.image, drawn, scene.bands, upward=upward, cue=scene.picture.cue),
        "Follow a colour in the order of reading: it is the share of the state, averaged over the units, that this "
        "step wrote and that no later one has overwritten. Do not conclude that a wide colour decided the answer: how "
        "much was stored does not say what.",
        _table_of_composition(drawn, scene.bands),
        _code("composition", upward),
        "composition",
        alt="Stacked areas down the rows: of which steps' writing the state is made after each step",
    )
    off = float((shares.sum(0) - 1).abs().max())
    rebuilt = (shares[:-1] * scene.trace.candidate[scene.layer, scene.direction, 0][:, None]).sum(0)
    hidden = scene.trace.hidden[scene.layer, scene.direction, 0]
    wrong = float((rebuilt - hidden).abs().max())
    last = 0 if scene.direction else scene.steps - 1
    total = number(float(drawn[:, last].sum()))
    margin.closure(
        max(off, wrong) < ROUNDING * (1 + float(hidden.abs().max())),
        f"The shares add up to the whole state: {total} = 1.0000 after the last step, in every unit after every step "
        f"to {small(off)}. Each share times what was written there adds up to the state itself, to {small(wrong)}.",
    )


def _table_of_composition(shares: np.ndarray, bands: np.ndarray) -> dict[str, list[object]]:
    """One line for each share after each step."""
    steps = len(bands)
    written = [*map(str, range(1, steps + 1)), "never overwritten"]
    return {
        "after step": [t + 1 for t in range(steps) for _ in written],
        "written at step": [name for _ in range(steps) for name in written],
        "share of the state": [float(share) for t in range(steps) for share in shares[:, t]],
    }


def _retention(scene: Scene) -> None:
    by_unit = memory.retention(scene.trace, scene.layer, scene.direction)[0]  # (T, T, H)
    kept, upward = by_unit.mean(-1).numpy(), scene.direction > 0
    gate, state = ("keep", "state") if scene.spec.mixture else ("the forget gates", "cell state")
    if scene.write:
        gate = "1 − write"
    figure_box(
        scene,
        figures.retention(scene.picture.image, kept, scene.bands, upward=upward, cue=scene.picture.cue),
        f"Each column follows the {state} as it was after one step, in the order of reading: how much of it the steps "
        f"after have left, the product of {gate}, averaged over the units. Do not conclude that what is gone had no "
        "effect: later steps may have written it anew.",
        _table_of_retention(kept, upward),
        _code("retention", upward),
        "retention",
        alt=f"A triangle: the share of each step's {state} that is left after each later step",
    )
    _closure_of_retention(scene, by_unit)


def _closure_of_retention(scene: Scene, kept: Tensor) -> None:
    """That what every step wrote, times what is left of it, is the state: of an LSTM its cell state."""
    gates, at, mixture = scene.trace.gates, (scene.layer, scene.direction, 0), scene.spec.mixture
    share = 1 - gates["update"][at] if mixture else gates["input"][at]  # (T, H) of the candidate that is written
    state = (scene.trace.hidden if mixture else gates["cell"])[at]
    rebuilt = (kept * (share * gates["candidate"][at])[:, None]).sum(0)
    wrong, largest = float((rebuilt - state).abs().max()), float(state.abs().max())
    what, wrote = ("state", "write ⊙ candidate") if mixture else ("cell state", "input ⊙ candidate")
    last = 0 if scene.direction else scene.steps - 1
    margin.closure(
        wrong < ROUNDING * (1 + largest),
        f"What each step wrote, {wrote}, times what is left of it adds up to the {what}: in unit 0 after the last step "
        f"{number(float(rebuilt[last, 0]))} = {number(float(state[last, 0]))}, in every unit after every step to "
        f"{small(wrong)}.",
    )


def _table_of_retention(kept: np.ndarray, upward: bool) -> dict[str, np.ndarray]:
    later = (np.tril if upward else np.triu)(np.ones_like(kept, dtype=bool))
    of, after = np.nonzero(later)
    return {"of step": of + 1, "after step": after + 1, "left": kept[later]}


def _code(name: str, upward: bool) -> str:
    """name: of the function in `cnngru.explain.memory` and of the figure."""
    return (
        "from cnngru.explain import memory\n"
        f"shares = memory.{name}(trace, layer, direction)[0].mean(-1).numpy()\n"
        f"figure = figures.{name}(picture, shares, bands, upward={upward}, cue=cue)\n"
    )


def _waterfall(scene: Scene, chosen: margin.Margin) -> None:
    split = memory.contributions(scene.model, scene.trace)
    written = (split.rows[0, ..., chosen.a] - split.rows[0, ..., chosen.b]).numpy()  # (D, T)
    bias = float(split.bias[chosen.a] - split.bias[chosen.b])
    figure_box(
        scene,
        figures.waterfall(scene.picture.image, written, bias, scene.bands, names=chosen.names, cue=scene.picture.cue),
        f"Each bar is what one step wrote into {chosen.text} and left there to the end; it begins where the steps read "
        "before it have ended. Do not conclude that the row alone caused its bar: what a step writes depends on "
        f"{_depends(scene)}.",
        _table_of_waterfall(scene, written, bias),
        f"from cnngru.explain import memory\n{chosen.code}"
        "split = memory.contributions(model, trace)\n"
        "written = (split.rows[0, ..., a] - split.rows[0, ..., b]).numpy()\n"
        "bias = float(split.bias[a] - split.bias[b])\n"
        f"figure = figures.waterfall(picture, written, bias, bands, names={chosen.names!r}, cue=cue)\n",
        "waterfall",
        alt="Bars down the rows, each beginning where the last one ended, from the biases to the margin",
    )
    total, rows = bias + float(written.sum(dtype=np.float64)), float(written.sum(dtype=np.float64))
    by_direction = ""
    if len(written) > 1:
        parts = (f"{number(float(part.sum()))} read {DIRECTIONS[d]}" for d, part in enumerate(written))
        by_direction = f" ({' and '.join(parts)})"
    margin.closure(
        abs(total - chosen.value) < ROUNDING * (1 + abs(chosen.value)),
        f"The bars add up to the margin: {number(total)} = {number(chosen.value)}. Left: {number(bias)} of the head's "
        f"biases and {number(rows)} written{by_direction}; right: {chosen.text} as the network computes it. They "
        f"differ by {small(total - chosen.value)}, which is rounding.",
    )


def _depends(scene: Scene) -> str:
    """What a step of the top layer writes depends on."""
    layers, both = scene.model.config.layers, scene.model.config.bidirectional
    if layers > 1:
        return "all rows of the picture" if both else "all rows read before it"
    if not scene.spec.reads_state:
        return "its own band of pixel rows, but what is left of it on all that follow"
    return "the state before it too"


def _table_of_waterfall(scene: Scene, written: np.ndarray, bias: float) -> dict[str, list[object]]:
    """The biases, each step of each direction in the order of reading, the margin."""
    steps = range(1, scene.steps + 1)
    lines: list[tuple[str, object, float]] = [("biases", "", bias)]
    for direction, values in enumerate(written):
        read = [(DIRECTIONS[direction], step, float(v)) for step, v in zip(steps, values, strict=True)]
        lines += read[::-1] if direction else read
    sums = np.cumsum([value for _, _, value in lines])
    return {
        "read": [what for what, _, _ in lines],
        "step": [step for _, step, _ in lines],
        "writes into the margin": [value for _, _, value in lines],
        "so far": sums.tolist(),
    }


def _what_is_exact(scene: Scene) -> None:
    """Which of all this is exact for this model, and what it does not show."""
    config, split = scene.model.config, not margin.why_no_split(scene)
    exact = ["**Retention** is a product of gates and nothing else, in every layer and direction."]
    if scene.spec.mixture:
        exact.append("**The state** is exactly the mixture shown, in every layer and direction, unit by unit.")
    if split:
        of = "the mean of the states" if config.readout == "mean" else "the last state"
        exact.append(
            f"**The logits** are the head's biases plus what each step wrote: the head is linear and reads {of} of the "
            + ("top layer." if config.layers > 1 else "layer.")
            + (" The two directions add up: the head reads both side by side." if config.bidirectional else "")
        )
    limits = []
    if not scene.spec.mixture:
        limits.append(
            "What is left of the *cell state* is not what is left of the state h, which the head and the next step "
            "read: it goes through a tanh and the output gates first."
        )
    if scene.spec.mixture:
        limits.append(
            "Written *at* a row is not written *by* a row. "
            + (
                "What a step writes is computed from its row and from the state before it, so the same step may "
                "write down what an earlier row had said."
                if scene.spec.reads_state
                else "A minimal GRU's candidate and gate know their own input alone, so in the first layer what was "
                "written is the row's own; how much of it is left is up to the rows after it."
            )
        )
    if config.layers > 1:
        seen = "and they read both ways, so each step has seen the whole picture" if config.bidirectional else ""
        seen = seen or "so a step has seen all rows read up to it"
        limits.append(
            f"More layers: the split is of the top layer's writing. It reads the layers below, {seen}; there is no "
            "exact way back through their tanh and gates to the picture's rows. The figures above the split are of "
            f"layer {scene.layer + 1} alone."
        )
    if config.bidirectional:
        limits.append(
            "Both directions: each keeps a state of its own, and the first two figures are of the one chosen above. "
            "A row is written twice, once in each; the same row may speak for a class in one and against it in the "
            "other."
        )
    if (scene.bands[:, 1] - scene.bands[:, 0]).sum() > scene.bands.max():
        limits.append("Bands overlap: a step's features have seen its neighbours' pixel rows too (*Rows seen*).")
    with st.expander("What is exact here, and what is not"):
        st.markdown("**Exact**, up to float32's rounding\n" + "".join(f"\n- {line}" for line in exact))
        st.markdown("**Not to be had from it**\n" + "".join(f"\n- {line}" for line in limits))
