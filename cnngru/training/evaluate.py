"""How good a model is on pictures it has not learned from, and what it owes to the order of the rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import nan

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from cnngru.config import DataConfig
from cnngru.data import Split
from cnngru.nn.classifier import CNNGRU
from cnngru.training.device import autocast

ORDERS = 3  # of the rows, in the sequence-order test: as they are, from the bottom up, at random
SHUFFLE_SEED = 0  # of the random orders of rows: every network is asked with the same


@dataclass(frozen=True)
class Evaluation:
    """loss: mean cross-entropy in nats; accuracy in 0..1; n pictures; seconds on the clock.

    probabilities       float32 (N, C) on the CPU, in the order of the split
    reversed, shuffled  the sequence-order test: accuracy when the layers behind the encoder get the row features from
                        the bottom up, or in a random order, one for each picture; nan where it was not asked for.
                        What is lost is what the network owes to reading rows in order. Few rows (the document's
                        encoder has 4) have few orders: some pictures then keep theirs
    """

    loss: float
    accuracy: float
    n: int
    seconds: float
    probabilities: Tensor = field(repr=False, compare=False)
    reversed: float = nan
    shuffled: float = nan


def evaluate(
    model: CNNGRU,
    split: Split,
    batch: int = 500,
    precision: str = "float32",
    progress: Callable[[int, int], None] | None = None,
    orders: bool = False,
    views: DataConfig | None = None,
) -> Evaluation:
    """Loss, accuracy and probabilities over a split, without label smoothing.

    orders  also make the sequence-order test: pictures are encoded once and their rows classified in three orders
    views   average the logits over the views of each picture that these settings allow (`views_of`); None: one view
    progress(done, total) counts pictures. The model is left in the mode it came in.
    """
    for done in evaluating(model, split, batch, precision, orders, views):
        if isinstance(done, Evaluation):
            return done
        if progress:
            progress(done, len(split))
    raise AssertionError("the last of these is the evaluation")


def evaluating(
    model: CNNGRU,
    split: Split,
    batch: int,
    precision: str = "float32",
    orders: bool = False,
    views: DataConfig | None = None,
) -> Iterator[int | Evaluation]:
    """As `evaluate`, batch by batch: yields how many pictures are done, and last of all the evaluation.

    Close it to break off. It may be left between two batches: the model's mode is the caller's whenever it yields.
    """
    began, was_training = time.perf_counter(), model.training
    device = next(model.parameters()).device
    n, steps = len(split.labels), len(model.bands)
    random = torch.rand(n, steps, generator=torch.Generator().manual_seed(SHUFFLE_SEED)).argsort(1)  # (N, T)
    found: list[Tensor] = []
    for images, order in zip(split.images.split(batch), random.split(batch), strict=True):
        model.eval()
        try:
            with torch.no_grad():
                found.append(_logits(model, images.to(device), order.to(device), precision, orders, views).cpu())
        finally:
            model.train(was_training)
        yield sum(part.shape[1] for part in found)
    logits, target = torch.cat(found, dim=1), split.labels.cpu().long()  # (1 or 3, N, C), (N,)
    accuracy, *others = (right / n for right in (logits.argmax(2) == target).sum(1).tolist())
    loss = cross_entropy(logits[0], target).item()
    yield Evaluation(loss, accuracy, n, time.perf_counter() - began, logits[0].softmax(1), *others)


def _logits(
    model: CNNGRU, images: Tensor, order: Tensor, precision: str, orders: bool, views: DataConfig | None
) -> Tensor:
    """uint8 images (B, 3, 32, 32) and random orders of rows (B, T) -> float32 (1 or 3, B, C): as they are, then in the
    other two orders."""
    pictures, places = images.float() / 255, order[..., None]  # (B, T, 1)
    logits = torch.tensor(0.0)
    for weight, view in views_of(pictures, views) if views else [(1.0, pictures)]:
        with autocast(images.device, precision):
            rows = model.encoder(view)  # (B, T, F)
            readings = (rows, rows.flip(1), rows.take_along_dim(places, 1)) if orders else (rows,)
            answers = torch.stack([model.classify(reading) for reading in readings])  # (1 or 3, B, C)
        logits = logits + weight * answers.float().cpu()
    return logits


def views_of(pictures: Tensor, vary: DataConfig) -> list[tuple[float, Tensor]]:
    """(weight, view) pairs, at most six, of pictures (B, 3, 32, 32); the weights add up to 1.

    cifar10-airbench's test-time averaging (Jordan 2024, arXiv:2404.00498; `tta_level=2` of its code): the
    picture, and it moved by one pixel to the upper left and to the lower right, reflected at the border, each with its
    mirror image; the unmoved count as much as the moved together. What `vary` does not do to training pictures is not
    done here: without its `flip` no mirror, without its `shift` no move.
    """
    views = [(1.0, pictures)]
    if vary.shift:
        padded, (height, width) = pad(pictures, (1, 1, 1, 1), mode="reflect"), pictures.shape[2:]
        moved = [padded[:, :, at : at + height, at : at + width] for at in (0, 2)]
        views = [(0.5, pictures), *((0.25, view) for view in moved)]
    if vary.flip:
        views = [(weight / 2, side) for weight, view in views for side in (view, view.flip(3))]
    return views
