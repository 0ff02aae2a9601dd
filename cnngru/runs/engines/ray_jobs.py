"""The cluster engine: each run is worked on by a job of a Ray cluster, on any of its computers.

The run's folder, which all of them share, is the truth; engine.json in it says which job has the run (engine_note.py).
When a run is handed over, ray_queue.py says; whether its worker lives, clustered.py.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from cnngru.config import Config
from cnngru.runs import cluster, commands, engine_note, liveness, log, store
from cnngru.runs.commands import Command
from cnngru.runs.engine_note import Note
from cnngru.runs.engines import local, ray_queue
from cnngru.runs.ray_client import NEEDS_RAY, CannotAsk
from cnngru.runs.store import Begin, Run, RunError


@dataclass(frozen=True)
class RayEngine:
    """Starts and stops workers on a cluster.

    grace    seconds that a forced stop waits for the job's end
    """

    grace: float = 10.0

    def start(self, config: Config, name: str | None = None, begin: Begin | None = None) -> str:
        """Makes the run and has it handed over as soon as there is room. Returns the run's name. Raises RunError."""
        _check_cluster()
        name, starting = store.create_announced(config, name, begin)
        try:
            engine_note.write(store.root() / name, _note(_first_job(name)))
        except OSError as error:
            os.close(starting)
            store.delete(name)
            raise RunError(f"The run's folder could not be written: {error.strerror}. Nothing was started.") from error
        os.close(starting)  # until now that says that it is being started
        ray_queue.tend_soon(at_once=True)
        return name

    def resume(self, name: str, first: Command | None = None) -> None:
        """As `Engine.resume`: a new job goes on with it, on any computer."""
        _check_cluster()
        with ray_queue.turn():
            before = engine_note.read(store.get(name).folder)
            starting = store.announce_again(name, first)
            try:
                engine_note.write(store.root() / name, _note_next(name, before))
            except OSError as error:
                why = f"its folder cannot be written ({error.strerror})"
                raise RunError(f"The run {name} cannot go on: {why}.") from error
            finally:
                os.close(starting)
        ray_queue.tend_soon(at_once=True)

    def stop(self, name: str, force: bool = False) -> None:
        """As `Engine.stop`. One that waits is over at once; `force` ends a job within seconds, whatever it is doing."""
        run = store.get(name)
        if not run.live:
            return
        try:
            commands.request_stop(run.folder)
            with ray_queue.turn():
                note = engine_note.read(run.folder)
                cancelled = note is not None and ray_queue.is_cancelled(run.folder, note)
        except OSError as error:
            if not force:
                raise RunError(f"The run {name} could not be told to stop: {error.strerror}. Force it.") from error
            note, cancelled = engine_note.read(run.folder), False
        if force and note is not None and not cancelled:
            self._end(run, note)
        ray_queue.tend_soon(at_once=True)

    def _end(self, run: Run, note: Note) -> None:
        """Has the cluster end a job. Returns when it is over, or after `grace`. Raises RunError."""
        try:
            cluster.current().stop(note.job)
        except CannotAsk as error:
            raise RunError(f"The run {run.name} could not be ended: {error} It is asked to stop by itself.") from error
        deadline = time.monotonic() + self.grace
        while liveness.alive(run.folder) and time.monotonic() < deadline:
            time.sleep(0.1)


def begin(run: Run, look: Callable[[], None]) -> None:
    """What a worker on a cluster does in place of waiting: its turn came when its job was handed over."""
    look()
    log.append(run.folder, {"kind": "data", "done": 0, "total": 1, "what": "starting"})


def hand_on() -> None:
    """A worker's last act: its place goes to the next run. Of a worker that no cluster has started, none."""
    if job := os.environ.get(engine_note.JOB):
        ray_queue.tend(job, ray_queue.PATIENT)


def _check_cluster() -> None:
    """Raises RunError where a setting is wrong or the cluster does not answer: told to the person who asks."""
    local.max_runs()
    view = cluster.current().look(time.monotonic())
    wanted = ray_queue.cpus(view)
    if view.problem:
        up = "Is it up, as ray start --head says it, and is CNNGRU_RAY_ADDRESS right?"
        raise RunError(" ".join([view.problem, *([] if view.problem == NEEDS_RAY else [up]), "Nothing was started."]))
    if wanted > max(view.cpus, default=0.0):
        raise RunError(
            f"A run is to have {wanted:g} processors (CNNGRU_RAY_CPUS), and no computer of the cluster has more than "
            f"{max(view.cpus, default=0.0):g}. Nothing was started."
        )


def _note_next(name: str, before: Note | None) -> Note:
    """Its next job. Two that resume a run at once mean the same one, so that one comes of it."""
    job, _, count = (before.job if before else "").rpartition("-")
    if not job.startswith(f"{cluster.PREFIX}{name}-") or not count.isdecimal() or len(count) > 9:
        return _note(_first_job(name))
    return _note(f"{job}-{int(count) + 1}")


def _first_job(name: str) -> str:
    return f"{cluster.PREFIX}{name}-{secrets.token_hex(4)}-1"  # a name may be a deleted run's: no job ever is


def _note(job: str) -> Note:
    return Note("ray", cluster.address(), job, time.time())
