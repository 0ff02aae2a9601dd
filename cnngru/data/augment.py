"""Training pictures, varied in batches: mirrored in turn and shifted at random in one gather, a square cut out.

Alternating mirroring and reflected shifts are Jordan's (2024, arXiv:2404.00498). What each is worth is in
benchmarks/README.md.
"""

from __future__ import annotations

import torch
from torch import Tensor


def augment(images: Tensor, generator: torch.Generator, mirrored: Tensor | None, shift: int, cutout: int = 0) -> Tensor:
    """Mirrors some pictures left-right, moves each by −shift … shift pixels in each direction, and covers a square.

    images (B, 3, H, W), any type; mirrored (B,) bool, which of them, or None for none; `generator` lives on the same
    device; pixels that come in from outside are reflected at the border (the border itself is not repeated); cutout is
    the side of the square in pixels, 0 for none. Returns a new tensor like `images`, or `images` itself if there is
    nothing to vary. The same generator state gives the same result.
    """
    moved = images if mirrored is None and not shift else _gathered(images, generator, mirrored, shift)
    return _cut_out(moved, generator, cutout) if cutout else moved


def _gathered(images: Tensor, generator: torch.Generator, mirrored: Tensor | None, shift: int) -> Tensor:
    batch, _, height, width = images.shape
    rows = _moved(batch, height, shift, generator)  # (B, H)
    columns = _moved(batch, width, shift, generator)  # (B, W)
    if mirrored is not None:
        columns = torch.where(mirrored[:, None], width - 1 - columns, columns)
    pixels = rows[:, None, :, None] * width + columns[:, None, None, :]  # (B, 1, H, W): where each pixel comes from
    source = pixels.flatten(2).expand(-1, images.shape[1], -1)  # (B, 3, H·W)
    return images.flatten(2).gather(2, source).view(images.shape)


def take_turns(pictures: int, generator: torch.Generator) -> Tensor:
    """Which pictures are mirrored in the first epoch, (N,) bool, drawn at random; the others are in the next, in turn.

    So every two epochs show both sides of each picture once, where coin tosses would show one side twice to half of
    them (Jordan 2024, arXiv:2404.00498, "alternating flip").
    """
    return torch.rand(pictures, generator=generator, device=generator.device) < 0.5


def _cut_out(images: Tensor, generator: torch.Generator, side: int) -> Tensor:
    """Covers a square of each picture in the batch's mean colour, so that whatever the network leans on is missing now
    and then (DeVries & Taylor 2017, arXiv:1708.04552). Its centre lies anywhere: it may be cut off at the border.
    """
    batch, _, height, width = images.shape
    covered = _stripe(batch, height, side, generator)[:, None, :, None]  # (B, 1, H, 1)
    covered = covered & _stripe(batch, width, side, generator)[:, None, None, :]  # (B, 1, H, W)
    mean = images.float().mean((0, 2, 3), keepdim=True).to(images.dtype)  # (1, 3, 1, 1)
    return torch.where(covered, mean, images)


def _stripe(batch: int, length: int, side: int, generator: torch.Generator) -> Tensor:
    """Which of the places 0 … length−1 are among `side` around a centre drawn for each picture: (batch, length)."""
    device = generator.device
    first = torch.randint(length, (batch, 1), generator=generator, device=device) - side // 2
    places = torch.arange(length, device=device)
    return (places >= first) & (places < first + side)


def _moved(batch: int, length: int, shift: int, generator: torch.Generator) -> Tensor:
    """Places 0 … length−1 moved by one draw for each picture and reflected into range: int64 (batch, length)."""
    device = generator.device
    by = torch.randint(-shift, shift + 1, (batch, 1), generator=generator, device=device)
    places = (torch.arange(length, device=device) + by).abs()
    return length - 1 - (length - 1 - places).abs()
