"""What can be changed in a network while it reads, and where: said by a person, and made ready for the loop over rows.

    Clamp("update", 0.0, rows=(3, 4))      these rows keep nothing: their candidate becomes the state
    Clamp("reset", 1.0, units=(17,))       this unit's candidate sees the old state in full
    Zero(rows=(5,))                        after row 5 everything is forgotten
    Order("reversed")                      the rows are read from the bottom up

Rows are numbered in the picture, 0 = the top one, in both directions. Where two clamps meet, the later one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnngru.explain.trace import gate_names
from cnngru.nn.cell import GateEdit
from cnngru.nn.classifier import CNNGRU

UNEDITED = ("mean", "others")  # values that are taken from the gates of the same pictures, read without any edit


@dataclass(frozen=True)
class Clamp:
    """A gate is held at a value.

    gate         "update" (KEEP), "reset", "forget", "input" or "output": one that the cell has
    value        a number in 0..1, or a tensor of such that broadcasts to (B, T, H): (H,) is a value for each unit, the
                 mean over a data set for one. "mean": of each unit over the rows of the same picture. "others": the
                 gates of the next picture of the batch, so that the gate is a real one but knows another picture
    rows, units  by number; None is all of them
    """

    gate: str
    value: float | str | Tensor
    rows: Sequence[int] | None = None
    units: Sequence[int] | None = None
    layer: int = 0
    direction: int = 0


@dataclass(frozen=True)
class Zero:
    """The state (and an LSTM's cell state) is 0 after these rows: for the next row, and for the readout too."""

    rows: Sequence[int]
    units: Sequence[int] | None = None
    layer: int = 0
    direction: int = 0


@dataclass(frozen=True)
class Order:
    """The row features are read in another order; what the encoder has seen in each stays as it was.

    rows  "reversed", "shuffled" (each picture in an order of its own, the same in every run), or the numbers
          of the T rows in the order in which they shall be read
    """

    rows: str | Sequence[int]


Edit = Clamp | Zero | Order


@dataclass(frozen=True)
class Changes:
    """The edits of one direction of one layer as tensors over (b, T, H), b = B or 1.

    clamps  (gate, where it is held, at which value) each
    zeroed  where the state becomes 0; None: nowhere
    """

    clamps: tuple[tuple[str, Tensor, Tensor], ...] = ()
    zeroed: Tensor | None = None

    def at(self, rows: int | slice) -> GateEdit:
        """For the cell equations: holds the gates of one row, (B, H), or of several, (B, T, H)."""

        def hold(name: str, gate: Tensor) -> Tensor:
            for clamped, where, value in self.clamps:
                if clamped == name:
                    gate = torch.where(where[:, rows], value[:, rows], gate)
            return gate

        return hold

    def forget(self, row: int, state: Tensor) -> Tensor:
        """state (B, H) after a row, 0 where it is to be."""
        return state if self.zeroed is None else torch.where(self.zeroed[:, row], 0.0, state)


def row_order(order: Order, batch: int, steps: int) -> Tensor:
    """(B, T): the rows by number, in the order in which they are to be read."""
    match order.rows:
        case "reversed":
            found = torch.arange(steps).flip(0)
        case "shuffled":
            return torch.rand(batch, steps, generator=torch.Generator().manual_seed(0)).argsort(1)
        case str():
            raise ValueError(f"Rows can be read reversed, shuffled or in an order of row numbers, not {order.rows!r}.")
        case _:
            found = torch.tensor(tuple(order.rows))
            if sorted(found.tolist()) != list(range(steps)):
                raise ValueError(f"An order names each of the {steps} rows once, 0 to {steps - 1}; got {order.rows}.")
    return found.expand(batch, -1)


def changes(
    model: CNNGRU, edits: Iterable[Edit], batch: int, unedited: Callable[[], Mapping[str, Tensor]]
) -> dict[tuple[int, int], Changes]:
    """The clamps and zeroes of a batch by (layer, direction).

    unedited()  the gates (L, D, B, T, H) of the same pictures read without any edit; called only where one needs them
    Raises ValueError, with what there is, for a gate, row, unit, layer, direction or value that there is not.
    """
    made: dict[tuple[int, int], Changes] = {}
    for edit in edits:
        if isinstance(edit, Order):
            continue
        key = _layer_and_direction(model, edit)
        old, where = made.get(key, Changes()), _mask(model, edit)
        if isinstance(edit, Zero):
            made[key] = Changes(old.clamps, where if old.zeroed is None else old.zeroed | where)
        else:
            made[key] = Changes(
                (*old.clamps, (edit.gate, where, _value(model, edit, key, batch, unedited))), old.zeroed
            )
    return made


def _layer_and_direction(model: CNNGRU, edit: Clamp | Zero) -> tuple[int, int]:
    layers, directions = len(model.layers), 2 if model.config.bidirectional else 1
    if not -layers <= edit.layer < layers:
        raise ValueError(f"There is no layer {edit.layer}: this model has {layers}, 0 to {layers - 1}.")
    if not 0 <= edit.direction < directions:
        raise ValueError(f"There is no direction {edit.direction}: 0 reads downward, 1 upward if the model has it.")
    return edit.layer % layers, edit.direction


def _mask(model: CNNGRU, edit: Clamp | Zero) -> Tensor:
    """(1, T, H) booleans."""
    chosen = []
    for name, wanted, size in (("row", edit.rows, len(model.bands)), ("unit", edit.units, model.config.hidden)):
        marked = torch.full((size,), wanted is None)
        for index in wanted or ():
            if not 0 <= index < size:
                raise ValueError(f"There is no {name} {index}: this model has {size}, 0 to {size - 1}.")
            marked[index] = True
        chosen.append(marked)
    return (chosen[0][:, None] & chosen[1]).to(model.bands.device)[None]


def _value(
    model: CNNGRU, clamp: Clamp, key: tuple[int, int], batch: int, unedited: Callable[[], Mapping[str, Tensor]]
) -> Tensor:
    """(b, T, H)."""
    names = gate_names(model.config)
    if clamp.gate not in names:
        raise ValueError(f"This model has no gate {clamp.gate!r} to clamp. It has: {', '.join(names) or 'none'}.")
    shape = (len(model.bands), model.config.hidden)
    if isinstance(clamp.value, str):
        if clamp.value not in UNEDITED:
            raise ValueError(
                f"A gate is clamped to numbers in 0..1, or to {UNEDITED[0]} or {UNEDITED[1]}: not to {clamp.value!r}."
            )
        if clamp.value == "others" and batch < 2:
            raise ValueError("There is no other picture to take the gates from: give at least two.")
        gate = unedited()[clamp.gate][key]  # (B, T, H)
        return gate.roll(-1, 0) if clamp.value == "others" else gate.mean(1, keepdim=True).expand(-1, *shape)
    value = torch.as_tensor(clamp.value, dtype=next(model.layers.parameters()).dtype, device=model.bands.device)
    if not ((value >= 0) & (value <= 1)).all():  # nan too
        raise ValueError("A gate lies in 0..1, and so does what it is clamped to.")
    try:
        return value.expand(value.shape[0] if value.ndim == 3 and value.shape[0] == batch else 1, *shape)
    except RuntimeError:
        wanted = f"({batch}, {shape[0]}, {shape[1]})"
        raise ValueError(f"Values {tuple(value.shape)} do not fit gates {wanted}: pictures, rows, units.") from None
