"""What a tick of Train costs on a log of 200,000 lines: `python -m benchmarks.long_log [--lines 200000]`.

The log is made; then a line is added, as while a run trains, and the page's part is done: reading the run, and putting
its curves together. Beside it the same with nothing known, as each tick was before logs were read on.
"""

import argparse
import json
import os
import statistics
import tempfile
import time

from benchmarks.machine import describe
from cnngru.figures import bins, learning_curves
from cnngru.presets import preset
from cnngru.runs import log, store

TICKS = 20


def event(step: int, steps: int) -> dict[str, object]:
    numbers = {"epoch": step / 1000, "seconds": step / 10, "loss": 1 / step, "accuracy": 0.5, "learning_rate": 1e-3}
    return {"kind": "progress", "step": step, "steps": steps, **numbers, "images_per_second": 1e3, "seconds_left": 1.0}


def tick(name: str) -> tuple[float, float]:
    """Milliseconds of reading and of putting together."""
    began = time.perf_counter()
    events = store.get(name).events
    read = time.perf_counter()
    learning_curves.table({name: events})
    return 1000 * (read - began), 1000 * (time.perf_counter() - read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=200_000)
    lines = parser.parse_args().lines
    os.environ["CNNGRU_CHECKPOINTS"] = tempfile.mkdtemp()
    name, starting = store.create_announced(preset("quick", "rowcue"))
    os.close(starting)
    file = store.root() / name / log.FILE
    with file.open("a") as opened:
        for step in range(1, lines + 1):
            opened.write(json.dumps({**event(step, lines), "time": 1.7e9 + step}) + "\n")
    print(f"{describe()}\n{lines:,} lines, {file.stat().st_size / 1e6:.0f} MB; median of {TICKS}, milliseconds\n")
    print("| tick | read | put together |\n|---|---|---|")
    for what, anew in (("with nothing known", True), ("of a log that has grown by a line", False)):
        found = []
        for _ in range(3 if anew else TICKS):
            if anew:
                log._known.clear()
                bins._curves.clear()
            log.append(store.root() / name, event(lines, lines))
            found.append(tick(name))
        read, together = (statistics.median(times) for times in zip(*found, strict=True))
        print(f"| {what} | {read:.0f} | {together:.0f} |")


if __name__ == "__main__":
    main()
