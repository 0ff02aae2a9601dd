"""What a run leaves behind: snapshots in order, answers whole or not at all."""

import errno
from typing import Any

import numpy as np
import pytest
import unstarted

from cnngru.presets import preset
from cnngru.runs import artifacts, store

QUICK = preset("quick", "rowcue")


def test_snapshots_come_in_the_order_of_their_steps() -> None:
    run = store.get(unstarted.create(QUICK))
    assert run.snapshots() == []
    (run.folder / "snapshots").mkdir()
    names = ["step-10000000.safetensors", "step-0000064.safetensors", "step-0000000.safetensors"]
    for name in (*names, "step-0000004.safetensorsa1.part", "model.safetensors", "step-x.safetensors"):
        (run.folder / "snapshots" / name).touch()
    assert run.snapshots() == [
        (step, run.folder / "snapshots" / name) for step, name in zip((0, 64, 10**7), names[::-1], strict=True)
    ]


def test_answers_come_back_as_they_were_kept() -> None:
    run = store.get(unstarted.create(QUICK))
    assert run.test_answers() is None
    shares = np.random.default_rng(0).dirichlet(np.ones(10), 50)
    artifacts.write_answers(run.folder, shares, np.arange(50) % 10)
    probabilities, labels = run.test_answers()
    assert (probabilities.dtype, labels.dtype) == (np.float32, np.uint8)
    np.testing.assert_allclose(probabilities, shares, rtol=1e-3, atol=1e-7)
    assert labels.tolist() == [i % 10 for i in range(50)]
    with np.load(run.folder / "test.npz") as file:
        assert file["probabilities"].dtype == np.float16
    assert not list(run.folder.glob("*.part"))


def test_answers_that_are_damaged_are_none() -> None:
    run = store.get(unstarted.create(QUICK))
    artifacts.write_answers(run.folder, np.full((300, 10), 0.1), np.zeros(300))
    whole = (run.folder / "test.npz").read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        (run.folder / "test.npz").write_bytes(whole[:cut])
        assert run.test_answers() is None, cut
    flipped = bytearray(whole)
    flipped[120] ^= 255
    (run.folder / "test.npz").write_bytes(flipped)
    assert run.test_answers() is None
    artifacts.write_answers(run.folder, np.full((3, 10), 0.1), np.zeros(4))
    assert run.test_answers() is None, "as many labels as answers"


def test_answers_that_cannot_be_written_leave_the_old_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.get(unstarted.create(QUICK))
    artifacts.write_answers(run.folder, [[0.25, 0.75]], [1])

    def full(file: Any, **arrays: Any) -> None:
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space left"):
        artifacts.write_answers(run.folder, [[1.0, 0.0]], [0])
    assert run.test_answers()[1].tolist() == [1]
    assert not list(run.folder.glob("*.part"))


def test_snapshots_are_due_at_powers_of_four() -> None:
    due, steps = 0, []
    for step in range(5000):
        if step >= due:
            steps.append(step)
            due = artifacts.next_due(step)
    assert steps == [0, 1, 4, 16, 64, 256, 1024, 4096]
    assert artifacts.next_due(70) == 256, "late by some steps: the next is due at its own time"
