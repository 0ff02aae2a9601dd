"""The standard comparison has what the claims need, and trains nothing twice."""

import dataclasses

import paper
import pytest

from cnngru.comparison import claims, plan, sentences
from cnngru.comparison.findings import findings
from cnngru.comparison.groups import groups
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import preset


@pytest.mark.parametrize("data", ["cifar10", "rowcue"])
def test_three_seeds_of_it_let_every_claim_about_this_data_be_asked(data):
    runs = [
        paper.run(config, 0.9, shuffled=0.5, started={"recurrent_parameters": 5}) for config in plan.configs(data, 3)
    ]
    compared = groups(runs)
    for claim in claims.CLAIMS:
        if not claim.data or data in claim.data:
            said = map(sentences.why, findings(claim, compared))
            assert all("To settle it" not in sentence for sentence in said), claim.id


def test_its_size_and_its_order():
    configs = plan.configs("cifar10", 3)
    assert len(configs) == 30
    assert [config.training.seed for config in configs[:11]] == [0] * 10 + [1]
    assert {config.data.name for config in configs} == {"cifar10"}
    assert len({plan.free_name(config, ()) for config in configs}) == 30


@pytest.mark.parametrize("name", ["quick", "standard", "best"])
def test_the_cnn_alone_is_given_as_many_parameters_as_the_gru_had(name):
    ours = preset(name)
    gru, cnn = (CNNGRU(config.model, range(10)).parameter_count for config in (ours, plan.deeper(ours)))
    assert cnn == pytest.approx(gru, rel=0.02)


def test_another_preset_can_be_compared():
    configs = plan.configs("cifar10", 1, "standard")
    assert {config.preset for config in configs} == {"standard", "standard-deeper", "document"}


def whole(config, **options):
    """A finished run whose log has all that the claims ask for."""
    return paper.run(config, 0.9, shuffled=0.5, started={"recurrent_parameters": 5}, **options)


def test_a_run_with_the_same_settings_is_taken_if_it_is_finished_or_on_its_way():
    config = paper.config()
    done, going = whole(config, name="done"), paper.run(config, name="going")
    failed, stopping = (dataclasses.replace(going, status=status) for status in ("failed", "stopping"))
    queued = dataclasses.replace(going, status="queued", events=[{"kind": "queued"}])
    assert plan.existing(config, [going, done]) is done
    assert plan.existing(config, [failed, going]) is going
    assert plan.existing(config, [queued]) is queued
    assert plan.existing(config, [failed, stopping]) is None
    assert plan.existing(paper.config(training__seed=1), [done]) is None
    renamed = dataclasses.replace(config, preset="")
    assert plan.existing(config, [dataclasses.replace(done, config=renamed)])
    assert plan.existing(config, [whole(paper.config(training__threads=1))]) is None


def test_runs_of_older_code_lack_figures_and_are_not_taken():
    config = paper.config()
    without_order = paper.run(config, 0.9, started={"recurrent_parameters": 5})
    without_count = paper.run(config, 0.9, shuffled=0.5)
    assert plan.existing(config, [without_order, without_count]) is None


def test_settings_without_effect_do_not_keep_a_run_from_being_taken():
    wanted = paper.config(data="rowcue", model__cell="none")
    assert wanted.model.readout == "last"
    as_the_form_writes_it = whole(paper.config(data="rowcue", model__cell="none", model__readout="mean"))
    assert plan.existing(wanted, [as_the_form_writes_it]) is as_the_form_writes_it
    lstm, mean = paper.config(model__cell="lstm"), paper.config(model__cell="lstm", model__readout="last")
    assert plan.existing(lstm, [whole(mean)]) is None


def test_names_say_what_runs_are_and_are_free():
    config = paper.config(model__encoder="pixels", training__seed=2)
    assert plan.free_name(config, ()) == "cifar10-quick-pixels-gru-seed2"
    taken = {"cifar10-quick-pixels-gru-seed2", "cifar10-quick-pixels-gru-seed2-2"}
    assert plan.free_name(config, taken) == "cifar10-quick-pixels-gru-seed2-3"


def test_time_grows_with_the_runs():
    one, three = (plan.minutes(plan.configs("cifar10", seeds)) for seeds in (1, 3))
    assert three == pytest.approx(3 * one)
    assert plan.minutes([]) == 0
    assert plan.minutes(plan.configs("rowcue", 1)) < one
