"""Accuracy under interventions is found once for a run's weights, and kept beside them."""

import pytest
import torch
import unstarted

from cnngru import checkpoint
from cnngru.config import override
from cnngru.data import DataError, rowcue
from cnngru.explain import effects
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import preset
from cnngru.runs import analyses, store


@pytest.fixture
def run(checkpoints, monkeypatch):
    """A RowCue run with random weights and a test of 30 pictures."""
    monkeypatch.setattr(rowcue, "TEST", 30)
    config = override(preset("quick", "rowcue"), "model.hidden", 8)
    unstarted.create(config, "a")
    save(config, seed=0)
    return store.get("a")


def save(config, seed):
    torch.manual_seed(seed)
    checkpoint.save(CNNGRU(config.model, rowcue.CLASSES).eval(), store.root() / "a")


def test_found_once_and_anew_for_other_weights(run):
    told = []
    first = analyses.load_or_compute(run, analyses.ACCURACIES, lambda done, total: told.append((done, total)))
    assert told[-1] == (60, 60)
    assert first.n == 30
    model = checkpoint.load(run.folder / "model.safetensors")
    expected = effects.accuracy_under(model, rowcue.generate(30, (0, 2)))
    assert list(zip(first.names, first.accuracies, strict=True)) == expected
    told.clear()
    assert analyses.load_or_compute(run, analyses.ACCURACIES, lambda done, total: told.append(done)) == first
    assert not told
    save(run.config, seed=1)
    assert analyses.stored(analyses.weights_file(run), analyses.ACCURACIES) is None
    assert analyses.load_or_compute(run, analyses.ACCURACIES).accuracies != first.accuracies


def test_a_damaged_file_and_a_folder_that_cannot_be_written_are_no_errors(run, monkeypatch):
    first = analyses.load_or_compute(run, analyses.ACCURACIES)
    (run.folder / "interventions.npz").write_bytes(b"nothing")
    assert analyses.stored(analyses.weights_file(run), analyses.ACCURACIES) is None

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(analyses.artifacts, "write_arrays", full)
    assert analyses.load_or_compute(run, analyses.ACCURACIES) == first
    assert analyses.stored(analyses.weights_file(run), analyses.ACCURACIES) is None


def test_without_test_pictures_it_says_so(checkpoints, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path))
    config = preset("quick", "cifar10")
    unstarted.create(config, "a")
    save(config, seed=0)
    with pytest.raises(DataError, match="not on this machine"):
        analyses.load_or_compute(store.get("a"), analyses.ACCURACIES)
