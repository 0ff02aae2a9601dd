"""What a network answers to pictures: probabilities of its classes. Knows nothing of files and screens."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cnngru.nn.classifier import CNNGRU


@torch.no_grad()
def predict(model: CNNGRU, images: Tensor) -> Tensor:
    """images (B, 3, 32, 32) uint8 -> probabilities (B, C) float32 on the CPU; each row sums to 1."""
    device = next(model.parameters()).device
    return model(images.to(device).float() / 255).float().softmax(dim=1).cpu()


def top(probabilities: Tensor, classes: Sequence[str], k: int = 5) -> list[tuple[str, float]]:
    """The k most probable classes of one picture, probabilities (C,): [(class, probability 0..1)], best first.

    With fewer than k classes, all of them.
    """
    best = probabilities.topk(min(k, len(classes)))
    return [(classes[i], p) for p, i in zip(best.values.tolist(), best.indices.tolist(), strict=True)]
