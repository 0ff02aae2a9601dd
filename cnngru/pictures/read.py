"""A stranger's picture file -> a plain RGB picture, or one sentence that says why not.

Every way in which a file can be odd has one outcome: it is converted (16-bit, CMYK, palette, transparency, a phone's
turned photo), it is read in part and a note says so (animations), or it is refused with a PictureError (empty, not a
picture, cut short, far too large). The size in the file's header is looked at before a single pixel is decoded.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
KINDS = "PNG, JPEG, WebP, GIF or BMP"  # the same for people
MAX_PIXELS = 8192 * 8192  # 64 megapixels: above any common phone's photo, and still about 250 MB when decoded
AMPLE = (1024, 1024)  # a JPEG may be decoded at 1/2, 1/4 or 1/8 of its size as long as it stays at least this large


class PictureError(ValueError):
    """A picture that cannot be used. The message is one plain sentence, without the file's name."""


def open_rgb(source: bytes | Path) -> tuple[Image.Image, str]:
    """Decodes a PNG, JPEG, WebP, GIF or BMP, given as its bytes or its path.

    Returns the picture in mode RGB, upright, transparency laid over white, and a note for the person ("" if there is
    nothing to say). A large JPEG may come back at a fraction of its size, never below AMPLE. Raises PictureError.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
            if not file.read(1):
                raise PictureError("The file is empty.")
            file.seek(0)
            with _open(file) as image:
                return _decode(image)
    except OSError as error:  # only opening and reading the file itself can end here
        raise PictureError(f"The file could not be read ({error.strerror or error}).") from error


def to_square(image: Image.Image, size: int) -> Image.Image:
    """The largest centred square of an RGB picture, resized with antialiasing to size × size pixels."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)).resize((size, size), Image.Resampling.BICUBIC)


def _open(file: IO[bytes]) -> Image.Image:
    """Reads the header only. Pillow's global pixel limit stays as it is (threads share it); ours comes after."""
    try:
        image = Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(
            f"The picture is too large: at most {MAX_PIXELS // 10**6} megapixels can be read."
        ) from error
    except Exception as error:  # decoders raise much more than UnidentifiedImageError on damaged headers
        raise PictureError(f"The file is not a {KINDS} picture, or its beginning is damaged.") from error
    if image.width * image.height > MAX_PIXELS:
        raise PictureError(
            f"The picture is too large: {image.width} × {image.height} pixels, "
            f"and at most {MAX_PIXELS // 10**6} megapixels can be read."
        )
    return image


def _decode(image: Image.Image) -> tuple[Image.Image, str]:
    # A phone's JPEG may hold a second picture (a depth or gain map): that is no animation.
    animated = image.format in ("GIF", "PNG", "WEBP") and getattr(image, "is_animated", False)
    try:
        image.draft(None, AMPLE)
        image.load()
    except Exception as error:  # OSError, SyntaxError, ValueError, struct.error, …: depends on the format
        raise PictureError("The picture is damaged or cut short: its pixels could not all be read.") from error
    notes = ["It is animated; only its first frame is used."] if animated else []
    try:
        image = ImageOps.exif_transpose(image)
    except Exception:  # a broken tag must not cost the picture
        notes.append("Its orientation tag is damaged; the picture may lie on its side.")
    return _rgb(image), " ".join(notes)


def _rgb(image: Image.Image) -> Image.Image:
    """Any mode that FORMATS can hold -> RGB, 0..255; transparent pixels show white."""
    if image.mode.startswith("I"):  # 16-bit grey: 0..65535 -> 0..255 (Pillow's own conversion clips at 255)
        image = Image.fromarray((np.asarray(image, dtype=np.float32) / 257).round().clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")
