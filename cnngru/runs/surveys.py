"""A run's survey (`cnngru.explain.survey`): what its gates do on its test pictures, made once for its weights and kept.

    survey.npz                            of model.safetensors
    snapshots/step-0000064.survey.npz     of a snapshot

It goes with the SHA-256 of the weights, so that others that take their place have their own. That a folder of pictures
has changed since, it cannot know: then delete the file. Imports torch only where a survey has to be made.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnngru import data
from cnngru.config import DataConfig
from cnngru.explain.survey import Survey
from cnngru.runs import artifacts
from cnngru.runs.store import Run

if TYPE_CHECKING:
    from cnngru.data import Split

FORMAT = "survey-1"  # raise it when what is surveyed, or how it is counted, changes
WEIGHTS = "model.safetensors"


def survey_of(run: Run, progress: Callable[[int, int], None] | None = None, step: int | None = None) -> Survey:
    """The survey of a run's newest weights, or of its snapshot of that step: as it was kept, else made now, then kept.

    progress(done, total) counts pictures; it is not called where nothing has to be made. Where the folder cannot be
    written the survey is made and not kept. Nothing is downloaded. Raises CheckpointError without weights that can be
    read, DataError without test pictures, ValueError for a network without a recurrent layer.
    """
    weights = weights_of(run, step)
    found = kept_survey(weights)
    if found is not None:
        return found
    from cnngru import checkpoint
    from cnngru.explain.survey_pass import survey

    mark = _fingerprint(weights) if weights.is_file() else ""  # before they are read: a run may be replacing them
    model = checkpoint.load(weights)  # says what is wrong with them, or that there are none
    split = test_pictures(run.config.data)
    found = survey(model, split.images, split.labels, progress)
    with suppress(OSError):  # a folder that is read-only, full or gone
        artifacts.keep_arrays(_place(weights), found.arrays() | {"of": np.array(mark)})
    return found


def kept_survey(weights: Path) -> Survey | None:
    """The survey that was kept for exactly these weights; None where there is none, or its file is damaged."""
    arrays = artifacts.read_arrays(_place(weights))
    try:
        if arrays is None or str(arrays["of"]) != _fingerprint(weights):
            return None
        return Survey.from_arrays(arrays)
    except (OSError, KeyError, ValueError, TypeError):
        return None


def weights_of(run: Run, step: int | None = None) -> Path:
    """The file of a run's newest weights, or of its snapshot of a step."""
    return run.folder / WEIGHTS if step is None else artifacts.snapshot_file(run.folder, step)


def test_pictures(config: DataConfig) -> Split:
    """The test split of a data set, the pictures in its order. Raises DataError, also for CIFAR-10 that is not here."""
    if config.name != "cifar10":
        return data.load(config).test
    from cnngru.data import cifar10

    for place in dict.fromkeys((config.path, "")):  # a run from another machine had it elsewhere
        test = cifar10.read_test(place)  # `load` would read all 60,000 pictures, or download them
        if test is not None:
            return test
    raise data.DataError(
        "The test pictures of CIFAR-10 are not on this machine, so nothing can be found out on them. Download "
        "CIFAR-10 on Home, or set CNNGRU_DATA to the directory that has it."
    )


def _place(weights: Path) -> Path:
    return weights.with_name("survey.npz") if weights.name == WEIGHTS else weights.with_suffix(".survey.npz")


def _fingerprint(weights: Path) -> str:
    return f"{FORMAT} {artifacts.fingerprint(weights)}"
