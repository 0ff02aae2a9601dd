"""What was measured before on the document's claims: the file, and that it knows every claim."""

import dataclasses
import json
from typing import get_args

import paper
import pytest

from cnngru.comparison import measured, sentences
from cnngru.comparison.claims import CLAIMS
from cnngru.comparison.findings import Answer, Finding, Side, findings
from cnngru.comparison.groups import Network, groups

GRU, CNN = Side(Network("rows", "gru", "quick"), 3, 0.75, 0.5), Side(Network("rows", "none", "quick"))


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "FILE", tmp_path / "measured.json")
    measured._read.cache_clear()
    yield measured.FILE
    measured._read.cache_clear()


def test_findings_come_back_for_their_claim_and_a_second_measurement_takes_the_place_of_the_first(file):
    first, second = CLAIMS[:2]
    holds = Finding(first, "holds", "cifar10", (GRU, CNN))
    fails, open_ = dataclasses.replace(holds, answer="does not hold"), dataclasses.replace(holds, answer="not settled")
    assert not list(measured.of(first))
    measured.write("cifar10-quick", "a laptop", "2026-01-02", [holds, Finding(second, "holds")])
    measured.write("cifar10-standard", "a tower", "2026-01-03", [fails])
    assert list(measured.of(first)) == [holds, fails]
    assert measured.machines() == ["a laptop, 2026-01-02", "a tower, 2026-01-03"]
    assert not list(measured.of(second))  # nothing was compared, so nothing is known
    measured.write("cifar10-quick", "a desk", "2026-01-02", [open_])
    assert list(measured.of(first)) == [open_, fails]
    assert measured.machines() == ["a desk, 2026-01-02", "a tower, 2026-01-03"]


def test_findings_of_runs_come_back_as_they_were(file):
    runs = [
        dataclasses.replace(run, name=f"{config.model.cell}{i}")
        for config in (paper.config(model__cell=cell) for cell in ("gru", "lstm", "none"))
        for i, run in enumerate(paper.seeds(config, 0.8, 0.9, 0.85, shuffled=0.5, started={"recurrent_parameters": 5}))
    ]
    found = [finding for claim in CLAIMS for finding in findings(claim, groups(runs)) if finding.data]
    assert {finding.claim.measure.name for finding in found} == {"accuracy", "seconds", "recurrent parameters"}
    measured.write("cifar10-quick", "a laptop", "2026-01-02", found)
    assert [finding for claim in CLAIMS for finding in measured.of(claim)] == found


def test_the_shipped_file_has_an_answer_to_every_claim():
    ids = {claim.id for claim in CLAIMS}
    for entry in measured._read().values():
        assert {finding["claim"] for finding in entry["findings"]} <= ids
    for claim in CLAIMS:
        known = list(measured.of(claim))
        assert known, claim.id
        assert all(finding.answer in get_args(Answer) and finding.data for finding in known)
        assert all("To settle it" not in sentences.sentence(finding) for finding in known)


def test_the_shipped_file_has_numbers_and_no_sentences():
    text = measured.FILE.read_text(encoding="utf-8")
    assert "Difference" not in text
    assert "accuracy" not in text
    assert all(len(finding["sides"]) == 2 for entry in json.loads(text).values() for finding in entry["findings"])
