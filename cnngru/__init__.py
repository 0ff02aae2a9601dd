"""cnngru: train a small CNN + GRU on pictures, and see what its gates do while it reads a picture row by row.

    import cnngru
    model = cnngru.load("checkpoints/cifar10-best")
    logits = model(images)                          # (B, 3, 32, 32) float in 0..1 -> (B, C)
    logits, trace = cnngru.trace(model, images)     # trace.update: (L, D, B, T, H)
    for event in cnngru.train(cnngru.preset("quick")):
        print(event)

The names below are the public API. They are imported when first used, so that `import cnngru` does not wait for torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "1.1.0"

if TYPE_CHECKING:
    from cnngru.checkpoint import CheckpointError as CheckpointError
    from cnngru.checkpoint import load as load
    from cnngru.checkpoint import save as save
    from cnngru.config import Config as Config
    from cnngru.config import ConfigError as ConfigError
    from cnngru.config import DataConfig as DataConfig
    from cnngru.config import ModelConfig as ModelConfig
    from cnngru.config import TrainingConfig as TrainingConfig
    from cnngru.config import override as override
    from cnngru.data import DataError as DataError
    from cnngru.explain.trace import Trace as Trace
    from cnngru.explain.trace import trace as trace
    from cnngru.nn.classifier import CNNGRU as CNNGRU
    from cnngru.presets import preset as preset
    from cnngru.training.evaluate import Evaluation as Evaluation
    from cnngru.training.evaluate import evaluate as evaluate
    from cnngru.training.events import Event as Event
    from cnngru.training.events import Failed as Failed
    from cnngru.training.events import Finished as Finished
    from cnngru.training.events import Progress as Progress
    from cnngru.training.events import Started as Started
    from cnngru.training.events import Validated as Validated
    from cnngru.training.loop import train as train

_NAMES = {
    "cnngru.checkpoint": "CheckpointError load save",
    "cnngru.config": "Config ConfigError DataConfig ModelConfig TrainingConfig override",
    "cnngru.data": "DataError",
    "cnngru.explain.trace": "Trace trace",
    "cnngru.nn.classifier": "CNNGRU",
    "cnngru.training.evaluate": "Evaluation evaluate",
    "cnngru.training.events": "Event Failed Finished Progress Started Validated",
    "cnngru.presets": "preset",
    "cnngru.training.loop": "train",
}
_HOME = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'cnngru' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
