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


@pytest.mark.parametrize(
    ("claim", "number", "said"),
    [
        (
            "gru-behind-cnn",
            0,
            "CIFAR-10. Test accuracy: GRU (quick) 82.79 % (sd 0.32, n = 3) against CNN alone (quick) 82.04 % (sd 0.16, "
            "n = 3). Difference +0.75 points, 95 % interval +0.09 to +1.41.",
        ),
        (
            "gru-behind-cnn",
            1,
            "CIFAR-10. Test accuracy: GRU (standard) 90.34 % (sd 0.10, n = 3) against CNN alone (standard) 90.58 % (sd "
            "0.13, n = 3). Difference −0.23 points, 95 % interval −0.51 to +0.04: it may be none, and GRU (standard) "
            "is not half a point ahead.",
        ),
        (
            "order-of-rows",
            2,
            "CIFAR-10. Test accuracy: document's CNN + GRU 74.76 % (sd 0.19, n = 3), with shuffled rows 48.91 % (sd "
            "0.39, n = 3). Difference +25.85 points, 95 % interval +25.02 to +26.67.",
        ),
        (
            "fewer-parameters-than-lstm",
            1,
            "RowCue. Parameters in the recurrent part: LSTM (quick) 328,704 against GRU (quick) 246,528; that is 75 %.",
        ),
        (
            "faster-than-lstm",
            1,
            "RowCue, cpu, bfloat16, 2 threads. Seconds an epoch: LSTM (quick) 5.55 s (sd 0.14, n = 3) against GRU "
            "(quick) 5.55 s (sd 0.20, n = 3). Difference +0.00 s, 95 % interval −0.40 to +0.41: it may be none.",
        ),
    ],
)
def test_what_was_measured_is_said_from_its_numbers(claim, number, said):
    (known,) = [claim_ for claim_ in CLAIMS if claim_.id == claim]
    assert sentences.sentence(list(measured.of(known))[number]) == said
