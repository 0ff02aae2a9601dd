"""The installed package: what a wheel holds is enough for the README's Python, the commands and the app."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """run(*arguments): Python in an empty folder with the wheel's content on its path, and a person's home is empty."""
    made, site, away = (tmp_path_factory.mktemp(name) for name in ("wheel", "site", "away"))
    build = [sys.executable, "-m", "pip", "wheel", str(PROJECT), "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*build, "--quiet", "--wheel-dir", str(made)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(made.glob("cnngru-*.whl"))) as wheel:
        wheel.extractall(site)
    own = {"PYTHONPATH": str(site), "HOME": str(away), "XDG_DATA_HOME": str(away / "share")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CNNGRU_")}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments], cwd=away, env={**kept, **own}, capture_output=True, text=True, timeout=200
        )

    return call


def test_the_readmes_python_runs_outside_the_clone(run: Run) -> None:
    block = re.search(r"```python\n(.*?)```", (PROJECT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    begun = block[1].replace("    print(event)", "    print(type(event).__name__)\n    break")  # not a whole training
    done = run("-c", f"{begun}\nprint(cnngru.__file__)")
    assert done.returncode == 0, done.stderr
    first_event, file = done.stdout.splitlines()
    assert first_event == "Started"
    assert not Path(file).is_relative_to(PROJECT)


def test_the_commands_know_the_trained_networks(run: Run) -> None:
    assert "COMMAND" in run("-m", "cnngru", "--help").stdout
    told = run("-m", "cnngru", "runs", "list")
    assert told.returncode == 0, told.stderr
    assert "cifar10-best" in told.stdout


def test_the_app_opens_with_them(run: Run) -> None:
    check = (
        "from streamlit.testing.v1 import AppTest\n"
        "from cnngru import places\n"
        "page = AppTest.from_file(str(places.APP), default_timeout=100).run()\n"
        "assert not page.exception, page.exception\n"
        "print(places.IN_CLONE, len(page.sidebar.selectbox(key='run').options))"
    )
    done = run("-c", check)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "9"]
