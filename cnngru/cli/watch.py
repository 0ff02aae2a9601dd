"""`python -m cnngru runs watch`: a run's curves in the terminal, drawn anew while it trains; or its events as JSON."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any

from cnngru.cli.console import add_json, command, say, visible
from cnngru.runs import store
from cnngru.runs.run import Run

LOOK_EVERY = 0.5  # seconds
HEIGHT = 12  # lines of a chart
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a Braille letter, by row and column
BRAILLE = 0x2800


def add(jobs: Any) -> None:
    does = "draw a run's curves in the terminal while it trains"
    job = command(jobs, "watch", does, "python -m cnngru runs watch NAME")
    job.add_argument("name")
    job.add_argument("--once", action="store_true", help="draw it as it is now, and end")
    add_json(job)
    job.set_defaults(run=watch)


def watch(args: argparse.Namespace) -> int:
    """Until nobody works on the run any more. Ctrl-C ends the watching, not the run."""
    drawn = told = 0
    while True:
        run = store.get(args.name)
        if args.json:
            for event in run.events[told:]:
                print(json.dumps(event), flush=True)
            told = len(run.events)
        elif sys.stdout.isatty() or not run.live or args.once:
            lines = picture(run, shutil.get_terminal_size().columns)
            if drawn:
                print(f"\x1b[{drawn}F\x1b[0J", end="")  # up to the first line of the last one, and clear
            say("\n".join(lines))
            sys.stdout.flush()
            drawn = len(lines) if sys.stdout.isatty() else 0
        if args.once or not run.live:
            return 0
        time.sleep(LOOK_EVERY)


def picture(run: Run, columns: int) -> list[str]:
    """What is known of a run in lines of at most so many columns: its state, and two charts."""
    progress, validated = run.events_of("progress"), run.events_of("validated")
    lines = [visible(f"{run.name}: {run.status}")[:columns]]
    if not progress:
        return [*lines, "The curves appear with the first step."]
    at = progress[-1]
    speed = "" if at["images_per_second"] is None else f", {at['images_per_second']:,.0f} pictures/s"
    left = "" if at["seconds_left"] is None or not run.live else f", {at['seconds_left']:,.0f} s left"
    lines.append(f"step {at['step']:,} of {at['steps']:,}, epoch {at['epoch']:.2f}{speed}{left}"[:columns])
    end = max(run.now.training.epochs, at["epoch"])
    for name, scale in (("accuracy", 100.0), ("loss", 1.0)):
        curves = [
            [(e["epoch"], scale * e[name]) for e in events if e[name] is not None] for events in (progress, validated)
        ]
        newest = [f"{word} {points[-1][1]:.3g}" for word, points in zip(WORDS, curves, strict=True) if points]
        unit = " (%)" if scale == 100 else ""
        lines += ["", f"{name}{unit}: {', '.join(newest)}"[:columns], *chart(curves, end, columns)]
    return lines


WORDS = ("training", "validation")


def chart(curves: Sequence[Sequence[tuple[float, float]]], end: float, columns: int) -> list[str]:
    """Curves (x, y) on axes from 0 to `end`, and from the least to the greatest y, as lines of text.

    The first curve is a line of dots, each further one's points are marked with an o. Where the terminal has no Braille
    letters, dots are coarser.
    """
    width = max(10, columns - 9)
    values = [y for curve in curves for _, y in curve]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    fine = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    wide, tall = (2, 4) if fine else (1, 1)
    cells: dict[tuple[int, int], int] = {}
    letters: dict[tuple[int, int], str] = {}
    for number, curve in enumerate(curves):
        for x, y in curve:
            across = min(int(x / max(end, 1e-9) * width * wide), width * wide - 1)
            down = min(int((high - y) / (high - low) * HEIGHT * tall), HEIGHT * tall - 1)
            place = (down // tall, across // wide)
            if number:
                letters[place] = "o"
            elif fine:
                cells[place] = cells.get(place, 0) | DOTS[down % tall][across % wide]
            else:
                letters.setdefault(place, ".")
    lines = []
    for row in range(HEIGHT):
        label = {0: high, HEIGHT - 1: low}.get(row)
        text = "".join(letters.get((row, at)) or _letter(cells.get((row, at), 0)) for at in range(width))
        lines.append(f"{'' if label is None else f'{label:.3g}':>7} |{text}".rstrip())
    return [*lines, f"{'':7} +{'-' * width}", f"{'':7}  0{f'epoch {end:g}':>{width - 1}}"]


def _letter(dots: int) -> str:
    return chr(BRAILLE + dots) if dots else " "
