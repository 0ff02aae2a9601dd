"""The worker: the one place where training meets a run's folder.

`python -m cnngru.runs.worker NAME --lock-fd N` waits for its turn, trains, and writes down what happens. It needs no
parent: the browser and the server may end. Exit code 0: finished or stopped; 1: failed.
"""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cnngru.config import Config
from cnngru.runs import artifacts, lock, log, store
from cnngru.runs.store import Run, RunError
from cnngru.training.events import Event, Failed, Finished, Progress, Started, Validated, to_dict

if TYPE_CHECKING:
    from cnngru.nn.classifier import CNNGRU

DataProgress = Callable[[int, int, str], None]
Train = Callable[[Config, DataProgress], Iterator[Event]]
Save = Callable[["CNNGRU", Path, bool], object]  # (model, file, in float16)

POLL = 0.3  # seconds between two looks at the queue
DATA_EVERY = 0.5  # seconds between two lines about a download


class _Stop(BaseException):
    """Somebody asked this run to end. No Exception, as KeyboardInterrupt: a download that retries must not catch it."""


def _train(config: Config, progress: DataProgress) -> Iterator[Event]:
    from cnngru.training.loop import train  # brings torch in: seconds, and memory that a queued run should not hold

    return train(config, progress)


def _save(model: CNNGRU, file: Path, half: bool) -> None:
    from cnngru.checkpoint import save

    save(model, file.parent, file.name, half)


def max_runs() -> int:
    """How many runs may train at once: $CNNGRU_MAX_RUNS, else one for each two cores. Raises RunError."""
    text = os.environ.get("CNNGRU_MAX_RUNS") or str(max(1, (os.cpu_count() or 1) // 2))
    if not text.isdecimal() or int(text) < 1:
        raise RunError(f"CNNGRU_MAX_RUNS must be a whole number from 1 on; it is {text!r}.")
    return int(text)


def run(name: str, held: int | None = None, train: Train = _train, save: Save = _save) -> int:
    """Works on a run from its turn in the queue to its last event. Returns the exit code.

    held    descriptor of the run's lock where the caller has locked it already
    train   yields the events; save keeps a model in a file. Tests pass their own
    Raises RunError when the run is unknown, another worker's or over, OSError when its folder cannot be written.
    """
    if held is None:
        held = lock.acquire(store.get(name).folder / "lock")
    if held is None:
        raise RunError(f"Another worker has the run {name}.")
    try:
        os.set_inheritable(held, False)  # nobody that we start may keep the run "running" after us
        os.ftruncate(held, 0)
        os.pwrite(held, f"{os.getpid()}\n".encode(), 0)
        now = store.get(name)  # only now: until it was locked another worker may have had it
        if now.events and now.events[-1]["kind"] != "queued":
            raise RunError(f"The run {name} has had its turn ({now.status}). Start a new one with the same settings.")
        return _to_the_end(now, train, save)
    finally:
        os.close(held)


def _to_the_end(run: Run, train: Train, save: Save) -> int:
    """Works, and writes the last event when training did not."""
    try:
        return _work(run, train, save)
    except _Stop:
        _end(run, "stopped", "Stopped on request.")
        return 0
    except Exception as error:
        with suppress(OSError):  # the disk that the log is on may be what is full
            traceback.print_exc()
        _end(run, "failed", _reason(error, run))
        return 1


def _work(run: Run, train: Train, save: Save) -> int:
    _wait_for_turn(run)
    model: CNNGRU | None = None
    snapshot_at = 0  # the step
    try:
        for event in train(run.config, _data_progress(run.folder)):
            if isinstance(event, Started):
                model = event.model
            # What belongs to an event is kept before it is written: whoever reads that finds the rest.
            step = event.step if isinstance(event, Progress) else 0
            if isinstance(event, Started | Progress) and model is not None and step >= snapshot_at:
                _snapshot(model, run.folder, step, save)
                snapshot_at = artifacts.next_due(step)
            if isinstance(event, Validated | Finished) and model is not None:
                _keep(model, run.folder / "model.safetensors", save)
            if isinstance(event, Finished):
                _answers(event, run.folder)
            log.append(run.folder, to_dict(event))
            if isinstance(event, Finished | Failed):
                return int(isinstance(event, Failed))
            _look_for_stop(run.folder)
    except _Stop:
        if model is not None:
            _keep(model, run.folder / "model.safetensors", save)
        raise
    raise RuntimeError("training ended without a last event")


def _wait_for_turn(run: Run) -> None:
    """Returns once the run may train, and has told the others so. Raises _Stop, or RunError when its folder is gone."""
    while True:
        _look_for_stop(store.get(run.name).folder)
        queue = lock.acquire(store.root() / ".queue.lock")
        if queue is not None:  # else another worker is deciding: look again
            try:
                if _my_turn(run.name):
                    log.append(run.folder, {"kind": "data", "done": 0, "total": 1, "what": "starting"})
                    return
            finally:
                os.close(queue)
        time.sleep(POLL)


def _my_turn(name: str) -> bool:
    """Whether there is room for this run, and for all that are queued for longer. Ask it with the queue locked."""
    live = [run for run in store.all_runs() if run.live]
    room = max_runs() - sum(run.begun for run in live)
    queued = sorted((run.created_at, run.name) for run in live if run.status == "queued")
    return name in [first for _, first in queued[: max(0, room)]]


def _data_progress(folder: Path) -> DataProgress:
    """A callback that writes down how far the data is, now and then, and breaks off when the run is to stop."""
    told_at, told = 0.0, ""

    def progress(done: int, total: int, what: str) -> None:
        nonlocal told_at, told
        _look_for_stop(folder)
        if what != told or (total and done >= total) or time.monotonic() - told_at >= DATA_EVERY:
            log.append(folder, {"kind": "data", "done": done, "total": total, "what": what})
            told_at, told = time.monotonic(), what

    return progress


def _look_for_stop(folder: Path) -> None:
    if store.stop_requested(folder):
        raise _Stop


def _keep(model: CNNGRU, file: Path, save: Save, half: bool = False) -> None:
    """Saves the weights, unless some are not numbers any more: those that were kept before are worth more."""
    if all(bool(values.isfinite().all()) for values in model.state_dict().values()):
        save(model, file, half)


def _snapshot(model: CNNGRU, folder: Path, step: int, save: Save) -> None:
    """Saves the weights of one step. Training does not end for want of a snapshot: what cannot be written is told."""
    file = artifacts.snapshot_file(folder, step)
    try:
        file.parent.mkdir(exist_ok=True)  # without its parents: a deleted run stays deleted
        _keep(model, file, save, half=True)
    except OSError as error:
        _tell(f"The snapshot of step {step} could not be kept: {error}")


def _answers(event: Finished, folder: Path) -> None:
    """Keeps what was answered on the test pictures, or tells that it cannot: the network is worth more."""
    try:
        artifacts.keep_answers(folder, event.probabilities, event.labels)
    except OSError as error:
        _tell(f"The answers on the test pictures could not be kept: {error}")


def _tell(message: str) -> None:
    with suppress(OSError):  # the disk that worker.log is on may be what is full
        print(message, file=sys.stderr, flush=True)


def _end(run: Run, kind: str, reason: str) -> None:
    step = max((event.get("step") or 0 for event in store.get(run.name).events), default=0)
    log.append(run.folder, {"kind": kind, "step": step, "reason": reason})


def _reason(error: Exception, run: Run) -> str:
    """What went wrong and what to do, for a person. The traceback is in worker.log; what was kept, in the folder."""
    text = str(error)
    if type(error).__module__.startswith("cnngru."):  # our own errors say it already
        reason = text
    elif isinstance(error, MemoryError) or "out of memory" in text.lower() or "can't allocate memory" in text.lower():
        reason = f"The memory ran out. Start again with a smaller batch (it was {run.config.training.batch})."
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        reason = f"The disk is full. Free some space for {store.root()} and start again."
    else:
        first_line = text.strip().partition("\n")[0]
        reason = (
            f"Training broke off: {type(error).__name__}: {first_line} ({run.folder / 'worker.log'} has the details)."
        )
    return reason


def main(arguments: Sequence[str] | None = None, train: Train = _train, save: Save = _save) -> int:
    """The command that engines call. Errors that cannot go into the run's folder go to stderr, which is worker.log."""
    parser = argparse.ArgumentParser(
        prog="python -m cnngru.runs.worker", description="Works on one run, for an engine."
    )
    parser.add_argument("name", help="the run's name, such as cifar10-quick-20260131-120000")
    parser.add_argument("--lock-fd", type=int, help="descriptor of the run's lock, held and inherited")
    options = parser.parse_args(arguments)
    try:
        folder = store.get(options.name).folder
        signal.signal(signal.SIGTERM, lambda *_: store.request_stop(folder))
        return run(options.name, options.lock_fd, train, save)
    except RunError as error:
        message = str(error)
    except OSError as error:
        message = f"The run {options.name} ended because its folder cannot be written: {error}"
    _tell(message)
    return 1


if __name__ == "__main__":
    sys.exit(main())
