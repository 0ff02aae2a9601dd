"""Figures of runs, their differences, and which are the same but for luck."""

import dataclasses
from typing import get_args, get_type_hints

import paper
import pytest

from cnngru.comparison import compare
from cnngru.config import DataConfig, ModelConfig


def test_a_row_has_the_figures_of_the_log():
    run = paper.run(
        paper.config(model__cell="gru"),
        0.9,
        epochs=((10, 12, 0.79), (23, 25, 0.8), (34, 37, 0.95)),
        started={"recurrent_parameters": 400},
        reversed=0.7,
        shuffled=0.6,
    )
    assert compare.row(run) == compare.Row(
        name="a",
        parameters=1000,
        recurrent_parameters=400,
        seconds_an_epoch=10,  # 10, 23 − 12, 34 − 25
        accuracy=0.9,
        to_80=21,  # 10, 23 − 12: the older log counts validations too
        to_90=30,
        reversed=0.7,
        shuffled=0.6,
    )


def test_what_an_old_log_or_a_young_run_does_not_say_is_unknown():
    old = compare.row(paper.run(paper.config(), 0.7))
    assert (old.recurrent_parameters, old.reversed, old.shuffled, old.to_80) == (None,) * 4
    young = compare.row(dataclasses.replace(paper.run(paper.config()), events=[{"kind": "queued"}]))
    assert set(dataclasses.astuple(young)) == {"a", None}


def test_without_recurrence_there_are_no_recurrent_parameters_also_in_an_old_log():
    assert compare.row(paper.run(paper.config(model__cell="none"), 0.7)).recurrent_parameters == 0


def test_settings_that_differ_and_settings_that_agree():
    configs = [paper.config(training__epochs=9), paper.config(model__cell="lstm", training__epochs=8)]
    assert compare.differing(configs) == {"model.cell": ("gru", "lstm"), "training.epochs": (9, 8)}
    same = compare.agreeing(configs)
    assert same["model.hidden"] == 128
    assert not set(same) & {"model.cell", "training.epochs", "data.path"}
    assert compare.differing([]) == compare.agreeing([]) == {}


@pytest.mark.parametrize(
    ("settings", "idle"),
    [
        ({"model__cell": "none"}, {"model.hidden", "model.layers", "model.readout", "training.recurrent_rate"}),
        ({"model__cell": "rnn"}, {"model.keep_bias"}),
        ({"model__encoder": "pixels"}, {"model.convs", "model.stem_stride", "training.muon_rate"}),
        ({"training__optimizer": "adamw"}, {"training.muon_rate", "training.recurrent_rate"}),
    ],
)
def test_a_setting_without_effect_is_no_difference(settings, idle):
    known = compare.settings(paper.config(**settings))
    assert all(known[name] is None for name in idle)
    assert all(compare.settings(paper.config())[name] is not None for name in idle)


def test_groups_hold_runs_that_differ_in_seed_or_machine_alone():
    gru, lstm = paper.config(), paper.config(model__cell="lstm")
    threads = paper.config(training__threads=1, training__seed=5)
    runs = [*paper.seeds(gru, 0.8, 0.9), *paper.seeds(lstm, 0.7), paper.run(threads, 0.85)]
    first, second = compare.groups(runs)
    assert (first.label, second.label) == ("GRU (quick)", "LSTM (quick)")
    assert first.values(lambda run: compare.row(run).accuracy) == [0.8, 0.9, 0.85]
    assert len(second.runs) == 1


def test_a_seed_counts_once_and_runs_that_are_not_finished_do_not():
    runs = [paper.run(paper.config(), 0.8), paper.run(paper.config(), 0.8), paper.run(paper.config(training__seed=1))]
    (group,) = compare.groups(runs)
    assert len(group.runs) == 3
    assert group.values(lambda run: compare.row(run).accuracy) == [0.8]
    assert group.values(compare.seconds_an_epoch) == [10]


def test_groups_that_would_be_called_the_same_are_told_apart():
    runs = [paper.run(paper.config(), 0.8, name="x"), paper.run(paper.config(training__epochs=9), 0.8, name="y")]
    assert [group.label for group in compare.groups(runs)] == ["GRU (quick) as x", "GRU (quick) as y"]


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
    assert compare.label(config) == label


def test_networks_are_comparable_when_all_but_the_named_settings_agree():
    cell = {"model.cell": None}
    gru, none = paper.config(model__hidden=64), paper.config(model__cell="none")
    assert compare.equal_but_for(gru, none, cell)  # a mean has no hidden units that could differ
    assert not compare.equal_but_for(gru, paper.config(model__cell="lstm"), cell)
    assert not compare.equal_but_for(gru, paper.config(model__cell="none", training__epochs=9), cell)
    assert compare.equal_but_for(paper.config(), paper.config(training__seed=4, training__threads=1), {})


def test_titles_tell_seeds_apart_and_in_need_runs():
    gru, lstm = paper.config(), paper.config(model__cell="lstm")
    runs = [*paper.seeds(gru, 0.8, 0.9), paper.run(lstm, 0.7, name="x")]
    assert compare.titles(runs) == {"r0": "GRU (quick) seed 0", "r1": "GRU (quick) seed 1", "x": "LSTM (quick)"}
    twice = [paper.run(gru, 0.8, name="x"), paper.run(gru, 0.8, name="y")]
    assert compare.titles(twice)["y"] == "GRU (quick) seed 0 as y"


def test_a_validation_that_gave_no_number_reached_nothing():
    run = paper.run(paper.config(), 0.9, epochs=((10, 10, None), (20, 20, 0.85)))
    assert compare.row(run).to_80 == 20


@pytest.mark.parametrize(
    ("config", "setting", "names"),
    [
        (ModelConfig, "cell", compare.CELLS),
        (ModelConfig, "encoder", compare.ENCODERS),
        (ModelConfig, "encoder", compare.ALONE),
        (DataConfig, "name", compare.DATA),
    ],
)
def test_each_network_and_each_data_set_has_a_name(config, setting, names):
    assert set(names) == set(get_args(get_type_hints(config)[setting]))
