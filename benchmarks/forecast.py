"""How right the forecast of a run's time is: `python -m benchmarks.forecast [--repeats 3] [--seconds 10]`.

In turn, each in a process of its own with a worker's environment: the two-second measurement of `cnngru.runs.machine`,
and for each preset the truth: real steps of its training for some seconds, then some validation and test pictures, from
which the whole run follows by their number. Beside each stands which share of the processor the truth had: where other
programs took some, it is slower than it would be alone. Needs CIFAR-10 ($CNNGRU_DATA).
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time

import torch

from benchmarks.machine import describe
from cnngru import data
from cnngru.config import override
from cnngru.data import Split
from cnngru.presets import preset
from cnngru.runs import machine, pace
from cnngru.runs.engines.local import ALLOCATOR
from cnngru.runs.speed import Speed, read
from cnngru.training.evaluate import evaluate
from cnngru.training.events import Progress, Started
from cnngru.training.loop import LOOKED_AT_ONCE, fit

PRESETS = (
    ("cifar10", "quick"),
    ("cifar10", "standard"),
    ("cifar10", "best"),
    ("cifar10", "document"),
    ("rowcue", "quick"),
    ("rowcue", "best"),
)
WARM = 3  # steps
LOOKED_AT = 1000  # pictures


def truth(name: str, dataset: str, seconds: float, precision: str = "") -> dict[str, float]:
    """Seconds of the whole run, of a step, and the share of the processor (of all threads) that the steps had."""
    began = time.perf_counter() - time.process_time()  # about when this process was started
    config = preset(name, dataset)
    if precision:
        config = override(config, "training.precision", precision)
    loaded = data.load(config.data)
    events = fit(config, loaded)
    started = next(events)
    assert isinstance(started, Started)
    first: Progress | None = None
    for event in events:
        if not isinstance(event, Progress):
            continue
        if first is None and event.step >= WARM:
            first, clock, busy = event, time.perf_counter(), time.process_time()
            ready = clock - began - event.seconds
        elif first is not None and time.perf_counter() - clock >= seconds:
            break
    assert first is not None, "the run is too short for this"
    assert isinstance(event, Progress)
    had = (time.process_time() - busy) / (torch.get_num_threads() * (time.perf_counter() - clock))
    step = (event.seconds - first.seconds) / (event.step - first.step)
    looks = {
        "validation": _look(started, loaded.validation, started.precision),
        "test": _look(started, loaded.test, "float32", orders=True),
    }
    events.close()  # type: ignore[attr-defined]
    validations = started.epochs * len(loaded.validation) * looks["validation"]
    total = ready + started.steps * step + validations + len(loaded.test) * looks["test"]
    return {"total": total, "step": step, "had": had}


def _look(started: Started, split: Split, precision: str, orders: bool = False) -> float:
    """Seconds for a picture that is only looked at."""
    some = Split(split.images[:LOOKED_AT], split.labels[:LOOKED_AT])
    return evaluate(started.model, some, LOOKED_AT_ONCE, precision, orders=orders).seconds / len(some)


def measured(name: str, dataset: str, seconds: float, precision: str = "") -> dict[str, float]:
    """`truth`, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.forecast",
        "--seconds",
        str(seconds),
        "--one",
        name,
        dataset,
        precision,
    ]
    done = subprocess.run(command, env={**os.environ, **ALLOCATOR}, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def forecast() -> Speed:
    """What the two seconds find, in a process of its own that does not give way to others."""
    command = [
        sys.executable,
        "-c",
        "import json; from cnngru.runs import machine; print(json.dumps(machine.measure()))",
    ]
    done = subprocess.run(command, env={**os.environ, **ALLOCATOR}, capture_output=True, text=True, check=True)
    speed = read(json.loads(done.stdout))
    assert speed is not None
    return speed


def spread(values: list[float], form: str) -> str:
    """Median (min–max)."""
    return f"{statistics.median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="times that all is measured (default 3)")
    parser.add_argument("--seconds", type=float, default=10, help="of steps, each time (default 10)")
    parser.add_argument("--one", nargs=3, metavar=("PRESET", "DATA", "PRECISION"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(truth(*asked.one[:2], asked.seconds, asked.one[2])))
        return
    held = " ".join(f"{name}={os.environ[name]}" for name in machine.HELD_BY if name in os.environ)
    print(f"{describe()}{', ' if held else ''}{held}\nmedian of {asked.repeats} (min–max)\n", flush=True)
    said: dict[tuple[str, str], list[float]] = {each: [] for each in PRESETS}
    true: dict[tuple[str, str], list[dict[str, float]]] = {each: [] for each in PRESETS}
    slower: list[tuple[float, float]] = []
    for _ in range(asked.repeats):
        for dataset, name in PRESETS:
            speed, config = forecast(), preset(name, dataset)
            takes = pace.estimate(config, pace.pictures(config), 10, [], pace.processor(), speed)
            assert takes is not None
            said[dataset, name].append(takes.middle)
            true[dataset, name].append(measured(name, dataset, asked.seconds))
        if speed.emulated:
            steps = [measured("quick", "cifar10", asked.seconds, each)["step"] for each in ("bfloat16", "float32")]
            slower.append((speed.emulated, steps[0] / steps[1]))
    print("| data, preset | forecast, s | truth, s | forecast / truth | of the processor, % |\n|---|---|---|---|---|")
    middles = []
    for (dataset, name), found in true.items():
        ratios = [one / other["total"] for one, other in zip(said[dataset, name], found, strict=True)]
        middles.append(statistics.median(ratios))
        row = [spread(said[dataset, name], ",.0f"), spread([each["total"] for each in found], ",.0f")]
        row += [spread(ratios, ".2f"), spread([100 * each["had"] for each in found], ".0f")]
        print(f"| {dataset}, {name} | {' | '.join(row)} |")
    off = statistics.median(abs(math.log(each)) for each in middles)
    print(f"\nAt the median over the presets it is off by {100 * (math.exp(off) - 1):.0f} %.")
    if slower:
        told, real = zip(*slower, strict=True)
        print(f"bfloat16 takes {spread(list(real), '.1f')} times as long for a step of quick as float32.")
        print(f"Forecast: {spread(list(told), '.1f')} times as long for a picture.")


if __name__ == "__main__":
    main()
