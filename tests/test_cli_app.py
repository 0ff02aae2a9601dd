"""`python -m cnngru app`: what it hands to Streamlit. That the server comes up so, the browser tests show."""

import runpy
import sys
from pathlib import Path

import pytest

from cnngru import places
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
