"""The queue of the cluster engine: which runs are handed over to the cluster, and when.

There are at most `at_once` jobs: Ray's job service has been unstable above about thirty. The other runs wait in their
folders. No process keeps the queue: whoever looks at a run, on a page or the command line, and each worker that ends,
hands the next ones over (`tend`). A file lock lets one do so at a time. Should two do it all the same, where the shared
folder has no locks, no run is worked on twice: the job's name is in the run's folder before it is handed over, and Ray
refuses a second job of that name.

A job that waits in the cluster cannot be cancelled there, only be told to end as soon as it has begun. So it is crossed
out in the run's folder: a worker that is not noted there leaves the run alone.
"""

from __future__ import annotations

import math
import os
import shlex
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from cnngru import places
from cnngru.runs import cluster, clustered, commands, engine_note, lock, log, store
from cnngru.runs.cluster import Refused, View
from cnngru.runs.engine_note import Note
from cnngru.runs.engines import local
from cnngru.runs.ray_client import CannotAsk
from cnngru.runs.store import RunError

MOST = 24  # jobs at once, whatever is wished
CPUS = 2.0  # of a run, where the computers have as many
TEND_EVERY = 1.0  # seconds
PATIENT = 30.0  # seconds that the cluster has to answer where nobody waits for it and nobody may come after
TURN = 10.0  # seconds that one waits for another who looks after the queue
WORKER = (sys.executable, "-m", "cnngru.runs.worker")  # started on a node with the run's name added
# What a worker should know as its server does. A variable that is not set here stays as the node has it.
HANDED_ON = ("CNNGRU_DATA", "CNNGRU_CIFAR10_URL", "CNNGRU_MAX_RUNS", "CNNGRU_RAY_CPUS", "CNNGRU_RAY_PENDING")

_tending = threading.Lock()  # by this process
_tended = -math.inf  # when, by time.monotonic


def cpus(view: View) -> float:
    """Processors that a run has to itself: $CNNGRU_RAY_CPUS, else two, or what the largest computer has.

    Raises RunError for a wrong setting.
    """
    text = os.environ.get("CNNGRU_RAY_CPUS")
    if not text:
        return max(1.0, min(CPUS, view.cpus[0] if view.cpus else CPUS))
    if not text.isdecimal() or len(text) > 4 or int(text) < 1:
        raise RunError(f"CNNGRU_RAY_CPUS must be a whole number from 1 on; it is {text[:80]!r}.")
    return float(text)


def at_once(view: View) -> int:
    """How many jobs there may be: $CNNGRU_MAX_RUNS, else as many as the computers have room for. Raises RunError."""
    if os.environ.get("CNNGRU_MAX_RUNS"):
        return min(MOST, local.max_runs())
    return min(MOST, sum(int(each // cpus(view)) for each in view.cpus))


def tend_soon(at_once: bool = False) -> None:
    """Looks after the queue, in a thread, unless somebody does or has just done so. `at_once`: also then.

    No daemon: a command that starts a run and ends stays until it is handed over, or cannot be.
    """
    if at_once or (not _tending.locked() and time.monotonic() - _tended >= TEND_EVERY):
        threading.Thread(target=tend, kwargs={"patience": PATIENT if at_once else None}).start()


def tend(leaving: str = "", patience: float | None = None) -> None:
    """Hands over what waits, as far as there is room, and notes which jobs are over.

    leaving     the job that this process is, about to end: its place is free
    patience    seconds that the cluster has to answer, None for a look's
    """
    global _tended
    with _tending, suppress(OSError, RunError, CannotAsk):  # nothing is lost: the next look tries again
        _tended = time.monotonic()
        if not _noted():
            return
        with turn() as mine:
            view = cluster.current().look(time.monotonic(), patience)
            if mine and not view.problem:
                _tend(view, leaving)


@contextmanager
def turn() -> Iterator[bool]:
    """Looks after the queue alone; false where it was another's for TURN seconds. Raises OSError."""
    deadline = time.monotonic() + TURN
    while (held := lock.acquire(store.root() / ".cluster.lock")) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield held is not None
    finally:
        if held is not None:
            os.close(held)


def _tend(view: View, leaving: str) -> None:
    waiting = []
    for folder, note in _noted().items():
        if note.submitted is None and note.job in view.jobs:  # whoever handed it over ended before they noted it
            note = replace(note, submitted=time.time())
            engine_note.write(folder, note)
        if note.submitted is not None:
            now = clustered.standing(folder, note)
            if not now.alive:
                _close(folder, note, "" if _is_over(folder) else now.why)
        elif _is_over(folder):
            _close(folder, note, "")
        elif not (_is_to_stop(folder) and is_cancelled(folder, note)):
            waiting.append((note.asked, folder.name, folder, note))
    # Those of other folders count, too, and those that are crossed out.
    busy = sum(not job.over for name, job in view.jobs.items() if name != leaving)
    for *_, folder, note in sorted(waiting)[: max(0, at_once(view) - busy)]:
        _hand_over(folder, note, cpus(view))


def _noted() -> dict[Path, Note]:
    """The runs whose jobs are not over, by folder."""
    found = {}
    for file in store.root().glob(f"*/{engine_note.FILE}"):
        note = engine_note.read(file.parent)
        if note is not None and note.over is None and places.NAME.fullmatch(file.parent.name):
            found[file.parent] = note
    return found


def _hand_over(folder: Path, note: Note, cpus: float) -> None:
    """Raises CannotAsk, OSError."""
    try:
        cluster.current().submit(note.job, command(folder, note), cpus)
    except Refused as error:
        engine_note.write(folder, replace(note, over=str(error)))
        return
    now = engine_note.read(folder)
    if now is not None and now.job == note.job and now.over is None:
        engine_note.write(folder, replace(note, submitted=time.time()))
    else:  # stopped meanwhile, by one who did not have the turn
        cluster.current().stop(note.job)


def command(folder: Path, note: Note) -> str:
    """What a shell on a node of the cluster runs: the worker, as every engine starts it."""
    path = os.pathsep.join(filter(None, [str(places.PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    told = {name: os.environ[name] for name in HANDED_ON if os.environ.get(name)}
    told |= {
        "CNNGRU_CHECKPOINTS": str(folder.parent.absolute()),
        "CNNGRU_RAY_ADDRESS": cluster.address(),
        "PYTHONPATH": path,
        engine_note.JOB: note.job,
        **local.ALLOCATOR,
    }
    words = ["exec", "env", *(f"{name}={value}" for name, value in told.items()), *WORKER, folder.name]
    return f"{shlex.join(words)} >> {shlex.quote(str(folder.absolute() / 'worker.log'))} 2>&1"


def is_cancelled(folder: Path, note: Note) -> bool:
    """Ends a run that has not begun, for good. False for one that has. Raises OSError."""
    job = None
    if note.submitted is not None:
        view = cluster.current().look(time.monotonic())
        job = view.jobs.get(note.job)
        if view.problem or job is None or job.status != "PENDING":
            return False
    # First: from here on a job that begins finds that the run is not its own.
    engine_note.write(folder, replace(note, over=""))
    step = max((event.get("step") or 0 for event in log.read(folder).events), default=0)
    said = {"step": step, "reason": "Stopped on request.", "number": commands.newest(folder)}
    log.append(folder, {"kind": "stopped", **said})
    if job is not None:
        with suppress(CannotAsk):
            cluster.current().stop(note.job)
    return True


def _close(folder: Path, note: Note, why: str) -> None:
    """Notes that a job is over. Raises OSError."""
    engine_note.write(folder, replace(note, over=why))
    job = cluster.current().seen().jobs.get(note.job)
    if job is not None:
        with suppress(CannotAsk):
            (cluster.current().forget if job.over else cluster.current().stop)(note.job)


def _is_to_stop(folder: Path) -> bool:
    return commands.stop_requested(folder, commands.done(log.read(folder).events))


def _is_over(folder: Path) -> bool:
    events = log.read(folder).events
    return bool(events) and events[-1]["kind"] in ("finished", "stopped", "failed")
