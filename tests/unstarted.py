"""Runs that no engine has started: their folders alone, for tests that write the rest by hand."""

import json
import os
from typing import Any

from cnngru.config import Config
from cnngru.runs import liveness, store
from cnngru.training.events import Failed, Finished, Progress, Started, Testing, Validated, to_dict

# One event of each kind as a run of RowCue might write it: those of a run to its end first, in their order.
EVENTS: list[dict[str, Any]] = [
    {"kind": "queued", "number": 0},
    {"kind": "data", "done": 0, "total": 1, "what": "starting"},
    to_dict(Started("cpu", "float32", 1, 300, 20, 600, 60, 60, ("a", "b"), 10, 1, None, ("A note.",))),
    to_dict(Progress(5, 10, 0.5, 0.9, 0.6, 1e-3, 100.0, 1.5, 1.5)),
    to_dict(Validated(10, 1, 0.5, 0.8, 60, 3.0)),
    to_dict(Testing(10, 30, 60, 3)),
    to_dict(Finished(10, 0.6, 0.7, 60, 3.0, 0.4, 0.3, None, None)),
    {"kind": "stopped", "step": 5, "reason": "Stopped on request.", "number": 2},
    to_dict(Failed(5, "The loss stopped being a number.")),
    {"kind": "gates", "step": 5, "epoch": 0.5, "shares": {"keep": [0.5, 0.6]}, "saturated": 0.1},
    {"kind": "resumed", "step": 5},
    {
        "kind": "command",
        "number": 1,
        "step": 5,
        "do": "set",
        "setting": "training.epochs",
        "before": 1,
        "after": 2,
        "free": False,
        "refused": "No.",
    },
]


def event(kind: str, **values: Any) -> dict[str, Any]:
    """An event of that kind, some of its values changed."""
    [whole] = [event for event in EVENTS if event["kind"] == kind]
    return {**json.loads(json.dumps(whole)), **values}


def create(config: Config, name: str | None = None) -> str:
    """Makes a run's folder and returns its name. Nobody works on it: it reads "interrupted"."""
    name, starting = store.create_announced(config, name)
    os.close(starting)
    return name


def held(config: Config, name: str | None = None) -> tuple[str, int]:
    """As `create`, and this process counts as its worker until the descriptor is closed."""
    name = create(config, name)
    descriptor = liveness.take(store.root() / name)
    assert descriptor is not None
    return name, descriptor
