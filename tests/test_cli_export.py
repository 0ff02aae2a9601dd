"""`python -m cnngru export`: each kind from a shipped run, and what cannot be done."""

import csv
import json
import os
from pathlib import Path

import pytest

from cnngru import places
from cnngru.cli import main

Said = pytest.CaptureFixture[str]
RUN = str(places.SHIPPED / "rowcue-quick")


@pytest.fixture(autouse=True)
def here(checkpoints: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.mark.parametrize(("to", "gates"), [("onnx", True), ("program", False)])
def test_a_network(to: str, gates: bool, here: Path, capsys: Said) -> None:
    end = {"onnx": ".onnx", "program": ".pt2"}[to]
    assert main(["export", RUN, "--to", to, *(["--gates"] if gates else [])]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{RUN}: rowcue-quick{end}\n", "")
    assert os.listdir(here) == [f"rowcue-quick{end}"]


def test_curves_of_a_run_by_its_name_its_folder_or_a_file_of_it(here: Path, capsys: Said) -> None:
    for named in ("rowcue-quick", RUN, f"{RUN}/model.safetensors"):
        assert main(["export", named, "--to", "csv", "--out", "a.csv", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["out"] == "a.csv"
        assert next(csv.reader((here / "a.csv").open()))[1] == "kind"
    assert main(["export", "rowcue-quick", "--to", "tensorboard"]) == 0
    assert [name[:17] for name in os.listdir(here / "rowcue-quick-tensorboard")] == ["events.out.tfeven"]


def test_a_script(here: Path, capsys: Said) -> None:
    assert main(["export", "rowcue-quick", "--to", "script"]) == 0
    text = (here / "rowcue-quick.py").read_text()
    compile(text, "rowcue-quick.py", "exec")
    assert "got 100.00% of the test pictures right" in " ".join(text.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing", "--to", "csv"], "no model at nothing"),
        ([RUN, "--to", "csv", "--gates"], "belongs to onnx and program"),
        ([RUN, "--to", "csv", "--out", "."], "is a folder"),
        ([RUN, "--to", "tensorboard", "--out", ".."], "is there already"),
        (["bare.safetensors", "--to", "csv"], "is no run"),
        (["bare.safetensors", "--to", "onnx"], "damaged or cut short"),
        ([str(places.SHIPPED / "cifar10-quick-none"), "--to", "onnx", "--gates"], "no gates"),
    ],
)
def test_what_cannot_be_done_is_told(words: list[str], said: str, here: Path, capsys: Said) -> None:
    (here / "bare.safetensors").write_bytes(b"weights")
    assert main(["export", *words]) == 1
    out, err = capsys.readouterr()
    assert (out, "Traceback" in err) == ("", False)
    assert said in err
    assert os.listdir(here) == ["bare.safetensors"]


@pytest.mark.parametrize(("to", "package"), [("onnx", "onnx"), ("tensorboard", "tensorboard")])
def test_what_is_missing_is_named(to: str, package: str, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    monkeypatch.setattr("cnngru.export.find_spec", lambda package: None)
    assert main(["export", RUN, "--to", to]) == 1
    assert f"python -m pip install {package}" in capsys.readouterr().err
