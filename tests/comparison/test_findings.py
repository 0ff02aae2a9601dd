"""Each claim of the document, on runs for which it holds, does not hold, or cannot be settled.

Long, because each claim and each obstacle to an answer is a test, all on the same paper runs.
"""

import dataclasses

import paper
import pytest

from cnngru.comparison import claims, plan, sentences
from cnngru.comparison.claims import CLAIMS
from cnngru.comparison.findings import findings
from cnngru.comparison.groups import groups, label
from cnngru.comparison.sentences import sentence, why

HIGH, LOW = (0.90, 0.91, 0.92), (0.80, 0.81, 0.82)
ACCURACIES = [claim for claim in CLAIMS if claim.measure is claims.ACCURACY and claim.less is not None]


def named(claim):
    return claim.id


def side(claim, settings):
    data = claim.data[0] if claim.data else "cifar10"
    return paper.config(data=data, **{name.replace(".", "__"): value for name, value in settings.items()})


def asked(claim, *runs):
    return findings(claim, groups([run for several in runs for run in several]))


def find(name):
    return next(claim for claim in CLAIMS if claim.id == name)


@pytest.mark.parametrize("claim", ACCURACIES, ids=named)
@pytest.mark.parametrize(
    ("more", "less", "answer"),
    [(HIGH, LOW, "holds"), (LOW, HIGH, "does not hold"), ((0.8, 0.9, 0.85), (0.81, 0.88, 0.85), "not settled")],
)
def test_claims_on_accuracy(claim, more, less, answer):
    (finding,) = asked(claim, paper.seeds(side(claim, claim.more), *more), paper.seeds(side(claim, claim.less), *less))
    assert finding.answer == answer
    assert finding.data == ("rowcue" if claim.data == ("rowcue",) else "cifar10")
    assert why(finding).count("n = 3") == 2
    assert why(finding).count("sd ") == 2
    assert "95 % interval" in why(finding)


def test_the_figures_of_an_answer_are_right():
    claim = CLAIMS[0]
    (finding,) = asked(claim, paper.seeds(side(claim, claim.more), *HIGH), paper.seeds(side(claim, claim.less), *LOW))
    assert why(finding) == (
        "Test accuracy: GRU (quick) 91.00 % (sd 1.00, n = 3) against CNN alone (quick) 81.00 % (sd 1.00, n = 3). "
        "Difference +10.00 points, 95 % interval +7.73 to +12.27."  # ± 2.7764 · √(2/3)
    )


@pytest.mark.parametrize("claim", ACCURACIES, ids=named)
def test_two_runs_a_side_are_too_few_and_it_is_said_how_many_are_missing(claim):
    more, less = side(claim, claim.more), side(claim, claim.less)
    (finding,) = asked(claim, paper.seeds(more, *HIGH), paper.seeds(less, *LOW[:2]))
    assert finding.answer == "not settled"
    assert "cannot tell it from luck" in why(finding)
    assert f"train 1 × {label(less)}, each with another seed" in why(finding)


@pytest.mark.parametrize("claim", CLAIMS, ids=named)
def test_without_the_runs_a_claim_is_not_settled_and_says_what_to_train(claim):
    for runs in ([], [paper.run(paper.config("standard", model__cell="mingru"), 0.9)]):
        (finding,) = findings(claim, groups(runs))
        assert finding.answer == "not settled"
        assert "To settle it, train" in why(finding)
        assert ("once" in why(finding)) == claim.measure.exact


def test_networks_that_differ_in_something_else_are_not_compared():
    claim = CLAIMS[0]
    other = dataclasses.replace(side(claim, claim.less), training=paper.config(training__epochs=9).training)
    (finding,) = asked(claim, paper.seeds(side(claim, claim.more), *HIGH), paper.seeds(other, *LOW))
    assert "cannot answer" in why(finding)


def test_each_pair_gets_its_own_answer():
    claim = CLAIMS[0]
    standard = [paper.config("standard", model__cell=cell) for cell in ("gru", "none")]
    quick = [side(claim, claim.more), side(claim, claim.less)]
    found = asked(claim, *(paper.seeds(c, *a) for c, a in zip(quick, (HIGH, LOW), strict=True)),
                  *(paper.seeds(c, *a) for c, a in zip(standard, (LOW, HIGH), strict=True)))  # fmt: skip
    assert [finding.answer for finding in found] == ["holds", "does not hold"]


def test_shuffled_labels_settle_nothing():
    claim = CLAIMS[0]
    controls = [dataclasses.replace(side(claim, s), data=paper.config(data__shuffle_labels=True).data)
                for s in (claim.more, claim.less)]  # fmt: skip
    (finding,) = asked(claim, *(paper.seeds(config, *HIGH) for config in controls))
    assert "cannot answer" in why(finding)


@pytest.mark.parametrize(("gru", "answer"), [(300, "holds"), (400, "does not hold"), (500, "does not hold")])
def test_parameters_are_exact_so_one_run_each_will_do(gru, answer):
    claim = find("fewer-parameters-than-lstm")
    runs = [
        paper.run(paper.config(model__cell=cell), 0.9, started={"recurrent_parameters": number})
        for cell, number in (("gru", gru), ("lstm", 400))
    ]
    (finding,) = findings(claim, groups(runs))
    assert finding.answer == answer
    assert str(gru) in why(finding)
    assert f"{gru / 4:.0f} %" in why(finding)


@pytest.mark.parametrize(("spread", "excluded"), [(0.001, True), (0.02, False)])
def test_where_a_lead_of_half_a_point_is_excluded_it_says_so(spread, excluded):
    claim = CLAIMS[0]
    around = [0.9 + spread * step for step in (-1, 0, 1)]
    runs = [paper.seeds(side(claim, sets), *around) for sets in (claim.more, claim.less)]
    (finding,) = asked(claim, *runs)
    assert finding.answer == "not settled"
    assert ("GRU (quick) is not half a point ahead" in why(finding)) == excluded
    order = find("order-of-rows")  # one network, twice: nobody to be ahead of
    alike = [paper.run(paper.config(training__seed=i), 0.9, shuffled=0.899 + spread * i) for i in (0, 1, 2)]
    assert "ahead" not in why(asked(order, alike)[0])


def timed(cell, *seconds, **started):
    return [
        paper.run(paper.config(model__cell=cell, training__seed=i), 0.9, epochs=((s, s + 1, 0.5),), started=started)
        for i, s in enumerate(seconds)
    ]


@pytest.mark.parametrize(
    ("gru", "answer"),
    [
        ((10, 11, 12), "holds"),
        ((40, 41, 42), "does not hold"),
        ((10, 11), "not settled"),
        ((18, 21, 25), "not settled"),
    ],
)
def test_seconds_of_a_gru_and_an_lstm(gru, answer):
    (finding,) = asked(find("faster-than-lstm"), timed("gru", *gru), timed("lstm", 20, 21, 22))
    assert finding.answer == answer
    assert sentence(finding).startswith("CIFAR-10, cpu, bfloat16, 2 threads. Seconds an epoch: LSTM (quick) 21.00 s ")


def test_seconds_of_different_machines_are_not_compared():
    claim = find("faster-than-lstm")
    (finding,) = asked(claim, timed("gru", 10, 11, 12), timed("lstm", 20, 21, 22, threads=4))
    assert finding.answer == "not settled"
    assert "cannot be compared" in why(finding)


def test_of_runs_on_several_machines_those_on_a_common_one_are_compared():
    fast = timed("gru", *range(6), threads=8)[3:]  # seeds 3, 4, 5
    (finding,) = asked(find("faster-than-lstm"), timed("gru", 10, 11, 12), fast, timed("lstm", 20, 21, 22))
    assert finding.answer == "holds"
    assert "11.00 s (sd 1.00, n = 3)" in why(finding)


@pytest.mark.parametrize(
    ("whole", "mixed", "answer"),
    [
        ((0.90, 0.91, 0.92), (0.60, 0.65, 0.60), "holds"),
        ((0.60, 0.61, 0.62), (0.70, 0.71, 0.75), "does not hold"),
        ((0.60, 0.61, 0.62), (0.61, 0.60, 0.62), "not settled"),
        ((0.90, 0.91), (0.60, 0.61), "not settled"),
    ],
)
def test_the_order_of_rows_is_tested_within_each_run(whole, mixed, answer):
    runs = [
        paper.run(paper.config(training__seed=seed), a, shuffled=b)
        for seed, (a, b) in enumerate(zip(whole, mixed, strict=True))
    ]
    (finding,) = findings(find("order-of-rows"), groups(runs))
    assert finding.answer == answer
    assert "with shuffled rows" in why(finding)


def test_runs_from_before_the_order_test_say_so():
    (finding,) = asked(find("order-of-rows"), paper.seeds(paper.config(), *HIGH))
    assert "train it again" in why(finding)


def test_runs_that_are_on_their_way_are_not_known_yet():
    claim = CLAIMS[0]
    (finding,) = asked(claim, [paper.run(side(claim, claim.more))], [paper.run(side(claim, claim.less))])
    assert why(finding).count("not known yet") == 2
    assert finding.answer == "not settled"


def at(run, start, end):
    """The run as trained from `start` to `end`, in unix seconds."""
    first, *between, last = run.events
    return dataclasses.replace(run, events=[{**first, "time": start}, *between, {**last, "time": end}])


def named_apart(runs):
    return [dataclasses.replace(run, name=f"run{i}") for i, run in enumerate(runs)]


def test_runs_that_trained_at_the_same_time_do_not_count_for_seconds():
    claim = find("faster-than-lstm")
    runs = named_apart([*timed("gru", 10, 11, 12), *timed("lstm", 20, 21, 22)])
    alone = [at(run, 100 * i, 100 * i + 100) for i, run in enumerate(runs)]  # the next starts when one has ended
    (finding,) = findings(claim, groups(alone))
    assert finding.answer == "holds"
    assert "Left out" not in why(finding)
    together = [*alone[:5], at(runs[5], 450, 600)]  # while the fifth trained
    (finding,) = findings(claim, groups(together))
    assert finding.answer == "not settled"
    assert "train 2 × LSTM (quick)" in why(finding)
    assert "Left out: 2 runs that trained while another" in why(finding)
    (accuracy,) = findings(find("behind-lstm-on-hard-task"), groups(together))
    assert why(accuracy).count("n = 3") == 2


def test_any_chosen_run_disturbs_the_seconds_and_one_that_still_trains_has_no_end():
    claim = find("faster-than-lstm")
    runs = named_apart([*timed("gru", 10, 11, 12), *timed("lstm", 20, 21, 22)])
    alone = [at(run, 100 * i, 100 * i + 100) for i, run in enumerate(runs)]
    other = dataclasses.replace(paper.run(paper.config(model__cell="rnn")), name="other")
    (finding,) = findings(claim, groups([*alone, at(other, 550, 560)]))
    assert "Left out: 1 run that" in why(finding)
    (finding,) = findings(claim, groups([*alone, at(other, 600, 610)]))
    assert "Left out" not in why(finding)
    stopped = dataclasses.replace(other, status="stopped")
    (finding,) = findings(claim, groups([*alone, at(stopped, -50, -10)]))
    assert finding.answer == "holds"
    (finding,) = findings(claim, groups([*alone, at(other, -50, -10)]))  # it still trains
    assert "Left out: 6 runs" in why(finding)


def test_the_documents_own_network_is_one_with_its_own_recipe():
    claim = find("document-gru")
    quick = [paper.config(model__encoder="seed-cnn", model__cell=cell) for cell in ("gru", "none")]
    own = [paper.config("document", model__cell=cell) for cell in ("gru", "none")]
    (finding,) = asked(claim, *(paper.seeds(c, *a) for c, a in zip(quick, (HIGH, LOW), strict=True)))
    assert "cannot answer" in why(finding)
    assert "by the document's own recipe" in why(finding)
    (finding,) = asked(claim, *(paper.seeds(c, *a) for c, a in zip(own, (HIGH, LOW), strict=True)))
    assert finding.answer == "holds"


def test_a_cnn_with_one_more_convolution_is_a_rival_where_it_has_as_many_parameters():
    quick = paper.config()
    gru, deeper = paper.seeds(quick, *LOW), plan.deeper(quick)
    even = find("gru-against-deeper-cnn")
    (finding,) = asked(even, gru, paper.seeds(deeper, *HIGH, started={"parameters": 1050}))
    assert finding.answer == "does not hold"
    assert "CNN alone (quick-deeper)" in why(finding)
    (finding,) = asked(even, gru, paper.seeds(deeper, *HIGH, started={"parameters": 1051}))
    assert finding.answer == "not settled"
    assert "with as many parameters, and choose them" in why(finding)
    assert "To settle it" in why(asked(CLAIMS[0], gru, paper.seeds(deeper, *HIGH))[0])  # that one is on equal encoders


def test_a_run_of_which_only_half_of_the_order_test_can_be_read_is_no_pair():
    runs = [paper.run(paper.config(training__seed=seed), 0.9, shuffled=0.8 + seed / 100) for seed in range(4)]
    events = [{**event, "accuracy": None} if event["kind"] == "finished" else event for event in runs[0].events]
    (finding,) = asked(find("order-of-rows"), [dataclasses.replace(runs[0], events=events), *runs[1:]])
    assert [side.n for side in finding.sides] == [3, 3]
    assert finding.difference.mean == pytest.approx(0.08)


def test_each_claim_has_an_id_of_its_own_and_a_sentence():
    assert [claim.id for claim in CLAIMS] == list(sentences.CLAIMS)
    assert len(sentences.CLAIMS) == len(CLAIMS) == len(set(sentences.CLAIMS.values()))
