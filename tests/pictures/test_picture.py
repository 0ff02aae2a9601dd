"""Pictures from strangers end in what the network sees, or in one plain sentence."""

import io
import struct
import sys
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from cnngru.pictures import Picture, PictureError, read_picture
from cnngru.pictures.read import AMPLE

QUARTERS = {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "white"}  # (right, bottom) -> colour


def quarters(side: int = 64) -> Image.Image:
    """Red, green, blue and white quarters: shows a swapped channel, a turn, and a mirror image."""
    image = Image.new("RGB", (side, side))
    for (right, bottom), colour in QUARTERS.items():
        image.paste(colour, (right * side // 2, bottom * side // 2, (right + 1) * side // 2, (bottom + 1) * side // 2))
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, bits: int, colour_type: int, lines: bytes) -> bytes:
    """A PNG from its compressed lines: for what Pillow cannot write."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def huge_png(side: int) -> bytes:
    """A whole, valid RGB picture of side × side black pixels, made without ever holding them."""
    packer = zlib.compressobj(1)
    line = bytes(1 + 3 * side)
    return png(side, side, 8, 2, b"".join([*(packer.compress(line) for _ in range(side)), packer.flush()]))


def expect_quarters(picture: Picture, tolerance: int = 0) -> None:
    """Every quarter's inner part, both in what is shown and in what the network sees."""
    for (right, bottom), colour in QUARTERS.items():
        want = torch.tensor(Image.new("RGB", (1, 1), colour).getpixel((0, 0)))
        seen = picture.tensor[:, 16 * bottom + 3 : 16 * bottom + 13, 16 * right + 3 : 16 * right + 13].int()
        assert (seen - want[:, None, None]).abs().max() <= tolerance, colour
        half = picture.full.width // 2
        shown = picture.full.getpixel((right * half + half // 2, bottom * half + half // 2))
        assert max(abs(a - b) for a, b in zip(shown, want.tolist(), strict=True)) <= tolerance, colour


def test_a_picture_comes_as_the_network_and_the_page_want_it() -> None:
    picture = read_picture(encoded(quarters()), "four.png")
    assert picture.name == "four.png"
    assert picture.note == ""
    assert (picture.tensor.shape, picture.tensor.dtype) == ((3, 32, 32), torch.uint8)
    assert picture.tensor.is_contiguous()
    assert (picture.full.mode, picture.full.size) == ("RGB", (64, 64))
    expect_quarters(picture)


def test_the_middle_square_of_a_wide_picture_is_seen_and_all_of_it_shown() -> None:
    wide = Image.new("RGB", (3000, 1000), "yellow")
    wide.paste(quarters(1000), (1000, 0))
    picture = read_picture(encoded(wide))
    assert picture.full.size == (AMPLE, 341)
    assert (picture.tensor == read_picture(encoded(quarters(1000))).tensor).all()


def test_shrinking_averages_instead_of_picking_pixels() -> None:
    checkers = (np.indices((512, 512)).sum(0) % 2 * 255).astype(np.uint8)
    seen = read_picture(encoded(Image.fromarray(checkers))).tensor
    assert (seen.int() - 127).abs().max() <= 2


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP", "GIF", "JPEG"])
def test_formats(kind: str) -> None:
    options: dict[str, dict[str, object]] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95, "subsampling": 0}}
    expect_quarters(read_picture(encoded(quarters(), kind, **options.get(kind, {}))), tolerance=6)


def test_palette() -> None:
    expect_quarters(read_picture(encoded(quarters().quantize(4))))


def test_cmyk() -> None:
    picture = read_picture(encoded(quarters().convert("CMYK"), "JPEG", quality=95, subsampling=0))
    expect_quarters(picture, tolerance=8)


def test_a_transparent_background_becomes_white() -> None:
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (32, 32, 64, 64))  # the white quarter, now clear over black
    expect_quarters(read_picture(encoded(image)))


def test_half_transparent_is_halfway_to_white() -> None:
    seen = read_picture(encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 128)))).tensor
    assert (seen[0] == 255).all()
    assert ((seen[1:].int() - 127).abs() <= 1).all()


def test_a_palette_with_a_transparent_colour_becomes_white() -> None:
    image = quarters().quantize(4)
    clear = image.getpixel((60, 60))
    palette = image.getpalette()
    assert palette is not None
    palette[3 * clear : 3 * clear + 3] = [0, 0, 0]
    image.putpalette(palette)
    for kind in ("PNG", "GIF"):
        expect_quarters(read_picture(encoded(image, kind, transparency=clear)))


def test_16_bit_grey_is_scaled_not_cut_off() -> None:
    ramp = np.repeat(np.linspace(0, 65535, 32).astype(np.uint16)[None], 32, axis=0)
    seen = read_picture(encoded(Image.fromarray(ramp))).tensor
    assert (seen[0] == seen[1]).all()
    assert (seen[0, 5].int() - torch.linspace(0, 255, 32)).abs().max() <= 1


@pytest.mark.parametrize(("colour_type", "channels"), [(2, 3), (6, 4)])
def test_16_bit_colour(colour_type: int, channels: int) -> None:
    values = np.asarray(quarters().convert("RGBA"))[..., :channels].astype(">u2") * 257
    lines = b"".join(b"\0" + line.tobytes() for line in values)
    expect_quarters(read_picture(png(64, 64, 16, colour_type, zlib.compress(lines))))


def test_grey_and_black_and_white() -> None:
    assert (read_picture(encoded(Image.new("L", (40, 40), 77))).tensor == 77).all()
    assert (read_picture(encoded(Image.new("1", (40, 40), 1))).tensor == 255).all()


def test_an_animation_gives_its_first_frame_and_says_so() -> None:
    others = [Image.new("RGB", (64, 64), colour) for colour in ("black", "yellow")]
    picture = read_picture(encoded(quarters(), "GIF", save_all=True, append_images=others, duration=50))
    expect_quarters(picture)
    assert "first frame" in picture.note


def test_a_phone_photo_lying_on_its_side_is_turned_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90° clockwise to see it upright"
    lying = encoded(quarters(4000).rotate(90), "JPEG", quality=95, exif=exif)
    picture = read_picture(lying)
    expect_quarters(picture, tolerance=6)
    assert picture.full.size == (AMPLE, AMPLE)


WHOLE_JPEG = encoded(Image.effect_noise((300, 300), 60).convert("RGB"), "JPEG")
BAD: dict[str, bytes] = {
    "empty": b"",
    "a text": "Grüße, I am a text file named cat.png.\n".encode() * 50,
    "html": b"<!DOCTYPE html><html><body>404</body></html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a half JPEG": WHOLE_JPEG[: len(WHOLE_JPEG) // 2],
    "a JPEG's first bytes": WHOLE_JPEG[:20],
    "a half PNG": encoded(quarters(300))[:400],
    "a damaged PNG": encoded(quarters())[:60] + b"\xff" * 30 + encoded(quarters())[90:],
    "a PNG without pixels": png(10, 10, 8, 2, b""),
    "a PNG of size 0": png(0, 10, 8, 2, zlib.compress(b"")),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_what_is_no_picture_gets_one_plain_sentence(data: bytes) -> None:
    with pytest.raises(PictureError) as error:
        read_picture(data, "cat.png")
    expect_one_sentence(str(error.value))


def test_a_20000_pixel_picture_is_refused_before_it_fills_the_memory() -> None:
    resource = pytest.importorskip("resource")
    data = huge_png(20_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PictureError) as error:
        read_picture(data)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # KB; bytes on macOS
    assert grown < 100_000 * (1024 if sys.platform == "darwin" else 1)
    expect_one_sentence(str(error.value))
    assert "too large" in str(error.value)


def expect_one_sentence(text: str) -> None:
    assert text.endswith(".")
    assert "\n" not in text
    assert 10 < len(text) < 200
    assert not any(word in text for word in ("Traceback", "Error", "0x", "PIL", "<_io"))
