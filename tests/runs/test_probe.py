"""A network is looked at while it learns: what is told, that it changes nothing, and that odd files are none."""

import numpy as np
import pytest
import torch
import unstarted
from test_family import TINY

import cnngru
from cnngru.config import override
from cnngru.runs import artifacts, probe, store, worker


@pytest.fixture
def always(monkeypatch):
    """Looks after each step that is told."""
    monkeypatch.setattr(probe, "EVERY", 0.0)
    monkeypatch.setattr(probe, "SHARE", 1e9)


def weights(name):
    return cnngru.load(store.get(name).folder).state_dict()


def test_gates_are_told_by_row_and_the_newest_look_lies_beside_the_run(always):
    name = unstarted.create(TINY, "watched")
    assert worker.run(name) == 0
    run = store.get(name)
    steps = run.last("progress")["step"]
    told = run.events_of("gates")
    assert [event["step"] for event in told] == list(range(1, steps + 1))
    rows = len(cnngru.load(run.folder).bands)
    assert all(list(event["shares"]) == ["keep", "reset"] for event in told)
    assert all(len(means) == rows for event in told for means in event["shares"].values())
    assert not run.damage
    found = probe.read(run.folder)
    assert found["step"] == steps
    assert found["pictures"].shape == (6, 3, 32, 32)
    assert len(set(found["labels"].tolist())) == 6
    model = cnngru.load(run.folder)
    images = torch.from_numpy(found["pictures"]).float() / 255
    logits, trace = cnngru.trace(model, images)
    assert np.allclose(found["probabilities"], logits.softmax(1), atol=1e-3)  # kept as float16
    assert np.allclose(found["map"], trace.update[0, 0, 0], atol=1e-3)
    keep = told[-1]["shares"]["keep"]
    assert np.allclose(keep, trace.update.mean((0, 1, 2, 4)), atol=1e-4)  # rounded to four digits


def test_looking_changes_nothing_in_the_training(always, monkeypatch):
    assert worker.run(unstarted.create(TINY, "watched")) == 0
    monkeypatch.setattr(probe.Probe, "look", lambda self, step, epoch: None)
    assert worker.run(unstarted.create(TINY, "alone")) == 0
    one, other = weights("watched"), weights("alone")
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("cell", ["none", "rnn", "lstm", "mingru"])
def test_other_cells_show_what_they_have(always, cell):
    config = override(override(TINY, "model.cell", cell), "training.epochs", 1)
    name = unstarted.create(config, "other")
    assert worker.run(name) == 0
    words = {"none": [], "rnn": [], "lstm": ["forget", "input", "output"], "mingru": ["keep"]}[cell]
    told = store.get(name).events_of("gates")
    assert (sorted(told[-1]["shares"]) if told else []) == sorted(words)
    assert ("map" in probe.read(store.get(name).folder)) == bool(words)


def test_what_was_told_before_a_kill_is_not_told_again(always):
    name = unstarted.create(TINY, "again")
    run = store.get(name)
    look = probe.Probe(run, None, (None, None))
    look.told = 7
    assert look.look(7, 0.1) is None


GOOD = {
    "pictures": np.zeros((2, 3, 32, 32), np.uint8),
    "labels": np.array([0, 1], np.uint8),
    "probabilities": np.full((2, 3), 1 / 3, np.float16),
    "step": np.array(4),
}
ODD = {
    "pictures": np.zeros((2, 3, 16, 16), np.uint8),
    "labels": np.array([0, 9], np.uint8),
    "probabilities": np.full((3, 3), 1 / 3, np.float16),
    "step": np.array([4, 5]),
    "map": np.zeros(3, np.float16),
}


def test_odd_looks_are_none(tmp_path):
    assert probe.read(tmp_path) is None
    artifacts.write_arrays(tmp_path / probe.FILE, GOOD)
    assert probe.read(tmp_path)["step"] == 4
    for name, value in ODD.items():
        artifacts.write_arrays(tmp_path / probe.FILE, GOOD | {name: value})
        assert probe.read(tmp_path) is None, name
    (tmp_path / probe.FILE).write_bytes(b"PK\x03\x04 damaged")
    assert probe.read(tmp_path) is None
