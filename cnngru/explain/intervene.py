"""What if: a network reads a picture while gates are clamped, its state is zeroed, or its rows come in another order.

    logits, trace = run(model, images, [Clamp("update", 0.0, rows=(3,))])

The rows are read one after the other by the cell equations of the trace (nn/cell.py), so a changed state changes all
that comes after it. Without edits, or with a gate clamped to its own values, the answer is the model's own but for
rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from cnngru.cells import CELLS
from cnngru.config import ModelConfig
from cnngru.explain.edits import Changes, Clamp, Edit, Order, Zero, changes, row_order
from cnngru.explain.trace import Trace, assembled, check
from cnngru.nn.cell import Cell
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.recurrent import cell_of

__all__ = ["Clamp", "Edit", "Order", "Reading", "Zero", "answer", "prepare", "run", "run_features"]


@dataclass(frozen=True)
class Reading:
    """Row features that may be read many times, with what every reading of them shares.

    features  (B, T, F) in the order in which they stand
    products  a direction each, (B, T, blocks·H): what the input alone decides in the first layer
    bands     (T, 2) integers: the pixel rows that each row of features has seen
    """

    model: CNNGRU
    features: Tensor
    products: tuple[Tensor, ...]
    bands: Tensor


@torch.no_grad()
def run(model: CNNGRU, images: Tensor, edits: Iterable[Edit] = ()) -> tuple[Tensor, Trace]:
    """Like `trace`, with edits: images (B, 3, 32, 32), float in 0..1 -> (logits (B, C), Trace).

    The trace shows what was, the clamped gates included. The model is not changed. Raises ValueError for a model that
    cannot be traced, and for an edit of something that it does not have.
    """
    check(model)
    return run_features(model, model.encoder(images), edits)


@torch.no_grad()
def run_features(model: CNNGRU, features: Tensor, edits: Iterable[Edit] = ()) -> tuple[Tensor, Trace]:
    """The same from row features (B, T, F), which `model.encoder(images)` gives: encode once, intervene often."""
    edits = tuple(edits)
    reading = _in_order(prepare(model, features), edits)
    logits, outputs, layers = _read(reading, edits, whole=True)
    return logits, assembled(layers, outputs, reading.bands, model.config.cell)


@torch.no_grad()
def prepare(model: CNNGRU, features: Tensor) -> Reading:
    """features (B, T, F) made ready for many calls of `answer`. Raises ValueError as `run` does."""
    check(model)
    directions = range(2 if model.config.bidirectional else 1)
    products = tuple(cell_of(model.config, model.layers[0], d).from_input(features) for d in directions)
    return Reading(model, features, products, model.bands)


@torch.no_grad()
def answer(reading: Reading, edits: Sequence[Edit]) -> Tensor:
    """The logits (B, C) alone, without the cost of a trace."""
    return _read(_in_order(reading, edits), edits)[0]


def _in_order(reading: Reading, edits: Sequence[Edit]) -> Reading:
    for edit in edits:
        if isinstance(edit, Order):
            order = row_order(edit, *reading.features.shape[:2]).to(reading.features.device)  # (B, T)
            features, *products = (
                each.take_along_dim(order[..., None], 1) for each in (reading.features, *reading.products)
            )
            bands = reading.bands[order]  # (B, T, 2)
            union = torch.stack((bands[..., 0].amin(0), bands[..., 1].amax(0)), dim=-1)
            reading = replace(reading, features=features, products=tuple(products), bands=union)
    return reading


def _read(
    reading: Reading, edits: Sequence[Edit], whole: bool = False
) -> tuple[Tensor, Tensor, list[list[dict[str, Tensor]]]]:
    """(logits, outputs (B, T, D·H), by layer and direction all values of a trace if `whole`)."""

    def unedited() -> dict[str, Tensor]:
        _, outputs, layers = _read(reading, (), whole=True)
        return assembled(layers, outputs, reading.bands, reading.model.config.cell).gates

    model, x = reading.model, reading.features
    to_do = changes(model, edits, len(x), unedited)
    layers = []
    for depth, layer in enumerate(model.layers):
        handed_on, found = [], []
        for d in range(len(reading.products)):
            cell = cell_of(model.config, layer, d)
            product = cell.from_input(x) if depth else reading.products[d]
            todo = to_do.get((depth, d), Changes())
            values, outputs = _direction(model.config, cell, d, x, product, todo, whole)
            handed_on.append(outputs)
            found.append(values)
        x = torch.cat(handed_on, dim=-1)  # (B, T, D·H)
        layers.append(found)
    return model.head(model.read_out(x)), x, layers


def _direction(
    config: ModelConfig, cell: Cell, direction: int, x: Tensor, product: Tensor, todo: Changes, whole: bool
) -> tuple[dict[str, Tensor], Tensor]:
    """(gates and "hidden" by name if `whole`, what is handed on), (B, T, H) each in picture order."""
    start, has_cell_state = product.new_zeros(len(product), config.hidden), "cell" in CELLS[config.cell].states
    gates: dict[int, dict[str, Tensor]] = {}
    states: dict[int, Tensor] = {}
    for t, of_row, h, c in steps(cell, direction, product, todo, start, start):
        states[t] = h
        if whole:
            gates[t] = of_row | ({"cell": c} if has_cell_state else {})
    rows = range(product.shape[1])
    hidden = torch.stack([states[t] for t in rows], dim=1)  # (B, T, H)
    outputs, output_gate = cell.handed_on(x, hidden, todo.at(slice(None)))
    if not whole:
        return {}, outputs
    values = {name: torch.stack([gates[t][name] for t in rows], dim=1) for name in gates[0]}
    return values | output_gate | {"hidden": hidden}, outputs


def steps(
    cell: Cell, direction: int, product: Tensor, todo: Changes, h: Tensor, c: Tensor, after: int = 0
) -> Iterator[tuple[int, dict[str, Tensor], Tensor, Tensor]]:
    """Reads row by row: (row, its gates, h, c), (B, H) each, in the order in which the direction reads.

    product  (B or 1, T, blocks·H) of `Cell.from_input`
    h, c     the state and an LSTM's cell state before the first of them, (B, H)
    after    how many rows have been read already
    """
    rows = range(product.shape[1])[:: -1 if direction else 1]
    for t in rows[after:]:
        gates = cell.gates(product[:, t], h, todo.at(t))
        h, c = (todo.forget(t, each) for each in cell.state(gates, h, c))
        yield t, gates, h, c
