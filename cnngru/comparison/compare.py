"""Runs side by side: the figures of each, the settings in which they differ, and runs that differ by luck alone.

Pure: runs in, plain values out. No torch, no screen. cnngru/comparison/claims.py asks what the figures say.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from cnngru.config import Config
from cnngru.runs.store import Run

Settings = dict[str, Any]  # by name as in the JSON ("model.hidden"); None: has no effect in this network

SEED = "training.seed"
# Where and with what a run was worked on. It changes how long that takes, and what is learnt only by rounding.
MACHINE = ("training.device", "training.precision", "training.threads")

# What things are called, on every page. The order is that in which they are offered.
DATA = {"cifar10": "CIFAR-10", "rowcue": "RowCue", "folder": "own pictures"}
CELLS = {
    "gru": "GRU",
    "gru-textbook": "textbook GRU",
    "lstm": "LSTM",
    "rnn": "plain RNN",
    "mingru": "minGRU",
    "none": "none",
}
ENCODERS = {"rows": "{}", "pixels": "{} on pixels", "seed-cnn": "document's CNN + {}"}
ALONE = {"rows": "CNN alone", "pixels": "mean of the pixel rows", "seed-cnn": "document's CNN alone"}


@dataclass(frozen=True)
class Row:
    """One run's figures; None where they are not known: not there yet, or not in a log from before they were written.

    parameters, recurrent_parameters    all weights, and those of the recurrent layers
    seconds_an_epoch                    of training alone, validation left out: the median over the epochs
    accuracy, reversed, shuffled        on the test pictures, 0..1; rows read as they are, bottom-up, in a random order
    to_80, to_90                        seconds of training alone until the validation accuracy first reached it
    """

    name: str
    parameters: int | None
    recurrent_parameters: int | None
    seconds_an_epoch: float | None
    accuracy: float | None
    to_80: float | None
    to_90: float | None
    reversed: float | None
    shuffled: float | None


def row(run: Run) -> Row:
    """The figures of a run, as far as its log has them."""
    started, finished = run.last("started") or {}, run.last("finished") or {}
    recurrent = started.get("recurrent_parameters")
    return Row(
        name=run.name,
        parameters=started.get("parameters"),
        recurrent_parameters=0 if run.config.model.cell == "none" and started else recurrent,
        seconds_an_epoch=seconds_an_epoch(run),
        accuracy=finished.get("accuracy"),
        to_80=seconds_to(run, 0.8),
        to_90=seconds_to(run, 0.9),
        reversed=finished.get("reversed"),
        shuffled=finished.get("shuffled"),
    )


def seconds_an_epoch(run: Run) -> float | None:
    """Median over the epochs of the seconds from their start to their last step; None before the first has ended."""
    epochs = [seconds for seconds, _ in _epochs(run)]
    return median(epochs) if epochs else None


def seconds_to(run: Run, accuracy: float) -> float | None:
    """Seconds of training until the first validation with at least this accuracy (0..1); None if there is none."""
    spent = 0.0
    for seconds, reached in _epochs(run):
        spent += seconds
        if reached is not None and reached >= accuracy:
            return spent
    return None


def _epochs(run: Run) -> Iterator[tuple[float, float | None]]:
    """(seconds of training, validation accuracy) of each epoch; the accuracy is None where it was not a number.

    Older logs count the validations too: those are between two epochs, and fall out.
    """
    began = newest = 0.0
    for event in run.events:
        if event["kind"] == "progress":
            newest = event["seconds"]
        elif event["kind"] == "validated":
            yield newest - began, event["accuracy"]
            began = event["seconds"]


def machine(run: Run) -> tuple[Any, ...] | None:
    """(device, precision, threads) as training found them: seconds can be compared only where these agree."""
    started = run.last("started")
    return tuple(started.get(name) for name in ("device", "precision", "threads")) if started else None


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
    if model.cell == "rnn":
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


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seed alone. `label` names them among the groups at hand: "GRU (quick)"."""

    label: str
    runs: tuple[Run, ...]

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


def groups(runs: Sequence[Run]) -> list[Group]:
    """The runs, those together that differ in their seed alone (or in the machine), in the order of the first of each.

    Where two groups would be called the same, each has its first run's name added.
    """
    found: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        fixed = {name: value for name, value in settings(run.config).items() if name not in (SEED, *MACHINE)}
        found.setdefault(tuple(fixed.values()), []).append(run)
    named = [label(members[0].config) for members in found.values()]
    return [
        Group(text if named.count(text) == 1 else f"{text} as {members[0].name}", tuple(members))
        for text, members in zip(named, found.values(), strict=True)
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


def label(config: Config) -> str:
    """What a network is, in a few words: "LSTM (quick)", "GRU on pixels (quick)", "document's CNN + GRU"."""
    words = network(config.model.encoder, config.model.cell)
    told = config.model.encoder == "seed-cnn" and config.preset == "document"  # the name says it
    return words if told else f"{words} ({config.preset or 'own settings'})"


def network(encoder: str, cell: str) -> str:
    """An encoder and a cell, as they are called: "LSTM", "GRU on pixels", "document's CNN alone"."""
    if cell == "none":
        return ALONE[encoder]
    return ENCODERS[encoder].format(CELLS[cell])


def equal_but_for(left: Config, right: Config, names: Mapping[str, Any]) -> bool:
    """Whether two configs agree in all but `names`, the seed and the machine.

    A setting that has no effect in one of the two networks is not held against them: a plain mean has no hidden units.
    """
    one, other = settings(left), settings(right)
    return all(
        one[name] == other[name] or one[name] is None or other[name] is None
        for name in one
        if name not in (SEED, *MACHINE, *names)
    )
