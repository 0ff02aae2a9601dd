"""Runs that differ by luck alone, taken together, and what to call them. Pure: runs in, plain values out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnngru import names
from cnngru.comparison.settings import APART, settings
from cnngru.config import Config
from cnngru.runs.store import Run


@dataclass(frozen=True)
class Network:
    """What a group of runs is called by. `run`: the name of its first run, where the rest would not tell it apart."""

    encoder: str
    cell: str
    preset: str
    run: str = ""

    @property
    def label(self) -> str:
        """ "LSTM (quick)", "GRU on pixels (quick) as my-run"."""
        return names.label(self.encoder, self.cell, self.preset) + (f" as {self.run}" if self.run else "")


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seed alone (or in the machine)."""

    network: Network
    runs: tuple[Run, ...]

    @property
    def label(self) -> str:
        return self.network.label

    @property
    def config(self) -> Config:
        return self.runs[0].config

    def values(self, measure: Callable[[Run], float | None]) -> list[float]:
        """A figure of each finished run that has it. Of two runs with one seed the first counts: it is one draw."""
        found: dict[int, float] = {}
        for run in self.runs:
            value = measure(run) if run.status == "finished" else None
            if value is not None:
                found.setdefault(run.config.training.seed, value)
        return list(found.values())

    def only(self, wanted: Callable[[Run], bool]) -> Group:
        """The group with those of its runs."""
        return replace(self, runs=tuple(run for run in self.runs if wanted(run)))


def network(config: Config) -> Network:
    """What a run with these settings trains."""
    return Network(config.model.encoder, config.model.cell, config.preset)


def label(config: Config) -> str:
    """What a network is, in a few words: "LSTM (quick)", "GRU on pixels (quick)", "document's CNN + GRU"."""
    return network(config).label


def groups(runs: Sequence[Run]) -> list[Group]:
    """The runs, those together that differ in their seed alone (or in the machine), in the order of the first of each.

    Where two groups would be called the same, each has its first run's name added.
    """
    found: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        fixed = {name: value for name, value in settings(run.config).items() if name not in APART}
        found.setdefault(tuple(fixed.values()), []).append(run)
    networks = [network(members[0].config) for members in found.values()]
    labels = [named.label for named in networks]
    return [
        Group(replace(named, run="" if labels.count(named.label) == 1 else members[0].name), tuple(members))
        for named, members in zip(networks, found.values(), strict=True)
    ]


def titles(runs: Sequence[Run]) -> dict[str, str]:
    """What to call each run among the others, by name: its group's label, with the seed where the group has several."""
    found = {
        run.name: group.label if len(group.runs) == 1 else f"{group.label} seed {run.config.training.seed}"
        for group in groups(runs)
        for run in group.runs
    }
    called = list(found.values())
    return {name: title if called.count(title) == 1 else f"{title} as {name}" for name, title in found.items()}
