"""Small networks of every kind, for what leaves the project."""

from __future__ import annotations

from typing import Any

import torch

import cnngru
from cnngru.cells import CELLS
from cnngru.config import Conv, ModelConfig

SMALL: dict[str, Any] = {"stem_stride": 2, "convs": (Conv((3, 3), 8, (2, 4)),), "hidden": 6}
KINDS: dict[str, dict[str, Any]] = {
    **{cell: {"cell": cell, "layers": 2} for cell in CELLS},
    **{f"{cell}, both ways": {"cell": cell, "bidirectional": True, "readout": "last"} for cell in CELLS},
    "gated": {"cell": "gru-textbook", "readout": "gated", "layers": 2},
    "last": {"cell": "gru", "readout": "last"},
    "strongest column": {"columns": "max"},
    "pixels": {"encoder": "pixels"},
    "document": {"encoder": "seed-cnn", "hidden": 8, "readout": "last"},
    "document alone": {"encoder": "seed-cnn", "cell": "none"},
    "no recurrence": {"cell": "none"},
}


def made(kind: str) -> cnngru.CNNGRU:
    """A network of that kind, its weights and statistics as if it had learnt."""
    torch.manual_seed(0)
    model = cnngru.CNNGRU(ModelConfig(**{**SMALL, **KINDS[kind]}), ("a", "b", "ç")).eval()
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            value.add_(0.1 * torch.rand_like(value) if name.endswith("running_var") else 0.1 * torch.randn_like(value))
    return model
