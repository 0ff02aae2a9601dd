"""Runs that no engine has started: their folders alone, for tests that write the rest by hand."""

import os

from cnngru.config import Config
from cnngru.runs import liveness, store


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
