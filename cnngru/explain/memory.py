"""What a network kept of each row: exact, from its gates alone.

A GRU's state is a mixture. With h = z ⊙ h⁻ + (1 − z) ⊙ n, z = keep, and h_0 = 0 before the first row, unrolled:

    K(s→t) = ∏ z_u over the rows u read after s up to t              retention: the share of row s that is left after t
    h_t    = Σ_s K(s→t) ⊙ (1 − z_s) ⊙ n_s + (∏ z) ⊙ h_0              exact at every row
    1      = Σ_s K(s→t) ⊙ (1 − z_s)       + ∏ z                      the shares of that mixture, unit by unit

A linear head on the state therefore splits every logit exactly by the row at which it was written. The split says what
was *written at* a row, not what the row caused: the candidate n_s itself depends on the state before it, so on all rows
read before s; and in a stack of layers on all that the layers below handed up.

All results are in picture order (row 0 = top) in both directions; "before" and "after" mean the order of reading, so
the upward direction began with row T − 1. B pictures, T rows, H units, C classes, L layers, D directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from cnngru.explain.trace import Trace
from cnngru.nn.classifier import CNNGRU


def retention(trace: Trace, layer: int = -1, direction: int = 0) -> Tensor:
    """K (B, T, T, H) in 0..1: K[:, s, t] is the share of the state after row s that is left after row t, unit by unit.

    1 on the diagonal, 0 where t is read before s. For an LSTM: of the cell state, by its forget gate. Raises ValueError
    for a plain RNN.
    """
    keep = _keep(trace, layer, direction)
    pictures, rows, units = keep.shape
    kept = keep.new_zeros(pictures, rows, rows, units)  # multiplied step by step: exact also where a gate is 0
    for t in range(rows):
        if t:
            kept[:, :t, t] = kept[:, :t, t - 1] * keep[:, None, t]
        kept[:, t, t] = 1
    return kept.flip(1, 2) if direction else kept


def composition(trace: Trace, layer: int = -1, direction: int = 0) -> Tensor:
    """(B, T + 1, T, H) in 0..1: [:, s, t] is the share of the state after row t that was written at row s.

    The last entry [:, T, t] is the share never overwritten, ∏ z: what was there before the first row read. The shares
    add up to 1 over axis 1. Raises ValueError for a cell whose state is no such mixture (LSTM, plain RNN).
    """
    _refuse_no_mixture(trace)
    keep = _keep(trace, layer, direction)
    untouched = keep.cumprod(1)
    written = retention(trace, layer, direction) * (1 - trace.update[layer, direction])[:, :, None]
    return torch.cat((written, (untouched.flip(1) if direction else untouched)[:, None]), dim=1)


@dataclass(frozen=True)
class Contributions:
    """Every logit, split by row: logits = bias + rows.sum((1, 2)), up to rounding.

    rows    (B, D, T, C) what each row wrote into each logit, as far as it was kept, in picture order
    bias    (C,) of the head
    logits  (B, C) by the model itself
    """

    rows: Tensor
    bias: Tensor
    logits: Tensor

    @property
    def residual(self) -> Tensor:
        """(B, C): what the split leaves over of the model's own logits. Rounding only; the badge of a figure."""
        return self.logits - (self.bias + self.rows.sum((1, 2)))


@torch.no_grad()
def contributions(model: CNNGRU, trace: Trace) -> Contributions:
    """Splits the logits by the rows at which the top layer wrote them; the directions add up.

    Readout "last": ℓ_c = b_c + Σ_s w_c · [K(s→last) ⊙ (1 − z_s) ⊙ n_s]; readout "mean": K becomes (1/T) Σ_t K(s→t).
    Raises ValueError where the head does not read such a mixture (LSTM, plain RNN, readout "gated").
    """
    left, head = remains(model, trace), _head(model)
    weight = head.weight.unflatten(1, (left.shape[1], -1))  # (C, D, H)
    rows = torch.einsum("bdth,cdh->bdtc", left, weight)
    return Contributions(rows, head.bias.clone(), head(model.read_out(trace.outputs)))


def remains(model: CNNGRU, trace: Trace) -> Tensor:
    """(B, D, T, H): what each row has left in what the head reads. Σ over T is the readout, of each direction."""
    if model.config.readout == "gated":
        raise ValueError(
            'With the readout "gated" the head reads o ⊙ y, which is made anew from the last row and the state, so its '
            'logits do not split exactly by row. They do with the readouts "last" and "mean".'
        )
    _refuse_no_mixture(trace)
    directions = [_left(trace, direction, model.config.readout) for direction in range(trace.hidden.shape[1])]
    return torch.stack(directions, dim=1)


def _left(trace: Trace, direction: int, readout: str) -> Tensor:
    """(B, T, H) of the top layer's one direction. Backwards through the rows: what is left in the readout of one row is
    what the readout takes of its own state, and what the next row's keep passes on."""
    keep, rows = _keep(trace, -1, direction), trace.hidden.shape[3]
    taken = [1 / rows] * rows if readout == "mean" else [0.0] * (rows - 1) + [1.0]  # of each state, by the readout
    shares = [torch.full_like(keep[:, 0], taken[-1])]
    for t in range(rows - 1, 0, -1):
        shares.append(taken[t - 1] + keep[:, t] * shares[-1])
    share = torch.stack(shares if direction else shares[::-1], dim=1)  # from the last row read to the first, or turned
    return share * (1 - trace.update[-1, direction]) * trace.candidate[-1, direction]


def _head(model: CNNGRU) -> nn.Linear:
    return cast(nn.Linear, model.head)  # the other kind of head has no recurrent layer below it, so no trace


def _keep(trace: Trace, layer: int, direction: int) -> Tensor:
    """(B, T, H): the gate that keeps, in the order of reading."""
    if not trace.spec.keeps:
        raise ValueError(trace.spec.no_mixture)
    gate = trace.gates[trace.spec.keeps][layer, direction]
    return gate.flip(1) if direction else gate


def _refuse_no_mixture(trace: Trace) -> None:
    if not trace.spec.mixture:
        raise ValueError(trace.spec.no_mixture)
