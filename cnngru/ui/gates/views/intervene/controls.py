"""The controls of `intervene`: what is held, and what is done to the picture, in the link and in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnngru import escaping
from cnngru.cells import word
from cnngru.config import PICTURE
from cnngru.explain.trace import gate_names
from cnngru.ui.gates.controls import DIRECTIONS, one_of, read_units, write_units
from cnngru.ui.gates.scene import Scene
from cnngru.ui.gates.views.intervene import spec
from cnngru.ui.gates.views.intervene.spec import STATE, Hold, Repaint

NOTHING, AS_IT_IS = "nothing", "as it is"
PAINTS = {"mask": "mask rows", "swap": "swap rows", "reverse": "reverse rows"}
FIRST_ROWS = (8, 15)  # of the picture, when somebody begins to change it


def choose(scene: Scene) -> tuple[Hold | None, Repaint | None]:
    """What is to be held and what is to be done to the picture; one sentence says both, and a button undoes them."""
    _translate_hold(scene.write)
    hold = _hold(scene)
    with scene.options.place:
        repaint = _repaint()
    painted = st.session_state.get("paint") or AS_IT_IS
    scene.options.note(f"picture: {painted}", "paint", painted, AS_IT_IS)
    _summary(scene, hold, repaint)
    return hold, repaint


def gates_to_hold(scene: Scene) -> dict[str, str]:
    """What can be held, by its word in the convention that is spoken: the gate's name in the trace, and the state."""
    return {scene.word(word(gate)): gate for gate in gate_names(scene.model.config)} | {STATE: STATE}


def set_hold(scene: Scene, word: str, steps: Sequence[int], units: Sequence[int]) -> None:
    """Sets the controls, from a callback: what is held, at which steps (places) and of which units."""
    st.session_state["hold"] = word
    st.session_state["hold-steps"] = (steps[0] + 1, steps[-1] + 1)
    st.session_state["hold-units"] = _units_text(units, scene.units)


def _translate_hold(write: bool) -> None:
    """Who switches between keep and write changes the words, not what is done: keep at 0 becomes write at 1."""
    here, gone = ("write", "keep") if write else ("keep", "write")
    if st.session_state.get("hold") == gone:
        st.session_state["hold"] = here
        st.session_state["to"] = {"0": "1", "1": "0"}.get(st.session_state.get("to") or "0", "mean")


def _hold(scene: Scene) -> Hold | None:
    there = gates_to_hold(scene)
    with st.container(horizontal=True, vertical_alignment="top"):
        word = one_of(
            "Hold",
            [NOTHING, *there],
            "hold",
            help="A gate is held at a value while the network reads; the state is set to 0. Dragging a box over a "
            "panel of the map chooses the gate, the steps and the units at once.",
        )
        # All are always there: what a click on a figure sets goes into the link only of a control that is drawn already
        value = one_of(
            "at",
            ["0", "1", "mean"],
            "to",
            disabled=word in (NOTHING, STATE),
            help="mean: each unit's own, over the steps of this picture. The state is always set to 0.",
        )
    with scene.options.place:
        first, last = _steps(scene.steps, word == NOTHING)
        text = st.text_input(
            "Units that are held",
            key="hold-units",
            bind="query-params",
            placeholder="all",
            disabled=word == NOTHING,
            help="Numbers and ranges, counted from 0 as in the tensors: 3, 17, 20–31. Empty: all units.",
        )
    if word == NOTHING:
        return None
    try:
        units = read_units(text, scene.units)
    except ValueError as reason:
        st.warning(f"{escaping.message(str(reason))} Until then nothing is held.")
        return None
    number = 0.0 if value == "0" or word == STATE else 1.0
    if word == "write" and value != "mean":
        number = 1 - number  # a Hold speaks of keep
    return Hold(there[word], "mean" if value == "mean" and word != STATE else number, first, last, units)


def _steps(steps: int, disabled: bool) -> tuple[int, int]:
    """The first and the last step that is held, as places."""
    if steps == 1:
        return 0, 0
    held = st.session_state.get("hold-steps")
    if held and held[1] > steps:  # of a run with more steps; a slider refuses what is beyond its end
        st.session_state["hold-steps"] = (min(held[0], steps), steps)
    first, last = st.slider(
        "Steps at which it is held",
        1,
        steps,
        (1, steps),
        key="hold-steps",
        bind="query-params",
        disabled=disabled,
        help="Counted from the top of the picture, in both directions.",
    )
    return first - 1, last - 1


def _repaint() -> Repaint | None:
    with st.container(horizontal=True, vertical_alignment="top"):
        label = one_of("Picture", [AS_IT_IS, *PAINTS.values()], "paint")
        if label == AS_IT_IS:
            return None
        how = next(how for how, option in PAINTS.items() if option == label)
        start, last = st.slider(
            "Pixel rows", 0, PICTURE - 1, FIRST_ROWS, key="paint-rows", bind="query-params", width=220
        )
        high, to = last + 1 - start, 0
        if how == "swap":
            to = st.slider(
                f"with the {high} rows from" if high > 1 else "with row",
                0,
                PICTURE - 1,
                FIRST_ROWS[1] + 1,
                key="paint-to",
                bind="query-params",
                width=220,
            )
    return Repaint(how, start, last + 1, to)  # type: ignore[arg-type]


def _summary(scene: Scene, hold: Hold | None, repaint: Repaint | None) -> None:
    """What is being done, in words, and the way back."""
    sentences = [repaint.sentence(PICTURE)] if repaint else []
    if hold:
        word = next(word for word, gate in gates_to_hold(scene).items() if gate == hold.gate)
        sentences.insert(0, hold.sentence(word, scene.write, scene.steps, scene.units, _where(scene)))
    if not sentences:
        st.caption("Nothing is changed yet. Choose what to hold, or draw a box over a panel of the map below.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(spec.listed(sentences), width="content")
        st.button("Undo all", icon=":material/undo:", key="undo", on_click=_undo, args=(scene.steps,), type="tertiary")


def _where(scene: Scene) -> str:
    parts = [f"layer {scene.layer + 1}"] if scene.model.config.layers > 1 else []
    parts += [DIRECTIONS[scene.direction]] if scene.model.config.bidirectional else []
    return f" ({', '.join(parts)})" if parts else ""


def _undo(steps: int) -> None:
    st.session_state.update({"hold": NOTHING, "to": "0", "hold-units": "", "paint": AS_IT_IS})
    if steps > 1:
        st.session_state["hold-steps"] = (1, steps)


def _units_text(chosen: Sequence[int], units: int) -> str:
    """What the box for units says for these: "" for all of them."""
    return "" if len(set(chosen)) == units else write_units(chosen)
