"""Words of the field are explained where they are used."""

import pytest

from cnngru.ui import terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The head's biases add up to the margin.", ["margin", "head"]),
        ("Logits, and the probes of it", ["logit", "probe"]),
        ("Saturation of gates", ["saturated"]),
        ("ahead of its time, a marginal gain, overhead", []),
    ],
)
def test_a_text_brings_the_meaning_of_its_words_and_of_no_others(text, words):
    told = terms.explained(text) or ""
    assert [term for term in terms.TERMS if f"**{term}**" in told] == words


def test_a_text_in_plain_words_has_no_tooltip():
    assert terms.explained("What the network answers.") is None
