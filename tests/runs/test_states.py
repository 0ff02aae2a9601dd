"""The states in a run's folder: the newest that can be read counts, few stay, none goes before the next is there."""

import errno
import os
from pathlib import Path

import pytest
import torch

from cnngru.presets import preset
from cnngru.runs import states
from cnngru.training.state import Counters, State, to_bytes

CONFIG = preset("quick", "rowcue")


def state(step: int) -> bytes:
    return to_bytes(
        State(CONFIG, CONFIG, Counters(step=step), {"model.a": torch.full((3,), float(step))}), {"commands": step}
    )


def keep(folder: Path, *steps: int, stays: bool = False) -> None:
    for step in steps:
        states.write(folder, step, state(step), stays)


def names(folder: Path) -> list[str]:
    return [file.name.removesuffix(".safetensors") for _, file in states.listed(folder)]


def test_the_newest_is_gone_on_from(tmp_path: Path) -> None:
    assert states.newest(tmp_path) is None
    keep(tmp_path, 3, 12)
    found, note = states.newest(tmp_path)
    assert (found.step, note) == (12, {"commands": 12})
    assert found.tensors["model.a"].tolist() == [12.0] * 3


def test_two_are_kept_and_those_of_epochs(tmp_path: Path) -> None:
    keep(tmp_path, 3)
    keep(tmp_path, 10, stays=True)
    keep(tmp_path, 14, 17, 19)
    assert names(tmp_path) == ["step-0000010", "now-0000017", "now-0000019"]


def test_a_damaged_newest_one_leaves_the_one_before(tmp_path: Path) -> None:
    keep(tmp_path, 3, 12)
    (tmp_path / "states" / "now-0000012.safetensors").write_bytes(state(12)[:50])
    assert states.newest(tmp_path)[0].step == 3


def test_when_the_disk_is_full_what_was_there_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, 3, 12)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep(tmp_path, 20)
    assert names(tmp_path) == ["now-0000003", "now-0000012"]
    assert len(os.listdir(tmp_path / "states")) == 2


def test_what_cannot_be_read_back_takes_nothings_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, 3, 12)
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"another")
    with pytest.raises(OSError, match="could not be read back"):
        keep(tmp_path, 20)
    assert names(tmp_path) == ["now-0000003", "now-0000012"]


def test_epochs_are_thinned_where_they_grow_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "KEPT", 5 * len(state(10)))
    keep(tmp_path, *range(10, 300, 10), stays=True)
    steps = [step for step, _ in states.listed(tmp_path)]
    assert 3 <= len(steps) <= 6
    assert steps[-1] == 290


def test_a_strangers_folder_leads_nowhere(tmp_path: Path) -> None:
    keep(tmp_path / "elsewhere" if (tmp_path / "elsewhere").mkdir() is None else tmp_path, 3)
    (tmp_path / "run").mkdir()
    os.symlink(tmp_path / "elsewhere" / "states", tmp_path / "run" / "states")
    assert states.listed(tmp_path / "run") == []
    (tmp_path / "other" / "states").mkdir(parents=True)
    os.symlink(
        tmp_path / "elsewhere" / "states" / "now-0000003.safetensors", tmp_path / "other/states/now-0000003.safetensors"
    )
    assert states.listed(tmp_path / "other") == []


def test_a_deleted_run_stays_deleted(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keep(tmp_path / "gone", 3)
