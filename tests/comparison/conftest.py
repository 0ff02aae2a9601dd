"""Every test here has its own, empty folder of runs."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path / "runs"))
    monkeypatch.delenv("CNNGRU_MAX_RUNS", raising=False)
    return tmp_path / "runs"
