"""Which runs' seconds can be set side by side: those that trained on the same machine, and each alone.

Pure: runs in, plain values out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnngru.comparison.groups import Group
from cnngru.comparison.metrics import Machine, machine, number
from cnngru.runs.store import Run


def overlapping(runs: Sequence[Run]) -> set[str]:
    """The names of the runs that trained while another of them did: they shared the processor, so both were slower.

    A run counts from its start to its last line, one that still trains without an end. Where logs have no time, nothing
    is known and nothing is said.
    """
    spans = [(run.name, span) for run in runs if (span := _span(run)) is not None]
    return {
        name
        for i, (name, (start, end)) in enumerate(spans)
        if any(start < other_end and other_start < end for _, (other_start, other_end) in spans[:i] + spans[i + 1 :])
    }


def _span(run: Run) -> tuple[float, float] | None:
    """When training began and ended, in unix seconds."""
    start = number((run.last("started") or {}).get("time"))
    last = number(run.events[-1].get("time")) if run.events else None
    if start is None or last is None:
        return None
    return start, math.inf if run.live else last


def shared_machine(one: Group, other: Group) -> Machine | None:
    """The machine on which the side with fewer finished runs has most."""
    counts = [[machine(run) for run in group.runs if run.status == "finished"] for group in (one, other)]
    shared = [known for known in dict.fromkeys(counts[0]) if known is not None and known in counts[1]]
    return max(shared, key=lambda known: min(count.count(known) for count in counts), default=None)
