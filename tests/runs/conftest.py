"""Every test here has its own, empty folder of runs."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path / "runs"))
    monkeypatch.delenv("CNNGRU_MAX_RUNS", raising=False)
    return tmp_path / "runs"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Goes to another computer, which has no runs."""

    def go() -> Path:
        monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path / "elsewhere"))
        return tmp_path / "elsewhere"

    return go
