"""What the field's words mean, in a sentence each, for whoever meets one in a caption. Pure text.

docs/glossary.md has more of them, and longer.
"""

from __future__ import annotations

import re

TERMS = {
    "logit": "the score that the network gives a class; softmax turns the scores into probabilities.",
    "margin": "the score of one class less that of another: above 0 the first one is ahead.",
    "head": "the last layer, which turns the state into a score for each class.",
    "probe": "a simple classifier of ours, fitted to the states: what it finds is there, used by the network or not.",
    "saturated": "nearly always shut (below 0.1) or nearly always open (above 0.9).",
    "half-life": "after how many rows half of what a unit held is gone.",
    "occlusion": "to cover a row and see how much of the score is lost.",
    "integrated gradients": "shares out the difference to a plain grey picture among the rows.",
    "cross-entropy": "how surprised the network is by the right class: 0 for a sure and right answer. Measured "
    "in nats, by natural logarithms; guessing among ten classes costs 2.3.",
}
_FORMS = {term: re.compile(rf"\b{term.removesuffix('ed')}(?:s|es|ed|ion)?\b", re.I) for term in TERMS}


def explained(text: str) -> str | None:
    """A tooltip for a text: what the words in it mean that not everybody knows. None where there is no such word."""
    used = [f"**{term}**: {meaning}" for term, meaning in TERMS.items() if _FORMS[term].search(text)]
    return "\n\n".join(used) or None
