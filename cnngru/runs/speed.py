"""How fast a computer trains: what was measured of it, and the time of a step that follows. Costs no torch."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnngru.config import Config
from cnngru.nn.effort import KINDS, OF_PICTURES, effort


@dataclass(frozen=True)
class Speed:
    """What was measured, as `cnngru.training.speed.measure` says, and

    start       seconds that a fresh Python took to have torch ready
    time        when it was measured, in unix seconds
    """

    device: str
    precision: str
    seconds: Mapping[str, tuple[float, ...]]
    threads: int
    faster: float
    quiet: bool
    emulated: float
    start: float
    time: float

    def step(self, config: Config) -> float | None:
        """Seconds of a training step with these settings; None for a device or a precision that was not measured."""
        training = config.training
        if training.device not in ("auto", self.device):
            return None
        precision = self.precision if training.precision == "auto" else training.precision
        slower = self.emulated if precision == "bfloat16" and self.emulated else 1.0
        kinds = self.seconds.get("float32" if slower > 1 else precision)
        if kinds is None:
            return None
        costs = [count * each for count, each in zip(effort(config), kinds, strict=True)]
        return (slower * sum(costs[:OF_PICTURES]) + sum(costs[OF_PICTURES:])) / self._faster(training.threads)

    def _faster(self, threads: int) -> float:
        """How much faster so many threads are than one, 0 for as many as torch takes by itself."""
        if not threads or threads == self.threads or self.device != "cpu":
            return self.faster
        if self.threads == 1:
            return 1.0
        most = (min(threads, os.cpu_count() or 1) - 1) / (self.threads - 1)
        return max(1.0, 1 + (self.faster - 1) * most)


def read(said: Mapping[str, Any]) -> Speed | None:
    """What `measure` found; None where a value is missing or can be no measurement."""
    try:
        seconds = {str(name): tuple(map(float, kinds)) for name, kinds in said["seconds"].items()}
        speed = Speed(
            device=str(said["device"]),
            precision=str(said["precision"]),
            seconds=seconds,
            threads=int(said["threads"]),
            faster=float(said["faster"]),
            quiet=bool(said["quiet"]),
            emulated=float(said["emulated"]),
            start=float(said["start"]),
            time=float(said["time"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None
    numbers = (speed.faster, speed.emulated, speed.start, speed.time, *(each for k in seconds.values() for each in k))
    fits = all(len(kinds) == len(KINDS) and any(kinds) for kinds in seconds.values())
    good = all(math.isfinite(each) and each >= 0 for each in numbers) and speed.threads > 0 and speed.faster > 0
    return speed if fits and good and "float32" in seconds else None
