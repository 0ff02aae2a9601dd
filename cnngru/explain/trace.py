"""The exact gate values of a network that has read a picture.

A fused layer returns only its states. But a gate at row t depends on x_t and h_{t−1} alone, and both are known once the
fused run is over: so all gates of all rows follow from two matrix products without a loop over rows, equal to what the
fused run had inside. Only the LSTM's cell state, which it does not return, is added up row by row from its gates.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnngru.explain import equations
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.recurrent import Directions

SHARES = {"keep": "update", "forget": "forget", "reset": "reset", "input": "input", "output": "output"}


@dataclass(frozen=True)
class Trace:
    """What every unit did at every row. L layers, D directions (0 downward, 1 upward), B pictures, T rows, H units.

    Everything is in picture order: row 0 is the top one in both directions, also where the upward one read it last.

    gates   by name, (L, D, B, T, H) each, also to be had as attributes: trace.update is trace.gates["update"]
            gru           reset, update, candidate
            gru-textbook  reset, update, candidate; with readout "gated" also output
            lstm          input, forget, output, candidate, cell
            rnn           candidate, which is its state
            mingru        update, candidate
            update is KEEP in 0..1, the share of the old state that stays, for every cell (the LSTM's word is forget).
            reset, input and output lie in 0..1 too; candidate is what would be written, in −1..1 but for mingru
    hidden  (L, D, B, T, H) h, the state after the row. Before it came `before`: h⁻, that of the row above (upward: of
            the row below) or 0
    outputs (B, T, D·H) what the last layer hands on to the readout, the directions side by side: its states, or with
            readout "gated" o ⊙ y
    bands   (T, 2) integers: the pixel rows [start, end) that the features of each row have seen
    """

    gates: dict[str, Tensor]
    hidden: Tensor
    outputs: Tensor
    bands: Tensor

    def __getattr__(self, name: str) -> Tensor:
        gates = self.__dict__.get("gates", {})
        if name not in gates:
            raise AttributeError(f"This trace has no {name!r}. Its gates: {', '.join(gates)}.")
        return gates[name]

    @property
    def shares(self) -> dict[str, Tensor]:
        """The gates in 0..1 by the words for people, the one that keeps first; none of a plain RNN."""
        return {word: self.gates[name] for word, name in SHARES.items() if name in self.gates}

    @property
    def before(self) -> Tensor:
        """(L, D, B, T, H): h⁻, the state that each row began with."""
        before = torch.zeros_like(self.hidden)
        before[:, 0, :, 1:] = self.hidden[:, 0, :, :-1]
        before[:, 1:, :, :-1] = self.hidden[:, 1:, :, 1:]
        return before


@torch.no_grad()
def trace(model: CNNGRU, images: Tensor) -> tuple[Tensor, Trace]:
    """Runs the model in eval mode on images (B, 3, 32, 32), float in 0..1: (logits (B, C), Trace), both float32.

    The model is not changed, hooked or moved, so several threads may trace the same one. Raises ValueError for a model
    that reads nothing in turn (cell "none") or in train mode, whose batch statistics would make each picture depend on
    the others.
    """
    check(model)
    outputs = model.encoder(images)  # (B, T, F)
    layers = []
    for layer in model.layers:
        x = outputs
        outputs, states = layer(x)  # (B, T, D·H); states: of the project's own cells, PyTorch gives the last ones
        h = states if isinstance(layer, Directions) else outputs
        by_direction = h.chunk(2 if model.config.bidirectional else 1, dim=-1)
        layers.append([_direction(equations.cell_of(layer, d), x, h, d) for d, h in enumerate(by_direction)])
    return model.head(model.read_out(outputs)), assembled(layers, outputs, model.bands)


def check(model: CNNGRU) -> None:
    """Raises the ValueErrors of `trace`."""
    if not model.layers:
        raise ValueError("This model has no recurrent layer, so it has no gates to trace.")
    if model.training:
        raise ValueError("Put the model into eval mode first: model.eval().")


def assembled(layers: list[list[dict[str, Tensor]]], outputs: Tensor, bands: Tensor) -> Trace:
    """The trace of what each layer's directions did: gates and "hidden" by name, (B, T, H) each in picture order."""
    values = {
        name: torch.stack([torch.stack([direction[name] for direction in layer]) for layer in layers])
        for name in layers[0][0]
    }
    hidden = values.pop("hidden")
    return Trace(values, hidden, outputs, bands)


def _direction(cell: nn.Module, x: Tensor, h: Tensor, direction: int) -> dict[str, Tensor]:
    """x (B, T, F) and the states h (B, T, H) of one direction -> gates and "hidden" by name, each (B, T, H)."""
    if direction:  # what follows needs the order of reading
        x, h = x.flip(1), h.flip(1)
    before = torch.cat((torch.zeros_like(h[:, :1]), h[:, :-1]), dim=1)  # h⁻
    found = equations.gates(cell, equations.from_input(cell, x, direction), before, direction)
    if isinstance(cell, nn.LSTM):
        found["cell"] = _cell_states(found)
    found |= equations.handed_on(cell, x, h)[1]
    found["hidden"] = h
    return {name: value.flip(1) for name, value in found.items()} if direction else found


def _cell_states(gates: dict[str, Tensor]) -> Tensor:
    """An LSTM's c (B, T, H), which a fused layer does not return."""
    cell = gates["input"] * gates["candidate"]  # what each row writes; then, from the first row on, what it keeps
    for t in range(1, cell.shape[1]):
        cell[:, t] += gates["forget"][:, t] * cell[:, t - 1]
    return cell
