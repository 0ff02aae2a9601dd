"""What training says while it runs: a stream of small frozen records.

`train(config)` yields them; a notebook prints them, the worker writes each as one line of JSON. Seconds are those of
training alone: data in memory, weights initialised, without the validations and what a reader does between two events.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from cnngru.nn.classifier import CNNGRU

CLASSES = 25  # of a confusion matrix that is told each epoch, at most
LIVE = (
    "model",
    "samples",
    "probabilities",
    "labels",
)  # fields for whoever consumes the stream; they are not written out


@dataclass(frozen=True)
class Started:
    """Training begins. `model` is the live network: its weights move as the events go by. It is not written out.

    Of all `parameters`, `recurrent_parameters` are the recurrent layers'.
    """

    device: str
    precision: str
    threads: int
    parameters: int
    recurrent_parameters: int
    train: int  # pictures
    validation: int
    test: int
    classes: tuple[str, ...]
    steps: int  # in the whole run
    epochs: int
    model: CNNGRU = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()  # on the data, for a person: a sentence for each picture that was left out
    # A held-out picture of each of the first classes, six at most, (N, 3, 32, 32) uint8, and their labels (N,).
    samples: tuple[Tensor, Tensor] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Progress:
    """Some steps have been taken. loss and accuracy (0..1) are means over the training batches since the last one.

    gradients   in the last step, the norm of the loss's gradient by the features of each of the T rows, from the top
                down, as the loss was (a mean over the batch); () where nothing below the rows learns
    """

    step: int
    steps: int
    epoch: float  # passes completed, with its fraction
    loss: float
    accuracy: float
    learning_rate: float
    images_per_second: float
    seconds: float
    seconds_left: float
    gradients: tuple[float, ...] = ()


@dataclass(frozen=True)
class Validated:
    """An epoch has ended and the validation pictures were looked at. accuracy in 0..1.

    confusion   pictures by true class (rows) and answer (columns); () for more than CLASSES classes
    """

    step: int
    epoch: float  # a whole number, unless the time was up in the middle of one
    loss: float
    accuracy: float
    n: int
    seconds: float
    confusion: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class Testing:
    """All epochs are done. So many of the test pictures were looked at, each in so many `orders` of its rows."""

    step: int
    done: int
    total: int
    orders: int


@dataclass(frozen=True)
class Finished:
    """All epochs are done. loss and accuracy (0..1) are those of the test pictures: seen once, now, one view each.

    reversed, shuffled      the sequence-order test: the accuracy when the recurrent layers get the row features from
                            the bottom up, or in a random order, one for each picture
    probabilities, labels   (N, C) float32 and (N,) uint8, on the CPU: what was answered, and what is true
    ended_by                what ended the training: "epochs", "seconds", "accuracy" or "patience" (`TrainingConfig`)
    """

    step: int
    loss: float
    accuracy: float
    n: int
    seconds: float
    reversed: float
    shuffled: float
    probabilities: Tensor = field(repr=False, compare=False)
    labels: Tensor = field(repr=False, compare=False)
    ended_by: str = "epochs"


@dataclass(frozen=True)
class Failed:
    """Training cannot go on. `reason` is written for a person; nothing follows this event."""

    step: int
    reason: str


Event = Started | Progress | Validated | Testing | Finished | Failed


def to_dict(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, `kind` first ("started", "progress", …); NaN and infinities become None."""
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event) if f.name not in LIVE}
    plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    return {"kind": type(event).__name__.lower(), **plain}
