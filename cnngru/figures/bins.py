"""A long curve in few points: neighbours are put together, with their mean, their least and their greatest.

A log that grows is not gone through again: what was put together of it is kept, and only what is new is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MEANS = ("epoch", "seconds", "loss", "accuracy", "learning_rate", "images_per_second")
SPANS = ("loss", "accuracy")
PARTS = {"progress": "training", "validated": "validation"}
KEPT = 200  # curves, at most


@dataclass
class _Bin:
    """Neighbouring events: how many numbers there were of each field, their sum, least and greatest."""

    count: dict[str, int] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)
    low: dict[str, float] = field(default_factory=dict)
    high: dict[str, float] = field(default_factory=dict)

    def add(self, event: Mapping[str, Any]) -> None:
        for name in MEANS:
            value = event.get(name)
            if value is not None:
                self.count[name] = self.count.get(name, 0) + 1
                self.total[name] = self.total.get(name, 0.0) + value
                self.low[name] = min(self.low.get(name, value), value)
                self.high[name] = max(self.high.get(name, value), value)

    def row(self) -> dict[str, float | None]:
        means = {name: self.total[name] / self.count[name] if name in self.count else None for name in MEANS}
        spans = {f"{name}_{end}": getattr(self, end).get(name) for name in SPANS for end in ("low", "high")}
        return means | spans


@dataclass
class _Curve:
    """What was put together of the first `taken` events, of which `first` and `last` are the ends."""

    taken: int = 0
    first: Mapping[str, Any] | None = None
    last: Mapping[str, Any] | None = None
    bins: dict[tuple[str, float], _Bin] = field(default_factory=dict)

    def goes_on(self, events: Sequence[Mapping[str, Any]]) -> bool:
        """Whether these are the same events, with more behind them: the very same, as a log that has grown gives."""
        return 0 < self.taken <= len(events) and events[0] is self.first and events[self.taken - 1] is self.last


_curves: dict[tuple[str, int], _Curve] = {}


def binned(name: str, events: Sequence[Mapping[str, Any]], points: int) -> list[dict[str, Any]]:
    """One row for each bin of a run's curves, in their order: part, MEANS, and loss_low, loss_high, accuracy_low, ….

    points  of a training curve, about: a bin is so large a part of the run. The cuts do not depend on what is to come
    """
    key = (name, points)
    curve = _curves.get(key)
    if curve is None or not curve.goes_on(events):
        curve = _curves[key] = _Curve()
    for event in events[curve.taken :]:
        if part := PARTS.get(event["kind"]):
            cut = event["step"] * points // event["steps"] if event.get("steps") else event["step"]
            curve.bins.setdefault((part, cut), _Bin()).add(event)
    if events:
        curve.taken, curve.first, curve.last = len(events), events[0], events[-1]
    while len(_curves) > KEPT:
        del _curves[next(iter(_curves))]
    return [{"part": part, **bin.row()} for (part, _), bin in curve.bins.items()]
