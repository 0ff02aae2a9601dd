"""`runs export` and `runs import`, and that a file a command writes is whole or not there."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from full_run import make
from systems import needs_links

from cnngru.cli import main
from cnngru.cli.console import CommandError
from cnngru.cli.outputs import out_path, writing
from cnngru.runs import store

PROJECT = Path(__file__).parents[1]
Said = pytest.CaptureFixture[str]


def test_there_and_back(checkpoints: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    make()
    monkeypatch.chdir(tmp_path)
    assert main(["runs", "export", "mine"]) == 0
    assert capsys.readouterr().out.startswith("mine.zip: mine, 0.0 MB. To open it elsewhere: python -m cnngru runs imp")
    assert main(["runs", "export", "mine", "--out", "all.zip", "--with-states", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"name": "mine", "file": "all.zip", "bytes": Path("all.zip").stat().st_size}
    assert "mine/states/now-0000010.safetensors" in zipfile.ZipFile("all.zip").namelist()
    assert main(["runs", "import", "mine.zip", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"name": "mine-2", "folder": str(checkpoints / "mine-2"), "status": "finished"}
    assert main(["runs", "import", "mine.zip", "--name", "theirs"]) == 0
    assert capsys.readouterr().out == f"theirs: finished, in {checkpoints / 'theirs'}\n"
    assert store.get("theirs").title == "Ärger mit Kühen"


def test_what_cannot_be_done_is_told(checkpoints: Path, tmp_path: Path, capsys: Said) -> None:
    make()
    (tmp_path / "none.zip").write_bytes(b"hello")
    for words, said in (
        (["import", str(tmp_path / "none.zip")], "no ZIP"),
        (["import", str(tmp_path / "missing.zip")], "No such file"),
        (["import", str(tmp_path)], "directory"),
        (["export", "unknown"], "no run named unknown"),
        (["export", "mine", "--out", str(tmp_path)], f"--out {tmp_path}/mine.zip"),
        (["export", "mine", "--out", str(tmp_path / "no" / "mine.zip")], "No such file"),
    ):
        assert main(["runs", *words]) == 1
        out, err = capsys.readouterr()
        assert (out, "Traceback" in err) == ("", False)
        assert said in err
    assert sorted(os.listdir(checkpoints)) == ["mine"]


def test_packing_loads_no_torch(checkpoints: Path, tmp_path: Path) -> None:
    make()
    check = f"import sys; from cnngru.cli import main; main(['runs', 'export', 'mine', '--out', '{tmp_path}/m.zip']); "
    check += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], cwd=PROJECT, capture_output=True).returncode == 0
    assert zipfile.ZipFile(tmp_path / "m.zip").testzip() is None


def test_a_file_that_could_not_be_finished_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_text("before")

    def stop_short() -> None:
        with writing(path) as file:
            file.write(b"after")
            raise OSError(28, "The disk is full")

    with pytest.raises(CommandError, match="full"):
        stop_short()
    assert (path.read_text(), os.listdir(tmp_path)) == ("before", ["a.zip"])
    with writing(path) as file:
        file.write(b"after")
    assert (path.read_text(), os.listdir(tmp_path)) == ("after", ["a.zip"])


@needs_links
def test_links_and_devices_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    for link, to in (("link", tmp_path / "real"), ("null", Path("/dev/null"))):
        (tmp_path / link).symlink_to(to)
        with writing(out_path(str(tmp_path / link), "x")) as file:
            file.write(b"after")
        assert (tmp_path / link).is_symlink()
    assert (tmp_path / "real").read_text() == "after"
    assert not Path("/dev/null").is_file()
