"""Findings in words: what is said from which numbers."""

import dataclasses

import pytest

from cnngru.comparison import claims, measured, sentences
from cnngru.comparison.claims import CLAIMS
from cnngru.comparison.findings import Finding, Side
from cnngru.comparison.groups import Network
from cnngru.comparison.statistics import Difference

GRU, CNN = Network("rows", "gru", "quick"), Network("rows", "none", "quick", "my-run")
FOUND = Finding(
    CLAIMS[0], "holds", "folder", (Side(GRU, 3, 0.75, 0.01), Side(CNN, 4, 0.5, 0.02)), Difference(0.25, 0.125, 0.375)
)


def test_a_finding_says_on_which_pictures_what_was_compared_and_how_sure_it_is():
    assert sentences.sentence(FOUND) == (
        "own pictures. Test accuracy: GRU (quick) 75.00 % (sd 1.00, n = 3) against CNN alone (quick) as my-run 50.00 % "
        "(sd 2.00, n = 4). Difference +25.00 points, 95 % interval +12.50 to +37.50."
    )


@pytest.mark.parametrize(("high", "ahead"), [(0.0049, True), (0.005, False)])
def test_that_it_may_be_none_and_at_most_half_a_point(high, ahead):
    said = sentences.why(dataclasses.replace(FOUND, answer="not settled", difference=Difference(0, -0.01, high)))
    assert ": it may be none" in said
    assert ("GRU (quick) is not half a point ahead" in said) == ahead


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (
            (1, 2),
            "75.00 % (n = 1) against CNN alone (quick) as my-run 50.00 % (sd 2.00, n = 2). Difference +25.00 points; ",
        ),
        (
            (3, 0),
            "75.00 % (sd 1.00, n = 3) against CNN alone (quick) as my-run not known yet. To settle it, train 3 × CNN",
        ),
        ((2, 1), "train 1 × GRU (quick) and 2 × CNN alone (quick) as my-run, each with another seed, to the end."),
    ],
)
def test_too_few_runs_and_how_many_are_missing(n, said):
    sides = [
        Side(side.network, count, side.mean if count else None, side.sd)
        for side, count in zip(FOUND.sides, n, strict=True)
    ]
    few = dataclasses.replace(FOUND, answer="not settled", difference=None, sides=tuple(sides))
    assert said in sentences.why(few)


@pytest.mark.parametrize(
    ("machine", "said"),
    [
        (("cpu", "bfloat16", 2), "cpu, bfloat16, 2 threads"),
        (("cuda", "float32", 1), "cuda, float32, 1 thread"),
        (("cpu", None, None), "cpu"),  # an older log
    ],
)
def test_a_machine_in_words(machine, said):
    assert sentences.say_machine(machine) == said


def test_runs_that_were_left_out_are_counted():
    timed = dataclasses.replace(FOUND, claim=next(claim for claim in CLAIMS if claim.measure is claims.SECONDS))
    one, two = (sentences.why(dataclasses.replace(timed, left_out=runs)) for runs in (1, 2))
    assert "Left out: 1 run that trained while another of the chosen ones did, so that it took longer." in one
    assert "Left out: 2 runs that trained while another of the chosen ones did, so that they took longer." in two
    assert "Left out" not in sentences.why(timed)


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
    (known,) = [known for known in CLAIMS if known.id == claim]
    assert sentences.sentence(list(measured.of(known))[number]) == said
