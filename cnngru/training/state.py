"""All that a training needs to go on as if it had never been left, as plain tensors and numbers.

`loop.train` hands such states out and takes one back. Knows nothing of files: `to_bytes` is what one holds, as
safetensors, in which nothing is run when it is read.

Not in it, because it follows from the settings and the pictures: which pictures are mirrored first, and an epoch's
order, which is drawn again from where the random generator was when the epoch began.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from cnngru.config import Config
from cnngru.schema import from_dict
from cnngru.training.continuing import StateError as StateError

FORMAT = "cnngru-state-1"
HEADER = 1_000_000  # bytes of the description, with the names and shapes of all tensors; a thousandth is common
_LENGTH = 8  # bytes with which safetensors begins: how long the description is


@dataclass(frozen=True)
class Counters:
    """Where a training stands.

    step            steps taken
    epoch           epochs completed, and `place` steps into the next one
    seconds         of training, validations not counted
    rate            pictures a second, smoothed
    sums            of the steps since the last Progress: loss, right answers, pictures, and seconds
    best, worse     the best validation accuracy, and for how many epochs none has been better
    pictures        how many are learnt from, and a checksum of their labels: it goes on with the same ones
    """

    step: int = 0
    epoch: int = 0
    place: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    sums: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    best: float = -1.0
    worse: int = 0
    pictures: int = 0
    checksum: int = 0


@dataclass(frozen=True)
class State:
    """A training between two steps.

    config      what the run was asked for
    now         … with what was changed in flight
    tensors     "model.NAME": weights and buffers; "optimizer.I.J.NAME": optimizer I's about its J-th parameter;
                "random.epoch", "random.now": the generator as the epoch began, and as it is (uint8). Without these
                two the epoch's order is not known: it goes on with a whole epoch, in a new order
    """

    config: Config
    now: Config
    counters: Counters
    tensors: Mapping[str, Tensor]

    @property
    def step(self) -> int:
        return self.counters.step


def to_bytes(state: State, note: Mapping[str, Any] | None = None) -> bytes:
    """The state as safetensors; `note`: plain values of whoever keeps it, which `from_bytes` gives back."""
    described = {
        "config": dataclasses.asdict(state.config),
        "now": dataclasses.asdict(state.now),
        "counters": dataclasses.asdict(state.counters),
        "note": dict(note or {}),
    }
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
    return save(tensors, {"format": FORMAT, "state": json.dumps(described, ensure_ascii=False)})


def from_bytes(data: bytes) -> tuple[State, dict[str, Any]]:
    """The state, and the note that was kept with it. Raises StateError for anything else, damaged, or not ours.

    Whether its tensors fit the network is seen when a training takes it.
    """
    try:
        length = int.from_bytes(data[:_LENGTH], "little")
        if length > HEADER or _LENGTH + length > len(data):
            raise StateError("its description is too long, or cut short")
        metadata = json.loads(data[_LENGTH : _LENGTH + length]).get("__metadata__", {})
        if metadata.get("format") != FORMAT:
            raise StateError(f"it is none of this project: expected the format {FORMAT}")
        described = json.loads(metadata["state"])
        config, now = (from_dict(Config, described[name], name) for name in ("config", "now"))
        counters = from_dict(Counters, described["counters"], "counters")
        if min(counters.step, counters.epoch, counters.place, counters.pictures) < 0:
            raise StateError("a counter is below zero")
        note = described["note"] if isinstance(described["note"], dict) else {}
        return State(config, now, counters, load(data)), note
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise StateError(f"The state of this training cannot be read: {error}.") from error


def of_weights(config: Config, step: int, weights: Mapping[str, Tensor]) -> State:
    """The state that can be had from a model's weights alone, as of a snapshot taken at `step`.

    What the optimizers knew is lost, and the epoch's order: it goes on with a whole epoch.
    """
    tensors = {f"model.{name}": tensor for name, tensor in weights.items()}
    return State(config, config, Counters(step=step), tensors)


def random_state(generator: torch.Generator) -> Tensor:
    """Where a generator is, (N,) uint8 on the CPU."""
    return generator.get_state().clone()
