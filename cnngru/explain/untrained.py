"""A network that has learnt nothing, beside one that has: what a figure shows of both, training did not make."""

from __future__ import annotations

import torch

from cnngru.nn.classifier import CNNGRU

OF_THE_INPUT = ("encoder.mean", "encoder.std", "encoder.stem.weight", "encoder.stem.bias")  # set before training begins


def untrained(model: CNNGRU, seed: int = 0) -> CNNGRU:
    """The same architecture with the weights that a training with this seed could have begun with, in eval mode.

    The normalisation and the whitening filters are the model's own: both are computed from the training pictures before
    the first step, and without them the control would differ by what it is fed too. Batch normalisation is as it stands
    before the first batch. The caller's random state is left alone, and so is the model.
    """
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        fresh = CNNGRU(model.config, model.classes).to(next(model.parameters()))  # its device and precision
    kept = {name: value for name, value in model.state_dict().items() if name in OF_THE_INPUT}
    fresh.load_state_dict(kept, strict=False)
    return fresh.eval()
