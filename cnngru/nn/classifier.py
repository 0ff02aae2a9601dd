"""The whole network: encoder, stacked recurrent layers, readout, head."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cnngru.bands import bands
from cnngru.config import ModelConfig
from cnngru.nn.document_cnn import three_layers
from cnngru.nn.encoder import encoder
from cnngru.nn.recurrent import recurrent_layer


class CNNGRU(nn.Module):
    """A small CNN reads a picture into rows, a GRU (or a rival) reads the rows from the top, a head names the class.

    model(images) -> logits: images (B, 3, 32, 32) float in 0..1, logits (B, C). Normalisation is part of the model.

    config      the architecture
    classes     the C class names, in the order of the logits
    bands       (T, 2) integers: the pixel rows [start, end) that each of the T steps has seen
    """

    bands: Tensor

    def __init__(self, config: ModelConfig, classes: Sequence[str]) -> None:
        super().__init__()
        self.config, self.classes = config, tuple(classes)
        self.encoder = encoder(config)
        width = self.encoder.features
        self.layers = nn.ModuleList()
        for _ in range(config.layers if config.cell != "none" else 0):
            self.layers.append(recurrent_layer(config, width))
            width = config.hidden * (2 if config.bidirectional else 1)
        self.whole = config.encoder == "seed-cnn" and not self.layers  # the document's CNN alone reads all rows at once
        self.head = three_layers(len(self.classes)) if self.whole else nn.Linear(width, len(self.classes))
        self.register_buffer("bands", torch.tensor(bands(config)), persistent=False)
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        return self.classify(self.encoder(images))

    def classify(self, features: Tensor) -> Tensor:
        """Row features (B, T, F), in the order in which they are to be read -> logits (B, C)."""
        states = features
        for layer in self.layers:
            states, _ = layer(states)  # (B, T, D·H)
        return self.head(self.read_out(states))

    def read_out(self, states: Tensor) -> Tensor:
        """states (B, T, D·H) -> (B, D·H): their mean over rows, or the last one that each direction computed.

        Readout "gated" is the last one too: the layers hand on o ⊙ y instead of h. Without recurrence it is the mean: a
        last row's features know nothing of the others. The document's CNN alone has all rows read: (B, T·F).
        """
        if self.whole:
            return states.flatten(1)
        if self.config.readout == "mean" or not self.layers:
            return states.mean(1)
        if not self.config.bidirectional:
            return states[:, -1]
        downward, upward = states.chunk(2, dim=-1)
        return torch.cat((downward[:, -1], upward[:, 0]), dim=-1)

    @property
    def parameter_count(self) -> int:
        """All weights and biases, the frozen ones included."""
        return sum(parameter.numel() for parameter in self.parameters())

    @property
    def recurrent_parameter_count(self) -> int:
        """Those of the recurrent layers alone, the readout's gate included, the head not."""
        return sum(parameter.numel() for parameter in self.layers.parameters())
