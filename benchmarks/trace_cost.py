"""What looking costs: `python -m benchmarks.trace_cost [--repeats 15] [--survey]`.

A full trace, and a trace with the contributions of all rows to all classes, beside a plain forward pass: the same
model, the same 1,000 pictures in one batch, float32, in turns. Then a survey of 10,000 pictures, whole, with one thread
as on the page, and with one for each core. Random weights and pictures: the work does not depend on them.
"""

import argparse
import dataclasses
import itertools
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

import cnngru
from benchmarks.machine import describe
from cnngru.cells import CELLS
from cnngru.config import ModelConfig
from cnngru.explain.memory import contributions
from cnngru.explain.survey_pass import survey
from cnngru.presets import PRESETS

PICTURES, SURVEYED = 1000, 10_000
CLASSES = [str(i) for i in range(10)]
SHIPPED = Path(__file__).parents[1] / "checkpoints/cifar10-best"


@torch.no_grad()
def compare(config: ModelConfig, repeats: int) -> list[list[float]]:
    """Seconds of each forward pass, of each trace and, where there are any, of each trace with its contributions.

    One of each first, not counted.
    """
    model = cnngru.CNNGRU(config, CLASSES).eval()
    images = torch.rand(PICTURES, 3, 32, 32)

    def split() -> None:
        contributions(model, cnngru.trace(model, images)[1])

    ways: list[Callable[[], object]] = [lambda: model(images), lambda: cnngru.trace(model, images)]
    ways += [split] if CELLS[config.cell].mixture else []
    seconds: list[list[float]] = [[] for _ in ways]
    for repeat in range(-1, repeats):
        for found, run in zip(seconds, ways, strict=True):
            began = time.perf_counter()
            run()
            if repeat >= 0:
                found.append(time.perf_counter() - began)
    return seconds


def costs(repeats: int) -> None:
    """Prints the table of traces and contributions."""
    models = {name: model for name, (model, _) in PRESETS.items()}
    models["standard, 2 layers, both directions"] = dataclasses.replace(
        PRESETS["standard"][0], layers=2, bidirectional=True
    )
    for cell in [cell for cell in CELLS if cell != "gru"]:
        models[f"standard, {cell}"] = dataclasses.replace(PRESETS["standard"][0], cell=cell)
    print(f"{PICTURES:,} pictures, median of {repeats} (min–max of the ratio)\n")
    print("| model | forward, ms | trace, ms | trace / forward | trace and contributions / forward |")
    print("|---|---|---|---|---|")
    for name, config in models.items():
        forward, *others = compare(config, repeats)
        ratios = [[t / f for f, t in zip(forward, each, strict=True)] for each in others]
        cells = [f"{statistics.median(each):.2f} ({min(each):.2f}–{max(each):.2f})" for each in ratios]
        cells += ["no such split"] * (2 - len(cells))
        milliseconds = [f"{statistics.median(each) * 1e3:.0f}" for each in (forward, others[0])]
        print(f"| {name} | {' | '.join(milliseconds + cells)} |", flush=True)


def surveys() -> None:
    """Prints the table of surveys."""
    images = torch.randint(0, 256, (SURVEYED, 3, 32, 32), dtype=torch.uint8)
    labels = torch.arange(SURVEYED) % len(CLASSES)
    models = {name: model for name, (model, _) in PRESETS.items()}
    models["shipped cifar10-best"] = cnngru.load(SHIPPED).config
    cores = torch.get_num_threads()
    print(f"\nA survey of {SURVEYED:,} pictures, once; processor seconds count all cores\n")
    print("| model | threads | seconds | processor seconds |\n|---|---|---|---|")
    for (name, config), threads in itertools.product(models.items(), dict.fromkeys((1, cores))):
        torch.set_num_threads(threads)
        model = cnngru.CNNGRU(config, CLASSES).eval()
        began, busy = time.perf_counter(), time.process_time()
        survey(model, images, labels)
        took, worked = time.perf_counter() - began, time.process_time() - busy
        print(f"| {name} | {threads} | {took:.1f} | {worked:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="measurements of each (default 15)")
    parser.add_argument("--survey", action="store_true", help="only the surveys")
    options = parser.parse_args()
    print(describe())
    if not options.survey:
        costs(options.repeats)
    surveys()


if __name__ == "__main__":
    main()
