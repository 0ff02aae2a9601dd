"""Which runs are the same but for luck, and what they are called."""

import dataclasses

import paper
import pytest

from cnngru.comparison import metrics
from cnngru.comparison.groups import groups, titles
from cnngru.comparison.groups import label as label_of


def test_groups_hold_runs_that_differ_in_seed_or_machine_alone():
    gru, lstm = paper.config(), paper.config(model__cell="lstm")
    threads = paper.config(training__threads=1, training__seed=5)
    runs = [*paper.seeds(gru, 0.8, 0.9), *paper.seeds(lstm, 0.7), paper.run(threads, 0.85)]
    first, second = groups(runs)
    assert (first.label, second.label) == ("GRU (quick)", "LSTM (quick)")
    assert first.values(lambda run: metrics.of(run).accuracy) == [0.8, 0.9, 0.85]
    assert len(second.runs) == 1


def test_a_seed_counts_once_and_runs_that_are_not_finished_do_not():
    runs = [paper.run(paper.config(), 0.8), paper.run(paper.config(), 0.8), paper.run(paper.config(training__seed=1))]
    (group,) = groups(runs)
    assert len(group.runs) == 3
    assert group.values(lambda run: metrics.of(run).accuracy) == [0.8]
    assert group.values(metrics.seconds_an_epoch) == [10]


def test_groups_that_would_be_called_the_same_are_told_apart():
    runs = [paper.run(paper.config(), 0.8, name="x"), paper.run(paper.config(model__hidden=9), 0.8, name="y")]
    assert [group.label for group in groups(runs)] == ["GRU (quick) as x", "GRU (quick) as y"]


def test_a_label_carries_what_makes_a_network_better_or_worse():
    config = paper.config(training__epochs=9, data__pictures=500, data__shuffle_labels=True)
    assert label_of(config) == "GRU (quick), 500 pictures, 9 epochs, shuffled labels"


@pytest.mark.parametrize(
    ("config", "label"),
    [
        (paper.config("document"), "document's CNN + GRU"),
        (paper.config("document", model__cell="none"), "document's CNN alone"),
        (paper.config(model__encoder="seed-cnn"), "document's CNN + GRU (quick)"),
        (paper.config(model__encoder="pixels"), "GRU on pixels (quick)"),
        (dataclasses.replace(paper.config(model__cell="none"), preset=""), "CNN alone (own settings)"),
    ],
)
def test_labels_say_what_a_network_is(config, label):
    assert label_of(config) == label


def test_titles_tell_seeds_apart_and_in_need_runs():
    gru, lstm = paper.config(), paper.config(model__cell="lstm")
    runs = [*paper.seeds(gru, 0.8, 0.9), paper.run(lstm, 0.7, name="x")]
    assert titles(runs) == {"r0": "GRU (quick) seed 0", "r1": "GRU (quick) seed 1", "x": "LSTM (quick)"}
    twice = [paper.run(gru, 0.8, name="x"), paper.run(gru, 0.8, name="y")]
    assert titles(twice)["y"] == "GRU (quick) seed 0 as y"
