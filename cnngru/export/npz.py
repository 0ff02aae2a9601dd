"""A trace as a numpy archive: what `python -m cnngru trace --out` writes and the Gates page hands out."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from cnngru.explain.trace import Trace


def trace_npz(trace: Trace, logits: Tensor, classes: Sequence[str], **others: np.ndarray) -> bytes:
    """The bytes of a .npz file: every gate by its name and `hidden` (L, D, B, T, H), `bands` (T, 2), `logits` (B, C),
    `classes` (C,), and whatever other arrays are given by name."""
    arrays = {name: value.numpy() for name, value in trace.gates.items()}
    arrays |= {"hidden": trace.hidden.numpy(), "bands": trace.bands.numpy(), "logits": logits.numpy()}
    file = io.BytesIO()
    np.savez_compressed(file, classes=np.array(classes), **arrays, **others)  # type: ignore[arg-type]  # its stub
    return file.getvalue()
