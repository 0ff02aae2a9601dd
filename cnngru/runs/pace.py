"""How long a run will take on this computer, before it is started. Costs no torch.

Best known from runs with the same settings that were made here, next from a measurement of this computer (machine.py).
Without either it is reckoned from other runs, or from figures of other computers with the same kind of processor
(benchmarks/README.md), as a range; for a graphics processor there are no figures.
"""

from __future__ import annotations

import math
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnngru import places
from cnngru.config import Config
from cnngru.nn.size import size
from cnngru.runs import machine
from cnngru.runs.run import Run
from cnngru.runs.speed import Speed

# What two cores do in a second of training, in multiplications of a forward pass: the least and the most that was
# measured, of `quick` and of `best`, on several computers.
SPEEDS = {
    "avx2": (12e9, 30e9),
    "avx512": (12e9, 45e9),
    "bfloat16": (28e9, 70e9),
    "amx": (60e9, 125e9),
    "": (6e9, 45e9),
}
STEP = (0.01, 0.04)  # seconds that a step takes however few pictures it has
BEGINNING = (3, 15)  # seconds until the first step: torch, the pictures
LOOKING = 1 / 3  # of a training picture's time, for one that is only looked at
ORDERS = 3  # the test is read in so many orders of its rows
MEASURED = 1.15  # factor either way: benchmarks/README.md says how right the measurement is
BEGINS = (1.2, 2.5)  # times that torch takes to be ready, and so many seconds for the pictures: until the first step
EMULATED = 10.0  # how much longer bfloat16 takes where it is emulated and that was not measured (benchmarks/README.md)
ELSEWHERE = 1.5  # factor either way, from runs with other settings to these
FEW = 20  # steps: a shorter run says nothing about speed
NEWEST = 5  # runs that are asked

TOTAL = {"cifar10": 50_000, "rowcue": 20_000}  # training pictures where nothing else is asked for
TESTED = {"cifar10": 10_000, "rowcue": 5_000}


Known = Literal["same", "measured", "busy", "others", "elsewhere"]


@dataclass(frozen=True)
class Time:
    """Seconds, at least and at most, and what they are known from: runs with these settings, a measurement of this
    computer (one that other work disturbed: "busy"), other runs here, or other computers.

    steps   of these the training's steps, what a run's log counts: without its start, the validations and the test
    """

    low: float
    high: float
    known: Known
    steps: float = 0.0

    @property
    def middle(self) -> float:
        return math.sqrt(self.low * self.high)


def pictures(config: Config, in_folder: int = 0) -> int:
    """How many pictures the run will learn from, those for validation among them (RowCue generates these besides).

    in_folder   how many there are in one's own folder
    """
    total, asked = TOTAL.get(config.data.name, in_folder), config.data.pictures
    return min(total, asked or total) if config.data.name != "rowcue" else asked or total


def estimate(
    config: Config, count: int, classes: int, runs: Iterable[Run], kind: str, speed: Speed | None = None
) -> Time | None:
    """How long a run of this config takes, from its start to the end of its test, if nothing ends it early.

    count       of its pictures; classes: how many there are
    runs        all of them, newest first; those that come with the app were made elsewhere
    kind        of this computer's processor, as `processor` says
    speed       what was measured of this computer, if anything
    None where nothing is known: a graphics processor on which nothing has been trained or measured yet.
    """
    each, known = _a_picture(config, classes, [run for run in runs if _tells(run)][:NEWEST], kind, speed)
    if each is None:
        return None
    training = config.training
    validation = config.data.validation * count
    learnt = count if config.data.name == "rowcue" else count - validation
    looked_at = training.epochs * validation + ORDERS * TESTED.get(config.data.name, 0.1 * count)
    begins = BEGINNING if speed is None else (BEGINS[0] * speed.start + BEGINS[1],) * 2
    steps = [min(training.epochs * learnt * seconds, training.seconds or math.inf) for seconds in each]
    low, high = (
        start + part + LOOKING * looked_at * seconds for start, part, seconds in zip(begins, steps, each, strict=True)
    )
    return Time(low, high, known, math.sqrt(steps[0] * steps[1]))


def here(config: Config, runs: Iterable[Run], in_folder: int = 0, classes: int = 10) -> Time | None:
    """`estimate` with all that this computer knows; None also where nobody has counted the pictures."""
    count = pictures(config, in_folder)
    return estimate(config, count, classes, runs, processor(), machine.kept()) if count else None


def warning(config: Config, speed: Speed | None) -> str:
    """What to tell of a precision that this computer has no instructions for, "" for nothing."""
    training = config.training
    if training.precision != "bfloat16" or training.device not in ("auto", "cpu"):
        return ""
    if speed is not None and speed.device == "cpu":
        slower = speed.emulated
    else:
        slower = EMULATED if processor() in ("avx512", "avx2") else 0.0
    if slower <= 1:
        return ""
    return (
        "This processor has no instructions for bfloat16: "
        f"a step takes about {slower:.0f} times as long as with float32, which the precision auto would choose."
    )


def processor() -> str:
    """The kind of this computer's processor: a key of SPEEDS, "" where that cannot be told, "graphics" for a GPU."""
    if Path("/proc/driver/nvidia/version").exists() or (sys.platform, platform.machine()) == ("darwin", "arm64"):
        return "graphics"
    try:
        flags = set(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split())
    except OSError:  # no Linux
        return ""
    found = {"amx": "amx_bf16", "bfloat16": "avx512_bf16", "avx512": "avx512f", "avx2": "avx2"}
    return next((kind for kind, flag in found.items() if flag in flags), "")


def _tells(run: Run) -> bool:
    """Whether the run was made here, and says how fast."""
    return run.name not in places.NETWORKS and _seconds(run) is not None


def _seconds(run: Run) -> float | None:
    """Of training, for each picture of a batch; None where too little was trained, or the log does not say."""
    newest = run.last("progress") or {}
    step, seconds = newest.get("step") or 0, newest.get("seconds")
    return seconds / (step * run.config.training.batch) if step >= FEW and seconds else None


def _a_picture(
    config: Config, classes: int, runs: list[Run], kind: str, speed: Speed | None
) -> tuple[tuple[float, float] | None, Known]:
    """Seconds of training for a picture, at least and at most, and what they are known from."""
    same = [_seconds(run) or 0.0 for run in runs if _way(run.config) == _way(config)]
    if same:
        return (0.9 * min(same), 1.1 * max(same)), "same"
    if speed is not None and (step := speed.step(config)) is not None:
        picture = step / config.training.batch
        return (picture / MEASURED, picture * MEASURED), "measured" if speed.quiet else "busy"
    if runs:  # how much slower or faster this computer is than what figures say of it
        factors = [(_seconds(run) or 0.0) / _middle(run.config, classes, kind) for run in runs]
        middle = _middle(config, classes, kind)
        return (middle * min(factors) / ELSEWHERE, middle * max(factors) * ELSEWHERE), "others"
    return (None if kind == "graphics" else _figures(config, classes, kind)), "elsewhere"


def _way(config: Config) -> tuple[object, ...]:
    """All that decides how fast a run trains."""
    training = config.training
    return config.model, training.batch, training.optimizer, training.device, training.precision, training.threads


def _figures(config: Config, classes: int, kind: str) -> tuple[float, float]:
    """Seconds for a picture by the figures of other computers: with more cores than two they count for more, but not
    all of them may be free, or whole."""
    small = config.training.precision == "float32" and kind in ("bfloat16", "amx")  # what it has for less is no help
    few, many = SPEEDS["avx512" if small or kind == "graphics" else kind]
    share = machine.cores() / 2
    work = size(config.model, classes).work
    batch = config.training.batch
    return (
        work / (many * max(share, 0.5)) + STEP[0] / batch,
        work / (few * (math.sqrt(share) if share > 1 else share)) + STEP[1] / batch,
    )


def _middle(config: Config, classes: int, kind: str) -> float:
    return math.sqrt(math.prod(_figures(config, classes, kind)))
