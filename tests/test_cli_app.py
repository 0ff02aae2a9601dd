"""`python -m cnngru app`: what it hands to Streamlit. That the server comes up so, the browser tests show."""

import runpy
import sys
from pathlib import Path

import pytest

from cnngru import places, server_settings
from cnngru.cli import main


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that Streamlit was run with, as its own module would read them."""
    seen: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", ["before"])
    monkeypatch.setattr(runpy, "run_module", lambda name, run_name: seen.append([name, run_name, *sys.argv]))
    return seen


def test_it_runs_the_app_from_anywhere_and_hands_options_on(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    script = str(Path(__file__).parents[1] / "streamlit_app.py")
    assert main(["app"]) == 0
    assert main(["app", "--server.port", "8502", "--server.headless=true"]) == 0
    begin = ["streamlit", "__main__", "streamlit", "run", script]
    assert started == [begin, [*begin, "--server.port", "8502", "--server.headless=true"]]


def test_without_the_pages_it_says_where_they_are(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(places, "APP", tmp_path / "streamlit_app.py")
    assert main(["app"]) == 1
    assert "Install cnngru again" in capsys.readouterr().err
    assert started == []


def test_only_the_app_takes_options_that_are_not_ours(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["runs", "list", "--server.port", "8502"])
    assert ended.value.code == 2
    assert "unrecognized arguments: --server.port 8502" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["app", "--help"])
    assert ended.value.code == 0
    assert "--server.port" in capsys.readouterr().out


@pytest.fixture
def nothing_said(monkeypatch: pytest.MonkeyPatch, checkpoints: Path) -> None:
    """A process in which nothing was said yet, without settings."""
    monkeypatch.setattr(server_settings, "_said", set())
    for name in ("CNNGRU_ROLE", "STREAMLIT_SERVER_ADDRESS", *map(server_settings.variable, server_settings.NAMES)):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "options",
    [["--server.address", "0.0.0.0"], ["--server.address=::"], ["--server.address="], ["--server.address", "10.0.0.1"]],
)
def test_open_to_others_it_says_what_these_may_do(
    started: list[list[str]], nothing_said: None, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert main(["app", *options]) == 0
    assert "stop, rename and delete all runs" in capsys.readouterr().err
    assert len(started) == 1


def test_open_by_a_variable_it_says_so_too_and_what_was_chosen(
    started: list[list[str]],
    nothing_said: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    monkeypatch.setenv("CNNGRU_VISITORS", "watch")
    assert main(["app"]) == 0
    told = capsys.readouterr().err
    assert "look at everything" in told
    assert "To allow less" not in told


def test_on_this_computer_alone_there_is_nothing_to_say(
    started: list[list[str]], nothing_said: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["app"]) == 0
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    assert main(["app", "--server.address", "localhost"]) == 0
    assert capsys.readouterr().err == ""


def test_without_streamlits_file_it_listens_to_all(
    started: list[list[str]],
    nothing_said: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "streamlit_app.py").touch()
    monkeypatch.setattr(places, "APP", tmp_path / "streamlit_app.py")
    assert main(["app"]) == 0
    assert "another computer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"), [("CNNGRU_ROLE", "klass"), ("CNNGRU_VISITORS", "none"), ("CNNGRU_VISITOR", "watch")]
)
def test_a_wrong_setting_is_told_before_the_app_is_open_to_anybody(
    started: list[list[str]],
    nothing_said: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["app"]) == 1
    assert name.removeprefix("CNNGRU_").lower() in capsys.readouterr().err.lower()
    assert started == []
