"""One pass over many pictures: how saturated gates are, how long units keep, for which classes, and what drives them.

Every batch is traced once and everything is taken from that trace; only sums stay, so memory does not grow with the
number of pictures, but for the states that the linear probe is fitted on. `Survey` says what comes out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from cnngru.explain.decision import by_row, lock_in, probe_by_row, states_by_row
from cnngru.explain.survey import HIGH, LOW, Extremes, Keeping, Survey, half_life
from cnngru.explain.trace import Trace, trace
from cnngru.explain.untrained import untrained
from cnngru.nn.classifier import CNNGRU

BATCH = 125  # pictures at once: a batch's convolutions then stay in the processor's cache
CARDS = 6  # pictures on a unit's card, most and least each
PROBED = 2**27  # numbers in the states that the probe sees, at most: 512 MiB
FLOOR = 2**-24  # half a step of float32 below 1: the textbook GRU's keep = 1 − z cannot be told from 0 below
UNTRAINED, SHOWN = 3, 250  # networks that have not learned, and the pictures that each of them reads


@torch.no_grad()
def survey(model: CNNGRU, images: Tensor, labels: Tensor, progress: Callable[[int, int], None] | None = None) -> Survey:
    """Reads images, uint8 (N, 3, 32, 32), with their labels (N,) in 0..C − 1, in the model's precision, on its device.

    progress(done, total) counts pictures; what it raises ends the survey. Raises ValueError where there are no pictures
    or labels that are none of the model's classes, and as `trace` does: no recurrent layer, or train mode.
    """
    n, classes = len(labels), len(model.classes)
    if not n or len(images) != n:
        raise ValueError(f"A survey needs pictures, and a label for each: there are {len(images)} and {n}.")
    if not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise ValueError(f"Some labels are none of the model's {classes} classes: was it trained on other pictures?")
    device, rows, labels = next(model.parameters()).device, len(model.bands), labels.cpu().long()
    gates, keeping, states = _Gates(), _Keeping(classes), _States(n)
    most, least = _Extremes(largest=True), _Extremes(largest=False)
    right, locked = torch.zeros(rows, dtype=torch.long), torch.zeros(2 * rows, dtype=torch.long)
    for pictures, truth in zip(images.split(BATCH), labels.split(BATCH), strict=True):
        _, found = trace(model, pictures.to(next(model.parameters())) / 255)
        gates.add(found)
        keeping.add(found, truth.to(device))
        most.add(found.hidden)
        least.add(found.hidden)
        states.add(states_by_row(found))
        shares = by_row(model, found).cpu()  # (B, T, C)
        answered = shares.argmax(-1) == truth[:, None]  # (B, T)
        right += answered.sum(0)
        locked += (lock_in(shares) - 1 + rows * answered[:, -1]).bincount(minlength=2 * rows)
        if progress is not None:
            progress(gates.n, n)
    probe = torch.full((rows,), torch.nan)
    if states.held > 1:
        probe = probe_by_row(states.values, labels[: states.held].to(device), classes)
    return Survey(
        n=n,
        classes=model.classes,
        bands=model.bands.cpu().numpy(),
        mean={gate: _plain(total / n) for gate, total in gates.sums.items()},
        low={gate: _plain(total / (n * rows)) for gate, total in gates.low.items()},
        high={gate: _plain(total / (n * rows)) for gate, total in gates.high.items()},
        keeping=keeping.result(initial_half_lives(model, images[:SHOWN])) if keeping.gate else None,
        most=most.result(),
        least=least.result(),
        own=_plain(right / n),
        probe=_plain(probe),
        probed=states.held,
        locked=locked.reshape(2, rows).numpy(),
    )


def initial_half_lives(model: CNNGRU, images: Tensor, networks: int = UNTRAINED) -> np.ndarray:
    """(L, D, S, H): half-lives in rows of S networks like this one that have learned nothing, on uint8 (N, 3, 32, 32).

    What the keep bias gives, spread by random weights: the time scales that training began with. Raises ValueError for
    a plain RNN, which has no gate that keeps.
    """
    found = []
    for seed in range(networks):
        fresh = untrained(model, seed)
        logs = []
        for pictures in images.split(BATCH):
            _, seen = trace(fresh, pictures.to(next(fresh.parameters())) / 255)
            if not seen.spec.keeps:
                raise ValueError(seen.spec.no_mixture)
            logs.append(_log(seen.gates[seen.spec.keeps]).mean(3))  # (L, D, B, H)
        found.append(torch.cat(logs, dim=2).mean(2))
    return half_life(_plain(torch.stack(found, dim=2)))  # (L, D, S, H)


class _Gates:
    """Of every gate in 0..1: its sum (L, D, T, H), and how often (L, D, H) it was low and high, over n pictures."""

    def __init__(self) -> None:
        self.n = 0
        self.sums: dict[str, Tensor] = {}
        self.low: dict[str, Tensor] = {}
        self.high: dict[str, Tensor] = {}

    def add(self, found: Trace) -> None:
        self.n += found.hidden.shape[2]
        for gate in found.gate_names:
            values = found.gates[gate]  # (L, D, B, T, H)
            for totals, new in (
                (self.sums, values.sum(2)),
                (self.low, (values < LOW).sum((2, 3))),
                (self.high, (values > HIGH).sum((2, 3))),
            ):
                totals[gate] = totals.get(gate, torch.tensor(0)) + _exact(new)


class _Keeping:
    """Sums of the gate that keeps, taken around the mean of the first batch: squares of a gate that hardly varies would
    else drown in rounding. gate: its name; "" for a cell that has none, or before the first batch."""

    def __init__(self, classes: int) -> None:
        self.gate = ""
        self.counts = torch.zeros(classes, dtype=torch.long)
        self.around = torch.tensor(0.0)  # (L, D, 1, T, H)
        zero = torch.tensor(0, dtype=torch.double)
        self.log = self.by_class = self.squares = self.squares_of_mean = zero

    def add(self, found: Trace, labels: Tensor) -> None:
        """B pictures and their labels (B,)."""
        gate = found.spec.keeps
        if not gate:
            return
        keep = found.gates[gate]  # (L, D, B, T, H)
        if not self.gate:
            self.gate, self.around = gate, keep.mean(2, keepdim=True)
        off, members = keep - self.around, one_hot(labels, len(self.counts))  # (B, C)
        self.counts += members.sum(0).cpu()
        self.log = self.log + _exact(_log(keep).sum((2, 3)))  # (L, D, H)
        self.by_class = self.by_class + _exact(torch.einsum("bc,ldbth->ldcth", members.to(off.dtype), off))
        self.squares = self.squares + _exact((off**2).sum(2))  # (L, D, T, H)
        self.squares_of_mean = self.squares_of_mean + _exact((off.mean(-1) ** 2).sum(2))  # (L, D, T)

    def result(self, initial: np.ndarray) -> Keeping:
        n = int(self.counts.sum())
        mean = self.by_class.sum(2) / n  # (L, D, T, H), less `around`, like all but the logarithm
        by_class = self.by_class / self.counts[:, None, None]  # 0 / 0 is nan: there is no such picture
        return Keeping(
            gate=self.gate,
            log_mean=_plain(self.log / (n * mean.shape[2])),
            initial_half_life=initial,
            class_difference=_plain(by_class - mean[:, :, None]),
            variance=_plain((self.squares / n - mean**2).clamp_min(0)),
            variance_of_mean=_plain((self.squares_of_mean / n - mean.mean(-1) ** 2).clamp_min(0)),
            class_counts=self.counts.numpy(),
        )


class _Extremes:
    """Each unit's furthest states one way, of different pictures: the best so far, (L, D, H, up to K)."""

    def __init__(self, largest: bool) -> None:
        self.largest, self.seen = largest, 0
        self.state = self.row = self.picture = torch.tensor(0)

    def add(self, hidden: Tensor) -> None:
        """The states (L, D, B, T, H) of the next B pictures."""
        furthest = hidden.max(3) if self.largest else hidden.min(3)  # over rows: each picture counts once
        state, row = (each.transpose(2, 3) for each in furthest)  # (L, D, H, B)
        picture = torch.arange(self.seen, self.seen + state.shape[-1], device=state.device).expand_as(row)
        if self.seen:
            state = torch.cat((self.state, state), dim=-1)
            row, picture = torch.cat((self.row, row), dim=-1), torch.cat((self.picture, picture), dim=-1)
        self.state, best = state.topk(min(CARDS, state.shape[-1]), largest=self.largest)
        self.row, self.picture = row.gather(-1, best), picture.gather(-1, best)
        self.seen += hidden.shape[2]

    def result(self) -> Extremes:
        picture, row = (each.cpu().numpy().astype(np.int32) for each in (self.picture, self.row))
        return Extremes(picture, row, _plain(self.state))


class _States:
    """The states (N, T, F) of the first pictures, as many as may be held, in reading order, for the probe."""

    def __init__(self, n: int) -> None:
        self.n, self.held = n, 0
        self.values = torch.tensor(0)

    def add(self, states: Tensor) -> None:
        """Those of the next B pictures (B, T, F)."""
        if not self.held:
            wanted = min(self.n, max(len(states), PROBED // states[0].numel()))
            self.values = states.new_empty(wanted, *states.shape[1:])
        taken = states[: len(self.values) - self.held]
        self.values[self.held : self.held + len(taken)] = taken
        self.held += len(taken)


def _log(keep: Tensor) -> Tensor:
    """ln keep, of at least FLOOR: one that was rounded to 0 would leave nothing of a geometric mean."""
    return keep.clamp_min(FLOOR).log()


def _exact(total: Tensor) -> Tensor:
    """A batch's sum, as it is added to those of other batches: counts stay whole numbers."""
    return total.cpu().double() if total.is_floating_point() else total.cpu()


def _plain(values: Tensor) -> np.ndarray:
    return values.cpu().float().numpy()
