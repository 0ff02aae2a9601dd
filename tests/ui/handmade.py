"""Runs written by hand (a config, the events one wants, random weights), and the words of a page.

No worker, nothing trained.
"""

from __future__ import annotations

import time
from typing import Any

import torch
import unstarted
from streamlit.testing.v1 import AppTest

from cnngru import checkpoint
from cnngru.config import Config, override
from cnngru.data.rowcue import CLASSES
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import preset
from cnngru.runs import log, store

WORD = "0123456789abcdef0123456789abcdef"  # a browser's
ELSEWHERE = "10.9.8.7"  # another computer's address

STARTED = {"kind": "started", "device": "cpu", "parameters": 12_345, "steps": 40, "epochs": 2}
PROGRESS = {"kind": "progress", "step": 10, "steps": 40, "epoch": 0.5, "loss": 2.0, "accuracy": 0.25, "seconds": 3.0}
PROGRESS |= {"images_per_second": 1234.0, "seconds_left": 75.0}
VALIDATED = {"kind": "validated", "step": 20, "epoch": 1, "loss": 1.5, "accuracy": 0.5, "n": 200, "seconds": 6.0}
FINISHED = {"kind": "finished", "step": 40, "loss": 0.9, "accuracy": 0.8125, "n": 5000, "seconds": 12.0}
STOPPED = {"kind": "stopped", "step": 20, "reason": "asked to stop"}


def tiny(**settings: Any) -> Config:
    """A RowCue config with a small network; settings as `model__hidden=8`."""
    config = override(preset("quick", "rowcue"), "model.hidden", 16)
    for name, value in settings.items():
        config = override(config, name.replace("__", "."), value)
    return config


def run(name: str, *events: dict[str, Any], config: Config | None = None, model: bool = True) -> Config:
    """Writes the run. Nobody holds its lock: without a last event that ends it, it reads "interrupted"."""
    config = config or tiny()
    time.sleep(0.001)  # a log's times are whole milliseconds: so this run is newer than one written before
    unstarted.create(config, name)
    for event in events:
        log.append(store.root() / name, event)
    if model:
        weights(name, config)
    return config


def weights(name: str, config: Config) -> None:
    """Gives the run random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        checkpoint.save(CNNGRU(config.model, CLASSES).eval(), store.root() / name)


def words(test: AppTest) -> str:
    """All that the page says, in one text."""
    parts = (test.title, test.subheader, test.markdown, test.caption, test.info, test.success, test.warning, test.error)
    return "\n".join(str(element.value) for kind in parts for element in kind)
