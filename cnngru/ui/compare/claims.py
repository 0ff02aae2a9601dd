"""The document's claims, each with what the chosen runs answer and what the project measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnngru import escaping
from cnngru.comparison import measured, sentences
from cnngru.comparison.claims import CLAIMS
from cnngru.comparison.findings import Answer, findings
from cnngru.comparison.groups import groups
from cnngru.runs.store import Run

NO_BREAK = "\N{NO-BREAK SPACE}"
ANSWERS: dict[Answer, tuple[str, Literal["green", "red", "gray"]]] = {
    "holds": (":material/check_circle:", "green"),
    "does not hold": (":material/cancel:", "red"),
    "not settled": (":material/help:", "gray"),
}


def show(runs: Sequence[Run]) -> None:
    """Draws the claims, a line each that begins with its verdicts; what they rest on is folded away."""
    compared = groups(runs)
    st.caption(
        "The document is the article that this project set out from, an introduction in Chinese to GRU networks for "
        "pictures: what a GRU is, why it should help a CNN, a small network in Keras, an outlook. § is its section; "
        "the sentences and the measurements are ours."
    )
    for claim in CLAIMS:
        here, known_already = findings(claim, compared), measured.of(claim)
        said = dict.fromkeys(finding.answer for finding in [*here, *known_already])
        verdicts = " ".join(f":{ANSWERS[answer][1]}-badge[{ANSWERS[answer][0]} {answer}]" for answer in said)
        section = claim.section.replace(" ", NO_BREAK)
        with st.expander(f"{verdicts} {sentences.CLAIMS[claim.id]} :gray[{section}]"):
            for finding in here:
                _answer(finding.answer).markdown(escaping.message(sentences.sentence(finding)))
            for known in known_already:
                _answer(known.answer).caption(f"Measured by the project: {escaping.message(sentences.sentence(known))}")
    st.caption(
        "n counts finished runs with different seeds; sd is their standard deviation. There is an answer where each "
        "side has three and the 95 % interval of the difference leaves out zero (Welch’s t; pairs for shuffled rows)."
    )
    st.caption(f"The project’s own measurements are of: {escaping.message('; '.join(measured.machines()))}.")


def _answer(answer: Answer) -> DeltaGenerator:
    """A row that begins with the answer; returns the place for its reason."""
    badge, why = st.columns([1, 5])
    icon, colour = ANSWERS[answer]
    badge.badge(answer, icon=icon, color=colour)
    return why
