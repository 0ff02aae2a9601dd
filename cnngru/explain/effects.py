"""What interventions do to an answer: cell by cell for one picture, and all the usual ones over a whole data set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from cnngru.cells import CELLS
from cnngru.explain.edits import Changes, Clamp, Edit, Order, changes
from cnngru.explain.intervene import answer, prepare, run_features, steps
from cnngru.explain.trace import Trace, check, gate_names
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.recurrent import cell_of

BATCH = 500


class Labelled(Protocol):
    """Pictures with their classes: images uint8 (N, 3, 32, 32), labels (N,). A data split is one."""

    @property
    def images(self) -> Tensor: ...
    @property
    def labels(self) -> Tensor: ...


@dataclass(frozen=True)
class CellEffects:
    """What clamping one unit at one row did to the answer; rows in picture order.

    margin       (T, H) logit a − logit b, after minus before
    probability  (T, H) that of class a in 0..1, after minus before
    """

    margin: Tensor
    probability: Tensor


@torch.no_grad()
def cell_effects(
    model: CNNGRU,
    image: Tensor,
    gate: str,
    value: float | str | Tensor,
    target: tuple[int, int],
    layer: int = 0,
    direction: int = 0,
) -> CellEffects:
    """Each of the T·H cells of a gate clamped alone: image (1, 3, 32, 32), float in 0..1; value as a Clamp's.

    Equal to T·H calls of `run`, but each starts from the saved state above its row, and the H units of a row go
    together. target: the indices of the classes a and b. Raises ValueError as `run` does.
    """
    check(model)
    if len(image) != 1:
        raise ValueError(f"The effects of all cells are shown for one picture; got {len(image)}.")
    x = model.encoder(image)
    logits, own = run_features(model, x)
    todo = changes(model, [Clamp(gate, value, layer=layer, direction=direction)], 1, lambda: own.gates)
    ((layer, direction), clamp), *_ = todo.items()
    for below in model.layers[:layer]:
        x, _ = below(x)  # (1, T, D·H)
    found = _one_cell_each(model, x, own, clamp, layer, direction)
    after = torch.stack(list(found))  # (T, H, C)
    a, b = target
    margin, probability = logits[0, a] - logits[0, b], logits.softmax(-1)[0, a]
    return CellEffects(after[..., a] - after[..., b] - margin, after.softmax(-1)[..., a] - probability)


def _one_cell_each(
    model: CNNGRU, x: Tensor, own: Trace, clamp: Changes, depth: int, direction: int
) -> Iterator[Tensor]:
    """For each row the logits (H, C) when one unit of it is clamped, from the layer's input x (1, T, F)."""
    layer = model.layers[depth]
    cell = cell_of(model.config, layer, direction)
    product = cell.from_input(x)
    unedited = list(layer(x)[0].chunk(len(own.hidden[0]), dim=-1))  # what each direction hands on, (1, T, H)
    each_state = (own.before, own.cell_before, own.hidden)
    before, cell_before, hidden = (values[depth, direction, 0] for values in each_state)  # (T, H)
    rows, units = hidden.shape
    ((gate, _, value),) = clamp.clamps
    for t in range(rows):
        where = torch.zeros(units, rows, units, dtype=torch.bool, device=x.device)  # (clamped unit, T, H)
        where[:, t] = torch.eye(units, dtype=torch.bool, device=x.device)
        todo = Changes(((gate, where, value),))
        states = hidden.repeat(units, 1, 1)  # (clamped unit, T, H)
        h, c = (values[t].expand(units, -1) for values in (before, cell_before))
        for row, _, state, _ in steps(cell, direction, product, todo, h, c, after=rows - 1 - t if direction else t):
            states[:, row] = state
        outputs = [each.expand(units, -1, -1) for each in unedited]
        outputs[direction] = cell.handed_on(x, states, todo.at(slice(None)))[0]
        handed_on = torch.cat(outputs, dim=-1)  # (clamped unit, T, D·H)
        for above in model.layers[depth + 1 :]:
            handed_on, _ = above(handed_on)
        yield model.head(model.read_out(handed_on))


def standard_edits(model: CNNGRU, means: Mapping[str, Tensor]) -> dict[str, tuple[Edit, ...]]:
    """The interventions to try over a test set, by what they are called; each on all layers and directions at once.

    means  of every gate over a data set's pictures and rows, by its name, (L, D, H): `gate_means`
    Without a gate that keeps (plain RNN) the order of the rows is all that is left; without reset, so is keep.
    """
    directions = [
        (layer, d) for layer in range(len(model.layers)) for d in range(2 if model.config.bidirectional else 1)
    ]

    def everywhere(gate: str, value: float | str, rows: tuple[int, ...] | None = None) -> tuple[Edit, ...]:
        return tuple(Clamp(gate, value, rows, layer=layer, direction=d) for layer, d in directions)

    found: dict[str, tuple[Edit, ...]] = {}
    spec = CELLS[model.config.cell]
    if gate := spec.keeps:
        word = spec.keep_word
        found[f"{word} := 0"] = everywhere(gate, 0.0)
        found[f"{word} := 1"] = everywhere(gate, 1.0)
        for t in range(len(model.bands)):
            found[f"{word} := 1 at row {t}"] = everywhere(gate, 1.0, (t,))
        found[f"{word} := unit mean"] = tuple(
            Clamp(gate, means[gate][layer, d], layer=layer, direction=d) for layer, d in directions
        )
        found[f"{word} of another picture"] = everywhere(gate, "others")
    if "reset" in spec.gates:
        found["reset := 1"], found["reset := 0"] = everywhere("reset", 1.0), everywhere("reset", 0.0)
    found["rows reversed"], found["rows shuffled"] = (Order("reversed"),), (Order("shuffled"),)
    return found


def for_people(name: str, write: bool = False) -> str:
    """The name of one of `standard_edits` as people read it: steps from 1, write = 1 − keep if `write`."""
    name = re.sub(r"at row (\d+)", lambda found: f"at step {int(found[1]) + 1}", name)
    if write and name.startswith("keep"):
        name = name.replace("keep", "write", 1)
        name = re.sub(r":= ([01])", lambda found: f":= {1 - int(found[1])}", name)
    return name


@torch.no_grad()
def gate_means(model: CNNGRU, split: Labelled, progress: Callable[[int], None] | None = None) -> dict[str, Tensor]:
    """The mean of every gate in 0..1 over pictures and rows, (L, D, H) each by its name; progress(pictures read)."""
    sums: dict[str, Tensor] = {}
    for images in split.images.split(BATCH):
        _, found = run_features(model, _features(model, images))
        for gate in gate_names(model.config):
            sums[gate] = sums.get(gate, torch.zeros(())) + found.gates[gate].mean(3).sum(2).cpu()
        if progress:
            progress(len(images))
    return {gate: total / len(split.images) for gate, total in sums.items()}


@torch.no_grad()
def accuracy_under(
    model: CNNGRU, split: Labelled, progress: Callable[[int, int], None] | None = None
) -> list[tuple[str, float]]:
    """(name, accuracy in 0..1) of "as it is" and of all `standard_edits`, on the labelled pictures of a split.

    progress(done, total) counts pictures, each twice: a first pass finds the means of the gates, and in the second a
    picture is encoded once and read under every edit. Raises ValueError as `run` does.
    """
    check(model)
    n, done = len(split.images), 0

    def advance(pictures: int) -> None:
        nonlocal done
        done += pictures
        if progress:
            progress(done, 2 * n)

    edits = {"as it is": (), **standard_edits(model, gate_means(model, split, advance))}
    right = dict.fromkeys(edits, 0)
    for images, labels in zip(split.images.split(BATCH), split.labels.split(BATCH), strict=True):
        reading = prepare(model, _features(model, images))
        target = labels.to(reading.features.device)
        for name, edit in edits.items():
            right[name] += int((answer(reading, edit).argmax(1) == target).sum())
        advance(len(images))
    return [(name, correct / n) for name, correct in right.items()]


def _features(model: CNNGRU, images: Tensor) -> Tensor:
    """uint8 (B, 3, 32, 32) -> (B, T, F)."""
    return model.encoder(images.to(next(model.parameters())) / 255)
