"""Who is before a run in the queue, and for about how long it has to wait. Reads folders alone; costs no torch."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from cnngru.runs import machine, pace
from cnngru.runs.run import Run
from cnngru.runs.speed import Speed

CLASSES = 10  # of pictures in a folder that nobody has counted yet: they hardly change how long a run takes


def before(run: Run, runs: Sequence[Run]) -> list[Run]:
    """The runs that have their turn now or come before this one, in that order."""
    others = [other for other in runs if other.live and other.name != run.name]
    first = [other for other in others if other.begun]
    if run.begun:
        return first
    place = (run.queued_at, run.name)
    waiting = sorted((other.queued_at, other.name) for other in others if not other.begun)
    by_name = {other.name: other for other in others}
    return [*first, *(by_name[name] for at, name in waiting if (at, name) < place)]


def seconds(ahead: Sequence[Run], runs: Sequence[Run], at_once: int) -> float | None:
    """About how long until a place is free, when those `ahead` are worked off, `at_once` together.

    runs    all of them, newest first, from which the speed of this computer is known
    None where one of them takes nobody knows how long.
    """
    kind, speed = pace.processor(), machine.kept()
    takes = [_left(run, runs, kind, speed) for run in ahead]
    if any(math.isnan(each) for each in takes):
        return None
    places = [0.0] * at_once  # when each of them is free
    for each in takes:
        heapq.heappush(places, heapq.heappop(places) + each)
    return min(places)


def _left(run: Run, runs: Sequence[Run], kind: str, speed: Speed | None) -> float:
    """Seconds that a run still takes; nan where that is not known."""
    if testing := run.last("testing"):
        begun = next((event["time"] for event in run.events_of("testing") if "time" in event), None)
        took = testing.get("time", 0.0) - begun if begun is not None else 0.0
        return float(took * (testing["total"] - testing["done"]) / testing["done"]) if testing["done"] else 0.0
    if (progress := run.last("progress")) and progress["seconds_left"] is not None:
        return float(progress["seconds_left"])
    takes = pace.estimate(run.config, pace.pictures(run.config), CLASSES, runs, kind, speed)
    return takes.middle if takes else math.nan
