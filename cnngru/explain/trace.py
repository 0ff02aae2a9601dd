"""The exact gate values of a network that has read a picture.

A fused layer returns only its states. But a gate at row t depends on x_t and h_{t−1} alone, and both are known once the
fused run is over: so all gates of all rows follow from two matrix products without a loop over rows, equal to what the
fused run had inside. Only the LSTM's cell state, which it does not return, is added up row by row from its gates.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cnngru.cells import CELLS, CellSpec, word
from cnngru.config import ModelConfig
from cnngru.nn.cell import Cell
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.recurrent import cell_of, run_layer


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
    cell_name   of the recurrent cell, as in ModelConfig.cell
    """

    gates: dict[str, Tensor]
    hidden: Tensor
    outputs: Tensor
    bands: Tensor
    cell_name: str

    def __getattr__(self, name: str) -> Tensor:
        gates = self.__dict__.get("gates", {})
        if name not in gates:
            raise AttributeError(f"This trace has no {name!r}. Its gates: {', '.join(gates)}.")
        return gates[name]

    @property
    def shares(self) -> dict[str, Tensor]:
        """The gates in 0..1 by the words for people, the one that keeps first; none of a plain RNN."""
        return {word(name): self.gates[name] for name in self.gate_names}

    @property
    def gate_names(self) -> tuple[str, ...]:
        """The gates in 0..1, the one that keeps first."""
        return tuple(name for name in (*self.spec.gates, *self.spec.gated) if name in self.gates)

    @property
    def spec(self) -> CellSpec:
        """What is special about the cell."""
        return CELLS[self.cell_name]

    @property
    def before(self) -> Tensor:
        """(L, D, B, T, H): h⁻, the state that each row began with."""
        return _one_row_later(self.hidden)

    @property
    def cell_before(self) -> Tensor:
        """(L, D, B, T, H): c⁻, the LSTM's cell state that each row began with; of other cells h⁻."""
        return _one_row_later(self.gates.get("cell", self.hidden))


def gate_names(config: ModelConfig) -> tuple[str, ...]:
    """The gates in 0..1 that a model has, the one that keeps first; none of a plain RNN."""
    spec = CELLS[config.cell]
    return spec.gates + (spec.gated if config.readout == "gated" else ())


def _one_row_later(states: Tensor) -> Tensor:
    """(L, D, B, T, H): at each row the state after the row that was read before it, 0 at the first."""
    before = torch.zeros_like(states)
    before[:, 0, :, 1:] = states[:, 0, :, :-1]
    before[:, 1:, :, :-1] = states[:, 1:, :, 1:]
    return before


@torch.no_grad()
def trace(model: CNNGRU, images: Tensor) -> tuple[Tensor, Trace]:
    """Runs the model in eval mode on images (B, 3, 32, 32), float in 0..1: (logits (B, C), Trace), both of its dtype.

    The model is not changed, hooked or moved, so several threads may trace the same one. Raises ValueError for a model
    that reads nothing in turn (cell "none") or in train mode, whose batch statistics would make each picture depend on
    the others.
    """
    check(model)
    outputs = model.encoder(images)  # (B, T, F)
    layers = []
    for layer in model.layers:
        x = outputs
        outputs, states = run_layer(layer, x)  # (B, T, D·H)
        by_direction = states.chunk(2 if model.config.bidirectional else 1, dim=-1)
        cells = [cell_of(model.config, layer, d) for d in range(len(by_direction))]
        layers.append([_direction(model.config, cells[d], x, h, d) for d, h in enumerate(by_direction)])
    return model.head(model.read_out(outputs)), assembled(layers, outputs, model.bands, model.config.cell)


def check(model: CNNGRU) -> None:
    """Raises the ValueErrors of `trace`."""
    if not model.layers:
        raise ValueError("This model has no recurrent layer, so it has no gates to trace.")
    if model.training:
        raise ValueError("Put the model into eval mode first: model.eval().")


def assembled(layers: list[list[dict[str, Tensor]]], outputs: Tensor, bands: Tensor, cell: str) -> Trace:
    """The trace of what each layer's directions did: gates and "hidden" by name, (B, T, H) each in picture order."""
    values = {
        name: torch.stack([torch.stack([direction[name] for direction in layer]) for layer in layers])
        for name in layers[0][0]
    }
    hidden = values.pop("hidden")
    return Trace(values, hidden, outputs, bands, cell)


def _direction(config: ModelConfig, cell: Cell, x: Tensor, h: Tensor, direction: int) -> dict[str, Tensor]:
    """x (B, T, F) and the states h (B, T, H) of one direction -> gates and "hidden" by name, each (B, T, H)."""
    if direction:  # what follows needs the order of reading
        x, h = x.flip(1), h.flip(1)
    before = torch.cat((torch.zeros_like(h[:, :1]), h[:, :-1]), dim=1)  # h⁻
    found = cell.gates(cell.from_input(x), before)
    if "cell" in CELLS[config.cell].states:
        found["cell"] = _cell_states(cell, found, before)
    found |= cell.handed_on(x, h)[1]
    found["hidden"] = h
    return {name: value.flip(1) for name, value in found.items()} if direction else found


def _cell_states(cell: Cell, gates: dict[str, Tensor], before: Tensor) -> Tensor:
    """c (B, T, H), which a fused layer does not return, row by row from the gates (B, T, H)."""
    c, states = torch.zeros_like(before[:, 0]), []
    for t in range(before.shape[1]):
        _, c = cell.state({name: gate[:, t] for name, gate in gates.items()}, before[:, t], c)
        states.append(c)
    return torch.stack(states, dim=1)
