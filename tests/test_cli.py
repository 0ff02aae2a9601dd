"""The command line: what scripts rely on. Results on stdout, complaints on stderr, exit codes, never a traceback.

Long, because each command is tried on the same trained run.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import measured
import numpy as np
import pytest
import torch
import unstarted
from PIL import Image

import cnngru
from cnngru.cli import COMMANDS, main
from cnngru.config import Conv, ModelConfig
from cnngru.data.cifar10 import CLASSES
from cnngru.presets import preset
from cnngru.runs import foretold, index, machine, store

PROJECT = Path(__file__).parents[1]
TINY = ModelConfig(stem_stride=2, convs=(Conv((3, 3), 8, (1, 4)),), hidden=6, layers=2, bidirectional=True)
# A run of seconds: a small network on few generated pictures.
SHORT = ["train", "quick", "--data", "rowcue"]
for setting in ("data.pictures=800", "training.batch=100", "training.epochs=1", "training.threads=1", "model.hidden=8"):
    SHORT += ["--set", setting]

Said = Callable[[], tuple[str, str]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A run's folder with an untrained model of CIFAR-10's classes, and nothing else."""
    torch.manual_seed(0)
    folder = tmp_path / "model"
    folder.mkdir()
    cnngru.save(cnngru.CNNGRU(TINY, CLASSES), folder)
    return folder


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "ramp.png"
    Image.linear_gradient("L").save(path)
    return path


def command(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
    """The command in a process of its own, which hears Ctrl-C also where these tests run in a shell's background."""
    return subprocess.Popen(
        [sys.executable, "-m", "cnngru", *arguments],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What `train --json` prints for a short run that is over."""
    root = tmp_path_factory.mktemp("trained")
    process = command(*SHORT, "--name", "short", "--json", env={**os.environ, "CNNGRU_CHECKPOINTS": str(root)})
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    assert len(err.splitlines()) == 1, "a progress bar, though nobody sees one"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNGRU_CHECKPOINTS", str(root))
        yield json.loads(out)


def test_every_command_has_a_help_text_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    names = [module.__name__.rpartition(".")[2] for module in COMMANDS]
    assert sorted(names) == ["app", "data", "evaluate", "export", "predict", "runs", "trace", "train"]
    jobs = [("data", job) for job in ("status", "download", "check")]
    jobs += [("runs", job) for job in ("list", "show", "stop", "export", "import", "delete")]
    for words in [*((name,) for name in names), *jobs]:
        with pytest.raises(SystemExit) as end:
            main([*words, "--help"])
        assert end.value.code == 0
        text = capsys.readouterr().out
        assert f"example:\n  python -m cnngru {words[0]}" in text, words


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["train", "slow"],
        ["train", "--set", "training.epochs"],
        ["predict", "model"],
        ["predict", "model", "a.png", "--top", "0"],
        ["evaluate", "model", "--data", "mnist"],
        ["export", "model"],
        ["export", "model", "--to", "pickle"],
        ["runs"],
        ["runs", "show"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["train", "--set", "training.epoch=3"], "epoch"),
        (["train", "--set", "training.epochs=fast"], "training.epochs"),
        (["train", "--set", "epochs=3"], "training.epochs"),
        (["train", "--name", "../up"], "../up"),
        (["train", "--data", "folder"], "path"),
        (["runs", "show", "nobody"], "nobody"),
        (["runs", "stop", "nobody"], "nobody"),
        (["runs", "delete", "nobody", "--yes"], "nobody"),
        (["runs", "show", "../../etc"], "../../etc"),
        (["evaluate", "nowhere", "--data", "rowcue"], "nowhere"),
        (["predict", "nowhere", "a.png"], "nowhere"),
        (["trace", "nowhere", "a.png"], "nowhere"),
        (["data", "check", "--data", "folder", "--path", "/nowhere"], "/nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(
    arguments: list[str], named: str, checkpoints: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert named in err
    assert "Traceback" not in err
    assert 1 <= err.count("\n") <= 2
    assert list(checkpoints.iterdir()) == []


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "summaries", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["runs", "list"])


def test_predict(model: Path, picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(model), str(picture), "--json", "--top", "3"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["picture"] == str(picture)
    shares = [guess["probability"] for guess in answer["top"]]
    assert len(shares) == 3
    assert shares == sorted(shares, reverse=True)
    assert {guess["class"] for guess in answer["top"]} < set(CLASSES)

    assert main(["predict", str(model / "model.safetensors"), str(picture)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert answer["top"][0]["class"] in lines[1]


def test_one_bad_picture_does_not_cost_the_others(
    model: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.png"
    text.write_text("no picture")
    assert main(["predict", str(model), str(text), str(picture), str(tmp_path / "none.png"), "--json"]) == 1
    out, err = capsys.readouterr()
    first, second, third = json.loads(out)
    assert "top" not in first
    assert "not a PNG" in first["error"]
    assert len(second["top"]) == 5
    assert "No such file" in third["error"]
    assert err.splitlines() == [first["error"], third["error"]]
    assert first["error"].startswith(str(text))


def test_trace_writes_what_the_library_computes(
    model: Path, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "trace.npz"
    assert main(["trace", str(model), str(picture), "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    images = cnngru_picture(picture)
    logits, gates = cnngru.trace(cnngru.load(model), images)
    with np.load(out) as kept:
        assert set(kept) == {"reset", "update", "candidate", "hidden", "bands", "logits", "classes"}
        for name in ("reset", "update", "candidate", "hidden"):
            assert kept[name].dtype == np.float32
            assert kept[name].shape == (2, 2, 1, len(gates.bands), 6)
            np.testing.assert_allclose(kept[name], getattr(gates, name), atol=1e-6)
        np.testing.assert_allclose(kept["logits"], logits, atol=1e-6)
        assert tuple(kept["classes"]) == CLASSES
    assert said["class"] == CLASSES[int(logits.argmax())]
    assert [step["band"] for step in said["steps"]] == gates.bands.tolist()
    assert [step["step"] for step in said["steps"]] == list(range(1, len(gates.bands) + 1))
    assert said["steps"][1]["keep"] == pytest.approx(float(gates.update[:, :, 0, 1].mean()), abs=1e-5)
    assert said["steps"][1]["reset"] == pytest.approx(float(gates.reset[:, :, 0, 1].mean()), abs=1e-5)

    assert main(["trace", str(model), str(picture)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(gates.bands)


def cnngru_picture(path: Path) -> torch.Tensor:
    from cnngru.pictures import read_picture

    return read_picture(path).tensor[None].float() / 255


def test_trace_of_a_model_without_gates(tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cnngru.save(cnngru.CNNGRU(ModelConfig(stem_stride=2, convs=TINY.convs, cell="none"), CLASSES), tmp_path)
    assert main(["trace", str(tmp_path), str(picture)]) == 1
    assert "no gates" in capsys.readouterr().err


def test_trace_where_it_cannot_write(model: Path, picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(model), str(picture), "--out", str(model / "none" / "t.npz")]) == 1
    assert "t.npz: No such file" in capsys.readouterr().err


def test_evaluate_refuses_pictures_of_other_classes(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(model), "--data", "rowcue"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "airplane" in err
    assert "--data" in err


def test_evaluate_without_a_data_set_asks_for_one(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(model)]) == 1
    assert "--data" in capsys.readouterr().err


@pytest.mark.cifar10
def test_evaluate_on_the_real_pictures(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(model), "--data", "cifar10", "--json"]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    names = ["checkpoint", "data", "split", "accuracy", "loss", "n", "seconds", "reversed", "shuffled"]
    assert list(said) == names
    assert (said["data"], said["split"], said["n"]) == ("cifar10", "test", 10_000)
    assert 0.02 < said["accuracy"] < 0.3  # it has learned nothing
    assert err == ""


def test_train_leaves_a_finished_run(trained: dict[str, Any]) -> None:
    assert (trained["name"], trained["status"], trained["split"]) == ("short", "finished", "test")
    run = store.get("short")
    assert run.has_model
    assert (run.config.preset, run.config.model.hidden, run.config.training.epochs) == ("quick", 8, 1)
    assert [step for step, _ in run.snapshots()] == [0, 1, 4]
    before, after = (cnngru.load(path) for _, path in (run.snapshots()[0], run.snapshots()[-1]))
    assert before.head.weight.dtype == torch.float32
    assert not torch.equal(before.head.weight, after.head.weight)
    probabilities, labels = run.test_answers()
    assert probabilities.shape == (trained["n"], 10)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=2e-3)
    assert (probabilities.argmax(1) == labels).mean() == pytest.approx(trained["accuracy"], abs=5e-3)
    end = run.last("finished")
    assert end is not None
    assert {key: trained[key] for key in ("accuracy", "loss", "n")} == {
        key: end[key] for key in ("accuracy", "loss", "n")
    }


def test_evaluate_says_what_the_run_said(trained: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", trained["folder"], "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["data"], said["n"]) == ("rowcue", trained["n"])
    assert said["accuracy"] == pytest.approx(trained["accuracy"], abs=2e-3)
    assert said["loss"] == pytest.approx(trained["loss"], rel=1e-2)

    assert said["reversed"] == pytest.approx(trained["reversed"], abs=2e-3)
    assert said["shuffled"] == pytest.approx(trained["shuffled"], abs=2e-3)

    assert main(["evaluate", trained["folder"], "--split", "validation"]) == 0
    out = capsys.readouterr().out
    assert "80 validation pictures" in out
    assert "in random order" in out
    assert "views" not in out


def test_evaluate_averages_over_views_on_request(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """RowCue's pictures are neither mirrored nor moved: there is one view of them. Others have more."""
    pictures = [str(model), "--data", "folder", "--path", str(folder_of_pictures(tmp_path / "pictures")), "--views"]
    assert main(["evaluate", *pictures, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["views"]["loss"] != said["loss"]
    assert main(["evaluate", *pictures]) == 0
    assert "averaged over views" in capsys.readouterr().out


def test_evaluate_does_not_vary_what_its_training_did_not(
    trained: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for more in ([], ["--data", "rowcue"]):
        place = trained["folder"] if not more else str(Path(trained["folder"]) / "model.safetensors")
        assert main(["evaluate", place, "--split", "validation", "--views", "--json", *more]) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["views"]["accuracy"], said["views"]["loss"]) == (said["accuracy"], said["loss"])


def folder_of_pictures(folder: Path) -> Path:
    """Four pictures of noise for each of CIFAR-10's classes."""
    random = np.random.default_rng(0)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for i in range(4):
            Image.fromarray(random.integers(0, 256, (32, 32, 3), np.uint8)).save(folder / name / f"{i}.png")
    return folder


def test_runs_list_and_show(trained: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed == trained
    assert main(["runs", "show", "short", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["config"]["model"]["hidden"] == 8
    assert {key: said[key] for key in trained} == trained
    for words in (["runs", "list"], ["runs", "show", "short"]):
        assert main(words) == 0
        assert f"{trained['accuracy']:.2%}" in (out := capsys.readouterr().out)
    assert f"in random order {trained['shuffled']:.2%}" in out


def test_a_run_that_is_over_cannot_be_stopped(trained: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "stop", "short"]) == 1
    assert "finished" in capsys.readouterr().err


def test_delete_asks_first(checkpoints: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    name = unstarted.create(preset("quick", "rowcue"))
    assert main(["runs", "delete", name]) == 1  # nobody can be asked here
    assert "--yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert main(["runs", "delete", name]) == 0
    assert (checkpoints / name).exists()
    assert main(["runs", "delete", name, "--yes"]) == 0
    assert not (checkpoints / name).exists()


LONG = [*SHORT, "--set", "training.epochs=1000", "--name", "long"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_the_run_and_keeps_its_weights(checkpoints: Path, number: signal.Signals) -> None:
    process = command(*LONG)
    try:
        wait_for(lambda: (checkpoints / "long" / "model.safetensors").exists() or process.poll())
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "stopped" in err
    assert out == ""
    run = store.get("long")
    assert run.status == "stopped"
    cnngru.load(run.folder)


def test_a_background_run_outlives_the_command(checkpoints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = command(*LONG, "--background")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "long\n", "")
    wait_for(lambda: store.get("long").last("progress") or not store.get("long").live)
    assert store.get("long").status == "running"
    assert main(["runs", "stop", "long"]) == 0
    assert store.wait("long", timeout=60).status == "stopped"


def test_a_run_whose_pictures_cannot_be_had_says_why(checkpoints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", "folder", "--path", str(checkpoints / "none"), "--name", "lost"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "lost: failed" in err
    assert str(checkpoints / "none") in err
    assert store.get("lost").status == "failed"


def test_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "status", "--path", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["cifar10"] == {"status": "absent", "path": str(tmp_path)}
    assert main(["data", "status", "--path", str(tmp_path)]) == 0
    assert "data download" in capsys.readouterr().out
    assert main(["data", "check", "--data", "rowcue", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["test"], len(said["classes"])) == (5_000, 10)
    assert said["train"] + said["validation"] >= 20_000


def test_quick_commands_load_no_torch(checkpoints: Path) -> None:
    check = "import sys; from cnngru.cli import main; main(['runs', 'list']); main(['data', 'status']); "
    check += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=PROJECT, capture_output=True).returncode == 0


def test_forecast_says_how_long_each_preset_takes_and_starts_nothing(checkpoints, capsys):
    machine.keep(measured.found())
    assert main(["train", "--forecast", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["preset"] for each in told] == ["quick", "standard", "best", "document"]
    assert all(0 < each["low"] < each["seconds"] < each["high"] for each in told)
    assert {each["known"] for each in told} == {"measured"}
    assert told[0]["seconds"] < told[1]["seconds"] < told[2]["seconds"]
    assert main(["train", "standard", "--forecast", "--set", "training.precision=bfloat16"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("standard  about ")
    assert out.endswith(" here (measured on this computer)\n")
    assert "no instructions for bfloat16" in err
    assert store.all_runs() == []


def test_where_it_cannot_be_measured_the_forecast_says_what_it_is_from(checkpoints, capsys):
    assert main(["train", "quick", "--data", "rowcue", "--forecast"]) == 0
    out, err = capsys.readouterr()
    assert "reckoned from other computers" in out or "not known" in out
    assert "cannot be measured" in err


def test_a_run_is_begun_with_its_forecast(checkpoints, capsys):
    machine.keep(measured.found())
    assert main([*SHORT, "--name", "short"]) == 0
    err = capsys.readouterr().err
    assert "Training short, about 10 seconds here (Ctrl-C" in err
    assert foretold.forecast(store.get("short")) < 30
