"""One class against another: which two, and their margin in words and in Python. Shared by views that split it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnngru import escaping
from cnngru.ui import terms
from cnngru.ui.gates.scene import Scene
from cnngru.ui.name_box import name_box

ANSWER, RUNNER_UP = "the answer", "the runner-up"  # whichever classes these are of the picture that is looked at
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ROUNDING = 1e-4  # of 1 + |margin|: more than float32 and 32 rows leave behind, less than a figure shows


@dataclass(frozen=True)
class Margin:
    """logit a − logit b.

    a, b    places of the classes
    names   of a and b, not safe for Markdown
    value   by the model itself
    """

    a: int
    b: int
    names: tuple[str, str]
    value: float

    @property
    def text(self) -> str:
        """ "logit cat − logit dog", safe for Markdown."""
        return f"logit {escaping.markdown(self.names[0])} − logit {escaping.markdown(self.names[1])}"

    @property
    def code(self) -> str:
        """Python that gives a and b as in `scene.code`'s model."""
        return f"a, b = (model.classes.index(name) for name in {self.names!r})\n"


def choose(scene: Scene, place: DeltaGenerator | None = None) -> Margin | None:
    """Asks which class stands against which, here or in `place`; None, and says so, where they are the same one."""
    with (place or st).container(horizontal=True, vertical_alignment="top"):
        a = _class(scene, "Class", "for", ANSWER)
        b = _class(scene, "against", "over", RUNNER_UP)
    if a == b:
        name = escaping.markdown(scene.classes[a])
        st.info(f"Both are **{name}**, and a class is not ahead of itself. Choose two different ones.")
        return None
    value = float(scene.logits[0, a] - scene.logits[0, b])
    return Margin(a, b, (scene.classes[a], scene.classes[b]), value)


def _class(scene: Scene, label: str, key: str, default: str) -> int:
    """The place of a class that is named, or that follows from the picture."""
    by_picture = {ANSWER: scene.ranking[0], RUNNER_UP: scene.ranking[min(1, len(scene.ranking) - 1)]}
    named = {name: place for place, name in enumerate(scene.classes)}
    offered = {**named, **by_picture}  # a class of that very name would be hidden by it
    options = [*by_picture, *(name for name in named if name not in by_picture)]
    return offered[name_box(label, options, options.index(default), key, 220) or default]


def why_no_split(scene: Scene) -> str:
    """Why the logits do not split by row, "" where they do."""
    if scene.spec.no_split:
        return scene.spec.no_split
    if scene.model.config.readout == "gated":
        return (
            "With this readout the logits do not split by row. The state does; but the head reads o ⊙ y, the "
            "last row's output gate times the tanh of a product with the state, and the tanh of a sum is not the sum "
            'of any parts. With the readouts "last" and "mean" the split is exact.'
        )
    return ""


def number(value: float, digits: int = 4) -> str:
    """-0.52 -> "−0.5200"; what rounds to nothing has no sign."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def small(value: float) -> str:
    """The size of a residual, without a place for a line break: "2·10⁻⁷", or "0"."""
    if not value:
        return "0"
    digit, exponent = f"{abs(value):.0e}".split("e")
    return f"{digit}·10{str(int(exponent)).translate(RAISED)}"


def closure(exact: bool, text: str) -> None:
    """A badge that says whether an identity holds here, and the identity with its numbers."""
    if exact:
        st.markdown(f":green-badge[:material/check: exact] {text}", help=terms.explained(text))
    else:
        st.markdown(f":orange-badge[:material/warning: does not close] {text}", help=terms.explained(text))
