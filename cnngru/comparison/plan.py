"""The standard comparison: the networks that the claims of the document need, on one data set, with some seeds each.

All have one preset's settings (quick's, if not said otherwise) but for the cell or the encoder in question; the
document's own have its recipe. On photos the CNN alone comes a second time, with the GRU's parameters in one more
convolution.
Says what there is to train; engines do it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from cnngru import names
from cnngru.comparison.settings import settings
from cnngru.config import Config, Conv, override
from cnngru.presets import preset
from cnngru.runs import family
from cnngru.runs.store import Run

# Of a run of the quick preset, or the document's, on CIFAR-10 on two cores without matrix units, by encoder; rough.
MINUTES = {"rows": 1.5, "pixels": 1.0, "seed-cnn": 6.0}
PICTURES = {"rowcue": 0.45}  # how many pictures a data set has for training, as a share of CIFAR-10's


def configs(data: str, seeds: int, name: str = "quick") -> list[Config]:
    """The runs of the comparison on the data set `data`: seed by seed, so that the first answers come early."""
    ours, document = preset(name, data), preset("document", data)
    networks = [override(ours, "model.cell", cell) for cell in names.CELLS]
    if data != "rowcue":  # where one more convolution could see a second cue
        networks.append(deeper(ours))
    networks += [override(ours, "model.encoder", "pixels"), document, override(document, "model.cell", "none")]
    return [override(network, "training.seed", seed) for seed in range(seeds) for network in networks]


def deeper(config: Config) -> Config:
    """A preset without its GRU, whose parameters go into one more flat block of the CNN: as many, more work.

    Of one layer, on an encoder that hands on the strongest column.
    """
    model, features = config.model, config.model.convs[-1].channels
    gru = (2 if model.bidirectional else 1) * 3 * model.hidden * (features + model.hidden + 2)
    filters = 16 * round(gru / (3 * features) / 16)  # in sixteens, as convolutions like them
    convs = (*model.convs, Conv((1, 3), filters))
    return replace(config, model=replace(model, cell="none", convs=convs), preset=f"{config.preset}-deeper")


def existing(config: Config, runs: Sequence[Run]) -> Run | None:
    """A run with these settings that has all figures, or is on its way to them, a finished one first; else None.

    Seed and machine count as settings; the preset's name and what has no effect in this network do not.
    """
    wanted = settings(config)
    same = [run for run in runs if settings(run.config) == wanted and (_whole(run) or _coming(run))]
    return min(same, key=lambda run: run.status != "finished", default=None)


def _whole(run: Run) -> bool:
    """Whether it is finished as it was asked for, by code that wrote down all that the claims ask for."""
    started, finished = run.last("started") or {}, run.last("finished") or {}
    written = "recurrent_parameters" in started and "shuffled" in finished
    return run.status == "finished" and written and not _another(run)


def _coming(run: Run) -> bool:
    # One that is stopping will not finish, and one that was changed will be another.
    return run.status in ("queued", "running") and not _another(run)


def _another(run: Run) -> bool:
    """Whether it is another training than its settings say: changed while it trained, or continued from another run."""
    return bool(run.changes()) or family.read(run.folder) is not None


def free_name(config: Config, taken: Collection[str]) -> str:
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
    """Roughly how long they take on two cores, where one trains at a time."""
    return sum(MINUTES[config.model.encoder] * PICTURES.get(config.data.name, 1.0) for config in wanted)
