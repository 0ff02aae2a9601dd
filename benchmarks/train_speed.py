"""How fast training is, beside the plain way to write it: `python -m benchmarks.train_speed [--repeats 3]`.

The plain way is what most people would write: a Dataset of PIL pictures, per-picture torchvision transforms, a
DataLoader with a worker for each core, float32, Adam; the same model, the same batch, the same variations. Each
measurement is a process of its own, ours in the environment that a run's worker has; the two take turns, so that a
machine whose speed drifts slows both. Real CIFAR-10 if it is there ($CNNGRU_DATA), else random pictures: the work is
the same.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import torch
from torchvision import transforms

from benchmarks.machine import describe
from cnngru import data
from cnngru.config import PRESETS, DataConfig, preset
from cnngru.data import Dataset, Split, cifar10
from cnngru.nn.classifier import CNNGRU
from cnngru.runs.engines import ALLOCATOR
from cnngru.training.events import Progress
from cnngru.training.loop import fit

EPOCH = 45_000  # pictures
WARM, TIMED = 4, 20  # steps


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
    dataset = pictures(config.training.batch * (WARM + TIMED + 1))
    for event in fit(config, dataset):
        if isinstance(event, Progress):
            yield config.training.batch


def plain_steps(name: str) -> Iterator[int]:
    """Trains the same model the plain way; yields the pictures of each step."""
    config = preset(name)
    batch = config.training.batch
    dataset = pictures(batch * (WARM + TIMED + 1))
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


def measure(way: str, name: str) -> float:
    """Pictures a second over TIMED steps, after WARM steps."""
    steps = {"ours": our_steps, "plain": plain_steps}[way](name)
    for _ in range(WARM):
        next(steps)
    began = time.perf_counter()
    done = sum(next(steps) for _ in range(TIMED))
    return done / (time.perf_counter() - began)


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
    print(f"{describe()}\nmedian of {arguments.repeats} measurements of {TIMED} steps each, in turns (min–max)\n")
    print(f"| preset | way | images/s | seconds an epoch of {EPOCH:,} | times the plain way |\n|---|---|---|---|---|")
    for name in PRESETS:
        speeds: dict[str, list[float]] = {"ours": [], "plain": []}
        for _ in range(arguments.repeats):
            for way, found in speeds.items():
                found.append(in_own_process(way, name))
        ratios = [ours / plain for ours, plain in zip(*speeds.values(), strict=True)]
        for way, found in speeds.items():
            middle = statistics.median(found)
            ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})" if way == "ours" else "1"
            spread = f"{middle:,.0f} ({min(found):,.0f}–{max(found):,.0f})"
            print(f"| {name} | {way} | {spread} | {EPOCH / middle:.0f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
