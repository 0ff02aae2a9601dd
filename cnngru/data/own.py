"""Pictures that a person hands over, class by class or in a ZIP, kept as a folder of the app: one sub-folder a class.

Nothing of a stranger's is written as it comes. Each file is read as a picture, and what is kept is the 32 × 32 pixels
that a network sees, under names made here: so neither a path nor a place in a photo's data nor a program gets on the
disk. A file that is no picture is told by its name and left out; the others are kept. Costs no torch.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

from PIL import Image

from cnngru.config import PICTURE
from cnngru.data import DataError, cifar10
from cnngru.data.folder_check import look
from cnngru.data.folder_layout import SYSTEM
from cnngru.pictures.read import PictureError, decode

MOST = 5000  # pictures of one data set
LARGEST = 20_000_000  # bytes of a file
PIXELS = 40_000_000_000  # of all files together, before they are made small
UNPACKED = 2_000_000_000  # bytes of all files of a ZIP together
LISTED = 10_000_000  # bytes of a ZIP's list of files: some 100,000 of them
DEEP = 6  # folders inside each other
LETTERS = 60  # of a class's name
NAMED = 20  # files that were left out and are named
FORBIDDEN = re.compile(r'[/\\:*?"<>|]')  # in names of folders, on one system or another
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
TAKING, STALE = ".taking-", 86_400  # what is being written is called so; seconds after which it is a remain

File = tuple[tuple[str, ...], str, Callable[[], bytes]]  # (folders, name, reads it); may raise PictureError
OnFile = Callable[[int, int], None]  # (files read, how many there are)


@dataclass(frozen=True)
class Kept:
    """A folder of pictures that were handed over, and a sentence for each file that was left out."""

    folder: Path
    notes: tuple[str, ...]


def root() -> Path:
    """Where these folders lie: beside CIFAR-10. Raises DataError as `cifar10.root` does."""
    return cifar10.root() / "own-pictures"


def class_name(text: str) -> str:
    """The name of a class as a person writes it, as a folder can have it. Raises DataError, in words for beside it."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise DataError("Each class needs a name.")
    if name.casefold() in SYSTEM or name != _folder_name(name):
        raise DataError(
            f"A class cannot be called {name[:LETTERS]}: up to {LETTERS} letters, digits, spaces and the like, no dot "
            'at either end, and none of / \\ : * ? " < > |.'
        )
    return name


def keep(classes: Mapping[str, Iterable[tuple[str, bytes]]], progress: OnFile = lambda done, n: None) -> Kept:
    """Keeps the pictures of each class, (name, bytes) of their files. Raises DataError where they make no data set."""
    names = [class_name(name) for name in classes]
    twice = [name for name, count in Counter(map(str.casefold, names)).items() if count > 1]
    if twice:
        raise DataError(f"Two classes are called {twice[0]}. Give one of them another name.")
    files: list[File] = [
        ((name,), file, partial(bytes, data))
        for name, given in zip(names, classes.values(), strict=True)
        for file, data in given
    ]
    return _keep(files, [], progress)


def keep_zip(file: IO[bytes], progress: OnFile = lambda done, n: None) -> Kept:
    """Keeps the pictures of a ZIP that has a folder for each class; also within train/ and test/, or one folder.

    Raises DataError where it is no ZIP, or what is in it makes no data set.
    """
    if list_bytes(file) > LISTED:
        raise DataError(f"This ZIP is too large: at most {MOST:,} pictures are taken. Put fewer in it.")
    try:
        with zipfile.ZipFile(file) as archive:
            left_out: list[str] = []
            return _keep(list(_entries(archive, left_out)), left_out, progress)
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise DataError("This is no ZIP, or it is damaged. Pack the folders again and try that.") from error


def list_bytes(file: IO[bytes]) -> float:
    """How long a ZIP says that its list of files is, which Python's reader takes whole; inf for a ZIP of over 4 GB."""
    length = file.seek(0, 2)
    file.seek(max(0, length - 66_000))
    tail = file.read()
    file.seek(0)
    ends = [found.start() for found in re.finditer(re.escape(b"PK\5\6"), tail)]
    if b"PK\6\7" in tail:
        return math.inf
    return max((int.from_bytes(tail[end + 12 : end + 16], "little") for end in ends), default=0)


def _entries(archive: zipfile.ZipFile, left_out: list[str]) -> Iterator[File]:
    """The files of the ZIP that may be pictures; notes down the others but for what systems hide in it."""
    unpacked = 0

    def read(entry: zipfile.ZipInfo) -> bytes:
        nonlocal unpacked
        if entry.flag_bits & 1:
            raise PictureError("It is locked with a password.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others cannot be read in parts
            raise PictureError("It is packed in an unusual way.")
        try:
            with archive.open(entry) as file:
                data = file.read(LARGEST + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
            raise PictureError("It is damaged in the ZIP.") from error
        unpacked += len(data)
        if unpacked > UNPACKED:
            raise DataError(
                f"Unpacked, the ZIP has more than {UNPACKED // 10**9} GB. Nothing was kept: put less in it."
            )
        return data

    for entry in archive.infolist():
        parts = [part for part in re.split(r"[/\\]", entry.filename) if part not in ("", ".")]
        if entry.is_dir() or not parts or any(_hidden(part) for part in parts):
            continue
        *folders, name = parts
        if ".." in parts or len(folders) > DEEP or entry.filename[:1] in "/\\" or ":" in entry.filename[:2]:
            left_out.append(f"{name} was left out: it lies where no folder of the ZIP is.")
        elif not folders:
            left_out.append(f"{name} was left out: it lies in no class's folder.")
        else:
            yield tuple(map(_folder_name, folders)), name, partial(read, entry)


def _hidden(part: str) -> bool:
    return (part.startswith(".") and part != "..") or part.casefold() in SYSTEM


def _folder_name(text: str) -> str:
    """A name that a folder can have on every system; "_" where nothing is left of it."""
    line = "".join(c if c.isprintable() else "_" for c in unicodedata.normalize("NFC", text))
    name = FORBIDDEN.sub("_", line).encode(errors="replace").decode()[:LETTERS].strip(". ")
    return f"{name}_" if not name or RESERVED.fullmatch(name) else name


def _keep(files: list[File], left_out: list[str], progress: OnFile) -> Kept:
    """Writes the pictures beside their place, and moves them there if they make a data set."""
    place = root()
    try:
        place.mkdir(parents=True, exist_ok=True)
        _clear(place)
        with tempfile.TemporaryDirectory(prefix=TAKING, dir=place, ignore_cleanup_errors=True) as beside:
            _write(Path(beside), files, left_out, progress)
            made = _inner(Path(beside))
            _check(made, left_out)
            return Kept(_move(made, place), _notes(left_out))
    except OSError as error:
        raise DataError(
            f"The pictures could not be kept: {error.strerror}. Nothing was kept. On the computer that the app runs "
            "on, free some space, or set CNNGRU_DATA to a folder that can be written to."
        ) from error


def _write(folder: Path, files: list[File], left_out: list[str], progress: OnFile) -> None:
    written = pixels = 0
    for done, (folders, name, read) in enumerate(files):
        progress(done, len(files))
        if written == MOST or pixels > PIXELS:
            left_out.append(f"{len(files) - done:,} more files were left out: at most {MOST:,} pictures are taken.")
            break
        try:
            data = read()
            if len(data) > LARGEST:
                raise PictureError(f"It has more than {LARGEST // 10**6} MB.")
            decoded = decode(data)
            image = decoded.square(PICTURE)  # (32, 32, 3)
        except PictureError as error:
            left_out.append(f"{'/'.join((*folders, name))} was left out. {error}")
            continue
        pixels += decoded.image.width * decoded.image.height
        written += 1
        target = folder.joinpath(*folders)
        target.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"[^\w-]+", "-", Path(name).stem, flags=re.ASCII)[:40]
        Image.fromarray(image).save(target / f"{written:05}-{stem}.png")
    progress(len(files), len(files))


def _inner(folder: Path) -> Path:
    """The folder that has the classes: archivers put one around all."""
    inside = list(folder.iterdir())
    if len(inside) == 1 and any(path.is_dir() for path in inside[0].iterdir()):
        return _inner(inside[0])
    return folder


def _check(folder: Path, left_out: list[str]) -> None:
    """Raises DataError, which says what is wrong with what was given, where no run can be made of it."""
    try:
        look(str(folder))
    except DataError as error:
        said = str(error).replace(f"{folder}/", "").replace(str(folder), "What you gave")
        raise DataError(" ".join((said, "Nothing was kept.", *_notes(left_out)[:3]))) from error


def _move(folder: Path, place: Path) -> Path:
    """Gives the folder a place of its own, named after the moment."""
    wanted = f"{datetime.now():%Y%m%d-%H%M%S}"
    for number in range(1, 1000):
        target = place / (wanted if number == 1 else f"{wanted}-{number}")
        if not target.exists():
            return folder.rename(target)
    raise OSError(None, "there are too many of them")


def _clear(place: Path) -> None:
    """Takes away what was left where the app ended while it wrote."""
    for path in place.glob(f"{TAKING}*"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - STALE:
                shutil.rmtree(path, ignore_errors=True)


def _notes(left_out: list[str]) -> tuple[str, ...]:
    more = len(left_out) - NAMED
    return (*left_out[:NAMED], *([f"{more:,} more files were left out."] if more > 0 else []))
