"""What was forecast of a run when it was started, kept beside it in forecast.json, and how it compares with the truth.

A forecast is no part of what was asked for: the config stays as it is, and a run without one is whole.
"""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnngru.runs import files, store
from cnngru.runs.pace import Time
from cnngru.runs.run import Run
from cnngru.schema import ConfigError, read_json

FILE = "forecast.json"
LARGEST = 1000  # bytes
CHANGES_IT = ("training.epochs", "training.seconds", "training.until_accuracy", "training.patience")


@dataclass(frozen=True)
class Told:
    """Seconds, from a run's start to the end of its test. now: by the speed that it has had so far."""

    forecast: float
    now: float
    over: bool


def keep(name: str, takes: Time | None) -> None:
    """Notes down what a person was told before they started the run of that name. Never stands in its way."""
    if takes is None:
        return
    folder = store.root() / name
    with suppress(OSError):
        beside = folder / f"{FILE}.part"
        beside.write_text(json.dumps({"seconds": takes.middle, "steps": takes.steps, "known": takes.known}), "utf-8")
        os.replace(beside, folder / FILE)


def compare(run: Run) -> Told | None:
    """The forecast beside the truth; None where there is none, nothing was trained yet, or the run was told meanwhile
    to train for longer or shorter."""
    step = run.last("progress")
    if step is None or not step.get("seconds") or any(event["setting"] in CHANGES_IT for event in run.changes()):
        return None
    kept = _read(run.folder)
    if kept is None:
        return None
    seconds, steps = kept
    over = run.status == "finished"
    left = 0.0 if over else step.get("seconds_left")
    if left is None:
        return None
    beside = max(0.0, seconds - steps)  # its start, validations and test, which the log's seconds leave out
    return Told(seconds, beside + step["seconds"] + left, over)


def forecast(run: Run) -> float | None:
    """The seconds that were told when it was started, None where none were."""
    kept = _read(run.folder)
    return kept[0] if kept else None


def _read(folder: Path) -> tuple[float, float] | None:
    """(seconds, of these the steps), None where there is no such file or it is damaged."""
    try:
        said = read_json(files.read(folder / FILE, LARGEST))
        seconds, steps = float(said["seconds"]), float(said["steps"])
    except (OSError, ConfigError, KeyError, TypeError, ValueError, OverflowError):
        return None
    return (seconds, steps) if 0 < seconds < math.inf and 0 <= steps < math.inf else None
