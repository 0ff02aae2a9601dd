"""The worker: the one place where training meets a run's folder.

`python -m cnngru.runs.worker NAME` waits for its turn, trains, and writes down what happens. It needs no parent: the
browser and the server may end. Where the folder has a state, it goes on from that. Exit code 0: finished, stopped, or
paused with its place given away; 1: failed. When its turn comes it does not know.
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
from typing import TYPE_CHECKING, Any

from cnngru.config import Config
from cnngru.runs import artifacts, engine_note, family, keeping, liveness, log, states, store
from cnngru.runs.engines import local, ray_jobs
from cnngru.runs.keeping import Keeper, Save, StopRequested, TakenAway
from cnngru.runs.probe import Probe
from cnngru.runs.steering import Capture, PausedAway, Steering
from cnngru.runs.store import Run, RunError
from cnngru.training.between import Next
from cnngru.training.events import Event, Failed, Finished, Progress, Started, Validated, to_dict

if TYPE_CHECKING:
    from cnngru.nn.classifier import CNNGRU
    from cnngru.training.state import State

DataProgress = Callable[[int, int, str], None]
Between = Callable[[int, Capture], Next | None]  # as training's, but for states as bytes
Train = Callable[[Config, DataProgress, "State | None", Between], Iterator[Event]]
Wait = Callable[[Run, Callable[[], None]], None]  # returns when it is the run's turn; the callback breaks it off

DATA_EVERY = 0.5  # seconds between two lines about a download


def _train(config: Config, progress: DataProgress, state: State | None, between: Between) -> Iterator[Event]:
    # These bring torch in: seconds, and memory that a queued run should not hold.
    from cnngru.training.loop import train
    from cnngru.training.state import to_bytes

    return train(config, progress, state, lambda step, capture: between(step, lambda note: to_bytes(capture(), note)))


def _save(model: CNNGRU, file: Path, half: bool) -> None:
    from cnngru.checkpoint import save

    save(model, file.parent, file.name, half)


def run(name: str, train: Train = _train, save: Save = _save, wait: Wait | None = None) -> int:
    """Works on a run from its turn in the queue to its last event, or until it is paused. Returns the exit code.

    train   yields the events; save keeps a model in a file. Tests pass their own
    wait    the engine's: returns when it is the run's turn. None: of the engine that has started this process
    Raises RunError when the run is unknown, another worker's or over, OSError when its folder cannot be written.
    """
    held = liveness.take(store.get(name).folder)
    if held is None:
        raise RunError(f"Another worker has the run {name}.")
    wait = wait or (ray_jobs.begin if engine_note.JOB in os.environ else local.wait_for_turn)
    try:
        folder = store.get(name).folder
        log.mend(folder)  # its last worker may have been killed within a line
        now = store.get(name)  # only now: until it was taken another worker may have had it
        if now.events and now.events[-1]["kind"] != "queued":
            raise RunError(
                f"The run {name} has had its turn ({now.status}). To go on with it: python -m cnngru runs resume {name}"
            )
        keeper = Keeper(folder, held)
        with suppress(ValueError):  # not the main thread, as in tests
            signal.signal(signal.SIGTERM, lambda *_: keeper.end())
        return _to_the_end(now, keeper, train, save, wait)
    finally:
        os.close(held)


def _to_the_end(run: Run, keeper: Keeper, train: Train, save: Save, wait: Wait) -> int:
    """Works, and writes the last event when training did not."""
    steering = Steering(run, keeper)
    try:
        keeper.keep(lambda: wait(run, steering.look))  # that its turn has come is written down: there may be no room
        return _work(run, keeper, steering, train, save)
    except PausedAway:
        return 0
    except TakenAway:
        keeping.print_error(f"The run {run.name} is another worker's by now, so this one leaves it alone.")
        return 1
    except StopRequested as request:
        _write_end(run, "stopped", "Stopped on request.", request.number)
        return 0
    except Exception as error:
        with suppress(OSError):  # the disk that the log is on may be what is full
            traceback.print_exc()
        _write_end(run, "failed", _explanation(error, run))
        return 1


def _work(run: Run, keeper: Keeper, steering: Steering, train: Train, save: Save) -> int:
    model: CNNGRU | None = None
    probe: Probe | None = None
    state, note = states.newest(run.folder) or (_weights_alone(run), {})
    steering.take_up(state, note)
    snapshot_at = artifacts.next_due(state.step) if state is not None else 0
    new = _new_to(run)
    try:
        for event in train(run.config, _data_progress(keeper, steering), state, steering.between):
            if isinstance(event, Started):
                model = event.model
                probe = Probe(run, model, event.samples) if event.samples is not None else None
            # What belongs to an event is kept before it is written: whoever reads that finds the rest.
            step = event.step if isinstance(event, Progress) else 0
            if isinstance(event, Started | Progress) and model is not None and step >= snapshot_at:
                keeping.keep_snapshot(model, run.folder, step, save)
                snapshot_at = artifacts.next_due(step)
                steering.point_due = step > 0
            if isinstance(event, Validated | Finished) and model is not None:
                keeping.keep_weights(model, run.folder / "model.safetensors", save, keeper)
            if isinstance(event, Finished):
                keeping.keep_answers(event, run.folder)
            if new(event):
                keeper.log(_said(event, run, state))
            if isinstance(event, Progress) and probe is not None and (seen := probe.look(event.step, event.epoch)):
                keeper.log(seen)
            if isinstance(event, Finished | Failed):
                return int(isinstance(event, Failed))
            steering.point_due = steering.point_due or isinstance(event, Validated)
    except (StopRequested, PausedAway):
        if model is not None:
            keeping.keep_weights(model, run.folder / "model.safetensors", save, keeper, patiently=False)
        raise
    raise RuntimeError("training ended without a last event")


def _weights_alone(run: Run) -> State | None:
    """The beginning of a run that was continued from a snapshot; None for one from the beginning."""
    origin, file = family.read(run.folder), family.start_weights(run)
    if origin is None or file is None:
        return None
    from cnngru.checkpoint import load
    from cnngru.training.state import of_weights

    return of_weights(origin.config, origin.step, load(file).state_dict())


def _said(event: Event, run: Run, state: State | None) -> dict[str, Any]:
    """What the log gets for an event: a run that has begun before says where it goes on."""
    if isinstance(event, Started) and run.last("started"):
        return {"kind": "resumed", "step": state.step if state is not None else 0}
    return to_dict(event)


def _new_to(run: Run) -> Callable[[Event], bool]:
    """Whether an event is not in the run's log yet. A run that was killed goes over some steps again, with the same
    outcome: what was written of them stays as it is."""
    told = {
        kind: max((event["step"] or 0 for event in run.events_of(kind)), default=-1)
        for kind in ("progress", "validated")
    }
    return lambda event: not isinstance(event, Progress | Validated) or event.step > told[to_dict(event)["kind"]]


def _data_progress(keeper: Keeper, steering: Steering) -> DataProgress:
    """A callback that writes down how far the data is, now and then, and breaks off when the run is to stop."""
    told_at, told = 0.0, ""

    def progress(done: int, total: int, what: str) -> None:
        nonlocal told_at, told
        steering.look()
        if what != told or (total and done >= total) or time.monotonic() - told_at >= DATA_EVERY:
            keeper.log({"kind": "data", "done": done, "total": total, "what": what})
            told_at, told = time.monotonic(), what

    return progress


def _write_end(run: Run, kind: str, reason: str, number: int = 0) -> None:
    if not engine_note.has(run.folder):  # its cluster has given this job up, and another may have it
        return
    step = max((event.get("step") or 0 for event in store.get(run.name).events), default=0)
    log.append(run.folder, {"kind": kind, "step": step, "reason": reason, **({"number": number} if number else {})})


def _explanation(error: Exception, run: Run) -> str:
    """What went wrong and what to do, for a person. The traceback is in worker.log; what was kept, in the folder."""
    text = str(error)
    if type(error).__module__.startswith("cnngru."):  # our own errors say it already
        reason = text
    elif isinstance(error, MemoryError) or "out of memory" in text.lower() or "can't allocate memory" in text.lower():
        reason = (
            f"The memory ran out. Start again with a smaller batch (it was {run.config.training.batch}), a smaller "
            "network or fewer pictures."
        )
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):  # the pictures' disk
        reason = f"The disk is full. Free some space for the pictures and for {store.root()}, then go on with the run."
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
    options = parser.parse_args(arguments)
    try:
        return run(options.name, train, save)
    except RunError as error:
        message = str(error)
    except OSError as error:
        message = f"The run {options.name} ended because its folder cannot be written: {error}"
    finally:
        ray_jobs.hand_on()
    keeping.print_error(message)
    return 1


if __name__ == "__main__":
    sys.exit(main())
