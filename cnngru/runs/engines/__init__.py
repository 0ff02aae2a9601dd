"""Engines: where a run's worker lives, and when its turn comes. New runs are started with the one that `choose` gives.

`local` is this machine, `ray_jobs` a cluster. An engine keeps nothing in memory: whoever has the folder can stop a run,
also one that another server started. Whether a run's worker lives is answered in `cnngru.runs.liveness`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Protocol

from cnngru.config import Config
from cnngru.runs import cluster, engine_note, store
from cnngru.runs.commands import Command
from cnngru.runs.engines import local, ray_queue
from cnngru.runs.engines.local import LocalEngine
from cnngru.runs.engines.ray_jobs import RayEngine
from cnngru.runs.store import Begin, RunError


class Engine(Protocol):
    """What pages and the command line need of a place where runs are worked on. All raise RunError."""

    def start(self, config: Config, name: str | None = None, begin: Begin | None = None) -> str:
        """Queues a new run and returns its name at once. begin: see `store.create_announced`."""

    def resume(self, name: str, first: Command | None = None) -> None:
        """Gives a run that nobody works on another worker, which waits for its turn and goes on where the run was left;
        with `first`, its first command. One that is finished, or at work, is refused."""

    def stop(self, name: str, force: bool = False) -> None:
        """Asks a run to end, keeping its weights; `force`: ends it now. One that is over stays as it is."""


@dataclass(frozen=True)
class ByRun:
    """Starts runs, and goes on with them, with the engine that is set; stops each with the one that has it."""

    new: Engine

    def start(self, config: Config, name: str | None = None, begin: Begin | None = None) -> str:
        """As `Engine.start`."""
        return self.new.start(config, name, begin)

    def resume(self, name: str, first: Command | None = None) -> None:
        """As `Engine.resume`."""
        run = store.get(name)
        if isinstance(self.new, LocalEngine) and not run.live:  # a cluster's run that goes on here
            engine_note.forget(run.folder)
        self.new.resume(name, first)

    def stop(self, name: str, force: bool = False) -> None:
        """As `Engine.stop`."""
        in_cluster = engine_note.read(store.get(name).folder) is not None
        (RayEngine() if in_cluster else LocalEngine()).stop(name, force)


def choose() -> Engine:
    """The engine that $CNNGRU_ENGINE names: `local`, this machine, or `ray`, a cluster. Raises RunError."""
    return ByRun(RayEngine() if uses_cluster() else LocalEngine())


def uses_cluster() -> bool:
    """Whether new runs go to a cluster. Raises RunError where $CNNGRU_ENGINE is neither word."""
    named = os.environ.get("CNNGRU_ENGINE") or "local"
    if named not in ("local", "ray"):
        raise RunError(f"CNNGRU_ENGINE must be local or ray; it is {named[:80]!r}.")
    return named == "ray"


def at_once() -> int:
    """How many runs may train at once with the engine that is set, as far as is known. Raises RunError."""
    return max(1, ray_queue.at_once(cluster.current().seen())) if uses_cluster() else local.max_runs()
