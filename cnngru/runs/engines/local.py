"""The local engine: workers are processes of this machine, and wait in a queue for their turn.

Each worker is a session of its own: it outlives the browser and the server. There is no process that keeps the queue:
each worker that waits looks at all runs' folders and decides for itself, one at a time, whether it comes next.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnngru import places
from cnngru.config import Config
from cnngru.runs import commands, engine_note, index, liveness, lock, log, store
from cnngru.runs.commands import Command
from cnngru.runs.store import Begin, Run, RunError

# glibc hands freed pages back and takes them again at every step. Told not to, a step took two thirds of the time on
# one processor; on another it made no difference (benchmarks/README.md).
# It reads these only when a process starts.
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}

# What a session of its own is elsewhere: a process that neither the terminal's Ctrl-C nor its closing reaches.
ON_WINDOWS = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)

POLL = 0.3  # seconds between two looks at the queue
COMES_UP = 120.0  # seconds in which a worker should have started, with many others starting beside it


@dataclass(frozen=True)
class LocalEngine:
    """Starts and stops workers on this machine.

    command     starts a worker when the run's name is added
    grace       seconds that a forced stop leaves a worker to end by itself before it is killed
    """

    command: tuple[str, ...] = (sys.executable, "-m", "cnngru.runs.worker")
    grace: float = 5.0

    def start(self, config: Config, name: str | None = None, begin: Begin | None = None) -> str:
        """Makes the run and starts its worker, which queues. Returns the run's name. Raises RunError."""
        max_runs()  # a wrong setting is told here, to the person who asks, and not in a log
        name, starting = store.create_announced(config, name, begin)
        try:
            self._spawn(name, starting)
        except OSError as error:
            os.close(starting)
            store.delete(name)
            raise RunError(f"The worker could not be started: {error.strerror}. Nothing is running.") from error
        return name

    def resume(self, name: str, first: Command | None = None) -> None:
        """As `Engine.resume`."""
        max_runs()
        starting = store.announce_again(name, first)
        try:
            self._spawn(name, starting)
        except OSError as error:
            os.close(starting)
            raise RunError(
                f"The worker could not be started: {error.strerror}. The run {name} is as it was."
            ) from error

    def _spawn(self, name: str, starting: int) -> None:
        """Starts a worker for a run that is announced. Raises OSError."""
        folder = store.root() / name
        path = os.pathsep.join(filter(None, [str(places.PACKAGE.parent), os.environ.get("PYTHONPATH")]))
        told = {"CNNGRU_CHECKPOINTS": str(store.root().absolute()), "PYTHONPATH": path}
        with open(folder / "worker.log", "ab") as output:
            process = subprocess.Popen(
                [*self.command, name],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**ALLOCATOR, **os.environ, **told},
                start_new_session=True,
                creationflags=ON_WINDOWS,
            )
        # No daemon: a command that starts a run and ends must stay until the worker is up.
        threading.Thread(target=_hand_over, args=(process, folder, starting)).start()
        threading.Thread(target=process.wait, daemon=True).start()  # or it stays a zombie once it has ended

    def stop(self, name: str, force: bool = False) -> None:
        """As `Engine.stop`. `force` takes up to twice `grace`, and what it has to kill reads "interrupted" after."""
        run = store.get(name)
        if not run.live:
            return
        try:
            commands.request_stop(run.folder)
        except OSError as error:
            if not force:
                raise RunError(f"The run {name} could not be told to stop: {error.strerror}. Force it.") from error
        for at_once in (False, True) if force else ():
            _end_worker(run.folder, at_once)
            deadline = time.monotonic() + self.grace
            while liveness.alive(run.folder) and time.monotonic() < deadline:
                time.sleep(0.05)


def _hand_over(process: subprocess.Popen[bytes], folder: Path, starting: int) -> None:
    """Announces the worker until it is up, or has ended: a new run is never without one that answers for it."""
    deadline = time.monotonic() + COMES_UP
    while process.poll() is None and not liveness.has_worker(folder) and time.monotonic() < deadline:
        time.sleep(0.03)
    os.close(starting)
    with suppress(OSError):  # its folder may be gone
        (folder / liveness.STARTING).unlink()


def _end_worker(folder: Path, at_once: bool) -> None:
    """Ends the worker with all that it has started: as it likes, or `at_once`. Does nothing where none is up."""
    pid = liveness.worker_pid(folder)
    if pid is None:
        return
    with suppress(OSError):  # it has ended this moment
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL if at_once else signal.SIGTERM)
        elif at_once:  # Windows has no signal that asks: the command in the folder has asked already
            subprocess.run(("taskkill", "/F", "/T", "/PID", str(pid)), capture_output=True, check=False)


def max_runs() -> int:
    """How many runs may train at once: $CNNGRU_MAX_RUNS, else one for each two cores. Raises RunError."""
    text = os.environ.get("CNNGRU_MAX_RUNS") or str(max(1, (os.cpu_count() or 1) // 2))
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:  # int() refuses thousands of digits
        raise RunError(f"CNNGRU_MAX_RUNS must be a whole number from 1 on; it is {text[:80]!r}.")
    return int(text)


def wait_for_turn(run: Run, look: Callable[[], None]) -> None:
    """Returns once the run may train, and has told the others so.

    look    called before each look at the queue: raises to break the waiting off
    Raises what `look` raises, RunError when the run's folder is gone, OSError when it cannot be written.
    """
    while True:
        look()
        queue = lock.acquire(store.root() / ".queue.lock")
        if queue is not None:  # else another worker is deciding: look again
            try:
                if has_turn(store.get(run.name).name):
                    log.append(run.folder, {"kind": "data", "done": 0, "total": 1, "what": "starting"})
                    return
            finally:
                os.close(queue)
        time.sleep(POLL)


def has_turn(name: str) -> bool:
    """Whether there is room for this run, and for all that are queued for longer. Ask it with the queue locked."""
    live = [run for run in index.summaries() if run.live and engine_note.read(run.folder) is None]
    room = max_runs() - sum(run.begun for run in live)
    queued = sorted((run.queued_at, run.name) for run in live if run.status == "queued")
    return name in [first for _, first in queued[: max(0, room)]]
