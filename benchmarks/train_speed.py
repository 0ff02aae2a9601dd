"""How fast training is, beside the plain way to write it: `python -m benchmarks.train_speed [--repeats 3]`.

The plain way is what most people would write: a Dataset of PIL pictures, per-picture torchvision transforms, a
DataLoader with a worker for each core, float32, Adam, batches of 64; the same model, the same variations. It is shown
with our batch as well, which says how much of the difference the batch alone makes.

Each measurement is a process of its own, ours in the environment that a run's worker has; the ways take turns, so that
a machine whose speed drifts slows all. Real CIFAR-10 if it is there ($CNNGRU_DATA), else random pictures: the work is
the same.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import torch
from torchvision import transforms

from benchmarks.machine import describe
from cnngru import data
from cnngru.config import DataConfig
from cnngru.data import Dataset, Split, cifar10
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import preset
from cnngru.runs.engines.local import ALLOCATOR
from cnngru.training.events import Progress
from cnngru.training.loop import fit

EPOCH = 45_000  # pictures
WARM, TIMED = 2_000, 6_000  # pictures
PLAIN_BATCH = 64


def pictures(count: int) -> Dataset:
    """`count` training pictures: one epoch, which is longer than what is timed, so that no validation falls into it."""
    if cifar10.status() == "ready":
        whole = data.load(DataConfig())
        train = Split(whole.train.images[:count], whole.train.labels[:count])
        return Dataset("cifar10", cifar10.CLASSES, train, whole.validation, whole.test)
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (count, 3, 32, 32), generator=random).to(torch.uint8)
    split = Split(images, torch.randint(0, 10, (count,), generator=random).to(torch.uint8))
    return Dataset("random", cifar10.CLASSES, split, split, split)


def our_steps(name: str) -> Iterator[int]:
    """Trains by the project's loop; yields the pictures of each step."""
    config = preset(name)
    dataset = pictures(WARM + TIMED + config.training.batch)
    for event in fit(config, dataset):
        if isinstance(event, Progress):
            yield config.training.batch


def plain_steps(name: str, batch: int) -> Iterator[int]:
    """Trains the same model the plain way; yields the pictures of each step."""
    config = preset(name)
    dataset = pictures(WARM + TIMED + batch)
    vary = transforms.Compose(
        [
            transforms.RandomCrop(32, padding=config.data.shift, padding_mode="reflect"),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
        ]
    )
    to_pil = transforms.ToPILImage()
    originals = [(to_pil(image), int(label)) for image, label in zip(*vars(dataset.train).values(), strict=True)]

    class Pictures(torch.utils.data.Dataset[tuple[torch.Tensor, int]]):
        def __len__(self) -> int:
            return len(originals)

        def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
            image, label = originals[index]
            return vary(image), label

    loader = torch.utils.data.DataLoader(
        Pictures(), batch, shuffle=True, num_workers=os.cpu_count() or 1, drop_last=True
    )
    model = CNNGRU(config.model, dataset.classes).to(memory_format=torch.contiguous_format)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    for images, labels in loader:
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield batch


WAYS: dict[str, Callable[[str], Iterator[int]]] = {
    "ours": our_steps,
    "plain": lambda name: plain_steps(name, PLAIN_BATCH),
    "plain, our batch": lambda name: plain_steps(name, preset(name).training.batch),
}


def measure(way: str, name: str) -> float:
    """Pictures a second over TIMED pictures, after WARM of them."""
    steps = WAYS[way](name)
    done, began, before = 0, 0.0, 0
    while done < WARM + TIMED:
        done += next(steps)
        if not began and done >= WARM:
            began, before = time.perf_counter(), done
    return (done - before) / (time.perf_counter() - began)


def in_own_process(way: str, name: str) -> float:
    environment = {**os.environ, **(ALLOCATOR if way == "ours" else {})}
    command = [sys.executable, "-m", "benchmarks.train_speed", "--one", way, name]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each way (default 3)")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "PRESET"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure(*arguments.one)))
        return
    print(f"{describe()}\nmedian of {arguments.repeats} (min–max), each over {TIMED:,} pictures\n")
    print(f"| preset | way | batch | images/s | seconds for {EPOCH:,} | ours / this |\n|---|---|---|---|---|---|")
    for name in ("quick", "standard"):
        speeds: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(arguments.repeats):
            for way, found in speeds.items():
                found.append(in_own_process(way, name))
        for way, found in speeds.items():
            middle, batch = statistics.median(found), PLAIN_BATCH if way == "plain" else preset(name).training.batch
            ratios = [ours / this for ours, this in zip(speeds["ours"], found, strict=True)]
            ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})"
            spread = f"{middle:,.0f} ({min(found):,.0f}–{max(found):,.0f})"
            print(f"| {name} | {way} | {batch} | {spread} | {EPOCH / middle:.0f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
