"""The presets: ready configs, from a minute of training to many, and what a data set changes in them.

Accuracy on CIFAR-10's test pictures, one view each, mean of three seeds: quick 82.8 %, standard 90.3 %, best 92.2 %,
document 74.8 %. README says how long each takes on which machine, `python -m cnngru train --forecast` on yours.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from cnngru.config import Config, Conv, DataConfig, ModelConfig, TrainingConfig
from cnngru.schema import from_dict, one_of


def _rows(*channels: int, **others: Any) -> ModelConfig:
    """Seven rows that have each seen at most 15 pixel rows; filters of the two tall blocks before, one after the first
    pooling, one after the second, and of the flat ones behind it."""
    tall = (Conv((3, 3), channels[0], (2, 2)), Conv((3, 3), channels[1]), Conv((3, 3), channels[2], (2, 2)))
    flat = tuple(Conv((1, 3), count) for count in channels[3:])
    return ModelConfig(convs=(*tall, *flat), columns="max", **others)


PRESETS: dict[str, tuple[ModelConfig, TrainingConfig]] = {
    "quick": (_rows(16, 32, 64, 128, 128, hidden=128), TrainingConfig(epochs=3)),
    "standard": (_rows(32, 64, 128, 256, 256, hidden=192), TrainingConfig(epochs=11)),
    "best": (
        _rows(48, 96, 192, 256, 256, hidden=192, bidirectional=True),
        TrainingConfig(epochs=32, muon_rate=0.06),
    ),
    # The source document's hybrid as it meant it, with its own recipe: what the others are measured against. It says
    # nothing of how weights start; its recurrent layers start like ours.
    "document": (
        ModelConfig(encoder="seed-cnn", hidden=256, layers=2, readout="last", keep_bias=0.0),
        TrainingConfig(
            epochs=10,
            batch=64,
            optimizer="adam",
            schedule="constant",
            learning_rate=1e-3,
            weight_decay=0.0,
            label_smoothing=0.0,
            precision="float32",
        ),
    ),
}
_PRESET_DATA: dict[str, dict[str, Any]] = {
    # Less to validate on is more to learn from; the curve's points are then good to about half a point.
    "standard": {"validation": 0.04},
    # Twice as long needs pictures that vary more, and smaller steps.
    "best": {"validation": 0.04, "shift": 4, "cutout": 12},
    "document": {"flip": False, "shift": 0},
}

# What a data set asks of every preset. RowCue is not mirrored or moved: its cues have one right way round, and moving
# rows would move the answer. Each step sees two pixel rows, no more (cnngru/data/rowcue.py has the reason), and only
# the last state is read: what was at the top has to be held to the bottom.
_FOR_DATA: dict[str, dict[str, dict[str, Any]]] = {
    "rowcue": {
        "data": {"flip": False, "shift": 0, "cutout": 0},
        "training": {"epochs": 6},  # it has fewer pictures
        "model": {
            "readout": "last",
            "stem_stride": 2,
            "columns": "all",
            "convs": (Conv((1, 3), 32), Conv((1, 3), 64, (1, 2)), Conv((1, 3), 64), Conv((1, 3), 128, (1, 2))),
        },
    }
}


def preset(name: str, data: str = "cifar10", path: str = "") -> Config:
    """The preset `name` ("quick", "standard", "best", "document") on the data set `data`; ConfigError for another name.

    Change single settings with `dataclasses.replace`, or `cnngru.config.override(config, "training.epochs", 3)`.
    """
    one_of("preset", name, tuple(PRESETS))
    model, training = PRESETS[name]
    asked = _FOR_DATA.get(data, {})
    vary = {**_PRESET_DATA.get(name, {}), **asked.get("data", {})}
    data_config = from_dict(DataConfig, {"name": data, "path": path, **vary}, "data")
    if model.encoder == "rows":
        model = dataclasses.replace(model, **asked.get("model", {}))
        training = dataclasses.replace(training, **asked.get("training", {}))
    return Config(data_config, model, training, preset=name)
