"""Which kinds of picture are read, and what to say of the others. What a file holds decides, never how it is called."""

from __future__ import annotations

from PIL import features

FORMATS = {  # Pillow's name -> ours; those of a build of Pillow that cannot read WebP or AVIF are left out
    "PNG": "PNG",
    "JPEG": "JPEG",
    "WEBP": "WebP",
    "GIF": "GIF",
    "BMP": "BMP",
    "DIB": "BMP",  # the same without its first 14 bytes
    "TIFF": "TIFF",
    "AVIF": "AVIF",
}
FORMATS = {name: said for name, said in FORMATS.items() if name not in ("WEBP", "AVIF") or features.check(name.lower())}
_NAMES = list(dict.fromkeys(FORMATS.values()))
KINDS = f"{', '.join(_NAMES[:-1])} or {_NAMES[-1]}"  # for people

LOOKED_AT = 4096  # bytes at the beginning of a file
SIGNATURES = {
    b"II*\0": "a TIFF or raw picture of a kind",
    b"MM\0*": "a TIFF or raw picture of a kind",
    b"II+\0": "a TIFF picture of a kind",
    b"8BPS": "a Photoshop file",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture",
    b"\0\0\1\0": "an icon",
    b"%PDF": "a PDF document",
    b"%!PS": "a PostScript drawing",
    b"PK\3\4": "a zip archive or an office document",
    b"\x1f\x8b": "a compressed file",
    b"\x1aE\xdf\xa3": "a film",
}
BRANDS = {  # of ISO base media files, in the order in which they are looked for
    b"avif": "an AVIF picture",
    b"avis": "an AVIF picture",
    b"heic": "a HEIC picture, as iPhones take them",
    b"heix": "a HEIC picture, as iPhones take them",
    b"hevc": "a HEIC picture, as iPhones take them",
    b"mif1": "a HEIF picture",
    b"msf1": "a HEIF picture",
    b"crx ": "a camera's raw picture",
}
MARKUP = {b"<svg": "an SVG drawing", b"<!doctype html": "a web page", b"<html": "a web page"}


def refusal(head: bytes) -> str:
    """One sentence on a file that no decoder took, from its first bytes: what it is, if that can be seen, and what to
    do."""
    what = _what(head)
    if what is None or any(what == f"an {said} picture" for said in _NAMES):
        return f"The file is not a {KINDS} picture, or its beginning is damaged."
    return f"This is {what}, which cannot be read here: save it as PNG or JPEG and use that."


def _what(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        brands = head[8 : min(len(head), max(16, int.from_bytes(head[:4])))]
        return next((what for brand, what in BRANDS.items() if brand in brands), "a film")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "a film"
    known = next((what for start, what in SIGNATURES.items() if head.startswith(start)), None)
    text = head.replace(b"\0", b"").lower()  # also as UTF-16
    return known or next((what for start, what in MARKUP.items() if start in text), None)
