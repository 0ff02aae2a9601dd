"""A stranger's bytes -> a safe picture -> what the network sees -> probabilities. No files, no screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cnngru.config import PICTURE
from cnngru.nn.classifier import CNNGRU
from cnngru.pictures.read import PictureError, open_rgb, to_square

__all__ = ["Picture", "PictureError", "predict", "read_picture", "top"]

SHOWN = 1024  # pixels a side: a screen needs no more


@dataclass(frozen=True)
class Picture:
    """A picture that was read.

    name    as it was given
    full    RGB, upright, transparency over white, at most 1024 pixels a side: for display
    seen    (3, 32, 32) uint8: what the network gets, the centred square of the picture
    note    what a person should know about how it was read, "" if nothing
    """

    name: str
    full: Image.Image
    seen: Tensor
    note: str


def read_picture(data: bytes, name: str = "picture") -> Picture:
    """Reads the bytes of a PNG, JPEG, WebP, GIF or BMP.

    Raises PictureError: one plain sentence that says what is wrong, without the name.
    """
    image, note = open_rgb(data)
    small = np.asarray(to_square(image, PICTURE))  # (32, 32, 3)
    image.thumbnail((SHOWN, SHOWN))
    return Picture(name, image, torch.from_numpy(small.copy()).permute(2, 0, 1).contiguous(), note)


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
