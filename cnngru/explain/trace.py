"""The exact gate values of a GRU that has read a picture, without a loop over rows.

A fused GRU returns only its states. But a gate at row t depends on x_t and h_{t−1} alone, and both are known once the
fused run is over: so all gates of all rows follow from two matrix products, equal to what the fused run had inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnngru.nn.classifier import CNNGRU


@dataclass(frozen=True)
class Trace:
    """What every unit did at every row. L layers, D directions (0 downward, 1 upward), B pictures, T rows, H units.

    Everything is in picture order: row 0 is the top one in both directions, also where the upward one read it last.

    reset      (L, D, B, T, H) r in 0..1: the share of the old state that the candidate gets to see
    update     (L, D, B, T, H) z in 0..1, PyTorch's sense, KEEP: the share of the old state that stays. Write = 1 − keep
    candidate  (L, D, B, T, H) n in −1..1: what would be written
    hidden     (L, D, B, T, H) h = (1 − z) ⊙ n + z ⊙ h⁻, where h⁻ is the row above's (upward: the row below's) or 0
    bands      (T, 2) integers: the pixel rows [start, end) that the features of each row have seen
    """

    reset: Tensor
    update: Tensor
    candidate: Tensor
    hidden: Tensor
    bands: Tensor

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
    without gates (cell "none") or in train mode, whose batch statistics would make each picture depend on the others.
    """
    if not model.layers:
        raise ValueError("This model has no recurrent layer, so it has no gates to trace.")
    if model.training:
        raise ValueError("Put the model into eval mode first: model.eval().")
    states = model.encoder(images)  # (B, T, F)
    layers: list[list[tuple[Tensor, ...]]] = []
    for layer in model.layers:
        assert isinstance(layer, nn.GRU)
        inputs = states
        states, _ = layer(inputs)  # (B, T, D·H)
        by_direction = states.chunk(1 + layer.bidirectional, dim=-1)
        layers.append([_gates(layer, inputs, h, upward=bool(d)) for d, h in enumerate(by_direction)])
    reset, update, candidate, hidden = (
        torch.stack([torch.stack([direction[i] for direction in layer]) for layer in layers]) for i in range(4)
    )
    return model.head(model.read_out(states)), Trace(reset, update, candidate, hidden, model.bands)


def _gates(layer: nn.GRU, x: Tensor, h: Tensor, upward: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x (B, T, F) and the states h (B, T, H) of one direction -> r, z, n, h, each (B, T, H)."""
    suffix = "_l0_reverse" if upward else "_l0"
    w_i, w_h, b_i, b_h = (getattr(layer, name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    zero = torch.zeros_like(h[:, :1])
    before = torch.cat((h[:, 1:], zero) if upward else (zero, h[:, :-1]), dim=1)  # h⁻
    from_input = nn.functional.linear(x, w_i, b_i).chunk(3, dim=-1)
    from_state = nn.functional.linear(before, w_h, b_h).chunk(3, dim=-1)
    r = torch.sigmoid(from_input[0] + from_state[0])
    z = torch.sigmoid(from_input[1] + from_state[1])
    n = torch.tanh(from_input[2] + r * from_state[2])
    return r, z, n, h
