"""The convolutional network of the source document (its section 4), with its mistakes put right.

The document's listing does not run. Put right: 32 pixels pooled three times leave 4 × 4 places, so the first linear
layer has 128·4·4 inputs, not 128·8·8; `torch.nn.functional` is imported; its GRU returns one tensor, so
`outputs, _ = gru(...)` must not take it apart; and its GRU was made for 3·32·32 inputs and handed the CNN's ten logits
instead of a sequence. Read as it was meant, the GRU reads the CNN's rows: here `cell="gru", hidden=256, layers=2`. Its
normalisation, (x − 0.5) / 0.5, is kept.
"""

from __future__ import annotations

import itertools

from torch import Tensor, nn

from cnngru.nn.size import CHANNELS, HEAD, PLACES


class DocumentCNN(nn.Module):
    """images (B, 3, 32, 32), float in 0..1 -> features (B, 4, 512) of four rows that have seen 15 to 22 pixel rows."""

    features = PLACES * CHANNELS[-1]  # F

    def __init__(self) -> None:
        super().__init__()
        blocks = []
        for inputs, outputs in itertools.pairwise(CHANNELS):
            blocks.append(nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)))
        self.blocks = nn.Sequential(*blocks)

    def forward(self, images: Tensor) -> Tensor:
        x = self.blocks(2 * images - 1)  # (B, C, T, W)
        return x.permute(0, 2, 3, 1).flatten(2)  # (B, T, W·C)

    def fit_input(self, images: Tensor) -> None:
        """Nothing: its normalisation is fixed."""


def three_layers(classes: int) -> nn.Sequential:
    """The document's head on all rows at once: (B, 4·512) -> logits (B, classes)."""
    inputs = PLACES * DocumentCNN.features
    first, second = HEAD
    return nn.Sequential(
        nn.Linear(inputs, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, classes)
    )
