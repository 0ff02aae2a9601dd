"""cnngru: train a small CNN + GRU on pictures, and see what its gates do while it reads a picture row by row.

    import cnngru
    model = cnngru.load("checkpoints/cifar10-standard")
    logits = model(images)                          # (B, 3, 32, 32) float in 0..1 -> (B, C)
    logits, trace = cnngru.trace(model, images)     # trace.update: (L, D, B, T, H)
    for event in cnngru.train(cnngru.preset("quick")):
        print(event)

The names below are the public API. They are imported when first used, so that `import cnngru` does not wait for torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnngru.checkpoint import CheckpointError, load, save
    from cnngru.config import Config, ConfigError, DataConfig, ModelConfig, TrainingConfig, override, preset
    from cnngru.explain.trace import Trace, trace
    from cnngru.nn.classifier import CNNGRU
    from cnngru.training.evaluate import Evaluation, evaluate
    from cnngru.training.loop import train

_HOME = {
    "CNNGRU": "cnngru.nn.classifier",
    "CheckpointError": "cnngru.checkpoint",
    "Config": "cnngru.config",
    "ConfigError": "cnngru.config",
    "DataConfig": "cnngru.config",
    "Evaluation": "cnngru.training.evaluate",
    "ModelConfig": "cnngru.config",
    "Trace": "cnngru.explain.trace",
    "TrainingConfig": "cnngru.config",
    "evaluate": "cnngru.training.evaluate",
    "load": "cnngru.checkpoint",
    "override": "cnngru.config",
    "preset": "cnngru.config",
    "save": "cnngru.checkpoint",
    "trace": "cnngru.explain.trace",
    "train": "cnngru.training.loop",
}

__all__ = [
    "CNNGRU",
    "CheckpointError",
    "Config",
    "ConfigError",
    "DataConfig",
    "Evaluation",
    "ModelConfig",
    "Trace",
    "TrainingConfig",
    "evaluate",
    "load",
    "override",
    "preset",
    "save",
    "trace",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cnngru' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
