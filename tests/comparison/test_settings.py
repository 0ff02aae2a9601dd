"""The settings in which runs differ, those in which they agree, and those that have no effect."""

import paper
import pytest

from cnngru.comparison import settings
from cnngru.comparison.settings import agreeing, differing, equal_but_for


def test_settings_that_differ_and_settings_that_agree():
    configs = [paper.config(training__epochs=9), paper.config(model__cell="lstm", training__epochs=8)]
    assert differing(configs) == {"model.cell": ("gru", "lstm"), "training.epochs": (9, 8)}
    same = agreeing(configs)
    assert same["model.hidden"] == 128
    assert not set(same) & {"model.cell", "training.epochs", "data.path"}
    assert differing([]) == agreeing([]) == {}


@pytest.mark.parametrize(
    ("chosen", "idle"),
    [
        ({"model__cell": "none"}, {"model.hidden", "model.layers", "model.readout", "training.recurrent_rate"}),
        ({"model__cell": "rnn"}, {"model.keep_bias"}),
        ({"model__encoder": "pixels"}, {"model.convs", "model.stem_stride", "training.muon_rate"}),
        ({"training__optimizer": "adamw"}, {"training.muon_rate", "training.recurrent_rate"}),
    ],
)
def test_a_setting_without_effect_is_no_difference(chosen, idle):
    known = settings.settings(paper.config(**chosen))
    assert all(known[name] is None for name in idle)
    assert all(settings.settings(paper.config())[name] is not None for name in idle)


def test_networks_are_comparable_when_all_but_the_named_settings_agree():
    cell = {"model.cell": None}
    gru, none = paper.config(model__hidden=64), paper.config(model__cell="none")
    assert equal_but_for(gru, none, cell)  # a mean has no hidden units that could differ
    assert not equal_but_for(gru, paper.config(model__cell="lstm"), cell)
    assert not equal_but_for(gru, paper.config(model__cell="none", training__epochs=9), cell)
    assert equal_but_for(paper.config(), paper.config(training__seed=4, training__threads=1), {})
