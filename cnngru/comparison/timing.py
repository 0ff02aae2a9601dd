"""Which runs' seconds can be set side by side: those that trained on the same machine, and each alone.

Pure, like cnngru/comparison/compare.py.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

from cnngru.comparison.compare import Group, machine
from cnngru.runs.store import Run

Machine = tuple[Any, ...]  # device, precision, threads


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
    start, last = (run.last("started") or {}).get("time"), run.events[-1].get("time") if run.events else None
    if not isinstance(start, int | float) or not isinstance(last, int | float):
        return None
    return float(start), math.inf if run.live else float(last)


def undisturbed(group: Group, disturbed: Collection[str]) -> tuple[Group, int]:
    """The group without the `disturbed` runs, and how many finished ones that leaves out."""
    clean = tuple(run for run in group.runs if run.name not in disturbed)
    return Group(group.label, clean), sum(run.status == "finished" for run in group.runs if run.name in disturbed)


def left_out(runs: int) -> str:
    """That so many runs do not count, and what to do; "" for none."""
    if not runs:
        return ""
    which, they = ("1 run", "it") if runs == 1 else (f"{runs} runs", "they")
    return (
        f" Left out: {which} that trained while another of the chosen ones did, so that {they} took longer. To count, "
        "train one at a time (CNNGRU_MAX_RUNS=1)."
    )


def on(group: Group, wanted: Machine) -> Group:
    """The group's runs that trained on this machine."""
    return Group(group.label, tuple(run for run in group.runs if machine(run) == wanted))


def shared_machine(one: Group, other: Group) -> Machine | None:
    """The machine on which the side with fewer finished runs has most."""
    counts = [[machine(run) for run in group.runs if run.status == "finished"] for group in (one, other)]
    shared = [known for known in dict.fromkeys(counts[0]) if known is not None and known in counts[1]]
    return max(shared, key=lambda known: min(count.count(known) for count in counts), default=None)


def say_machine(known: Machine) -> str:
    """A machine in words: "cpu, bfloat16, 2 threads"."""
    device, precision, threads = known
    parts = [device, precision, f"{threads} thread{'s' if threads != 1 else ''}" if threads else None]
    return ", ".join(str(part) for part in parts if part)
