"""The script of a run is the run: its network answers alike, its training gives the same weights."""

import dataclasses
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from every_kind import KINDS, SMALL, made
from torch.nn.functional import log_softmax

import cnngru
from cnngru import places
from cnngru.config import Config, DataConfig, ModelConfig, TrainingConfig, override
from cnngru.data import rowcue
from cnngru.export import ExportError
from cnngru.export.script import script
from cnngru.presets import PRESETS, preset
from cnngru.runs.run import read
from cnngru.training.events import Finished, Started, Validated

TINY = Config(
    DataConfig("rowcue", pictures=120, flip=True, shift=2),
    ModelConfig(**SMALL),
    TrainingConfig(epochs=2, batch=40, precision="float32", threads=1, device="cpu"),
)
RECIPES: dict[str, dict[str, Any]] = {
    "nothing varied": {"data.flip": False, "data.shift": 0},
    "moved": {"data.flip": False, "data.shift": 1},
    "covered": {"data.flip": False, "data.shift": 0, "data.cutout": 8},
    "all varied": {"data.cutout": 8, "data.shift": 3},
    "shuffled labels": {"data.shuffle_labels": True},
    "adam": {"training.optimizer": "adam", "training.schedule": "constant"},
    "adamw": {"training.optimizer": "adamw", "training.weight_decay": 0.1},
    "constant": {"training.schedule": "constant"},
    "bfloat16": {"training.precision": "bfloat16", "data.pictures": 40},
    "until an accuracy": {"training.until_accuracy": 0.001},
    "no better": {"training.patience": 1, "training.epochs": 9, "training.learning_rate": 1e-7},
    "seconds": {"training.seconds": 0.0001},
    "all ends": {"training.seconds": 9000.0, "training.patience": 3, "training.until_accuracy": 0.99},
    "auto": {"training.precision": "auto", "training.device": "auto"},
}


def of_kind(kind: str, config: Config = TINY) -> Config:
    return dataclasses.replace(config, model=ModelConfig(**{**SMALL, **KINDS[kind]}))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in the same order, by both."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def opened(config: Config, folder: Path, **options: Any) -> ModuleType:
    """The script as a module of its own."""
    path = folder / "made.py"
    path.write_text(script(config, "made", **options), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("made", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def trained(config: Config) -> tuple[cnngru.CNNGRU, list[Any]]:
    events = list(cnngru.train(config))
    [model] = [event.model for event in events if isinstance(event, Started)]
    return model, [event for event in events if isinstance(event, Validated | Finished)]


@pytest.mark.parametrize("kind", KINDS)
def test_its_network_answers_as_ours(kind: str, tmp_path: Path) -> None:
    ours = made(kind)
    module = opened(of_kind(kind), tmp_path)
    module.CLASSES = ours.classes
    theirs = module.Network().to(memory_format=torch.channels_last)
    theirs.load_state_dict(ours.state_dict())
    images = rowcue.generate(9, 1).images.float() / 255
    with torch.no_grad():
        torch.testing.assert_close(theirs.eval()(images), ours(images), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", places.NETWORKS)
def test_shipped_weights_answer_as_ours(name: str, tmp_path: Path) -> None:
    ours = cnngru.load(places.SHIPPED / name)
    theirs = opened(read(places.SHIPPED / name).config, tmp_path).Network().to(memory_format=torch.channels_last)
    theirs.load_state_dict(ours.state_dict())
    images = rowcue.generate(32, 1).images.float() / 255
    with torch.no_grad():
        torch.testing.assert_close(theirs.eval()(images), ours(images), rtol=0, atol=1e-5)


@pytest.mark.parametrize("what", [*KINDS, *RECIPES])
def test_its_training_is_ours(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same pictures in the same order, the same steps: so the same weights, to what rounding leaves."""
    config = of_kind(what) if what in KINDS else TINY
    for setting, value in RECIPES.get(what, {}).items():
        config = override(config, setting, value)
    ours, events = trained(config)
    theirs = opened(config, tmp_path).train()
    found = theirs.state_dict()
    assert found.keys() == ours.state_dict().keys()
    for name, value in ours.state_dict().items():
        torch.testing.assert_close(found[name].cpu(), value.cpu(), rtol=1e-4, atol=1e-5, msg=name)
    said = capsys.readouterr().out
    for event in events:
        assert f"accuracy {event.accuracy:.2%}" in said


@pytest.mark.cifar10
def test_it_learns_from_the_same_photos(tmp_path: Path) -> None:
    config = preset("quick")
    for setting, value in {"data.pictures": 300, "data.validation": 0.1, "data.shuffle_labels": True}.items():
        config = override(config, setting, value)
    dataset = cnngru.data.load(config.data)
    splits = opened(config, tmp_path).load()
    for (images, labels), ours in zip(splits, (dataset.train, dataset.validation, dataset.test), strict=True):
        assert torch.equal(images, ours.images)
        assert torch.equal(labels, ours.labels)


def test_it_runs_without_this_project(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(script(TINY, "mine"), encoding="utf-8")
    # -I: nothing of the folder that these tests run in can be imported
    done = subprocess.run([sys.executable, "-I", "mine.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["epoch", "epoch", "test"]
    kept = torch.load(tmp_path / "mine.pt", weights_only=True)
    assert kept.keys() == cnngru.CNNGRU(TINY.model, rowcue.CLASSES).state_dict().keys()


EVERY = {
    **{kind: of_kind(kind) for kind in KINDS},
    **{f"{name}, {data}": preset(name, data) for name in PRESETS for data in ("cifar10", "rowcue")},
    **{name: read(places.SHIPPED / name).config for name in places.NETWORKS},
}
for recipe, changes in RECIPES.items():
    EVERY[recipe] = TINY
    for changed, to in changes.items():
        EVERY[recipe] = override(EVERY[recipe], changed, to)


def test_it_reads_as_written_by_hand(tmp_path: Path) -> None:
    """No mark is left, no line is too long, nothing is imported or named in vain, and the formatter has no wish."""
    for number, config in enumerate(EVERY.values()):
        text = script(config, f"run-{number}")
        assert not [line for line in text.splitlines() if "#:" in line or "{{" in line or line != line.rstrip()]
        (tmp_path / f"run-{number}.py").write_text(text, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["--isolated", "--no-cache", "--line-length", "120"]
    checks = ["--select", "E,F,W,I,UP,SIM,C4,PIE,RET", "--target-version", "py311"]
    for command in ([*ruff, "check", *rules, *checks], [*ruff, "format", "--check", "--diff", *rules]):
        done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("kind", "words", "others"),
    [
        ("gru", ["nn.GRU(", "z ⊙ h⁻"], ["nn.LSTM", "class Cell", "scan"]),
        ("lstm", ["nn.LSTM("], ["nn.GRU(", "class Cell"]),
        ("mingru", ["class Cell", "def scan"], ["nn.GRU(", "reset"]),
        ("gru-textbook", ["class Cell", "reset"], ["def scan", "output gate"]),
        ("gated", ["output gate"], ["def scan"]),
        ("no recurrence", ["states.mean(1)"], ["HIDDEN", "nn.GRU(", "def start"]),
        ("pixels", ["2 * images - 1"], ["whitening", "CONVS", "Conv2d"]),
    ],
)
def test_it_has_the_cell_that_the_run_has_and_no_other(kind: str, words: list[str], others: list[str]) -> None:
    text = script(override(of_kind(kind), "training.schedule", "constant"), "mine")
    assert [word for word in words if word not in text] == []
    assert [word for word in others if word in text] == []


def test_a_title_is_words_and_never_code(tmp_path: Path) -> None:
    title = '"""; raise SystemExit("owned") #: if x {{file}} \\" \\'
    module = opened(TINY, tmp_path, title=title)
    assert module.__doc__ is not None
    assert "raise SystemExit(owned)" in module.__doc__


def test_it_tells_what_the_run_reached() -> None:
    words = " ".join(script(TINY, "mine", finished={"accuracy": 0.8125}).split())
    assert "The run that it was made from got 81.25% of the test pictures right." in words
    assert "made from" not in script(TINY, "mine", finished={"accuracy": None})


def test_a_folder_of_own_pictures_cannot_be_loaded_by_it() -> None:
    with pytest.raises(ExportError, match="not a folder"):
        script(dataclasses.replace(TINY, data=DataConfig("folder", "/x")), "mine")


def test_answers_are_compared_that_differ() -> None:
    """The comparison above would see a difference: networks of two kinds give other answers."""
    images = rowcue.generate(9, 1).images.float() / 255
    answers = [log_softmax(made(kind)(images), 1) for kind in ("gru", "lstm")]
    assert not torch.allclose(*answers, atol=1e-3)
