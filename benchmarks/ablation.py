"""What each trick is worth: `CNNGRU_DATA=… python -m benchmarks.ablation [--seeds 3] [--only "label smoothing"]`.

One row a trick: a preset as it is, and the same without that trick, everything else equal; accuracy on the test
pictures and seconds of training (their medians). Every training is a process of its own; tricks take turns, seed by
seed, so that a machine whose speed drifts slows all. What is a setting is switched by its setting; the rest is undone
by `UNDO` here. With --keep FILE it goes on where it was stopped.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

import torch
from torch import nn

from benchmarks.machine import describe
from benchmarks.trained import once
from cnngru import data
from cnngru.config import override
from cnngru.nn.encoder import Encoder
from cnngru.presets import preset
from cnngru.runs.engines.local import ALLOCATOR
from cnngru.training.events import Finished
from cnngru.training.loop import fit


@dataclass(frozen=True)
class Trick:
    """name and source; the settings that replace it, or the name of what undoes it."""

    name: str
    source: str
    settings: dict[str, Any] = field(default_factory=dict)
    undo: str = ""
    allocator: bool = True


TRICKS = (
    Trick("Muon for convolutions and gates (instead: AdamW)", "Jordan et al. 2024", {"training.optimizer": "adamw"}),
    Trick("… of which for the gates (instead: AdamW)", "", undo="gates"),
    Trick("biases move five times as fast", "arXiv:2404.00498", undo="biases"),
    Trick("one-cycle schedule (instead: constant)", "arXiv:1708.07120", {"training.schedule": "constant"}),
    Trick("label smoothing 0.2", "arXiv:1512.00567", {"training.label_smoothing": 0.0}),
    Trick("mirrored pictures", "", {"data.flip": False}),
    Trick("… in turn, every other epoch (instead: at random)", "arXiv:2404.00498", undo="alternate"),
    Trick("shifted pictures, ±2 pixels", "", {"data.shift": 0}),
    Trick("whitening stem (instead: random filters, learnt)", "arXiv:2404.00498", undo="whiten"),
    Trick("convolutions start as identity", "arXiv:1706.00388", undo="dirac"),
    Trick("batch normalisation's momentum 0.4 (instead: 0.1)", "arXiv:2404.00498", undo="momentum"),
    Trick(
        "the keep gate starts at 73 %, bias 1 (instead: at 50 %, 0)", "Jozefowicz et al. 2015", {"model.keep_bias": 0.0}
    ),
    Trick("reads the mean state (instead: the last)", "", {"model.readout": "last"}),
    Trick("a GRU reads the rows (instead: their mean)", "", {"model.cell": "none"}),
    Trick("bfloat16 (instead: float32)", "", {"training.precision": "float32"}),
    Trick("the allocator keeps its pages", "glibc's mallopt(3)", allocator=False),
)


def _random_stem(encoder: Encoder, images: torch.Tensor, eps: float = 0.0) -> None:
    encoder.mean.copy_(images.mean((0, 2, 3), keepdim=True))
    encoder.std.copy_(images.std((0, 2, 3), keepdim=True))
    encoder.stem.weight.requires_grad_(True)


UNDO: dict[str, Callable[[], Any]] = {
    "whiten": lambda: patch.object(Encoder, "fit_input", _random_stem),
    "dirac": lambda: patch.object(nn.init, "dirac_", lambda weight: weight),
    "momentum": lambda: patch.object(nn, "BatchNorm2d", lambda channels, momentum: _BatchNorm2d(channels)),
    "alternate": lambda: patch("cnngru.training.loop.take_turns", _Coins),
    "biases": lambda: patch("cnngru.training.optim.BIAS_SCALER", 1),
    "gates": lambda: patch("cnngru.training.optim.GATES", "none"),
}
_BatchNorm2d = nn.BatchNorm2d


class _Coins:
    """Stands in for `take_turns`: a coin for every picture, each time one is asked for."""

    def __init__(self, pictures: int, generator: torch.Generator) -> None:
        self.generator = generator

    def __getitem__(self, picked: torch.Tensor) -> torch.Tensor:
        return torch.rand(len(picked), generator=self.generator, device=picked.device) < 0.5


def train(preset_name: str, without: str, seed: int) -> dict[str, float]:
    """One training, without the trick of that name ("": with all)."""
    config = override(preset(preset_name), "training.seed", seed)
    trick = next((t for t in TRICKS if t.name == without), Trick("", ""))
    for setting, value in trick.settings.items():
        config = override(config, setting, value)
    with UNDO[trick.undo]() if trick.undo else nullcontext():
        for event in fit(config, data.load(config.data)):
            if isinstance(event, Finished):
                return {"accuracy": 100 * event.accuracy, "seconds": event.seconds}
    raise SystemExit("training did not finish")


def in_own_process(preset_name: str, trick: Trick | None, seed: int) -> dict[str, float]:
    environment = {**os.environ, **(ALLOCATOR if trick is None or trick.allocator else {})}
    one = [preset_name, trick.name if trick else "", str(seed)]
    command = [sys.executable, "-m", "benchmarks.ablation", "--one", *one]
    return json.loads(subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="quick", help="default: quick")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each (default 3)")
    parser.add_argument("--only", default="", help="tricks whose name has this in it")
    parser.add_argument("--keep", default="", metavar="FILE", help="keep each result in it, and take what is there")
    parser.add_argument("--one", nargs=3, metavar=("PRESET", "TRICK", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(train(arguments.one[0], arguments.one[1], int(arguments.one[2]))))
        return
    print(f"{describe()}\npreset {arguments.preset}, {arguments.seeds} seeds, mean ± sd\n", flush=True)
    tricks = [None, *(trick for trick in TRICKS if arguments.only in trick.name)]
    found: dict[str, list[dict[str, float]]] = {trick.name if trick else "": [] for trick in tricks}
    for seed in range(arguments.seeds):
        for trick in tricks:
            name = trick.name if trick else ""
            key = f"{arguments.preset}, without {name!r}, seed {seed}"
            end = once(arguments.keep, key, partial(in_own_process, arguments.preset, trick, seed))
            found[name].append(end)
            print(f"  {key}: {end}", file=sys.stderr, flush=True)
    base = found[""]
    print(
        "| trick | from | test accuracy without it, % | what it gives, points | seconds without it | without / with |"
    )
    print("|---|---|---|---|---|---|")
    print(f"| (all of them) | | {_spread([end['accuracy'] for end in base])} | | {_seconds(base)} | 1.00 |")
    for trick in tricks:
        if trick is None:
            continue
        without = found[trick.name]
        gives = [b["accuracy"] - w["accuracy"] for b, w in zip(base, without, strict=True)]
        times = [w["seconds"] / b["seconds"] for b, w in zip(base, without, strict=True)]
        print(
            f"| {trick.name} | {trick.source} | {_spread([end['accuracy'] for end in without])} "
            f"| {_spread(gives, '+.2f')} | {_seconds(without)} | {statistics.median(times):.2f} |"
        )


def _seconds(ends: list[dict[str, float]]) -> str:
    return f"{statistics.median(end['seconds'] for end in ends):.0f}"


def _spread(values: list[float], form: str = ".2f") -> str:
    return f"{statistics.mean(values):{form}}" + (f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else "")


if __name__ == "__main__":
    main()
