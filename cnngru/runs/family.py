"""Runs that were continued from another one: what parent.json beside such a run says, and who belongs together.

    parent.json          {"run": name, "step": step, "config": the parent's settings}
    start.safetensors    the parent's weights, where it was continued from a snapshot, of which there is no state

The parent may be gone, or called otherwise elsewhere: what it was asked for is kept here. Imports no torch.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnngru import places
from cnngru.config import Config, changed
from cnngru.runs import files, states
from cnngru.runs.run import LARGEST_CONFIG, Run
from cnngru.schema import from_dict
from cnngru.training.continuing import check_continues

FILE = "parent.json"
START = "start.safetensors"
MOST = 2**53


@dataclass(frozen=True)
class Origin:
    """Where a run was continued from: the parent's name, the step, and what the parent was asked for."""

    run: str
    step: int
    config: Config


@dataclass(frozen=True)
class Point:
    """A moment of a run that it can be continued from. whole: all of its state is kept, not the weights alone."""

    step: int
    file: Path
    whole: bool


def read(folder: Path) -> Origin | None:
    """Where the run in a folder was continued from; None for one that began at the beginning, or a damaged file."""
    try:
        values = json.loads(files.read(folder / FILE, 2 * LARGEST_CONFIG))
        origin = Origin(values["run"], values["step"], from_dict(Config, values["config"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    named = isinstance(origin.run, str) and places.NAME.fullmatch(origin.run)
    counted = isinstance(origin.step, int) and not isinstance(origin.step, bool) and 0 <= origin.step <= MOST
    return origin if named and counted else None


def points(run: Run) -> list[Point]:
    """The moments that a run can be continued from, the earliest first."""
    whole = {step: Point(step, file, True) for step, file in states.listed(run.folder)}
    weights = {step: Point(step, file, False) for step, file in run.snapshots()}
    return sorted((weights | whole).values(), key=lambda point: point.step)


def nearest(found: Sequence[Point], step: float) -> Point | None:
    """The last of the points that is not after `step`, the first of all where all are; None where there are none.

    One with all of its state is preferred: weights alone are taken where nothing else is there.
    """
    candidates = [point for point in found if point.whole] or list(found)
    before = [point for point in candidates if point.step <= step]
    return before[-1] if before else candidates[0] if candidates else None


def check(run: Run, config: Config) -> None:
    """Raises StateError, in words, where the run cannot be continued with these settings."""
    check_continues(run.config, config)


def write(folder: Path, parent: Run, point: Point) -> None:
    """Makes the new run in `folder` begin at that point of its parent. Raises OSError."""
    if point.whole:
        (folder / states.PLACE).mkdir()
        shutil.copyfile(point.file, folder / states.PLACE / f"step-{point.step:07}.safetensors")
    else:
        shutil.copyfile(point.file, folder / START)
    values: dict[str, Any] = {"run": parent.name, "step": point.step, "config": dataclasses.asdict(parent.config)}
    (folder / FILE).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def changes(run: Run, origin: Origin) -> list[tuple[str, Any, Any]]:
    """(setting, the parent's value, the run's own) of what was changed when it was continued."""
    return changed(origin.config, run.config)


@dataclass(frozen=True)
class Member:
    """One of a family. depth: how many parents it has above it in the family; parent: the nearest, None for none."""

    run: Run
    origin: Origin | None
    depth: int

    @property
    def parent(self) -> str | None:
        return self.origin.run if self.origin and self.depth else None


def family(run: Run, runs: Sequence[Run]) -> list[Member]:
    """The run with all that it was continued from, and all that was continued from those, parents before children and
    children in the order of their steps. Only the run itself where it has no relatives."""
    known = {one.name: one for one in runs} | {run.name: run}
    origins = {name: origin for name, one in known.items() if (origin := read(one.folder)) is not None}
    first, seen = run.name, {run.name}
    while first in origins and origins[first].run in known and origins[first].run not in seen:
        first = origins[first].run
        seen.add(first)
    children: dict[str, list[str]] = {}
    for name, origin in origins.items():
        children.setdefault(origin.run, []).append(name)
    found: list[Member] = []

    def add(name: str, depth: int) -> None:
        if any(member.run.name == name for member in found):  # a stranger's folders may go in a circle
            return
        found.append(Member(known[name], origins.get(name), depth))
        for child in sorted(children.get(name, []), key=lambda child: (origins[child].step, known[child].created_at)):
            add(child, depth + 1)

    add(first, 0)
    return found


def start_weights(run: Run) -> Path | None:
    """The weights that a run begins with, where it was continued from a snapshot."""
    file = run.folder / START
    return file if files.is_plain(file) else None
