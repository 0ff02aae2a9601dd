"""From a picture to one feature vector a row, such that a row's features have seen few pixel rows.

An ordinary CNN pools and convolves in both directions, and soon every feature has seen the whole picture: a gate "at
row 3" would mean nothing. Here few kernels are tall, and `cnngru.bands` says what a row has seen.
The stem is the frozen whitening convolution of Page (2019, myrtle.ai) and Jordan (2024, arXiv:2404.00498). Convolutions
that start as the identity are from Zagoruyko & Komodakis (2017, arXiv:1706.00388); GELU, the batch normalisation's
momentum and its unscaled output are Jordan's; that a row hands on its strongest column is ours. What each is worth is
in benchmarks/README.md.

Beside it stand two encoders to compare with: the bare rows of pixels, and the source document's CNN (document_cnn.py).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cnngru.bands import STEM
from cnngru.config import PICTURE, Conv, ModelConfig
from cnngru.nn import document_cnn
from cnngru.nn.size import WHITENED


class Encoder(nn.Module):
    """images (B, 3, 32, 32), float in 0..1 -> row features (B, T, F)."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.full((1, 3, 1, 1), 0.5))
        self.register_buffer("std", torch.full((1, 3, 1, 1), 0.25))
        self.stem = nn.Conv2d(3, WHITENED, STEM, stride=config.stem_stride)
        self.stem.requires_grad_(False)  # the bias too, which stays 0: so no gradient has to be carried this far down
        self.stem.bias.zero_()  # type: ignore[union-attr]
        channels = (WHITENED, *(conv.channels for conv in config.convs))
        self.blocks = nn.Sequential(*(_block(c, conv) for c, conv in zip(channels, config.convs, strict=False)))
        width = (PICTURE - STEM) // config.stem_stride + 1
        for conv in config.convs:
            width //= conv.pool[1]
        self.strongest = config.columns == "max"
        self.features = channels[-1] * (1 if self.strongest else width)  # F

    def forward(self, images: Tensor) -> Tensor:
        x = (images - self.mean) / self.std
        x = nn.functional.gelu(self.stem(x))
        x = self.blocks(x)  # (B, C, T, W)
        if self.strongest:
            x = nn.functional.max_pool2d(x, (1, x.shape[3]))  # (B, C, T, 1); amax's gradient takes a quarter of a step
        features = x.permute(0, 2, 3, 1).flatten(2)  # (B, T, W·C)
        if features.requires_grad:
            # The GRU hands its gradient back rows first, a layout that batch normalisation's backward is slow on.
            features.register_hook(Tensor.contiguous)
        return features

    @torch.no_grad()
    def fit_input(self, images: Tensor, eps: float = 5e-4) -> None:
        """Sets the normalisation and the whitening filters from training pictures (N, 3, 32, 32), float in 0..1.

        The filters are ±v / √(λ + eps) for the eigenvectors v of the covariance of the normalised 2×2 patches.
        """
        self.mean.copy_(images.mean((0, 2, 3), keepdim=True))
        self.std.copy_(images.std((0, 2, 3), keepdim=True).clamp_min(1e-3))
        patches = nn.functional.unfold((images - self.mean) / self.std, STEM, stride=STEM)  # (N, 12, places)
        patches = patches.permute(1, 0, 2).flatten(1).double()  # (12, N·places)
        values, vectors = torch.linalg.eigh(patches @ patches.T / patches.shape[1])
        filters = (vectors / (values.clamp_min(0) + eps).sqrt()).T.reshape(-1, 3, STEM, STEM)
        self.stem.weight.copy_(torch.cat((filters, -filters)))


def _block(channels_in: int, conv: Conv) -> nn.Sequential:
    height, width = conv.kernel
    convolution = nn.Conv2d(channels_in, conv.channels, conv.kernel, padding=(height // 2, width // 2), bias=False)
    nn.init.dirac_(convolution.weight[: min(channels_in, conv.channels)])  # starts by handing its input on
    pool = nn.Identity() if conv.pool == (1, 1) else nn.MaxPool2d(conv.pool)
    norm = nn.BatchNorm2d(conv.channels, momentum=0.4)
    norm.weight.requires_grad_(False)  # the next layer can scale as well; one knob less to learn
    return nn.Sequential(convolution, pool, norm, nn.GELU())


class Pixels(nn.Module):
    """images (B, 3, 32, 32), float in 0..1 -> their rows (B, 32, 32·3) in −1..1: no encoder at all."""

    features = PICTURE * 3  # F

    def forward(self, images: Tensor) -> Tensor:
        return (2 * images - 1).permute(0, 2, 3, 1).flatten(2)  # (B, T, W·3)

    def fit_input(self, images: Tensor) -> None:
        """Nothing: its normalisation is fixed."""


def encoder(config: ModelConfig) -> Encoder | Pixels | document_cnn.DocumentCNN:
    """The encoder by its name: images (B, 3, 32, 32) -> (B, T, F). All have `features` (F) and `fit_input`."""
    match config.encoder:
        case "pixels":
            return Pixels()
        case "seed-cnn":
            return document_cnn.DocumentCNN()
        case _:
            return Encoder(config)
