"""The figures of one run that runs are compared by, read from its log.

Pure: a run in, plain values out. A log may be old, cut short or damaged: what is no number there is None here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from cnngru.runs.store import Run

Machine = tuple[Any, ...]  # (device, precision, threads)


@dataclass(frozen=True)
class Metrics:
    """One run's figures; None where they are not known: not there yet, or not in a log from before they were written.

    parameters, recurrent_parameters    all weights, and those of the recurrent layers
    seconds_an_epoch                    of training alone, validation left out: the median over the epochs
    accuracy, reversed, shuffled        on the test pictures, 0..1; rows read as they are, bottom-up, in a random order
    to_80, to_90                        seconds of training alone until the validation accuracy first reached it
    """

    parameters: float | None
    recurrent_parameters: float | None
    seconds_an_epoch: float | None
    accuracy: float | None
    to_80: float | None
    to_90: float | None
    reversed: float | None
    shuffled: float | None


def of(run: Run) -> Metrics:
    """The figures of a run, as far as its log has them."""
    started, finished = run.last("started") or {}, run.last("finished") or {}
    recurrent = number(started.get("recurrent_parameters"))
    return Metrics(
        parameters=number(started.get("parameters")),
        recurrent_parameters=0 if run.config.model.cell == "none" and started else recurrent,
        seconds_an_epoch=seconds_an_epoch(run),
        accuracy=number(finished.get("accuracy")),
        to_80=seconds_to(run, 0.8),
        to_90=seconds_to(run, 0.9),
        reversed=number(finished.get("reversed")),
        shuffled=number(finished.get("shuffled")),
    )


def number(value: object) -> float | None:
    """A value of a log if it is a number that training may have written, else None."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else None


def seconds_an_epoch(run: Run) -> float | None:
    """Median over the epochs of the seconds from their start to their last step; None before the first has ended."""
    epochs = [seconds for seconds, _ in _epochs(run)]
    return median(epochs) if epochs else None


def seconds_to(run: Run, accuracy: float) -> float | None:
    """Seconds of training until the first validation with at least this accuracy (0..1); None if there is none."""
    spent = 0.0
    for seconds, reached in _epochs(run):
        spent += seconds
        if reached is not None and reached >= accuracy:
            return spent
    return None


def share_done(run: Run) -> float:
    """How much of its training is over, 0..1."""
    if not run.live:
        return 1.0
    newest = run.last("progress") or {}
    step, steps = number(newest.get("step")), number(newest.get("steps"))
    return min(step / steps, 1.0) if step and steps else 0.0


def machine(run: Run) -> Machine | None:
    """(device, precision, threads) as training found them: seconds can be compared only where these agree."""
    started = run.last("started")
    known = [(started or {}).get(name) for name in ("device", "precision", "threads")]
    return tuple(value if isinstance(value, str | int) else None for value in known) if started else None


def _epochs(run: Run) -> Iterator[tuple[float, float | None]]:
    """(seconds of training, validation accuracy) of each epoch; the accuracy is None where it was not a number.

    Older logs count the validations too: those are between two epochs, and fall out.
    """
    began = newest = 0.0
    for event in run.events:
        seconds = number(event.get("seconds"))
        if event["kind"] == "progress" and seconds is not None:
            newest = seconds
        elif event["kind"] == "validated" and seconds is not None:
            yield newest - began, number(event.get("accuracy"))
            began = seconds
