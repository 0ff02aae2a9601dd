"""What every recurrent cell can be asked, one direction of one layer at a time.

The trace, the interventions and the page's equation all ask here, so that each equation stands in one place. Gates and
states are (…, H): of one row, or of all rows (…, T, H) at once. What is computed in between may be replaced on its way:
`edit(name, gate)` is called for every gate in 0..1 before anything that depends on it is computed, so a clamped reset
gate changes the candidate as it would have done inside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from torch import Tensor, nn
from torch.nn.functional import linear

GateEdit = Callable[[str, Tensor], Tensor]
Gates = dict[str, Tensor]


def unchanged(_: str, gate: Tensor) -> Tensor:
    """The edit that leaves every gate as it was computed."""
    return gate


class Cell(Protocol):
    """One direction of one recurrent layer with its weights.

    Either an nn.Module made by `cls(inputs, hidden)`, of this project (`nn.recurrent.Directions` has it read), or what
    reads the weights of one of PyTorch's layers (`Fused`).
    """

    def from_input(self, x: Tensor) -> Tensor:
        """x (…, F) -> all that the input alone decides (…, blocks·H): W_i x + b_i, or more where no h⁻ enters."""

    def gates(self, of_input: Tensor, before: Tensor, edit: GateEdit = unchanged) -> Gates:
        """The gates and the candidate by name from `from_input` and h⁻ (…, H). update is KEEP, in every cell."""

    def state(self, gates: Gates, before: Tensor, cell_before: Tensor) -> tuple[Tensor, Tensor]:
        """(h, c) of one row from its gates, h⁻ and c⁻; c is the LSTM's cell state, with others c⁻ unchanged."""

    def handed_on(self, x: Tensor, h: Tensor, edit: GateEdit = unchanged) -> tuple[Tensor, Gates]:
        """What the next layer or the head reads, from x (…, F) and h, and the gate that it came through, if any."""

    def numbers(self, x: Tensor, before: Tensor, cell_before: Tensor, h: Tensor) -> Gates:
        """All numbers of its equation at one row, (H,) each, by the names that `equation` knows, with h among them."""

    @staticmethod
    def equation(found: Mapping[str, float], write: bool) -> list[str]:
        """Its lines as LaTeX (nn/latex.py), each term with its number of one unit; write: z is 1 − keep."""


class Fused:
    """One direction of one of PyTorch's layers: W_i x + b_i and W_h h⁻ + b_h, blocks of H rows each."""

    layer: ClassVar[Callable[..., nn.Module]]  # PyTorch's class

    def __init__(self, layer: nn.Module, direction: int) -> None:
        end = "_l0_reverse" if direction else "_l0"
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        self.w_i, self.w_h, self.b_i, self.b_h = (getattr(layer, name + end) for name in names)

    def from_input(self, x: Tensor) -> Tensor:
        return linear(x, self.w_i, self.b_i)

    def from_state(self, before: Tensor) -> Tensor:
        """W_h h⁻ + b_h."""
        return linear(before, self.w_h, self.b_h)

    def handed_on(self, x: Tensor, h: Tensor, edit: GateEdit = unchanged) -> tuple[Tensor, Gates]:
        return h, {}


def mixed(gates: Gates, before: Tensor, cell_before: Tensor) -> tuple[Tensor, Tensor]:
    """h = (1 − z) ⊙ n + z ⊙ h⁻, the state of every cell that has an update gate; c⁻ unchanged."""
    z, n = gates["update"], gates["candidate"]
    return (1 - z) * n + z * before, cell_before


def sums(names: str, of_x: Tensor, of_h: Tensor) -> Gates:
    """ "rzn" -> r_x, r_h, z_x, …: the blocks of what the row brings and of what the state does."""
    parts: Gates = {}
    for name, x, h in zip(names, of_x.chunk(len(names)), of_h.chunk(len(names)), strict=True):
        parts |= {f"{name}_x": x, f"{name}_h": h}
    return parts
