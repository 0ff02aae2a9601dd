"""The equations of every recurrent cell, as the trace and the interventions use them: the same code for both.

Each function takes one direction of one layer, and works on one row (…, H) as well as on all rows at once (…, T, H).
What is computed in between may be replaced on its way: `edit(name, gate)` is called for every gate in 0..1 before
anything that depends on it is computed, so a clamped reset gate changes the candidate as it would have done inside.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from cnngru.config import ModelConfig
from cnngru.nn.mingru import MinGRU
from cnngru.nn.recurrent import Directions
from cnngru.nn.textbook import TextbookGRU

Edit = Callable[[str, Tensor], Tensor]

_GATES = {"gru": ("update", "reset"), "gru-textbook": ("update", "reset"), "mingru": ("update",), "rnn": ()}
_GATES["lstm"] = ("forget", "input", "output")


def gate_names(config: ModelConfig) -> tuple[str, ...]:
    """The gates in 0..1 that this model has, the one that keeps first; none of a plain RNN."""
    return _GATES[config.cell] + (("output",) if config.readout == "gated" else ())


def unchanged(_: str, gate: Tensor) -> Tensor:
    """The edit that leaves every gate as it was computed."""
    return gate


def cell_of(layer: nn.Module, direction: int) -> nn.Module:
    """What holds the weights of one direction: the project's own cell, or PyTorch's layer, which holds both."""
    return layer.cells[direction] if isinstance(layer, Directions) else layer


def from_input(cell: nn.Module, x: Tensor, direction: int) -> Tensor:
    """x (…, F) -> all that the input alone decides (…, blocks·H): W_i x + b_i, or mingru's keep and candidate."""
    match cell:
        case TextbookGRU():
            return linear(x, cell.weight_ih, cell.bias)
        case MinGRU():
            return torch.cat(cell.gates(x), dim=-1)
        case _:
            return linear(x, *_weights(cell, "ih", direction))


def gates(
    cell: nn.Module, of_input: Tensor, before: Tensor, direction: int, edit: Edit = unchanged
) -> dict[str, Tensor]:
    """The gates and the candidate by name, (…, H) each, from `from_input` (…, blocks·H) and h⁻ (…, H).

    All but the textbook's output gate, which comes after the state: `handed_on`. update is KEEP, as everywhere.
    """
    match cell:
        case TextbookGRU():
            write, r = cell.shares(of_input, before)
            r, z = edit("reset", r), edit("update", 1 - write)
            return {"reset": r, "update": z, "candidate": cell.candidate(of_input, r * before)}
        case MinGRU():
            keep, n = of_input.chunk(2, dim=-1)
            return {"update": edit("update", keep), "candidate": n}
    of_state = linear(before, *_weights(cell, "hh", direction))  # W_h h⁻ + b_h
    match cell:
        case nn.GRU():
            (r_x, z_x, n_x), (r_h, z_h, n_h) = of_input.chunk(3, dim=-1), of_state.chunk(3, dim=-1)
            r = edit("reset", torch.sigmoid(r_x + r_h))
            z = edit("update", torch.sigmoid(z_x + z_h))
            return {"reset": r, "update": z, "candidate": torch.tanh(n_x + r * n_h)}
        case nn.LSTM():
            i, f, g, o = (of_input + of_state).chunk(4, dim=-1)
            i, f, o = (edit(name, torch.sigmoid(gate)) for name, gate in (("input", i), ("forget", f), ("output", o)))
            return {"input": i, "forget": f, "output": o, "candidate": torch.tanh(g)}
        case _:
            return {"candidate": torch.tanh(of_input + of_state)}


def state(gates: dict[str, Tensor], before: Tensor, cell_before: Tensor) -> tuple[Tensor, Tensor]:
    """(h, c) of one row, (…, H) each, from its gates, h⁻ and c⁻; c is the LSTM's cell state, with others c⁻ unchanged.

    h = (1 − z) ⊙ n + z ⊙ h⁻;   LSTM: c = f ⊙ c⁻ + i ⊙ g, h = o ⊙ tanh(c);   plain RNN: its candidate
    """
    if "forget" in gates:
        c = gates["forget"] * cell_before + gates["input"] * gates["candidate"]
        return gates["output"] * torch.tanh(c), c
    if "update" in gates:
        z, n = gates["update"], gates["candidate"]
        return (1 - z) * n + z * before, cell_before
    return gates["candidate"], cell_before


def handed_on(cell: nn.Module, x: Tensor, h: Tensor, edit: Edit = unchanged) -> tuple[Tensor, dict[str, Tensor]]:
    """What the next layer or the head reads (…, H), from x (…, F) and h (…, H), and the gate o that it came through.

    That is h itself and no gate; of the textbook's cell with readout "gated" o ⊙ y and o.
    """
    if not (isinstance(cell, TextbookGRU) and cell.gated):
        return h, {}
    o, y = cell.output(x, h)
    o = edit("output", o)
    return o * y, {"output": o}


def _weights(layer: nn.Module, kind: str, direction: int) -> tuple[Tensor, Tensor]:
    """The matrix and the bias of a fused layer: kind "ih" (from the input) or "hh" (from the state)."""
    suffix = f"{kind}_l0{'_reverse' if direction else ''}"
    return getattr(layer, f"weight_{suffix}"), getattr(layer, f"bias_{suffix}")
