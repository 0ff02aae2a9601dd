"""Uploaded files as pictures, or as one sentence each about why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnngru.ui import models

if TYPE_CHECKING:
    from PIL.Image import Image
    from streamlit.runtime.uploaded_file_manager import UploadedFile

KINDS = ["png", "jpg", "jpeg", "webp", "gif", "bmp"]


@dataclass(frozen=True)
class Upload:
    """A readable picture. full: upright, ≤ 1024 px a side; seen: (32, 32, 3) uint8; note: how it was read, or ""."""

    name: str
    full: Image
    seen: np.ndarray
    note: str


@dataclass(frozen=True)
class Refused:
    """A file that is no picture we can read, and why."""

    name: str
    reason: str


def read(name: str, data: bytes) -> Upload | Refused:
    """One file. A bad one is an answer, not an exception: the others go on."""
    from cnngru.predict import PictureError

    try:
        picture = models.read_picture(data, name)
    except PictureError as error:
        return Refused(name, str(error))
    return Upload(name, picture.full, picture.seen.permute(1, 2, 0).numpy(), picture.note)


def read_all(files: Sequence[UploadedFile]) -> list[Upload | Refused]:
    """All files, in the order in which they were given."""
    return [read(file.name, file.getvalue()) for file in files]
