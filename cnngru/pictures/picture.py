"""A picture, from a file or a data set to the figures: one type for the pages, the command line and Python.

Knows nothing of data sets, models or screens; torch is imported only by those who ask for a tensor.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnngru.config import PICTURE
from cnngru.pictures.read import decode

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture and what is known of it. Who shows or reads it need not know where it is from.

    image   (32, 32, 3) uint8, RGB: what the network sees
    name    what to call it in a sentence, not safe for Markdown
    label   its true class, "" where it is not known
    cue     the pixel rows [start, end) that decide (RowCue), else None
    test    its number in the test, counted from 0, None where it is not of the test
    code    Python that gives it as `image`, uint8 (3, 32, 32), with the imports that it needs on lines of their own
    full    all of it, for display: RGB, upright, transparency over white, at most 1024 pixels a side; None where there
            is no more than `image`
    note    what a person should know about how it was read, "" if nothing
    """

    image: np.ndarray
    name: str
    label: str = ""
    cue: tuple[int, int] | None = None
    test: int | None = None
    code: str = ""
    full: Image.Image | None = None
    note: str = ""

    @property
    def tensor(self) -> Tensor:
        """uint8 (3, 32, 32), as a data set holds its pictures."""
        import torch

        return torch.from_numpy(self.image.transpose(2, 0, 1).copy())


def read_picture(source: bytes | Path, name: str = "picture") -> Picture:
    """Reads a file that anybody may have made, given as its bytes or its path (`kinds.KINDS`); the network sees the
    centred square of it.

    Raises PictureError: one plain sentence that says what is wrong, without the name.
    """
    decoded = decode(source)
    code = (
        "from pathlib import Path\n"
        "from cnngru.pictures import read_picture\n"
        f"image = read_picture(Path({name!r})).tensor  # your file"
    )
    return Picture(decoded.square(PICTURE), name, code=code, full=decoded.whole(), note=decoded.note)
