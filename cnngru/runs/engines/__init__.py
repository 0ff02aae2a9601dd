"""Engines: where a run's worker lives, and when its turn comes. New runs are started with the one that `choose` gives.

An engine keeps nothing in memory: whoever has the folder can stop a run, also one that another server started. Whether
a run's worker lives is answered in `cnngru.runs.liveness`.
"""

from __future__ import annotations

from typing import Protocol

from cnngru.config import Config
from cnngru.runs.commands import Command
from cnngru.runs.engines.local import LocalEngine


class Engine(Protocol):
    """What pages and the command line need of a place where runs are worked on. All raise RunError."""

    def start(self, config: Config, name: str | None = None) -> str:
        """Queues a new run and returns its name at once."""

    def resume(self, name: str, first: Command | None = None) -> None:
        """Gives a run that nobody works on another worker, which waits for its turn and goes on where the run was left;
        with `first`, its first command. One that is finished, or at work, is refused."""

    def stop(self, name: str, force: bool = False) -> None:
        """Asks a run to end, keeping its weights; `force`: ends it now. One that is over stays as it is."""


def choose() -> Engine:
    """The engine of new runs: this machine."""
    return LocalEngine()
