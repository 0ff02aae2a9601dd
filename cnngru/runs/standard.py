"""The standard comparison: the networks that the claims of the document need, on one data set, with some seeds each.

All have the quick preset's settings but for the cell or the encoder in question; the document's own have its recipe.
Says what there is to train; engines do it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence

from cnngru.config import Config, override, preset
from cnngru.runs.store import Run

CELLS = ("gru", "gru-textbook", "lstm", "rnn", "mingru", "none")
MINUTES = {"rows": 1.5, "pixels": 2.0, "seed-cnn": 6.0}  # of a run on CIFAR-10 on two cores, by encoder; rough
PICTURES = {"rowcue": 0.45}  # how many pictures a data set has for training, as a share of CIFAR-10's


def configs(data: str, seeds: int) -> list[Config]:
    """The runs of the comparison on the data set `data`: seed by seed, so that the first answers come early."""
    quick, document = preset("quick", data), preset("document", data)
    networks = [override(quick, "model.cell", cell) for cell in CELLS]
    networks += [override(quick, "model.encoder", "pixels"), document, override(document, "model.cell", "none")]
    return [override(network, "training.seed", seed) for seed in range(seeds) for network in networks]


def found(config: Config, runs: Sequence[Run]) -> Run | None:
    """A run with exactly these settings that is finished or on its way there, a finished one first; else None."""
    same = [run for run in runs if _same(run.config, config) and (run.status == "finished" or run.live)]
    return min(same, key=lambda run: run.status != "finished", default=None)


def _same(one: Config, other: Config) -> bool:
    return dataclasses.replace(one, preset="") == dataclasses.replace(other, preset="")


def name(config: Config, taken: Collection[str]) -> str:
    """A free name that says what the run is: "cifar10-quick-lstm-seed1"."""
    encoder = config.model.encoder if config.model.encoder == "pixels" else ""
    parts = (config.data.name, config.preset, encoder, config.model.cell, f"seed{config.training.seed}")
    wanted = free = "-".join(part for part in parts if part)
    number = 1
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    return free


def minutes(wanted: Sequence[Config]) -> float:
    """Roughly how long they take one after the other on two cores."""
    return sum(MINUTES[config.model.encoder] * PICTURES.get(config.data.name, 1.0) for config in wanted)
