"""What was measured before on the document's claims: the file, and that it knows every claim."""

from typing import get_args

import pytest

from cnngru.comparison import measured
from cnngru.comparison.claims import CLAIMS, Answer, Finding


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "FILE", tmp_path / "measured.json")
    measured._read.cache_clear()
    yield measured.FILE
    measured._read.cache_clear()


def test_findings_come_back_for_their_claim_and_a_second_measurement_takes_the_place_of_the_first(file):
    first, second = CLAIMS[:2]
    assert not list(measured.of(first))
    measured.write(
        "cifar10-quick", "a laptop", [Finding(first, "holds", "A.", "CIFAR-10"), Finding(second, "holds", "B.")]
    )
    measured.write("cifar10-standard", "a tower", [Finding(first, "does not hold", "C.", "CIFAR-10")])
    assert [(k.answer, k.why) for k in measured.of(first)] == [
        ("holds", "CIFAR-10. A."),
        ("does not hold", "CIFAR-10. C."),
    ]
    assert measured.machines() == ["a laptop", "a tower"]
    assert not list(measured.of(second))  # nothing was compared, so nothing is known
    measured.write("cifar10-quick", "a desk", [Finding(first, "not settled", "D.", "CIFAR-10")])
    assert [k.why for k in measured.of(first)] == ["CIFAR-10. D.", "CIFAR-10. C."]
    assert measured.machines() == ["a desk", "a tower"]


def test_the_shipped_file_has_an_answer_to_every_claim():
    texts = {claim.text for claim in CLAIMS}
    for entry in measured._read().values():
        assert {finding["claim"] for finding in entry["findings"]} <= texts
    for claim in CLAIMS:
        known = list(measured.of(claim))
        assert known, claim.text
        assert all(k.answer in get_args(Answer) and k.why for k in known)
        assert all("To settle it" not in k.why for k in known)
