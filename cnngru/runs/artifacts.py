"""What a run leaves behind beside its newest weights: snapshots along the way, and its answers on the test pictures.

    snapshots/step-0000064.safetensors   the whole model at that step, float16; step 0 is untrained
    test.npz                             probabilities float16 (N, C), labels uint8 (N,)

Imports no torch, and numpy only where answers are read or written.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnngru.runs import files

if TYPE_CHECKING:
    import numpy as np

SNAPSHOTS = "snapshots"
ANSWERS = "test.npz"
LARGEST = 1_000_000_000  # bytes of the arrays in a file; the answers on a million pictures of 100 classes are a fifth
_SNAPSHOT = re.compile(r"step-([0-9]+)\.safetensors")


def snapshot_file(folder: Path, step: int) -> Path:
    """Where the run in `folder` keeps its snapshot of that step."""
    return folder / SNAPSHOTS / f"step-{step:07}.safetensors"


def snapshots(folder: Path) -> list[tuple[int, Path]]:
    """(step, file) of the snapshots there are, the earliest first."""
    place = folder / SNAPSHOTS
    if place.is_symlink():  # a stranger's folder may lead elsewhere
        return []
    found = ((int(match[1]), path) for path in place.glob("*") if (match := _SNAPSHOT.fullmatch(path.name)))
    return sorted((step, path) for step, path in found if path == snapshot_file(folder, step) and files.is_plain(path))


def next_due(step: int) -> int:
    """The step at which the snapshot after that of `step` is due: the first of 1, 4, 16, 64, … that is later.

    Networks change fast at first and slowly then: steps evenly spaced in their logarithm show both, and few are kept.
    """
    due = 1
    while due <= step:
        due *= 4
    return due


def answers(folder: Path) -> tuple[np.ndarray, np.ndarray] | None:
    """(probabilities float32 (N, C), labels uint8 (N,)), or None where there are none or the file is damaged."""
    import numpy as np

    kept = read_arrays(folder / ANSWERS)
    if kept is None or "probabilities" not in kept or "labels" not in kept:
        return None
    probabilities, labels = kept["probabilities"], kept["labels"]
    fit = probabilities.ndim == 2 and probabilities.dtype.kind == "f" and labels.shape == probabilities.shape[:1]
    if not fit or labels.dtype.kind != "u" or not np.isfinite(probabilities).all():
        return None
    if labels.size and labels.max() >= probabilities.shape[1]:
        return None
    return probabilities.astype(np.float32), labels


def write_answers(folder: Path, probabilities: Any, labels: Any) -> None:
    """Writes what `answers` reads, whole or not at all, from whatever numpy takes as arrays. Raises OSError."""
    import numpy as np

    shares, classes = np.asarray(probabilities, np.float16), np.asarray(labels, np.uint8)
    write_arrays(folder / ANSWERS, {"probabilities": shares, "labels": classes})


def fingerprint(file: Path) -> str:
    """The SHA-256 of a file of weights: what was found out about others is not about these. Raises OSError."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read_arrays(file: Path) -> dict[str, np.ndarray] | None:
    """What `write_arrays` wrote, by name, or None where there is no such file or it is damaged."""
    import numpy as np

    try:
        files.status_of(file)
        with zipfile.ZipFile(file) as members:
            if sum(member.file_size for member in members.infolist()) > LARGEST:
                return None
        with np.load(file) as kept:
            return {name: kept[name] for name in kept.files}
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, AttributeError, MemoryError):
        return None
    except (zipfile.BadZipFile, zlib.error):
        return None


def write_arrays(file: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes an .npz, whole or not at all. Raises OSError."""
    import numpy as np

    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=file.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as opened:
            np.savez_compressed(opened, **arrays)  # type: ignore[arg-type]
        os.chmod(beside, 0o644)  # mkstemp keeps others out
        os.replace(beside, file)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
