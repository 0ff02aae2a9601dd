"""Strangers' files: each odd one is read rightly, or refused in one plain sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from cnngru.pictures import KINDS, PictureError, read_picture
from cnngru.pictures.kinds import FORMATS
from cnngru.pictures.read import AMPLE, MAX_PIXELS, decode


def encode(image: Image.Image, format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def opened(source):
    """All of the picture, and the note."""
    picture = read_picture(source)
    return picture.full, picture.note


def square(image: Image.Image) -> np.ndarray:
    return read_picture(encode(image, "PNG")).image


def noise(width: int = 64, height: int = 48, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises width × height pixels and holds almost none."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read(format):
    image, note = opened(encode(Image.new("RGB", (40, 30), (200, 100, 50)), format))
    assert (image.mode, image.size, note) == ("RGB", (40, 30), "")
    assert np.abs(np.asarray(image).reshape(-1, 3).mean(0) - (200, 100, 50)).max() < 6


def test_a_path_is_read_like_its_bytes_and_can_be_deleted_afterwards(tmp_path):
    path = tmp_path / "picture.png"
    noise().save(path)
    decoded = decode(path)
    path.unlink()
    image = decoded.whole()
    assert np.array_equal(np.asarray(image), np.asarray(noise()))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(PictureError, match=r"could not be read \(No such file"):
        opened(tmp_path / "none.png")


def test_an_empty_file_is_refused():
    with pytest.raises(PictureError, match=r"The file is empty\."):
        opened(b"")


@pytest.mark.parametrize(
    "data", [b"hello, I am a text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"RIFF\0\0\0\0WEBP"]
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(PictureError, match=f"is not a {KINDS}"):
        opened(data)


def test_a_format_outside_the_list_is_refused():
    with pytest.raises(PictureError, match="is not a PNG, JPEG"):
        opened(encode(noise(), "TGA"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_picture_cut_short_is_refused(format, kept):
    whole = encode(noise(), format)
    with pytest.raises(PictureError) as error:
        opened(whole[: int(len(whole) * kept)])
    assert str(error.value).count(".") == 1  # one sentence
    assert "Error" not in str(error.value)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [20_000, 12_000, 8_193])
def test_a_huge_picture_is_refused_before_it_is_decoded(side, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(PictureError, match="too large"):
        opened(png_header(side, side))
    assert side * side > MAX_PIXELS


def test_transparency_shows_white_in_every_kind_of_file():
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 4, 8))
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 255, 255, 0, 0])
    palette.paste(0, (0, 0, 4, 8))
    grey = Image.new("LA", (8, 8), (0, 0))
    files = {
        "rgba": encode(clear, "PNG"),
        "palette": encode(palette, "PNG", transparency=1),
        "gif": encode(palette, "GIF", transparency=1),
        "webp": encode(clear, "WEBP", lossless=True),
        "grey": encode(grey, "PNG"),
    }
    for name, data in files.items():
        image, _ = opened(data)
        assert image.getpixel((7, 4)) == (255, 255, 255), name
        if name != "grey":
            assert image.getpixel((0, 4)) == (0, 0, 255), name


def test_16_bit_grey_is_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    image, _ = opened(encode(Image.fromarray(ramp), "PNG"))
    assert np.abs(np.asarray(image)[..., 0].reshape(-1).astype(int) - np.arange(256)).max() <= 1


def test_one_bit_palette_and_cmyk_are_converted():
    assert opened(encode(Image.new("1", (8, 8), 1), "PNG"))[0].getpixel((0, 0)) == (255, 255, 255)
    assert opened(encode(Image.new("RGB", (8, 8), (0, 128, 0)).quantize(4), "PNG"))[0].getpixel((0, 0)) == (0, 128, 0)
    cmyk, _ = opened(encode(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG"))
    red, green, blue = cmyk.getpixel((8, 8))
    assert red > 240
    assert max(green, blue) < 15


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_an_animation_gives_its_first_frame_and_a_note(format):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if format == "WEBP" else {}
    image, note = opened(encode(frames[0], format, save_all=True, append_images=frames[1:], **options))
    assert image.getpixel((10, 10)) == (255, 0, 0)
    assert note == "It is animated; only its first frame is used."


def test_a_turned_photo_comes_upright():
    photo = Image.new("RGB", (64, 32), "black")
    photo.paste("white", (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    image, _ = opened(encode(photo, "JPEG", exif=exif))
    assert image.size == (32, 64)
    assert image.getpixel((16, 8))[0] > 240  # left became top
    assert image.getpixel((16, 56))[0] < 15


def test_a_damaged_orientation_tag_does_not_cost_the_picture():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(noise(), "JPEG", exif=exif)
    place = data.index(b"Exif\0\0") + 6
    image, _ = opened(data[:place] + b"\xff" * 8 + data[place + 8 :])
    assert image.mode == "RGB"


def test_a_phone_size_photo_is_decoded_small_but_ample():
    decoded = decode(encode(Image.new("RGB", (4032, 3024), "teal"), "JPEG"))
    assert AMPLE <= min(decoded.image.size) < 3024
    assert max(decoded.whole().size) == AMPLE


def test_the_centre_is_kept_and_32_by_32_is_not_touched():
    wide = Image.new("RGB", (100, 40), "black")
    wide.paste("white", (30, 0, 70, 40))
    assert square(wide).min() == 255
    small = noise(32, 32)
    assert np.array_equal(square(small), np.asarray(small))


def test_shrinking_averages_instead_of_picking_pixels():
    checks = Image.fromarray((np.indices((320, 320)).sum(0) % 2 * 255).astype(np.uint8)).convert("RGB")
    assert np.abs(square(checks).astype(int) - 127).max() <= 3


@pytest.mark.parametrize("size", [(1, 500), (1, 20_000), (20_000, 1), (1, 1)])
def test_a_picture_of_one_pixels_width_is_enlarged(size):
    picture = read_picture(encode(Image.new("RGB", size, "red"), "PNG"))
    assert (picture.image == (255, 0, 0)).all()
    assert max(picture.full.size) <= AMPLE
    assert picture.full.getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize(("width", "height"), [(2100, 2500), (3077, 2051), (1030, 6000)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_large_picture_made_smaller_in_strips_is_the_same(width, height, mode):
    """Beside Pillow, which resizes all of it at once. Every place has its own colour."""
    image = noise(-(-width // 64), -(-height // 64), seed=1).resize((width, height)).convert(mode)
    picture = read_picture(encode(image, "PNG"))
    side, rgb = min(width, height), image.convert("RGB")
    left, top = (width - side) // 2, (height - side) // 2
    centre = rgb.crop((left, top, left + side, top + side)).resize((32, 32), Image.Resampling.BICUBIC)
    assert np.abs(picture.image.astype(int) - np.asarray(centre)).max() <= 2
    whole = rgb.resize(picture.full.size, Image.Resampling.BICUBIC)
    assert abs(picture.full.width / picture.full.height - width / height) < 0.01
    assert np.abs(np.asarray(picture.full, int) - np.asarray(whole)).mean() <= 3
