"""Runs that differ by luck alone, taken together, and what to call them. Pure: runs in, plain values out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cnngru import names
from cnngru.comparison.settings import APART, settings
from cnngru.config import Config
from cnngru.presets import PRESETS, preset
from cnngru.runs.store import Run


@dataclass(frozen=True)
class Network:
    """What a group of runs is called by.

    run     what its first run is called, where the rest would not tell it apart
    apart   what is another than the preset has it, of what decides how good a network gets: "500 pictures"
    """

    encoder: str
    cell: str
    preset: str
    run: str = ""
    apart: str = ""

    @property
    def label(self) -> str:
        """ "LSTM (quick)", "GRU on pixels (quick), 500 pictures as my-run"."""
        known = ", ".join(filter(None, (names.label(self.encoder, self.cell, self.preset), self.apart)))
        return known + (f" as {self.run}" if self.run else "")


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
    return Network(config.model.encoder, config.model.cell, config.preset, apart=", ".join(_apart(config)))


def _apart(config: Config) -> Iterator[str]:
    data, epochs = config.data, config.training.epochs
    usual = preset(config.preset, data.name) if config.preset in PRESETS else None
    if data.pictures and (usual is None or data.pictures != usual.data.pictures):
        yield f"{data.pictures:,} pictures"
    if usual is not None and epochs != usual.training.epochs:
        yield "1 epoch" if epochs == 1 else f"{epochs} epochs"
    if data.shuffle_labels:
        yield "shuffled labels"


def cut_short(run: Run) -> str:
    """ "stopped after 0.1 of 3 epochs"; "" for a run that went to its end, or still goes there."""
    progress = run.last("progress")
    if run.status == "finished" or run.live or not progress:
        return ""
    return f"stopped after {progress['epoch']:.1f} of {run.config.training.epochs} epochs"


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
    called, networks = distinct(runs), [network(members[0].config) for members in found.values()]
    labels = [named.label for named in networks]
    return [
        Group(replace(named, run="" if labels.count(named.label) == 1 else called[members[0].name]), tuple(members))
        for named, members in zip(networks, found.values(), strict=True)
    ]


def titles(runs: Sequence[Run]) -> dict[str, str]:
    """What to call each run among the others, by name: its group's label, with the seed where the group has several.

    One that did not come to its end says how far it came.
    """
    found = {
        run.name: ", ".join(
            filter(
                None,
                (
                    group.label if len(group.runs) == 1 else f"{group.label} seed {run.config.training.seed}",
                    cut_short(run),
                ),
            )
        )
        for group in groups(runs)
        for run in group.runs
    }
    called = list(found.values())
    apart = distinct(runs)
    return {name: title if called.count(title) == 1 else f"{title} as {apart[name]}" for name, title in found.items()}


def distinct(runs: Sequence[Run]) -> dict[str, str]:
    """What people call each run, by name; its name where another one is called the same, or by that name."""
    taken = [run.called for run in runs] + [run.name for run in runs if run.title]
    return {run.name: run.called if taken.count(run.called) == 1 else run.name for run in runs}
