"""How good a model is on pictures it has not learned from."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy

from cnngru.data import Split
from cnngru.nn.classifier import CNNGRU
from cnngru.training.device import autocast


@dataclass(frozen=True)
class Evaluation:
    """loss: mean cross-entropy in nats; accuracy in 0..1; n pictures; seconds on the clock."""

    loss: float
    accuracy: float
    n: int
    seconds: float


@torch.no_grad()
def evaluate(
    model: CNNGRU,
    split: Split,
    batch: int = 500,
    precision: str = "float32",
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Loss and accuracy over a split, one view of each picture, without label smoothing.

    progress(done, total) counts pictures. The model is left in the mode it came in.
    """
    began, was_training = time.perf_counter(), model.training
    device = next(model.parameters()).device
    model.eval()
    try:
        loss, right, done = 0.0, 0, 0
        for images, labels in zip(split.images.split(batch), split.labels.split(batch), strict=True):
            target = labels.to(device).long()
            with autocast(device, precision):
                logits = model(images.to(device).float() / 255)
            loss += cross_entropy(logits.float(), target, reduction="sum").item()
            right += int((logits.argmax(1) == target).sum())
            done += len(target)
            if progress:
                progress(done, len(split.labels))
    finally:
        model.train(was_training)
    n = len(split.labels)
    return Evaluation(loss / n, right / n, n, time.perf_counter() - began)
