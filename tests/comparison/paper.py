"""Runs on paper: a config and the events that one wants, in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnngru.config import Config, override
from cnngru.presets import preset
from cnngru.runs.store import Run

STARTED = {"kind": "started", "device": "cpu", "precision": "bfloat16", "threads": 2, "parameters": 1000}


def config(name: str = "quick", data: str = "cifar10", **settings: Any) -> Config:
    """A preset with settings as `model__cell="lstm"`."""
    made = preset(name, data)
    for setting, value in settings.items():
        made = override(made, setting.replace("__", "."), value)
    return made


def run(
    config: Config,
    accuracy: float | None = None,
    *,
    name: str = "a",
    epochs: tuple[tuple[float, float, float], ...] = ((10.0, 12.0, 0.5),),
    started: dict[str, Any] | None = None,
    **finished: Any,
) -> Run:
    """A run that is finished if it has an accuracy; epochs: (seconds at the last step, after validation, accuracy)."""
    events: list[dict[str, Any]] = [{**STARTED, **(started or {})}]
    for trained, validated, reached in epochs:
        events.append({"kind": "progress", "seconds": trained - 1, "accuracy": 0.1})
        events.append({"kind": "progress", "seconds": trained, "accuracy": 0.1})
        events.append({"kind": "validated", "seconds": validated, "accuracy": reached})
    if accuracy is not None:
        events.append({"kind": "finished", "accuracy": accuracy, **finished})
    return Run(name, Path(name), config, events, "finished" if accuracy is not None else "running")


def seeds(config: Config, *accuracies: float, **options: Any) -> list[Run]:
    """One finished run an accuracy, seeds 0, 1, …"""
    return [
        run(override(config, "training.seed", seed), accuracy, name=f"r{seed}", **options)
        for seed, accuracy in enumerate(accuracies)
    ]
