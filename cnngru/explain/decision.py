"""When a network knew: its answer had it stopped reading after some rows, and what a linear probe finds in its state.

Rows are in the order of reading here: place t = after t + 1 rows. A network that reads both ways has then read t + 1
rows from the top and t + 1 from the bottom; that is said of its top layer: below it, in a stack of layers that read
both ways, all rows have been read by then. What not to conclude: only what the head reads after the last row was
trained to be read (readout "mean": the mean over all). That the own head fails on an early state does not mean that the
state knows nothing; the probe (Alain & Bengio 2016, arXiv:1610.01644) asks that. What a probe finds, the network need
not use.

B pictures, T rows, F = D·H numbers of a state, C classes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from cnngru.explain.trace import Trace
from cnngru.nn.classifier import CNNGRU


def states_by_row(trace: Trace) -> Tensor:
    """(B, T, D·H): what the top layer handed on after each row read, the directions side by side, in reading order."""
    by_direction = trace.outputs.chunk(trace.hidden.shape[1], dim=-1)  # D of (B, T, H), in picture order
    return torch.cat([states.flip(1) if d else states for d, states in enumerate(by_direction)], dim=-1)


@torch.no_grad()
def by_row(model: CNNGRU, trace: Trace) -> Tensor:
    """Probabilities (B, T, C) by the model's own head, had reading stopped after t + 1 rows; the last are the model's.

    Readout "last" and "gated": the head on what was handed on after the row; "mean": on the mean over the rows so far.
    """
    states = states_by_row(trace)
    if model.config.readout == "mean":
        rows_read = torch.arange(1, states.shape[1] + 1, device=states.device)
        states = states.cumsum(1) / rows_read[:, None]
    answer = model.head(model.read_out(trace.outputs))[:, None]  # (B, 1, C) to the last bit, not the running mean's
    return torch.cat((model.head(states[:, :-1]), answer), dim=1).softmax(-1)


def lock_in(probabilities: Tensor) -> Tensor:
    """Probabilities (B, T, C) -> (B,) integers in 1..T: the rows read when the answer is what it will stay."""
    answers = probabilities.argmax(-1)  # (B, T)
    other = answers != answers[:, -1:]
    rows_read = torch.arange(1, other.shape[1] + 1, device=other.device)
    return (other * rows_read).amax(1) + 1


def least_squares_probe(states: Tensor, labels: Tensor, classes: int, ridge: float = 1e-3) -> tuple[Tensor, Tensor]:
    """The linear map that best tells the labels from the states, in closed form: weight (C, F) and bias (C,).

    It minimises the mean of ‖W s + b − e_label‖² over the pictures, plus ridge · v · ‖W‖², v the states' mean variance
    (so that the scale of the states does not matter); e is one-hot. states (N, F), labels (N,) in 0..C − 1.
    The answer is the largest of s Wᵀ + b.
    """
    mean = states.mean(0)
    centred = states - mean  # so the bias is free of the penalty
    shares = labels.bincount(minlength=classes).to(states.dtype) / len(labels)
    targets = torch.nn.functional.one_hot(labels, classes).to(states.dtype) - shares
    covariance = (centred.T @ centred / len(states)).double()  # (F, F)
    scale = covariance.diagonal().mean().clamp_min(torch.finfo(torch.float32).tiny)  # > 0 also where no state varies
    penalty = ridge * scale * torch.eye(len(covariance), dtype=torch.double, device=states.device)
    weight = torch.linalg.solve(covariance + penalty, (centred.T @ targets / len(states)).double()).T.to(states.dtype)
    return weight, shares - weight @ mean


def probe_by_row(states: Tensor, labels: Tensor, classes: int, seed: int = 0) -> Tensor:
    """(T,) accuracy in 0..1 of a probe of its own for each row: states (N, T, F) as of `states_by_row`, labels (N,).

    Two-fold: the pictures are halved at random, each half is judged by the probe fitted on the other. So no picture is
    judged by a probe that has seen it, and all N count. Raises ValueError for fewer than two pictures.
    """
    if len(states) < 2:
        raise ValueError("A probe needs at least two pictures: one half to be fitted on, the other to be judged on.")
    order = torch.randperm(len(states), generator=torch.Generator().manual_seed(seed)).to(states.device)
    halves = order.tensor_split(2)
    right = torch.zeros(states.shape[1], dtype=torch.long, device=states.device)
    for fitted, judged in (halves, halves[::-1]):
        for t in range(states.shape[1]):
            weight, bias = least_squares_probe(states[fitted, t], labels[fitted], classes)
            answers = (states[judged, t] @ weight.T + bias).argmax(-1)
            right[t] += (answers == labels[judged]).sum()
    return right / len(states)
