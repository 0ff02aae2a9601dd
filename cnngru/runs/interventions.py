"""A run's accuracy under interventions (`cnngru.explain.effects`): found once for its weights, and kept beside them.

    interventions.npz   names (M,), accuracies (M,) in 0..1, n

It goes with the SHA-256 of the weights, as a survey does. Imports torch only where it has to be found.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnngru.runs import artifacts, surveys
from cnngru.runs.store import Run

FORMAT = "interventions-1"  # raise it when what is tried, or how, changes
FILE = "interventions.npz"


@dataclass(frozen=True)
class Accuracies:
    """names: of the interventions, "as it is" first; accuracies: the share of n test pictures answered rightly."""

    names: tuple[str, ...]
    accuracies: tuple[float, ...]
    n: int


def accuracies_of(run: Run, progress: Callable[[int, int], None] | None = None) -> Accuracies:
    """As it was kept for exactly these weights, else found now, then kept.

    progress(done, total) counts pictures, each once a pass; it is not called where nothing has to be found. Where the
    folder cannot be written it is found and not kept. Nothing is downloaded. Raises CheckpointError without weights
    that can be read, DataError without test pictures, ValueError for a network without a recurrent layer.
    """
    weights = surveys.weights_of(run)
    found = kept_accuracies(run)
    if found is not None:
        return found
    from cnngru import checkpoint
    from cnngru.explain.effects import accuracy_under

    mark = _mark(weights) if weights.is_file() else ""  # before they are read: a run may be replacing them
    model = checkpoint.load(weights)
    split = surveys.test_pictures(run.config.data)
    pairs = accuracy_under(model, split, progress)
    names, values = zip(*pairs, strict=True)
    with suppress(OSError):  # a folder that is read-only, full or gone
        arrays = {"names": np.array(names), "accuracies": np.array(values), "n": np.array(len(split.labels))}
        artifacts.keep_arrays(run.folder / FILE, arrays | {"of": np.array(mark)})
    return Accuracies(names, values, len(split.labels))


def kept_accuracies(run: Run) -> Accuracies | None:
    """What was kept for exactly the weights there are; None where there is nothing, or its file is damaged."""
    arrays = artifacts.read_arrays(run.folder / FILE)
    try:
        if arrays is None or str(arrays["of"]) != _mark(surveys.weights_of(run)):
            return None
        names, values = tuple(arrays["names"].tolist()), tuple(arrays["accuracies"].tolist())
        return Accuracies(names, values, int(arrays["n"])) if names and len(names) == len(values) else None
    except (OSError, KeyError, ValueError, TypeError):
        return None


def _mark(weights: Path) -> str:
    return f"{FORMAT} {artifacts.fingerprint(weights)}"
