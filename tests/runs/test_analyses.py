"""Surveys are made once for the weights there are, and a file that cannot be read or written stops nobody."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import unstarted

from cnngru import checkpoint, data
from cnngru.config import Config, Conv, DataConfig, ModelConfig
from cnngru.data import DataError, Split, cifar10, rowcue
from cnngru.nn.classifier import CNNGRU
from cnngru.runs import analyses, artifacts, store

CONFIG = Config(data=DataConfig(name="rowcue"), model=ModelConfig(convs=(Conv((3, 3), 4, (2, 4)),), hidden=5))
PROJECT = Path(__file__).parents[2]


def save(folder: Path, seed: int, name: str = checkpoint.FILE, **model: Any) -> None:
    torch.manual_seed(seed)
    checkpoint.save(CNNGRU(dataclasses.replace(CONFIG.model, **model), rowcue.CLASSES), folder, name)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> store.Run:
    """A run with weights, and 30 test pictures."""
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (30, 3, 32, 32), dtype=torch.uint8, generator=random)
    split = Split(images, torch.arange(30, dtype=torch.uint8) % 10)
    monkeypatch.setattr(analyses, "test_pictures", lambda config: split)
    found = store.get(unstarted.create(CONFIG))
    save(found.folder, seed=0)
    return found


class Heard(list):
    """A progress callback: whether anything had to be made."""

    def __call__(self, done: int, total: int) -> None:
        self.append(done)


def same(one: Any, other: Any) -> bool:
    first, second = one.arrays(), other.arrays()
    return list(first) == list(second) and all(np.array_equal(first[k], second[k]) for k in first if k != "classes")


def test_made_once_then_kept(run: store.Run) -> None:
    heard, again = Heard(), Heard()
    assert analyses.stored(analyses.weights_file(run), analyses.SURVEY) is None
    made = analyses.load_or_compute(run, analyses.SURVEY, heard)
    assert heard == [30]
    assert (run.folder / "survey.npz").stat().st_mode & 0o777 == 0o644
    assert same(analyses.load_or_compute(run, analyses.SURVEY, again), made)
    assert not again
    assert same(analyses.stored(analyses.weights_file(run), analyses.SURVEY), made)
    assert not list(run.folder.glob("*.part"))


def test_other_weights_have_their_own(run: store.Run) -> None:
    first = analyses.load_or_compute(run, analyses.SURVEY)
    size = (run.folder / checkpoint.FILE).stat().st_size
    save(run.folder, seed=1)
    assert (run.folder / checkpoint.FILE).stat().st_size == size, "only what is in the file tells them apart"
    heard, again = Heard(), Heard()
    second = analyses.load_or_compute(run, analyses.SURVEY, heard)
    assert heard
    assert not same(first, second)
    assert same(analyses.load_or_compute(run, analyses.SURVEY, again), second)
    assert not again
    counted_otherwise = dataclasses.replace(analyses.SURVEY, format="survey-0")
    assert analyses.stored(analyses.weights_file(run), counted_otherwise) is None


def test_a_snapshot_has_its_own_beside_it(run: store.Run) -> None:
    (run.folder / artifacts.SNAPSHOTS).mkdir()
    save(run.folder / artifacts.SNAPSHOTS, 3, "step-0000064.safetensors")
    newest, heard = analyses.load_or_compute(run, analyses.SURVEY), Heard()
    snapshot = analyses.load_or_compute(run, analyses.SURVEY, step=64)
    assert not same(newest, snapshot)
    assert same(analyses.load_or_compute(run, analyses.SURVEY, heard, step=64), snapshot)
    assert same(analyses.load_or_compute(run, analyses.SURVEY, heard), newest)
    assert not heard
    assert (run.folder / "snapshots/step-0000064.survey.npz").is_file()
    assert [step for step, _ in run.snapshots()] == [64]
    with pytest.raises(checkpoint.CheckpointError, match="no model"):
        analyses.load_or_compute(run, analyses.SURVEY, step=65)


def test_weights_that_are_replaced_meanwhile_do_not_get_the_old_survey(
    run: store.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = checkpoint.load

    def replaced_before(path: Path) -> CNNGRU:
        model = load(path)
        save(run.folder, seed=1)
        return model

    monkeypatch.setattr(checkpoint, "load", replaced_before)
    old = analyses.load_or_compute(run, analyses.SURVEY)
    monkeypatch.undo()
    assert analyses.stored(analyses.weights_file(run), analyses.SURVEY) is None, "it is of weights that are gone"
    assert old.n == 30


def test_a_damaged_file_is_made_anew(run: store.Run) -> None:
    made, file = analyses.load_or_compute(run, analyses.SURVEY), run.folder / "survey.npz"
    whole = file.read_bytes()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        assert analyses.stored(analyses.weights_file(run), analyses.SURVEY) is None, cut
    artifacts.write_arrays(file, {"of": np.array("survey-1 of something else"), **made.arrays()})
    assert analyses.stored(analyses.weights_file(run), analyses.SURVEY) is None
    with np.load(run.folder / "survey.npz") as opened:
        arrays = dict(opened)
    assert same(analyses.load_or_compute(run, analyses.SURVEY), made)
    with np.load(run.folder / "survey.npz") as opened:
        mark = opened["of"]
    artifacts.write_arrays(
        file, {"of": mark, **{name: arrays[name] for name in arrays if name not in ("of", "most.row")}}
    )
    assert analyses.stored(analyses.weights_file(run), analyses.SURVEY) is None, "a part is missing"


def test_a_folder_that_cannot_be_written_is_no_error(run: store.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(**_: Any) -> None:
        raise PermissionError(13, "Read-only file system")

    monkeypatch.setattr(artifacts.tempfile, "mkstemp", read_only)
    assert analyses.load_or_compute(run, analyses.SURVEY).n == 30
    assert not (run.folder / "survey.npz").exists()


def test_broken_off_leaves_nothing(run: store.Run) -> None:
    def enough(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        analyses.load_or_compute(run, analyses.SURVEY, enough)
    assert not list(run.folder.glob("*survey*"))


def test_what_cannot_be_surveyed_says_why(run: store.Run) -> None:
    save(run.folder, seed=0, cell="none")
    with pytest.raises(ValueError, match="no recurrent layer"):
        analyses.load_or_compute(run, analyses.SURVEY)
    (run.folder / checkpoint.FILE).unlink()
    with pytest.raises(checkpoint.CheckpointError, match="no model"):
        analyses.load_or_compute(run, analyses.SURVEY)


def test_cifar10_is_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path))
    monkeypatch.setattr(cifar10, "fetch", lambda *_: pytest.fail("it went for the network"))
    with pytest.raises(DataError, match="not on this machine"):
        data.test_pictures(DataConfig(name="cifar10", path=str(tmp_path / "elsewhere")))


def test_the_test_pictures_are_those_of_the_data_set() -> None:
    config = DataConfig(name="rowcue", pictures=50, seed=3)
    split, expected = data.test_pictures(config), data.load(config).test
    assert torch.equal(split.images, expected.images)
    assert torch.equal(split.labels, expected.labels)


@pytest.mark.cifar10
def test_those_of_cifar10_are_in_their_order() -> None:
    split = data.test_pictures(DataConfig(name="cifar10"))
    assert len(split) == 10_000
    assert split.labels[:5].tolist() == [3, 8, 8, 0, 6]


def test_a_kept_survey_is_read_without_torch(run: store.Run) -> None:
    analyses.load_or_compute(run, analyses.SURVEY)
    check = (
        "import sys, pathlib; from cnngru.runs import analyses\n"
        f"assert analyses.stored(pathlib.Path({str(analyses.weights_file(run))!r}), analyses.SURVEY).n == 30\n"
        "assert 'torch' not in sys.modules, 'torch was loaded'"
    )
    subprocess.run([sys.executable, "-c", check], cwd=PROJECT, check=True)
