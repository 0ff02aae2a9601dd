"""Files as people met them: colour profiles, odd transparency, very large ones, kinds that nothing here can read.

Long, because each kind of file is made byte by byte.
"""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from cnngru.pictures import PictureError, read_picture
from cnngru.pictures.colour import PROFILE_IGNORED

PROJECT = Path(__file__).parents[2]


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples: np.ndarray, bits: int, colour_type: int, clear: tuple[int, ...] = ()) -> bytes:
    """samples (H, W) or (H, W, channels), each 0..2**bits − 1; clear: the colour that its tRNS chunk names."""
    height, width = samples.shape[:2]
    flat = samples.reshape(height, -1)
    if bits == 16:
        lines = [line.astype(">u2").tobytes() for line in flat]
    else:
        wide = (flat[..., None] >> np.arange(bits)[::-1]) & 1  # (H, W·channels, bits)
        lines = [np.packbits(line).tobytes() for line in wide.reshape(height, -1)]
    data = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0))
    data += chunk(b"tRNS", struct.pack(f">{len(clear)}H", *clear)) if clear else b""
    data += chunk(b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def matrix_profile(primaries: dict[str, tuple[float, float]], gamma: float) -> bytes:
    """An RGB profile with these primaries (x, y) of light, white D65, and one gamma: ICC.1:2001-04."""

    def xyz(x: float, y: float) -> np.ndarray:
        return np.array([x / y, 1.0, (1 - x - y) / y])

    def s15(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    white, d50 = xyz(0.3127, 0.3290), np.array([0.9642, 1.0, 0.8249])
    columns = np.stack([xyz(*primaries[name]) for name in "rgb"], axis=1)
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    adapt = np.linalg.inv(bradford) @ np.diag((bradford @ d50) / (bradford @ white)) @ bradford
    to_d50 = adapt @ columns @ np.diag(np.linalg.solve(columns, white))
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + s15(*d50),
    }
    for name, column in zip("rgb", to_d50.T, strict=True):
        tags[f"{name}XYZ".encode()] = b"XYZ \0\0\0\0" + s15(*column)
        tags[f"{name}TRC".encode()] = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    return _profile(tags, b"RGB ", s15(*d50))


def grey_profile(gamma: float) -> bytes:
    d50 = b"".join(struct.pack(">i", round(value * 65536)) for value in (0.9642, 1.0, 0.8249))
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + d50,
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)),
    }
    return _profile(tags, b"GRAY", d50)


def _profile(tags: dict[bytes, bytes], space: bytes, d50: bytes) -> bytes:
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + d50
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


PROFILES = {
    "Display P3": matrix_profile({"r": (0.680, 0.320), "g": (0.265, 0.690), "b": (0.150, 0.060)}, 2.2),
    "Adobe RGB": matrix_profile({"r": (0.640, 0.330), "g": (0.210, 0.710), "b": (0.150, 0.060)}, 2.2),
    "ProPhoto": matrix_profile({"r": (0.7347, 0.2653), "g": (0.1596, 0.8404), "b": (0.0366, 0.0001)}, 1.8),
}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def ramp() -> Image.Image:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[..., 2] = np.linspace(60, 240, 64), np.linspace(60, 240, 64)[:, None], 90
    return Image.fromarray(pixels)


def in_profile(image: Image.Image, icc: bytes) -> Image.Image:
    """The same colours in the numbers of another profile, which it does not carry itself."""
    found = ImageCms.profileToProfile(image, SRGB, ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    found.info.clear()
    return found


def apart(data: bytes, other: bytes) -> np.ndarray:
    one, another = (read_picture(each).image.astype(int) for each in (data, other))
    return np.abs(one - another)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "AVIF", "JPEG"])
def test_a_colour_profile_is_converted_to_srgb(name: str, kind: str) -> None:
    options: dict[str, object] = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    options |= {"quality": 100, "subsampling": "4:4:4"} if kind == "AVIF" else {}
    wide = in_profile(ramp(), PROFILES[name])
    data = encoded(wide, kind, icc_profile=PROFILES[name], **options)
    found = apart(data, encoded(ramp()))
    assert found.mean() <= 1.2  # JPEG and AVIF lose a little, which a wide profile spreads
    assert found.max() <= 2 or kind in ("JPEG", "AVIF")
    assert apart(encoded(wide, kind, **options), encoded(ramp())).max() > 40  # without the profile: other colours
    assert read_picture(data).note == ""


def test_a_profile_that_is_as_good_as_srgb_leaves_every_pixel_alone() -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    picture = read_picture(encoded(image, icc_profile=SRGB.tobytes()))
    assert np.array_equal(picture.image, np.asarray(image))
    assert picture.note == ""


def test_the_alpha_of_a_picture_with_a_profile_is_kept() -> None:
    wide = in_profile(ramp(), PROFILES["ProPhoto"])
    alpha = Image.new("L", (64, 64), 255)
    alpha.paste(0, (0, 0, 64, 32))
    wide.putalpha(alpha)
    found = read_picture(encoded(wide, icc_profile=PROFILES["ProPhoto"])).image
    assert (found[:15] == 255).all()
    assert np.abs(found[19:].astype(int) - read_picture(encoded(ramp())).image[19:]).max() <= 2


def test_grey_with_a_profile_of_grey_or_of_rgb() -> None:
    level = round(255 * 0.5 ** (1 / 1.0))  # half the light
    expected = round(255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055))  # IEC 61966-2-1
    for mode in ("L", "LA", "I;16"):
        image = Image.new(mode, (8, 8), {"L": level, "LA": (level, 255), "I;16": level * 257}[mode])
        found = read_picture(encoded(image, icc_profile=grey_profile(1.0)))
        assert np.abs(found.image.astype(int) - expected).max() <= 2, mode
        assert found.note == ""
    flat = matrix_profile({"r": (0.640, 0.330), "g": (0.300, 0.600), "b": (0.150, 0.060)}, 1.0)
    found = read_picture(encoded(Image.new("L", (8, 8), level), icc_profile=flat))
    assert np.abs(found.image.astype(int) - expected).max() <= 2


@pytest.mark.parametrize(
    ("image", "profile"),
    [
        (Image.new("RGB", (8, 8), (10, 200, 30)), b"not a profile"),
        (Image.new("RGB", (8, 8), (10, 200, 30)), PROFILES["Display P3"][:200]),
        (Image.new("RGB", (8, 8), (10, 200, 30)), grey_profile(1.0)),
        (Image.new("L", (8, 8), 90), b"\0" * 300),
    ],
)
def test_a_broken_or_foreign_profile_is_ignored_and_noted(image: Image.Image, profile: bytes) -> None:
    picture = read_picture(encoded(image, icc_profile=profile))
    assert picture.note == PROFILE_IGNORED
    assert np.array_equal(picture.image[0, 0], np.asarray(image.convert("RGB"))[0, 0])


def test_a_cmyk_photo_with_a_profile_of_rgb_keeps_its_colours() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", icc_profile=PROFILES["Display P3"])
    picture = read_picture(data)
    assert picture.note == PROFILE_IGNORED
    assert picture.image[8, 8, 0] > 240
    assert picture.image[8, 8, 1:].max() < 15


def test_lab_is_converted() -> None:
    lab = ImageCms.profileToProfile(ramp(), SRGB, ImageCms.createProfile("LAB"), outputMode="LAB")
    assert apart(encoded(lab, "TIFF"), encoded(ramp())).mean() <= 1


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_the_clear_colour_of_grey_is_white_at_every_depth(bits: int) -> None:
    top = 2**bits - 1
    clear, other = top // 3 if bits > 1 else 0, top
    samples = np.full((32, 32), other)
    samples[:, 16:] = clear
    found = read_picture(png(samples, bits, 0, (clear,))).image
    assert (found == 255).all()
    found = read_picture(png(samples, bits, 0, (other,))).image  # the other one is clear now
    assert np.abs(found[:, :16].astype(int) - 255).max() == 0
    assert np.abs(found[:, 16:].astype(int) - round(255 * clear / top)).max() <= 1


@pytest.mark.parametrize("bits", [8, 16])
def test_the_clear_colour_of_rgb_is_white_at_every_depth(bits: int) -> None:
    top = 2**bits - 1
    samples = np.full((32, 32, 3), (top, 0, 0))
    clear = (0, 0x43 if bits == 8 else 0x4321, top)
    samples[:, 16:] = clear
    found = read_picture(png(samples, bits, 2, clear)).image
    assert (found[:, :16] == (255, 0, 0)).all()
    assert (found[:, 16:] == 255).all()


@pytest.mark.parametrize("letters", [2_000_000, 50_000_000])
def test_what_a_program_wrote_beside_the_pixels_costs_no_picture(letters: int) -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("workflow", "x" * letters, zip=True)
    red = Image.new("RGB", (20, 20), "red")
    assert (read_picture(encoded(red, pnginfo=told)).image == (255, 0, 0)).all()
    large = read_picture(encoded(red, icc_profile=bytes(letters)))
    assert (large.image == (255, 0, 0)).all()
    assert "profile could not be used" in large.note


@pytest.mark.parametrize("size", [(1, 1_000_001), (1_000_001, 1)])
def test_a_picture_that_is_nearly_all_edge_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match=r"too large: .* at most 1,000,000 a side can be read\."):
        read_picture(encoded(Image.new("1", size)))


def test_an_animated_png_shows_what_its_note_says() -> None:
    still, first, second = (Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue"))
    apart_still = read_picture(encoded(still, save_all=True, default_image=True, append_images=[first, second]))
    assert (apart_still.image == (255, 0, 0)).all()
    assert apart_still.note == "It is animated; only the still picture that comes with it is used."
    plain = read_picture(encoded(first, save_all=True, append_images=[second, still]))
    assert (plain.image == (0, 255, 0)).all()
    assert plain.note == "It is animated; only its first frame is used."


def test_pages_and_second_pictures_of_a_file() -> None:
    red, blue = (Image.new("RGB", (20, 20), colour) for colour in ("red", "blue"))
    pages = read_picture(encoded(red, "TIFF", save_all=True, append_images=[blue]))
    assert (pages.image == (255, 0, 0)).all()
    assert pages.note == "It has several pages; only its first is used."
    phone = read_picture(encoded(red, "MPO", save_all=True, append_images=[blue]))
    assert phone.image[16, 16, 0] > 240
    assert phone.note == ""


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_comes_upright(value: int, kind: str) -> None:
    from PIL import ImageOps

    corners = Image.new("RGB", (64, 32), "black")
    corners.paste("red", (0, 0, 32, 16))
    corners.paste("lime", (32, 0, 64, 16))
    corners.paste("blue", (0, 16, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = value
    options = {
        "JPEG": {"quality": 100, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    }.get(kind, {})
    data = encoded(corners, kind, exif=exif, **options)
    tagged = corners.copy()
    tagged.getexif()[0x0112] = value
    upright = ImageOps.exif_transpose(tagged)
    picture = read_picture(data)
    assert picture.full.size == upright.size
    assert np.abs(np.asarray(picture.full, int) - np.asarray(upright)).max() <= 8


@pytest.mark.parametrize("name", ["photo.jfif", "photo.jpe", "photo.jpeg", "a.dib", "a.apng", "no extension", "x.txt"])
def test_what_a_file_holds_decides_not_its_name(name: str, tmp_path: Path) -> None:
    kind = {"a.dib": "DIB", "a.apng": "PNG"}.get(name, "JPEG")
    (tmp_path / name).write_bytes(encoded(Image.new("RGB", (40, 30), (200, 100, 50)), kind))
    assert np.abs(read_picture(tmp_path / name).image.astype(int) - (200, 100, 50)).max() <= 4


def ftyp(brand: bytes, *others: bytes) -> bytes:
    brands = brand + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(100)


OTHERS = {
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    "SVG with a head": (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- " + b"x" * 900 + b" -->\n<SVG/>", "an SVG drawing"),
    "SVG in UTF-16": ("<?xml version='1.0'?><svg/>".encode("utf-16"), "an SVG drawing"),
    "HEIC": (ftyp(b"heic", b"mif1", b"heic"), "a HEIC picture, as iPhones take them"),
    "HEIC of many": (ftyp(b"mif1", b"miaf", b"heix"), "a HEIC picture, as iPhones take them"),
    "HEIF": (ftyp(b"mif1"), "a HEIF picture"),
    "MP4": (ftyp(b"isom", b"mp42"), "a film"),
    "raw": (b"II*\0\x08\0\0\0\0\0" + bytes(40), "a TIFF or raw picture of a kind"),
    "PDF": (b"%PDF-1.7\n", "a PDF document"),
    "Photoshop": (b"8BPS\0\1" + bytes(40), "a Photoshop file"),
    "JPEG XL": (b"\xff\x0a" + bytes(40), "a JPEG XL picture"),
    "JPEG 2000": (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40), "a JPEG 2000 picture"),
    "zip": (b"PK\3\4" + bytes(40), "a zip archive or an office document"),
    "page": (b"<!DOCTYPE html><html><body><p>404</p></body></html>", "a web page"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_kind_that_cannot_be_read_is_named_with_what_to_do(name: str) -> None:
    data, what = OTHERS[name]
    with pytest.raises(PictureError) as error:
        read_picture(data)
    assert str(error.value) == f"This is {what}, which cannot be read here: save it as PNG or JPEG and use that."


def test_numbers_without_a_range_are_refused() -> None:
    for mode, value in (("F", 0.5), ("I", 70_000)):
        with pytest.raises(PictureError, match="32-bit numbers without a fixed range"):
            read_picture(encoded(Image.new(mode, (8, 8), value), "TIFF"))


LARGE = {
    "RGBA": ((8192, 8192), (200, 30, 30, 128), (227, 142, 142)),
    "I;16": ((8192, 8192), 30_000, (117, 117, 117)),
    "LA": ((64, 1_000_000), (90, 100), (190, 190, 190)),
}
MEASURE = """
import resource, sys
from pathlib import Path
from cnngru.pictures import read_picture
data = Path(sys.argv[1]).read_bytes()
read_picture(Path(sys.argv[2]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
picture = read_picture(data)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, *picture.image[16, 16])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module there")
@pytest.mark.parametrize("mode", LARGE)
def test_64_megapixels_take_little_more_than_their_pixels(mode: str, tmp_path: Path) -> None:
    size, colour, expected = LARGE[mode]
    Image.new(mode, size, colour).save(tmp_path / "large.png", compress_level=1)
    Image.new(mode, (40, 40), colour).save(tmp_path / "small.png")
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "large.png"), str(tmp_path / "small.png")]
    said = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=True).stdout
    grown, *colours = map(int, said.split())
    assert grown * (1 if sys.platform == "darwin" else 1024) <= 300e6
    assert np.abs(np.array(colours) - expected).max() <= 1


@pytest.mark.parametrize(("kind", "side"), [("WEBP", 4097), ("AVIF", 5462)])
def test_kinds_whose_decoders_take_more_memory_have_a_lower_limit(kind: str, side: int, monkeypatch) -> None:
    data = encoded(
        Image.new("RGB", (side, side)), kind, **({"lossless": True, "method": 0} if kind == "WEBP" else {"speed": 10})
    )
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("it was decoded"))
    with pytest.raises(PictureError, match=r"too large: .* megapixels can be read from (WebP|AVIF)\."):
        read_picture(data)
