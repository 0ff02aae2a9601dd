"""The settings in which runs differ, and those in which they agree. Pure: configs in, plain values out."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

from cnngru.cells import CELLS
from cnngru.config import Config

Settings = dict[str, Any]  # by name as in the JSON ("model.hidden"); None: has no effect in this network

# What tells runs of one network apart: the seed, and where and with what a run was worked on. That changes how long it
# takes, and what is learnt only by rounding.
APART = ("training.seed", "training.device", "training.precision", "training.threads")


def settings(config: Config) -> Settings:
    """Every setting by name. One that changes nothing in this network is None, so that it counts as no difference."""
    flat = {
        f"{part}.{f.name}": getattr(getattr(config, part), f.name)
        for part in ("data", "model", "training")
        for f in dataclasses.fields(getattr(config, part))
    }
    return {**flat, **dict.fromkeys(_idle(config))}


def _idle(config: Config) -> set[str]:
    """Settings without effect."""
    model, idle = config.model, set()
    if config.data.name != "folder":
        idle |= {"data.path"}  # where the pictures lie, not which
    if model.cell == "none":
        idle |= {f"model.{name}" for name in ("hidden", "layers", "bidirectional", "readout", "keep_bias")}
    elif not CELLS[model.cell].keeps:
        idle |= {"model.keep_bias"}
    if model.encoder != "rows":
        idle |= {"model.stem_stride", "model.convs", "model.columns"}
    muon = config.training.optimizer == "muon"
    if not muon or model.encoder == "pixels":
        idle |= {"training.muon_rate"}
    if not muon or model.cell == "none":
        idle |= {"training.recurrent_rate"}
    return idle


def differing(configs: Sequence[Config]) -> dict[str, tuple[Any, ...]]:
    """The settings in which they are not all equal, each with its values in the order of `configs`."""
    columns = _columns(configs)
    return {name: values for name, values in columns.items() if any(value != values[0] for value in values)}


def agreeing(configs: Sequence[Config]) -> dict[str, Any]:
    """The settings in which they are all equal, with that value; those that have no effect in any are left out."""
    columns = _columns(configs)
    same = {name: values[0] for name, values in columns.items() if all(value == values[0] for value in values)}
    return {name: value for name, value in same.items() if value is not None}


def _columns(configs: Sequence[Config]) -> dict[str, tuple[Any, ...]]:
    """Setting -> its value in each config."""
    tables = [settings(config) for config in configs]
    return {name: tuple(table[name] for table in tables) for name in (tables[0] if tables else ())}


def equal_but_for(left: Config, right: Config, names: Collection[str]) -> bool:
    """Whether two configs agree in all but `names`, the seed and the machine.

    A setting that has no effect in one of the two networks is not held against them: a plain mean has no hidden units.
    """
    one, other = settings(left), settings(right)
    return all(
        one[name] == other[name] or one[name] is None or other[name] is None
        for name in one
        if name not in (*APART, *names)
    )
