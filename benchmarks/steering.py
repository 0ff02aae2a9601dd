"""How soon a run does what it is asked, and what its state costs: `python -m benchmarks.steering [--repeats 5]`.

Asked: a real run of each preset, by its own worker, which is paused, gone on with, changed, and stopped; the time from
the command's file to the log's line, beside the time of a step. Kept: a training's state taken down, written, read back
and moved in, as the worker does it each half minute. Needs CIFAR-10 on disk ($CNNGRU_DATA) for the presets; without it
they train on RowCue.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.machine import describe
from cnngru import data
from cnngru.config import override
from cnngru.data import cifar10, rowcue
from cnngru.presets import preset
from cnngru.runs import commands, engines, states, steering, store
from cnngru.runs.commands import Command
from cnngru.training.loop import fit
from cnngru.training.state import to_bytes

LIMIT = 120.0  # seconds for anything


def until(true: Callable[[], object]) -> float:
    """Seconds until it is so."""
    began = time.perf_counter()
    while not true():
        if time.perf_counter() - began > LIMIT:
            raise TimeoutError("it never came")
        time.sleep(0.005)
    return time.perf_counter() - began


def asked(name: str, source: str, repeats: int) -> list[str]:
    """Rows of the table of one preset."""
    config = override(preset(name, source), "training.epochs", 1000)
    run = engines.choose().start(config)
    folder = store.root() / run

    def done(number: int) -> bool:
        return commands.done(store.get(run).events) >= number

    found: dict[str, list[float]] = {}
    until(lambda: len(store.get(run).events_of("progress")) > 3)
    for number in range(repeats):
        jobs = {
            "pause": Command("pause"),
            "resume": Command("resume"),
            "another learning rate": Command("set", "training.learning_rate", 0.001 + number / 1e4),
        }
        for what, command in jobs.items():
            given = commands.give(folder, command)
            found.setdefault(what, []).append(until(lambda given=given: done(given)))
            time.sleep(1)
        engines.choose().stop(run)
        found.setdefault("stop, until its worker has ended", []).append(until(lambda: not store.get(run).live))
        engines.choose().resume(run)
        before = store.get(run).step
        found.setdefault("resume after that, until the first new point", []).append(
            until(lambda before=before: store.get(run).step > before)
        )
    progress = store.get(run).events_of("progress")[-10:]
    step = statistics.median(config.training.batch / event["images_per_second"] for event in progress)
    engines.choose().stop(run, force=True)
    return [f"| {name} | {step:.2f} | {what} | {spread(times)} |" for what, times in found.items()]


def kept(name: str, source: str, pictures: data.Dataset, repeats: int) -> str:
    """A row: how long keeping a state takes, and its size."""
    config = preset(name, source)
    course = None

    def between(step: int, capture: object) -> None:
        nonlocal course
        if step == 2:
            course = capture

    stream = fit(config, pictures, None, between)
    while course is None:
        next(stream)
    times, size = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for step in range(repeats):
            began = time.perf_counter()
            whole = to_bytes(course(), {"run": "benchmark", "commands": 0})
            states.write(Path(folder), step, whole, stays=False)
            times.append(time.perf_counter() - began)
            size = len(whole)
    stream.close()
    share = 100 * statistics.median(times) / steering.KEEP_EVERY
    return f"| {name} | {size / 1e6:.1f} | {1000 * statistics.median(times):.0f} | {share:.2f} |"


def spread(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} ({min(times):.2f}–{max(times):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--presets", nargs="+", default=["quick", "standard", "best"])
    args = parser.parse_args()
    source = "cifar10" if cifar10.status() == "ready" else "rowcue"
    print(f"{describe()}\n{source}, median of {args.repeats} (min–max), seconds\n")
    print("| preset | a step | asked | done after |\n|---|---|---|---|")
    os.environ["CNNGRU_CHECKPOINTS"] = tempfile.mkdtemp()
    for name in args.presets:
        print("\n".join(asked(name, source, args.repeats)), flush=True)
    pictures = rowcue.load(override(preset("quick", "rowcue"), "data.pictures", 2000).data, None)
    print("\nKeeping a state: taken down, written, read back\n")
    print("| preset | MB | ms, median | % of the half minute between two |\n|---|---|---|---|")
    for name in args.presets:
        print(kept(name, source, pictures, 4 * args.repeats), flush=True)


if __name__ == "__main__":
    main()
