"""What a full trace costs beside a plain forward pass: `python -m benchmarks.trace_cost [--repeats 15]`.

The same model, the same 1,000 pictures in one batch, float32, in turns. Random weights: the work does not depend on
them.
"""

import argparse
import dataclasses
import statistics
import time
from typing import Literal

import torch

import cnngru
from benchmarks.machine import describe
from cnngru.config import ModelConfig
from cnngru.presets import PRESETS

PICTURES = 1000
RIVALS: tuple[Literal["gru-textbook", "lstm", "rnn", "mingru"], ...] = ("gru-textbook", "lstm", "rnn", "mingru")


@torch.no_grad()
def compare(config: ModelConfig, repeats: int) -> tuple[list[float], list[float]]:
    """Seconds of each forward pass and of each trace; one of each first, not counted."""
    model = cnngru.CNNGRU(config, [str(i) for i in range(10)]).eval()
    images = torch.rand(PICTURES, 3, 32, 32)
    seconds: tuple[list[float], list[float]] = ([], [])
    for repeat in range(-1, repeats):
        for found, run in zip(seconds, (lambda: model(images), lambda: cnngru.trace(model, images)), strict=True):
            began = time.perf_counter()
            run()
            if repeat >= 0:
                found.append(time.perf_counter() - began)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="measurements of each (default 15)")
    repeats = parser.parse_args().repeats
    models = {name: model for name, (model, _) in PRESETS.items()}
    models["standard, 2 layers, both directions"] = dataclasses.replace(
        PRESETS["standard"][0], layers=2, bidirectional=True
    )
    for cell in RIVALS:
        models[f"standard, {cell}"] = dataclasses.replace(PRESETS["standard"][0], cell=cell)
    print(f"{describe()}\n{PICTURES:,} pictures, median of {repeats} (min–max of the ratio)\n")
    print("| model | forward, ms | trace, ms | trace / forward |\n|---|---|---|---|")
    for name, config in models.items():
        forward, traced = compare(config, repeats)
        ratios = [t / f for f, t in zip(forward, traced, strict=True)]
        ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        print(f"| {name} | {statistics.median(forward) * 1e3:.0f} | {statistics.median(traced) * 1e3:.0f} | {ratio} |")


if __name__ == "__main__":
    main()
