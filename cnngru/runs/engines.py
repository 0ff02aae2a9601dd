"""Engines: where a run's worker lives. The local one is here; a cluster's needs the same three verbs.

An engine keeps nothing in memory: whoever has the folder can stop a run, also one that another server started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cnngru.config import Config
from cnngru.runs import lock, store, worker
from cnngru.runs.store import RunError, Status

# glibc hands freed pages back and takes them again at every step. Told not to, a step took two thirds of the time on
# one processor; on another it made no difference (benchmarks/README.md).
# It reads these only when a process starts.
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}


class Engine(Protocol):
    """What pages and the command line need of a place where runs are worked on. All raise RunError."""

    def start(self, config: Config, name: str | None = None) -> str:
        """Queues a new run and returns its name at once."""

    def stop(self, name: str, force: bool = False) -> None:
        """Asks a run to end, keeping its weights; `force`: ends it now. One that is over stays as it is."""

    def status(self, name: str) -> Status:
        """What the run is doing."""


@dataclass(frozen=True)
class LocalEngine:
    """Workers are processes of this machine, each its own session: they outlive the browser and the server.

    command     starts a worker when NAME and --lock-fd N are added
    grace       seconds that a forced stop leaves a worker to end by itself before it is killed
    """

    command: tuple[str, ...] = (sys.executable, "-m", "cnngru.runs.worker")
    grace: float = 5.0

    def start(self, config: Config, name: str | None = None) -> str:
        worker.max_runs()  # a wrong setting is told here, to the person who asks, and not in a log
        name, held = store.create_locked(config, name)
        folder = store.root() / name
        path = os.pathsep.join(filter(None, [str(store.PROJECT), os.environ.get("PYTHONPATH")]))
        places = {"CNNGRU_CHECKPOINTS": str(store.root().absolute()), "PYTHONPATH": path}
        try:
            with open(folder / "worker.log", "ab") as output:
                process = subprocess.Popen(
                    [*self.command, name, "--lock-fd", str(held)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env={**ALLOCATOR, **os.environ, **places},
                    pass_fds=(held,),
                    start_new_session=True,
                )
        except OSError as error:
            os.close(held)
            store.delete(name)
            raise RunError(f"The worker could not be started: {error.strerror}. Nothing is running.") from error
        os.close(held)
        threading.Thread(target=process.wait, daemon=True).start()  # or it stays a zombie once it has ended
        return name

    def stop(self, name: str, force: bool = False) -> None:
        """As `Engine.stop`. `force` takes up to twice `grace`, and what it has to kill reads "interrupted" after."""
        run = store.get(name)
        if not run.live:
            return
        try:
            store.request_stop(run.folder)
        except OSError as error:
            if not force:
                raise RunError(f"The run {name} could not be told to stop: {error.strerror}. Force it.") from error
        for number in (signal.SIGTERM, signal.SIGKILL) if force else ():
            _signal(run.folder, number)
            deadline = time.monotonic() + self.grace
            while lock.held(run.folder / "lock") and time.monotonic() < deadline:
                time.sleep(0.05)

    def status(self, name: str) -> Status:
        return store.get(name).status


def _signal(folder: Path, number: signal.Signals) -> None:
    """Signals the worker's process group, but only while the lock is held: else the pid may be another program's."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):  # it is gone, or not up yet
        pid = int((folder / "lock").read_text())
        if lock.held(folder / "lock"):
            os.killpg(pid, number)
