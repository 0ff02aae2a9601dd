"""How accurate each preset gets, in what time, beside the source document's network written the plain way.

    CNNGRU_DATA=… python -m benchmarks.time_to_accuracy [--presets quick standard best] [--seeds 3]

The document's network is trained twice: by the project's loop (preset `document`), and the plain way, as most people
would write it: a Dataset of PIL pictures, a DataLoader with a worker for each core, float32, Adam, batches of 64.
Every training is a process of its own, ours are runs; the ways take turns, seed by seed, so that a machine whose speed
drifts slows all. All seconds are training only: data in memory, no evaluation. Runs that are there with the same
settings are taken as they are, also shipped ones: to measure this machine, give it a folder of its own
(CNNGRU_CHECKPOINTS=…). Stop it and start it again: it goes on where it was, the plain way too with --keep FILE.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torchvision import transforms

from benchmarks.machine import describe
from benchmarks.trained import once, trained
from cnngru import data
from cnngru.checkpoint import load
from cnngru.config import override
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import preset
from cnngru.training.evaluate import evaluate

PLAIN = "document, plain way"
OURS = ("quick", "standard", "best")


@dataclass(frozen=True)
class Training:
    """One training. curve: (seconds of training, validation accuracy) after each epoch; accuracies in 0..1."""

    curve: list[tuple[float, float]]
    accuracy: float  # on the test pictures, one view
    views: float  # averaged over six views
    seconds: float
    parameters: int
    images: int  # seen in all


def ours(name: str, seed: int) -> Training:
    """A run of a preset, by the project's loop."""
    run = trained(override(preset(name), "training.seed", seed))
    started, finished = run.last("started") or {}, run.last("finished") or {}
    curve = [(event["seconds"], event["accuracy"]) for event in run.events if event["kind"] == "validated"]
    test = data.load(run.config.data).test
    views = evaluate(load(run.folder), test, views=run.config.data).accuracy
    images = started["steps"] * run.config.training.batch
    return Training(curve, finished["accuracy"], views, finished["seconds"], started["parameters"], images)


class Pictures(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
    """A split as torchvision hands it out: PIL pictures, made a tensor when asked for. The model normalises."""

    def __init__(self, split: data.Split) -> None:
        to_pil = transforms.ToPILImage()
        self.pictures = [(to_pil(image), int(label)) for image, label in zip(split.images, split.labels, strict=True)]
        self.transform = transforms.ToTensor()

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image, label = self.pictures[index]
        return self.transform(image), label


def plain(seed: int) -> Training:
    """Trains the document's network the plain way, on the same pictures."""
    config = preset("document")
    dataset = data.load(config.data)
    torch.manual_seed(seed)
    model = CNNGRU(config.model, dataset.classes).to(memory_format=torch.contiguous_format)
    loader = torch.utils.data.DataLoader(
        Pictures(dataset.train), config.training.batch, shuffle=True, num_workers=os.cpu_count() or 1
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=config.training.learning_rate)
    curve, seconds, seen = [], 0.0, 0
    for _ in range(config.training.epochs):
        model.train()
        began = time.perf_counter()
        for images, labels in loader:
            loss = torch.nn.functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen += len(labels)
        seconds += time.perf_counter() - began
        curve.append((seconds, evaluate(model, dataset.validation).accuracy))
    accuracy = evaluate(model, dataset.test).accuracy
    return Training(curve, accuracy, accuracy, seconds, model.parameter_count, seen)


def plainly(seed: int, file: str) -> Training:
    """The plain way, in a process that nothing of ours has prepared, or as it was kept in `file`."""
    command = [sys.executable, "-m", "benchmarks.time_to_accuracy", "--plain", str(seed)]

    def make() -> dict[str, Any]:
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)

    return Training(**once(file, f"{PLAIN}, seed {seed}", make))


def spread(values: Sequence[float], form: str, scale: float = 1.0) -> str:
    """ "mean ± sd", without the sd of a single value."""
    mean = format(scale * statistics.mean(values), form)
    return f"{mean} ± {scale * statistics.stdev(values):{form}}" if len(values) > 1 else mean


def seconds_to(training: Training, accuracy: float) -> float | None:
    """Seconds of training until the first epoch that ended at `accuracy` on the validation pictures, or None."""
    return next((seconds for seconds, reached in training.curve if reached >= accuracy), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", nargs="*", default=OURS, choices=OURS, help="default: all three")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each (default 3)")
    parser.add_argument("--keep", default="", metavar="FILE", help="keep the plain way's results in it")
    parser.add_argument("--plain", type=int, metavar="SEED", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.plain is not None:
        print(json.dumps(asdict(plain(arguments.plain))))
        return
    print(f"{describe()}\n{arguments.seeds} seeds, mean ± sd; accuracies on the 10,000 test pictures\n", flush=True)
    ways = (*arguments.presets, "document", PLAIN)
    found: dict[str, list[Training]] = {way: [] for way in ways}
    for seed in range(arguments.seeds):
        for way in ways:
            found[way].append(plainly(seed, arguments.keep) if way == PLAIN else ours(way, seed))
            print(f"  {way}, seed {seed}: {json.dumps(asdict(found[way][-1]))}", file=sys.stderr, flush=True)
    # What the document's network ends at, on the pictures that the curves are of.
    target = statistics.mean(training.curve[-1][1] for training in found[PLAIN])
    needed = statistics.mean(seconds_to(t, target) or t.seconds for t in found[PLAIN])
    print(
        "| training | parameters | one view, % | six views, % | seconds | images/s "
        f"| seconds to {target:.1%} | times as fast there |\n|---|---|---|---|---|---|---|---|"
    )
    for way, trainings in found.items():
        reached = [seconds_to(training, target) for training in trainings]
        there = [seconds for seconds in reached if seconds is not None]
        columns = (
            way,
            f"{trainings[0].parameters:,}",
            spread([t.accuracy for t in trainings], ".2f", 100),
            spread([t.views for t in trainings], ".2f", 100) if way in OURS else "",
            spread([t.seconds for t in trainings], ".0f"),
            spread([t.images / t.seconds for t in trainings], ",.0f"),
            f"{spread(there, '.0f')} ({len(there)} of {len(trainings)} got there)" if there else "not reached",
            f"{needed / statistics.mean(there):.1f}" if len(there) == len(trainings) else "",
        )
        print(f"| {' | '.join(columns)} |", flush=True)


if __name__ == "__main__":
    main()
