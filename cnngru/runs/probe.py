"""What a network does while it learns: its gates on a few held-out pictures, and what it answers, now and then.

Into the log goes what becomes a map, the mean of each gate at each row; beside the run lies the newest look, live.npz:

    pictures (N, 3, 32, 32) uint8, labels (N,) uint8, probabilities (N, C) float16, step
    map (T, H) float16     the first gate of the first layer, read downward, on the first picture; not without gates

Extras: what cannot be written is left out, and a run goes on without.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnngru.runs import artifacts
from cnngru.runs.run import Run

if TYPE_CHECKING:
    from torch import Tensor

    from cnngru.nn.classifier import CNNGRU

FILE = "live.npz"
EVERY, SHARE = 2.0, 0.01  # seconds between two looks, at least; the share of the time that looking takes, at most
SHUT, OPEN = 0.1, 0.9  # a gate that is below or above is saturated


class Probe:
    """Looks at a run's network as it learns. samples: pictures (N, 3, 32, 32) uint8 and labels (N,)."""

    def __init__(self, run: Run, model: CNNGRU, samples: tuple[Tensor, Tensor]) -> None:
        self.folder, self.model, self.samples = run.folder, model, samples
        self.told = max((event["step"] for event in run.events_of("gates")), default=-1)
        self.due = 0.0

    def look(self, step: int, epoch: float) -> dict[str, Any] | None:
        """What the log gets after that step; None where it is not time, or was told before a kill."""
        began = time.monotonic()
        if began < self.due or step <= self.told:
            return None
        event = self._look(step, epoch)
        self.told = step
        self.due = time.monotonic() + max(EVERY, (time.monotonic() - began) / SHARE)
        return event

    def _look(self, step: int, epoch: float) -> dict[str, Any] | None:
        import torch

        from cnngru.explain.trace import trace

        pictures, labels = self.samples
        images = pictures.to(next(self.model.parameters()).device).float() / 255
        training = self.model.training
        self.model.eval()
        try:
            with torch.no_grad():
                logits, found = trace(self.model, images) if self.model.layers else (self.model(images), None)
        finally:
            self.model.train(training)
        shares = {} if found is None else found.shares
        kept = {
            "pictures": pictures.cpu().numpy(),
            "labels": labels.cpu().numpy(),
            "probabilities": logits.float().softmax(1).half().cpu().numpy(),
            "step": torch.tensor(step).numpy(),
        }
        event: dict[str, Any] | None = None
        if shares:
            kept["map"] = next(iter(shares.values()))[0, 0, 0].half().cpu().numpy()
            means = {
                word: [round(mean, 4) for mean in gate.mean((0, 1, 2, 4)).tolist()] for word, gate in shares.items()
            }
            every = torch.cat([gate.flatten() for gate in shares.values()])
            saturated = ((every < SHUT) | (every > OPEN)).float().mean().item()
            event = {"kind": "gates", "step": step, "epoch": epoch, "shares": means, "saturated": round(saturated, 4)}
        with suppress(OSError):
            artifacts.write_arrays(self.folder / FILE, kept)
        return event


def read(folder: Path) -> dict[str, Any] | None:
    """The newest look, by the names above; None where there is none, or it is damaged."""
    kept = artifacts.read_arrays(folder / FILE)
    if kept is None or not {"pictures", "labels", "probabilities", "step"} <= set(kept):
        return None
    count, pictures, probabilities = len(kept["labels"]), kept["pictures"], kept["probabilities"]
    fits = pictures.shape == (count, 3, 32, 32) and pictures.dtype == "uint8" and kept["labels"].dtype.kind in "ui"
    fits = fits and probabilities.ndim == 2 and len(probabilities) == count and probabilities.dtype.kind == "f"
    fits = fits and kept["step"].ndim == 0 and kept["step"].dtype.kind in "ui" and 0 < count <= 64
    if not fits or kept["labels"].max() >= probabilities.shape[1]:
        return None
    if "map" in kept and (kept["map"].ndim != 2 or kept["map"].dtype.kind != "f"):
        return None
    return kept
