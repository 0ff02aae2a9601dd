"""The command line as scripts and shells meet it: names for paths, odd files to write, encodings, readers that go.

Long, because each way to call a command oddly is a test, for every command.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import unstarted
from PIL import Image

import cnngru
from cnngru.cli import READER_GONE, console, main, streams
from cnngru.config import Conv, ModelConfig
from cnngru.data import cifar10
from cnngru.presets import preset
from cnngru.runs import store

PROJECT = Path(__file__).parents[1]
TINY = ModelConfig(stem_stride=2, convs=(Conv((3, 3), 8, (1, 4)),), hidden=6)
POSIX = pytest.mark.skipif(os.name != "posix", reason="pipes and closed streams of POSIX shells")


def save(folder: Path, **filled: float) -> None:
    """An untrained model; `head__weight=3.0` fills a tensor of it."""
    torch.manual_seed(0)
    model = cnngru.CNNGRU(TINY, cifar10.CLASSES)
    for name, value in filled.items():
        model.state_dict()[name.replace("__", ".")].fill_(value)
    folder.mkdir(parents=True, exist_ok=True)
    cnngru.save(model, folder)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "ramp.png"
    Image.linear_gradient("L").save(path)
    return str(path)


@pytest.fixture
def run(checkpoints: Path) -> str:
    """The name of a run that has a model."""
    name = unstarted.create(preset("quick", "rowcue"), "mine")
    save(checkpoints / name)
    return name


# --- names where paths are ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["predict", "trace"])
def test_a_runs_name_is_taken_where_a_path_is(run: str, picture: str, command: str, capsys: Any) -> None:
    said = []
    for place in (run, f"{run}/", str(store.root() / run)):
        assert main([command, place, picture, "--json"]) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1] == said[2]


def test_evaluate_takes_a_runs_name_and_its_own_pictures(run: str, capsys: Any) -> None:
    (store.root() / run / "config.json").write_text(preset("quick", "folder", "/nowhere").to_json())
    assert main(["evaluate", run]) == 1
    assert "/nowhere" in capsys.readouterr().err  # that the name's own config says


@pytest.mark.parametrize("command", ["predict", "trace", "evaluate"])
def test_a_path_that_there_is_wins_over_a_runs_name(
    run: str, picture: str, command: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    (tmp_path / run).mkdir()
    monkeypatch.chdir(tmp_path)
    assert main([command, run, *([] if command == "evaluate" else [picture])]) == 1
    assert f"There is no model at {Path(run, 'model.safetensors')}" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nobody", "../up", "Nobody", "a" * 65, "x" * 5000, ""])
def test_neither_a_path_nor_a_name(checkpoints: Path, picture: str, name: str, capsys: Any) -> None:
    assert main(["predict", name or "none", picture]) == 1
    err = capsys.readouterr().err
    assert (name or "none") in err
    assert "Traceback" not in err
    if len(name) < 100:
        assert str(checkpoints) in err  # where it looked for runs


# --- pictures -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="POSIX has a file without an end")
def test_a_file_without_an_end_is_refused(run: str, picture: str, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("cnngru.cli.predict.LARGEST", 1_000_000)
    assert main(["predict", run, "/dev/zero", picture]) == 1  # and the other gets its answer
    told = capsys.readouterr()
    assert told.err == "/dev/zero: The file is too large: at most 1 MB are read.\n"
    assert told.out.startswith(picture)


def test_a_damaged_picture_gets_one_sentence_and_none_of_pillows(
    run: str, tmp_path: Path, recwarn: pytest.WarningsRecorder, capsys: Any
) -> None:
    (tmp_path / "raw.dng").write_bytes(b"II*\0\x08\0\0\0")  # Pillow warns: "Corrupt EXIF data"
    assert main(["predict", run, str(tmp_path / "raw.dng")]) == 1
    assert [str(warning.message) for warning in recwarn] == []
    assert len(capsys.readouterr().err.splitlines()) == 1


STEERING = "\x1b[31mred\u202e\rover\x07"  # colours a terminal, turns and overwrites its line, rings
WRITTEN = r"\x1b[31mred\u202e\rover\x07"


@pytest.mark.skipif(os.name != "posix", reason="such names cannot be there")
def test_no_name_steers_the_terminal(checkpoints: Path, tmp_path: Path, capsys: Any) -> None:
    for name in (f"{STEERING}\n", "b"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for shade in range(6):
            Image.new("L", (8, 8), shade).save(tmp_path / "data" / name / f"{shade}.png")
        (tmp_path / "data" / name / f"{STEERING}.txt").write_text("no picture")
    folder = store.root() / unstarted.create(preset("quick", "folder", str(tmp_path / STEERING)), "odd")
    with (folder / "events.jsonl").open("a") as log:
        log.write(json.dumps({"kind": "failed", "time": 1, "reason": STEERING}) + "\n")
    cnngru.save(cnngru.CNNGRU(TINY, (f"{STEERING}\n", "b")), folder)
    shot = tmp_path / f"{STEERING}.png"
    Image.new("L", (8, 8)).save(shot)
    for arguments, out, err in (
        (["predict", "odd", str(shot), str(tmp_path / STEERING)], 2, 1),
        (["trace", "odd", str(shot)], 1, 0),
        (["runs", "show", "odd"], 2, 0),
        (["data", "check", "--data", "folder", "--path", str(tmp_path / "data")], 1, 3),
        (["evaluate", "odd", "--data", "rowcue"], 0, 1),
    ):
        main(arguments)
        told = capsys.readouterr()
        assert not any(letter in told.out + told.err for letter in "\x1b\u202e\r\x07"), arguments
        assert (told.out.count(WRITTEN) >= out, told.err.count(WRITTEN) >= err) == (True, True), (arguments, told)


# --- files to write -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run.v2", "trace.npz", "trace", "a b.npz", "-x.npz", "é–猫.npz"])
def test_out_writes_the_file_of_just_that_name(
    run: str, picture: str, name: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["trace", run, picture, f"--out={name}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["out"] == name
    assert os.listdir() == [name]
    with np.load(name) as kept:
        assert kept["hidden"].shape == (1, 1, 1, 31 // 2 + 1, 6)


@POSIX  # which has these words for what went wrong
@pytest.mark.parametrize(
    ("out", "said"),
    [
        (".", "is a folder"),
        ("..", "is a folder"),
        ("folder", "is a folder"),
        ("folder/", "is a folder"),
        ("none/", "is a folder"),
        ("", "is a folder"),
        ("none/t.npz", "none/t.npz: No such file"),
        ("file/t.npz", "file/t.npz: Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_out_says_why_it_writes_nothing(
    run: str, picture: str, out: str, said: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    (tmp_path / "here" / "folder").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    Path("file").write_text("kept")
    assert main(["trace", run, picture, "--out", out]) == 1
    printed, err = capsys.readouterr()
    assert printed == ""
    assert said in err
    assert sorted(p.name for p in Path().rglob("*")) == ["file", "folder"]
    assert Path("file").read_text() == "kept"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a file that is always full")
def test_out_on_a_full_disk(run: str, picture: str, capsys: Any) -> None:
    assert main(["trace", run, picture, "--out", "/dev/full"]) == 1
    assert "/dev/full: No space left" in capsys.readouterr().err


# --- answers that are no numbers ------------------------------------------------------------------------------------


def test_a_checkpoint_with_nan_weights_is_refused_by_name(checkpoints: Path, picture: str, capsys: Any) -> None:
    save(checkpoints / "bad", head__weight=float("nan"))
    for command in (["predict", "bad", picture], ["trace", "bad", picture], ["evaluate", "bad", "--data", "rowcue"]):
        assert main([*command, "--json"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert str(checkpoints / "bad") in err
        assert "head.weight" in err


def test_weights_are_numbers_and_the_answer_is_none(checkpoints: Path, picture: str, capsys: Any) -> None:
    save(checkpoints / "large", encoder__std=0)  # it divides by it
    for command in (
        ["predict", "large", picture],
        ["trace", "large", picture],
        ["evaluate", "large", "--data", "rowcue"],
    ):
        assert main([*command, "--json"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(str(checkpoints / "large"))
        assert "answers with no numbers" in err


def test_an_answer_that_is_none_to_one_picture_only(
    run: str, picture: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "black.png")
    monkeypatch.setattr(
        "cnngru.predict.predict", lambda model, images: torch.tensor([[images.max() / images.max()] * 10])
    )
    for command in ("predict", "trace"):
        assert main([command, run, str(tmp_path / "black.png"), "--json"]) == 1
        told = capsys.readouterr()
        assert "the model answers with no numbers" in told.err
        assert "probability" not in told.out


def test_json_has_null_where_a_number_is_none(capsys: Any) -> None:
    console.print_json({"a": [float("nan"), {"b": (float("inf"), 1.5, True, None, 3)}], "c": -float("inf")})
    text = capsys.readouterr().out
    said = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert said == {"a": [None, {"b": [None, 1.5, True, None, 3]}], "c": None}


# --- streams --------------------------------------------------------------------------------------------------------


def cli(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; `env` adds to this one's."""
    env = {**os.environ, **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "cnngru", *arguments],
        cwd=PROJECT,
        env=env,
        timeout=100,
        **{
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "encoding": "utf-8",
            **options,
        },
    )


@pytest.fixture
def gone() -> Iterator[int]:
    """The end to write to of a pipe that nobody reads."""
    read, write = os.pipe()
    os.close(read)
    yield write
    os.close(write)


BUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at the end", "at once"])  # when it is written


@POSIX
@BUFFERED
@pytest.mark.parametrize(
    "arguments", [["runs", "list"], ["runs", "list", "--json"], ["--help"], ["trace", "--help"], ["data", "status"]]
)
def test_a_reader_that_has_gone_is_left_in_peace(run: str, gone: int, arguments: list[str], unbuffered: str) -> None:
    done = cli(*arguments, stdout=gone, env={"PYTHONUNBUFFERED": unbuffered})
    assert done.stderr == ""
    assert done.returncode == (READER_GONE if "--help" not in arguments else 0)


@POSIX
def test_a_reader_that_goes_in_the_middle(checkpoints: Path) -> None:
    for i in range(300):  # more than a pipe holds
        unstarted.create(preset("quick", "rowcue"), f"run-{i}")
    shell = f"{shlex.quote(sys.executable)} -m cnngru runs list --json | head -1"
    done = subprocess.run(["sh", "-c", shell], cwd=PROJECT, capture_output=True, text=True, timeout=100)
    assert (done.stdout, done.stderr, done.returncode) == ("[\n", "", 0)


@POSIX
def test_complaints_that_nobody_reads(gone: int) -> None:
    assert cli("runs", "show", "nobody", stderr=gone).returncode == READER_GONE


@POSIX
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", ["runs list", "runs show nobody", "runs delete mine", "data status"])
def test_streams_that_the_shell_has_closed(run: str, closed: str, arguments: str) -> None:
    shell = f"{shlex.quote(sys.executable)} -m cnngru {arguments} {closed}"
    done = subprocess.run(["sh", "-c", shell], cwd=PROJECT, capture_output=True, text=True, timeout=100)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert done.returncode == (1 if "nobody" in arguments or "delete" in arguments else 0)
    assert store.get("mine")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has a file that is always full")
@BUFFERED
def test_output_onto_a_full_disk_is_told(run: str, unbuffered: str) -> None:
    with open("/dev/full", "w") as full:
        done = cli("runs", "list", stdout=full, env={"PYTHONUNBUFFERED": unbuffered})
    assert done.returncode == 1
    assert done.stderr == "The output could not be written: No space left on device.\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_every_encoding_prints_the_trace_as_plain_text(run: str, picture: str, encoding: str) -> None:
    done = cli("trace", run, picture, env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    dash = "–" if encoding == "cp1252" else "-"
    assert f" 0{dash}3 " in done.stdout.splitlines()[2]


def test_json_and_complaints_are_whole_in_ascii(run: str, tmp_path: Path) -> None:
    odd = tmp_path / "café – 猫😀.png"
    done = cli("predict", run, str(odd), "--json", env={"PYTHONIOENCODING": "ascii"}, encoding="ascii")
    assert json.loads(done.stdout)[0]["picture"] == str(odd)
    assert r"caf\xe9 - \u732b\U0001f600.png: No such file" in done.stderr


@POSIX
def test_a_files_name_that_is_no_text_is_printed_escaped(run: str, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/caf\xe9.png"
    done = subprocess.run(
        [sys.executable, "-m", "cnngru", "predict", run, odd, "--json"], cwd=PROJECT, capture_output=True, timeout=100
    )
    assert os.fsencode(json.loads(done.stdout)[0]["picture"]) == odd
    assert b"Traceback" not in done.stderr
    assert rb"caf\udce9.png: No such file" in done.stderr


def test_every_character_that_the_command_line_prints_has_a_plain_form() -> None:
    streams.prepare()
    for source in (PROJECT / "cnngru" / "cli").glob("*.py"):
        for character in set(source.read_text(encoding="utf-8")) if source.name != "streams.py" else ():
            plain = character.encode("ascii", errors="cnngru-plain").decode()
            assert "\\" not in plain or character == "\\", f"{source.name}: {character}"


@POSIX
def test_ctrl_c_ends_a_command_with_a_sentence(run: str, tmp_path: Path) -> None:
    waits = tmp_path / "pipe.png"
    os.mkfifo(waits)  # a picture that never comes
    process = subprocess.Popen(
        [sys.executable, "-m", "cnngru", "predict", run, str(waits)],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    descriptor = os.open(waits, os.O_WRONLY)  # waits until it is reading
    try:
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        os.close(descriptor)
    assert (process.returncode, out, err) == (1, "", "Stopped by Ctrl-C.\n")


# --- commands to copy -----------------------------------------------------------------------------------------------


@POSIX
def test_the_command_to_try_can_be_pasted_from_a_folder_with_spaces(
    tmp_path: Path, picture: str, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path / "my runs; $x"))
    short = ["data.pictures=200", "training.batch=100", "training.epochs=1", "training.threads=1", "model.hidden=8"]
    assert main(["train", "--data", "rowcue", *(word for text in short for word in ("--set", text))]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("Try it: "))
    typed = shlex.split(line.removeprefix("Try it: "))
    assert typed[:4] == ["python", "-m", "cnngru", "predict"]
    assert main([*typed[3:-1], picture]) == 0


@POSIX
def test_the_download_that_is_proposed_goes_where_one_looked(tmp_path: Path, capsys: Any) -> None:
    assert main(["data", "status", "--path", str(tmp_path / "my data")]) == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert shlex.split(line.split("`")[1])[3:] == ["data", "download", "--path", str(tmp_path / "my data")]


# --- configs beside a checkpoint ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [b"[" * 100_000, b"\xff\xfe{", b"{", b'{"data": {"seed": 1e999}}'])
def test_a_config_that_cannot_be_read_is_named(run: str, text: bytes, capsys: Any) -> None:
    (store.root() / run / "config.json").write_bytes(text)
    assert main(["evaluate", run]) == 1
    err = capsys.readouterr().err
    assert "config.json" in err
    assert "--data" in err
    assert main(["evaluate", run, "--data", "rowcue"]) == 1
    assert "Choose the data set" in capsys.readouterr().err  # it went on: the classes are others


@pytest.mark.parametrize("value", ["[" * 100_000, "1e999", "NaN", "9" * 5000, "-1", "true", '"1"', "", "null"])
def test_set_refuses_what_is_no_number(checkpoints: Path, value: str, capsys: Any) -> None:
    for setting in ("training.seed", "data.seed", "training.epochs", "training.learning_rate", "data.pictures"):
        if (setting, value) != ("training.learning_rate", "true"):
            assert main(["train", "--data", "rowcue", "--set", f"{setting}={value}"]) == 1, setting
        err = capsys.readouterr().err
        assert "Traceback" not in err
        assert len(err) < 400
    assert list(checkpoints.iterdir()) == []


@pytest.mark.parametrize("setting", ["data.seed=-1", "training.seed=-1", f"training.seed={10**19}", "data.seed=0.5"])
def test_a_seed_that_no_generator_takes_starts_no_run(checkpoints: Path, setting: str, capsys: Any) -> None:
    assert main(["train", "--data", "rowcue", "--set", setting]) == 1
    assert "seed" in capsys.readouterr().err
    assert list(checkpoints.iterdir()) == []


def test_help_names_each_setting_with_what_it_may_be(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    lines = capsys.readouterr().out.splitlines()
    for setting, values in (("training.batch", "2 to 10,000 pictures"), ("model.readout", "last, mean, gated")):
        assert any(line.split() == [setting, *values.split()] for line in lines)
    config = json.loads(preset("quick").to_json())
    for name in (f"{part}.{name}" for part in ("data", "model", "training") for name in config[part]):
        assert any(line.startswith(f"  {name} ") for line in lines), name
