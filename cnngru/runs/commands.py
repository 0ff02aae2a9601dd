"""What a run is asked to do while its worker has it: files in its folder, which the worker looks for."""

from __future__ import annotations

from pathlib import Path


def request_stop(folder: Path) -> None:
    """Asks the run's worker to end at its next event, keeping the weights."""
    (folder / "commands").mkdir(exist_ok=True)
    (folder / "commands" / "stop").touch()


def stop_requested(folder: Path) -> bool:
    """Whether somebody has asked it to."""
    return (folder / "commands" / "stop").exists()
