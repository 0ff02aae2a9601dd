"""Which pixel rows each step of the network has seen, told from the settings alone, without torch."""

from __future__ import annotations

from cnngru.config import PICTURE, ModelConfig

Layer = tuple[int, int, int]  # (kernel, stride, padding), all vertical, in rows of the layer's input

STEM = 2  # height and width of the whitening kernel of the encoder "rows", in pixels
DOCUMENT_CNN: list[Layer] = [(3, 1, 1), (2, 2, 0)] * 3  # the source document's convolutions, each with its pooling


def bands(config: ModelConfig) -> list[tuple[int, int]]:
    """The pixel rows [start, end) that each of the T row features has seen, from the top.

    Goes up layer by layer: a row of a layer has seen what the first and the last row under its kernel had seen
    (the receptive field; Araujo et al. 2019, distill.pub/2019/computing-receptive-fields). Padding shows nothing.
    """
    seen = [(y, y + 1) for y in range(PICTURE)]
    for kernel, stride, padding in vertical(config):
        below, last = seen, len(seen) - 1
        firsts = [stride * t - padding for t in range((len(below) + 2 * padding - kernel) // stride + 1)]
        seen = [(below[max(first, 0)][0], below[min(first + kernel - 1, last)][1]) for first in firsts]
    return seen


def vertical(config: ModelConfig) -> list[Layer]:
    """The encoder's layers as they look up and down, in order."""
    match config.encoder:
        case "pixels":
            return []
        case "seed-cnn":
            return DOCUMENT_CNN
        case "rows":
            layers: list[Layer] = [(STEM, config.stem_stride, 0)]
            for conv in config.convs:
                layers += [(conv.kernel[0], 1, conv.kernel[0] // 2), (conv.pool[0], conv.pool[0], 0)]
            return layers
