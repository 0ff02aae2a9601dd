"""What is computed on all test pictures of a run, once for its weights, and stored beside them.

    survey.npz                            what the gates do (`cnngru.explain.survey`), with model.safetensors
    interventions.npz                     accuracy under interventions (`cnngru.explain.effects`), likewise
    snapshots/step-0000064.survey.npz     of a snapshot

A file goes with the SHA-256 of the weights, so that others that take their place have their own. That a folder of
pictures has changed since, it cannot know: then delete the file. Imports torch only where something has to be computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from cnngru.data import test_pictures
from cnngru.explain.survey import Survey
from cnngru.runs import artifacts
from cnngru.runs.store import Run

if TYPE_CHECKING:
    from cnngru.data import Split
    from cnngru.nn.classifier import CNNGRU

WEIGHTS = "model.safetensors"
PicturesRead = Callable[[int, int], None]  # told of progress: pictures read so far, of how many


class Result(Protocol):
    """What can be stored as arrays by name."""

    def arrays(self) -> dict[str, np.ndarray]: ...


R = TypeVar("R", bound=Result)


@dataclass(frozen=True)
class Analysis(Generic[R]):
    """Something to compute on a run's test pictures.

    name        of its file: NAME.npz
    format      raise it when what is computed, or how it is counted, changes
    compute     from a model and the test split
    read        the result from what its `arrays` gave. Raises KeyError, ValueError or TypeError for other arrays
    """

    name: str
    format: str
    compute: Callable[[CNNGRU, Split, PicturesRead | None], R]
    read: Callable[[Mapping[str, np.ndarray]], R]


@dataclass(frozen=True)
class Accuracies:
    """names: of the interventions, "as it is" first; accuracies: the share of n test pictures answered rightly."""

    names: tuple[str, ...]
    accuracies: tuple[float, ...]
    n: int

    def arrays(self) -> dict[str, np.ndarray]:
        """names (M,), accuracies (M,) in 0..1, n."""
        return {"names": np.array(self.names), "accuracies": np.array(self.accuracies), "n": np.array(self.n)}

    @staticmethod
    def from_arrays(arrays: Mapping[str, np.ndarray]) -> Accuracies:
        """What `arrays` came from. Raises KeyError where one is missing, ValueError where their lengths differ."""
        names, accuracies = tuple(arrays["names"].tolist()), tuple(arrays["accuracies"].tolist())
        if not names or len(names) != len(accuracies):
            raise ValueError("Each intervention has one accuracy.")
        return Accuracies(names, accuracies, int(arrays["n"]))


def _survey(model: CNNGRU, test: Split, progress: PicturesRead | None) -> Survey:
    from cnngru.explain.survey_pass import survey

    return survey(model, test.images, test.labels, progress)


def _accuracies(model: CNNGRU, test: Split, progress: PicturesRead | None) -> Accuracies:
    from cnngru.explain.effects import accuracy_under

    names, accuracies = zip(*accuracy_under(model, test, progress), strict=True)
    return Accuracies(names, accuracies, len(test.labels))


SURVEY = Analysis("survey", "survey-1", _survey, Survey.from_arrays)
ACCURACIES = Analysis("interventions", "interventions-1", _accuracies, Accuracies.from_arrays)


def load_or_compute(
    run: Run, analysis: Analysis[R], progress: PicturesRead | None = None, step: int | None = None
) -> R:
    """The result for a run's newest weights, or its snapshot of that step: as stored, else computed now and stored.

    progress is not called where nothing has to be computed; accuracies read each picture twice. Where the folder cannot
    be written the result is not stored. Nothing is downloaded. Raises CheckpointError without weights that can be read,
    DataError without test pictures, ValueError for a network without a recurrent layer.
    """
    weights = weights_file(run, step)
    result = stored(weights, analysis)
    if result is not None:
        return result
    from cnngru import checkpoint

    key = _key(weights, analysis) if weights.is_file() else ""  # before they are read: a run may be replacing them
    model = checkpoint.load(weights)  # says what is wrong with them, or that there are none
    result = analysis.compute(model, test_pictures(run.config.data), progress)
    with suppress(OSError):  # a folder that is read-only, full or gone
        artifacts.write_arrays(_file(weights, analysis), result.arrays() | {"of": np.array(key)})
    return result


def stored(weights: Path, analysis: Analysis[R]) -> R | None:
    """The result that was stored for exactly these weights; None where there is none, or its file is damaged."""
    arrays = artifacts.read_arrays(_file(weights, analysis))
    try:
        if arrays is None or str(arrays["of"]) != _key(weights, analysis):
            return None
        return analysis.read(arrays)
    except (OSError, KeyError, ValueError, TypeError):
        return None


def weights_file(run: Run, step: int | None = None) -> Path:
    """The file of a run's newest weights, or of its snapshot of a step."""
    return run.folder / WEIGHTS if step is None else artifacts.snapshot_file(run.folder, step)


def _file(weights: Path, analysis: Analysis[R]) -> Path:
    name = f"{analysis.name}.npz"
    return weights.with_name(name) if weights.name == WEIGHTS else weights.with_suffix(f".{name}")


def _key(weights: Path, analysis: Analysis[R]) -> str:
    """What a stored result must go with. Raises OSError without the weights."""
    return f"{analysis.format} {artifacts.fingerprint(weights)}"
