"""Pixels of any mode and colour profile -> RGB as screens show it (sRGB), transparent ones white.

Works on a loaded picture or a strip of one; knows nothing of files.
"""

from __future__ import annotations

import io
from collections.abc import Callable

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
    plain: ToRGB = lambda part: part.convert("RGB")  # noqa: E731
    data = image.info.get("icc_profile")
    try:
        if image.mode == "LAB":
            return _through(ImageCms.createProfile("LAB"), "LAB"), ""
        if not data:
            return plain, ""
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        mode = MODES[profile.profile.xcolor_space.strip()]
        if (mode == "CMYK") != (image.mode == "CMYK") or (mode == "L" and image.mode not in GREY):
            return plain, PROFILE_IGNORED
        convert = _through(profile, mode)
        return (plain if mode != "CMYK" and _changes_nothing(convert, mode) else convert), ""
    except Exception:  # a broken profile must not cost the picture
        return plain, PROFILE_IGNORED


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
