"""The claims of the project's source document: each sets two networks side by side that differ in one thing.

findings.py asks them of runs; the words of both, claims and findings, are in sentences.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cnngru.comparison import metrics
from cnngru.runs.store import Run


@dataclass(frozen=True)
class Measure:
    """A figure of a run. exact: luck has no part in it, so one run will do."""

    name: str
    of: Callable[[Run], float | None]
    exact: bool = False
    timed: bool = False  # can be compared only between runs on the same machine, that had it to themselves


ACCURACY = Measure("accuracy", lambda run: metrics.of(run).accuracy)
SECONDS = Measure("seconds", metrics.seconds_an_epoch, timed=True)
RECURRENT = Measure("recurrent parameters", lambda run: metrics.of(run).recurrent_parameters, exact=True)


@dataclass(frozen=True)
class Claim:
    """What settles one thing that the document says.

    id          by which its measurements are kept, and its sentence in sentences.py found
    section     of the document
    more, less  settings of the network that the claim says has more of `measure`, and of the one with less; `less`
                None: the first network again, with its rows in a random order (the sequence-order test)
    data        the data sets on which the claim can be asked; none: on any
    free        other settings in which the two networks may differ
    even        both must have as many parameters, to 5 %
    """

    id: str
    section: str
    measure: Measure
    more: Mapping[str, Any]
    less: Mapping[str, Any] | None
    data: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    even: bool = False


GRU, LSTM, RNN, NONE = ({"model.cell": cell} for cell in ("gru", "lstm", "rnn", "none"))
CNN, PIXELS = ({"model.encoder": encoder} for encoder in ("rows", "pixels"))
DOCUMENT = {"model.encoder": "seed-cnn", "training.optimizer": "adam"}  # its network with its own recipe
PHOTOS = ("cifar10", "folder")

CLAIMS = (
    Claim("gru-behind-cnn", "§ 2.2", ACCURACY, CNN | GRU, CNN | NONE, PHOTOS),
    Claim("gru-against-deeper-cnn", "§ 2.2", ACCURACY, CNN | GRU, CNN | NONE, PHOTOS, free=("model.convs",), even=True),
    Claim("document-gru", "§ 4", ACCURACY, DOCUMENT | GRU, DOCUMENT | NONE),
    Claim("cnn-before-gru", "§ 2.2", ACCURACY, CNN | GRU, PIXELS | GRU),
    Claim("gates-against-none", "§ 2.1", ACCURACY, GRU, RNN),
    Claim("memory-over-rows", "§ 2.1, § 6 Q3", ACCURACY, CNN | GRU, CNN | NONE, ("rowcue",)),
    Claim("order-of-rows", "§ 2.1, § 6 Q3", ACCURACY, GRU, None),
    Claim("fewer-parameters-than-lstm", "§ 2.1, § 6 Q1", RECURRENT, LSTM, GRU),
    Claim("faster-than-lstm", "§ 2.1, § 6 Q1", SECONDS, LSTM, GRU),
    Claim("behind-lstm-on-hard-task", "§ 6 Q1", ACCURACY, LSTM, GRU),
)
