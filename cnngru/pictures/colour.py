"""Pixels of any mode and colour profile -> RGB as screens show it (sRGB), transparent ones white.

Works on a loaded picture or a strip of one; knows nothing of files.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

ToRGB = Callable[[Image.Image], Image.Image]
PROFILE_IGNORED = "Its colour profile could not be used; its colours may be a little off."
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # a profile's colour space -> the mode of pixels that it describes
GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")


def to_srgb(image: Image.Image) -> tuple[ToRGB, str]:
    """(what turns pixels of this picture without alpha into sRGB, a note or ""), by the profile that it carries.

    A profile that is damaged, or of another colour space than the pixels, is ignored and noted.
    """
    data = image.info.get("icc_profile")
    kind = "CMYK" if image.mode == "CMYK" else "L" if image.mode in GREY else "RGB"
    try:
        if image.mode == "LAB":
            return _through(ImageCms.createProfile("LAB"), "LAB"), ""
        return (_by_profile(data, kind) if data else _plain), ""
    except Exception:  # a broken profile must not cost the picture
        return _plain, PROFILE_IGNORED


def on_white(part: Image.Image, convert: ToRGB) -> Image.Image:
    """RGB pixels 0..255. part: of any mode that the formats in `kinds` can hold, but 32 bits a number."""
    transparent, alpha = part.info.get("transparency"), None
    if part.mode.startswith("I"):  # 16-bit grey: 0..65535 -> 0..255 (Pillow's own conversion clips at 255)
        values = np.asarray(part)
        part = Image.fromarray((values.astype(np.float32) / 257).round().clip(0, 255).astype(np.uint8))
        if isinstance(transparent, int):
            alpha = Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8))
    elif part.has_transparency_data:
        grey = part.mode in GREY
        part = part.convert("LA" if grey else "RGBA")
        alpha = part.getchannel("A")
        part = part.convert("L" if grey else "RGB")
    part = convert(part)
    if alpha is None:
        return part
    white = Image.new("RGB", part.size, "white")
    white.paste(part, mask=alpha)
    return white


def _plain(part: Image.Image) -> Image.Image:
    return part.convert("RGB")


@lru_cache(maxsize=4)  # 6 ms each, and a folder's photos mostly have the same one
def _by_profile(data: bytes, kind: str) -> ToRGB:
    """The conversion that a profile's bytes ask for, of pixels of a kind: "L", "RGB" or "CMYK".

    Raises what Pillow does, KeyError for a colour space that is none of these, ValueError for one not the pixels'.
    """
    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    mode = MODES[profile.profile.xcolor_space.strip()]
    if mode != kind and (mode, kind) != ("RGB", "L"):  # grey is a colour of RGB too
        raise ValueError(f"a profile of {mode} with pixels of {kind}")
    convert = _through(profile, mode)
    return _plain if mode != "CMYK" and _changes_nothing(convert, mode) else convert


def _through(profile: ImageCms.ImageCmsProfile | ImageCms.core.CmsProfile, mode: str) -> ToRGB:
    """Raises PyCMSError for a profile from which no colours can be had."""
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")

    def convert(part: Image.Image) -> Image.Image:
        found = ImageCms.applyTransform(part if part.mode == mode else part.convert(mode), transform)
        assert found is not None  # it is not done in place
        return found

    return convert


def _changes_nothing(convert: ToRGB, mode: str) -> bool:
    """Whether a profile is as good as sRGB: then pixels stay exactly what they are."""
    levels = np.linspace(0, 255, 6 if mode == "RGB" else 256).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(*[levels] * 3), -1).reshape(1, -1, 3) if mode == "RGB" else levels[None]
    probe = Image.fromarray(grid)
    return int(np.abs(np.asarray(convert(probe), int) - np.asarray(probe.convert("RGB"), int)).max()) <= 1
