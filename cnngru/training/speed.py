"""How fast this machine trains, found out in two seconds: real steps of a few networks with few pictures.

What is measured is processor time on one thread, which other programs at work hardly change; how much faster all
threads are is measured once, on the clock. A graphics processor is measured on the clock throughout. From the times
follows what each kind of work (`cnngru.nn.effort`) takes, and from that the time of a step of any network.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import torch

from cnngru.config import Config, override
from cnngru.data.augment import augment
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.effort import CLASSES, OF_PICTURES, effort
from cnngru.training.device import choose_device, choose_precision
from cnngru.training.epoch import step
from cnngru.training.optim import optimizers

Reference = tuple[Config, Sequence[int]]  # a network, and with how many pictures its steps are taken

TOGETHER = 250  # pictures of the steps on all threads
QUIET = 0.85  # of the processor's time on all threads: with less, other programs had the rest
EACH_MORE = 0.9  # what a second core, and a third, is worth where that could not be measured
EMULATED = (4, 16)  # pictures
ROUNDS = 200  # of `fit`


def measure(references: Sequence[Reference]) -> dict[str, Any]:
    """Takes the steps: small ones say what a step costs in itself, larger ones what a picture does. Returns

    device      "cpu", "cuda" or "mps": what "auto" chooses here
    precision   what "auto" chooses
    seconds     by precision: seconds of one thread for one of each kind of work
    threads     how many torch takes by itself
    faster      how much faster these are than one
    quiet       whether nothing else was at work, so that `faster` is a measurement
    emulated    how much longer bfloat16 takes than float32 for a picture, by the first of the references, where this
                processor has no instructions for it; else 0
    """
    device, threads, first = choose_device("auto"), torch.get_num_threads(), references[0][0]
    precision = choose_precision(override(first, "training.precision", "auto").training, device)
    on_cpu = device.type == "cpu"
    try:
        torch.set_num_threads(1)
        seconds = {each: _kinds(references, each, device) for each in dict.fromkeys(("float32", precision))}
        emulated = _emulated(first, seconds["float32"], device) if on_cpu and precision == "float32" else 0.0
        torch.set_num_threads(threads)
        faster, quiet = 1.0, True
        if on_cpu:
            exactly = override(first, "training.precision", precision)
            faster, quiet = _together(exactly, threads, seconds[precision], device)
    finally:
        torch.set_num_threads(threads)
    return {
        "device": device.type,
        "precision": precision,
        "seconds": {each: list(kinds) for each, kinds in seconds.items()},
        "threads": threads,
        "faster": faster,
        "quiet": quiet,
        "emulated": emulated,
    }


def fit(efforts: Sequence[Sequence[float]], seconds: Sequence[float]) -> tuple[float, ...]:
    """What each kind of work takes, none less than nothing, such that all the steps together are explained best: the
    sum of (explained / measured − 1)² is the least there is.

    efforts (S, K) and seconds (S,) of S steps -> (K,). By one kind after the other (coordinate descent).
    """
    shares = torch.tensor(efforts, dtype=torch.float64) / torch.tensor(seconds, dtype=torch.float64)[:, None]  # (S, K)
    scale = shares.norm(dim=0).clamp_min(1e-300)
    shares = shares / scale
    gram, wanted = shares.T @ shares, shares.sum(0)
    found = torch.zeros_like(wanted)
    for _ in range(ROUNDS):
        for k in range(len(found)):
            found[k] = (found[k] + wanted[k] - gram[k] @ found).clamp_min(0)  # its diagonal is 1
    return tuple((found / scale).tolist())


def _kinds(references: Sequence[Reference], precision: str, device: torch.device) -> tuple[float, ...]:
    efforts, seconds = [], []
    for asked, counts in references:
        config = override(asked, "training.precision", precision)
        steps = _Steps(config, device)
        for pictures in counts if device.type == "cpu" else (*counts, config.training.batch):
            efforts.append(effort(config, pictures))
            steps.take(pictures)  # what a first step prepares is not counted
            seconds.append(steps.take(pictures)[0])
    return fit(efforts, seconds)


def _emulated(config: Config, kinds: Sequence[float], device: torch.device) -> float:
    """How often the time of float32 a picture takes, without what a step costs in itself."""
    config = override(config, "training.precision", "bfloat16")
    steps, few, many = _Steps(config, device), *EMULATED
    took = {pictures: min(steps.take(pictures)[0] for _ in range(2)) for pictures in EMULATED}
    pictures = effort(config, many - few)[:OF_PICTURES]
    exact = sum(count * each for count, each in zip(pictures, kinds, strict=False))
    return max(1.0, (took[many] - took[few]) / exact) if exact else 1.0


def _together(config: Config, threads: int, kinds: Sequence[float], device: torch.device) -> tuple[float, bool]:
    """How much faster all threads are than one, and whether that is measured."""
    alone = sum(count * each for count, each in zip(effort(config, TOGETHER), kinds, strict=True))
    steps = _Steps(config, device)
    steps.take(TOGETHER)
    busy, took = min((steps.take(TOGETHER) for _ in range(2)), key=lambda pair: pair[1])
    if threads == 1 or busy < QUIET * threads * took:
        return 1 + EACH_MORE * (threads - 1), threads == 1
    return min(max(alone / took, 0.5), 2.0 * threads), True


class _Steps:
    """Steps of a training on pictures of noise: the work is the same."""

    def __init__(self, config: Config, device: torch.device) -> None:
        self.config, self.device = config, device
        self.model = CNNGRU(config.model, [str(i) for i in range(CLASSES)]).to(device).train()
        self.optimizers = optimizers(self.model, config.training)
        self.random = torch.Generator(device).manual_seed(0)

    def take(self, pictures: int) -> tuple[float, float]:
        """One step. Returns (seconds of the processor, seconds on the clock); both on the clock where the first are a
        graphics processor's, or come in sixtieths of a second."""
        data, training = self.config.data, self.config.training
        images = torch.randint(0, 256, (pictures, 3, 32, 32), generator=self.random, device=self.device)
        images, labels = images.to(torch.uint8), torch.arange(pictures, device=self.device) % CLASSES
        mirrored = labels < CLASSES / 2 if data.flip else None
        clock, busy = time.perf_counter(), time.process_time()
        varied = augment(images, self.random, mirrored, data.shift, data.cutout)
        done = step(
            self.model,
            varied,
            labels,
            self.optimizers,
            training.label_smoothing,
            choose_precision(training, self.device),
        )
        done.tolist()  # which waits for the device
        took, worked = time.perf_counter() - clock, time.process_time() - busy
        return (took if self.device.type != "cpu" or sys.platform == "win32" else worked), took
