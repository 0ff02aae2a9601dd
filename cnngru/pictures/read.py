"""A stranger's picture file -> its pixels as RGB, or one sentence that says why not.

Every way in which a file can be odd has one outcome: it is converted (16-bit, CMYK, palette, transparency, a colour
profile, a phone's turned photo), it is read in part and a note says so (animations), or it is refused with a
PictureError (empty, not a picture, cut short, far too large). The size in the file's header is looked at before a
single pixel is decoded; what is decoded is then converted in strips, which are made smaller at once, so that a large
picture is never held twice.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, PngImagePlugin
from PIL.ImageFile import ImageFile

from cnngru.pictures.colour import ToRGB, on_white, to_srgb
from cnngru.pictures.kinds import FORMATS, LOOKED_AT, refusal

MAX_PIXELS = 8192 * 8192  # 64 megapixels: above any common phone's photo, and still about 270 MB when decoded
COST = {"WEBP": 4, "AVIF": 2.25}  # times the memory that other decoders need for a pixel (measured): so many fewer
MAX_SIDE = 1_000_000  # pixels: each row takes memory and time of its own, however short it is
AMPLE = 1024  # pixels a side that are enough to make anything from: larger pictures may be reduced to no less
STRIP = 1024 * 1024  # pixels that are converted at once
ORIENTATION = 0x0112  # EXIF's tag, and how each of its values is turned upright
UPRIGHT = dict(enumerate((0, 3, 1, 5, 4, 6, 2), start=2))  # Image.Transpose

# Programs write what they did into a PNG's texts. For one of over 1 MB, and for such a colour profile, Pillow would
# refuse the picture; of all texts together it still takes no more than this, 64 MB.
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY


class PictureError(ValueError):
    """A picture that cannot be used. The message is one plain sentence, without the file's name."""


@dataclass(frozen=True)
class Decoded:
    """A picture whose pixels are in memory, as the file had them; what is asked for comes as RGB, upright.

    note    what a person should know about how it was read, "" if nothing
    """

    image: Image.Image
    convert: ToRGB
    turn: Image.Transpose | None
    note: str

    def square(self, size: int) -> np.ndarray:
        """The largest centred square, resized with antialiasing: (size, size, 3) uint8."""
        width, height = self.image.size
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return np.array(self._resized((left, top, left + side, top + side), (size, size)))

    def whole(self) -> Image.Image:
        """All of it, at most 1024 pixels a side."""
        scale = min(1, AMPLE / max(self.image.size))
        width, height = (max(1, round(side * scale)) for side in self.image.size)
        return self._resized((0, 0, *self.image.size), (width, height))

    def _resized(self, box: tuple[int, int, int, int], size: tuple[int, int]) -> Image.Image:
        width, height = box[2] - box[0], box[3] - box[1]
        factor = max(1, max(width, height) // AMPLE)
        exact = (0, 0, width / factor, height / factor)  # the last pixels stand for fewer where it does not go in
        found = self._reduced(box, factor).resize(size, Image.Resampling.BICUBIC, exact)
        return found if self.turn is None else found.transpose(self.turn)

    def _reduced(self, box: tuple[int, int, int, int], factor: int) -> Image.Image:
        """The box as RGB, each factor × factor pixels averaged to one, strip by strip."""
        left, top, right, bottom = box
        width, height = -(-(right - left) // factor), -(-(bottom - top) // factor)
        found = Image.new("RGB", (width, height))
        rows = factor * max(1, STRIP // ((right - left) * factor))
        for y in range(top, bottom, rows):
            strip = self.image.crop((left, y, right, min(bottom, y + rows)))
            found.paste(on_white(strip, self.convert).reduce(factor), (0, (y - top) // factor))
        return found


def decode(source: bytes | Path) -> Decoded:
    """Decodes a file of one of `kinds.KINDS`, given as its bytes or its path. Raises PictureError."""
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            if not file.read(1):
                raise PictureError("The file is empty.")
            file.seek(0)
            return _decoded(_open(file))
    except OSError as error:  # only opening and reading the file itself can end here
        raise PictureError(f"The file could not be read ({error.strerror or error}).") from error


def _open(file: IO[bytes]) -> Image.Image:
    """Reads the header only. Pillow's global pixel limit stays as it is (threads share it); ours comes after."""
    try:
        image = Image.open(file, formats=tuple(FORMATS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"The picture is too large: {_limit('')}.") from error
    except Exception as error:  # decoders raise much more than UnidentifiedImageError on damaged headers
        file.seek(0)
        raise PictureError(refusal(file.read(LOOKED_AT))) from error
    if image.width * image.height > MAX_PIXELS / COST.get(image.format or "", 1):
        size = f"{image.width} × {image.height} pixels"
        raise PictureError(f"The picture is too large: {size}, and {_limit(image.format or '')}.")
    if max(image.size) > MAX_SIDE:
        size = f"{image.width} × {image.height} pixels"
        raise PictureError(f"The picture is too large: {size}, and at most {MAX_SIDE:,} a side can be read.")
    if image.mode == "F" or (image.mode == "I" and image.format != "PNG"):
        raise PictureError("Its pixels are 32-bit numbers without a fixed range: save it with 8 or 16 bits a colour.")
    return image


def _limit(format: str) -> str:
    most = int(MAX_PIXELS / COST.get(format, 1)) // 10**6
    return f"at most {most} megapixels can be read" + (f" from {FORMATS[format]}" if format in COST else "")


def _decoded(image: Image.Image) -> Decoded:
    notes = [_animated(image)]
    _scale_transparency(image)
    try:
        image.draft(None, (AMPLE, AMPLE))  # a JPEG is decoded at 1/2, 1/4 or 1/8 as long as it stays that large
        image.load()
    except Exception as error:  # OSError, SyntaxError, ValueError, struct.error, …: depends on the format
        raise PictureError("The picture is damaged or cut short: its pixels could not all be read.") from error
    turn = None
    try:
        method = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
        turn = None if method is None else Image.Transpose(method)
    except Exception:  # a broken tag must not cost the picture
        notes.append("Its orientation tag is damaged; the picture may lie on its side.")
    convert, note = to_srgb(image)
    return Decoded(image, convert, turn, " ".join(filter(None, [*notes, note])))


def _animated(image: Image.Image) -> str:
    """What is shown of a file that holds more than one picture. A phone's JPEG may hold a second one (a depth or gain
    map): that is no animation."""
    if image.format not in ("GIF", "PNG", "WEBP", "AVIF", "TIFF"):
        return ""
    try:
        several = getattr(image, "is_animated", False)  # Pillow counts a GIF's frames by reading all of them
    except Exception:  # cut short behind the first one, which is there
        return "It is cut short; what is shown is its first frame."
    if not several:
        return ""
    if image.format == "TIFF":
        return "It has several pages; only its first is used."
    if getattr(image, "default_image", False):
        return "It is animated; only the still picture that comes with it is used."
    return "It is animated; only its first frame is used."


def _scale_transparency(image: Image.Image) -> None:
    """A PNG names its transparent colour in its own depth; Pillow gives the pixels in 8 bits (16-bit grey stays)."""
    clear, raw = (
        image.info.get("transparency"),
        str(image.tile[0].args) if isinstance(image, ImageFile) and image.tile else "",
    )
    if isinstance(clear, int) and raw in ("L;2", "L;4"):
        image.info["transparency"] = clear * 255 // (2 ** int(raw[-1]) - 1)
    if isinstance(clear, tuple) and raw == "RGB;16B":
        image.info["transparency"] = tuple(value >> 8 for value in clear)
