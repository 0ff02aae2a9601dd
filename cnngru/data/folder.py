"""A person's own pictures: one sub-folder for each class, as torchvision's ImageFolder expects it.

    pictures/cats/….jpg                      split here: a tenth for the test, then the validation share of the rest
    pictures/dogs/….png

    pictures/train/cats/…, pictures/test/cats/…, and optionally pictures/val/cats/…      used as they are

Other usual names of the splits are known too (`folder_layout`). A file that cannot be read is left out and named; too
few pictures that can be read are an error; the same picture in two splits is told.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import torch

from cnngru.config import PICTURE, DataConfig
from cnngru.data import Dataset, OnProgress, Split, TestSplit, _silent
from cnngru.data.folder_check import check_enough, place
from cnngru.data.folder_layout import Layout, find, listed, text_of
from cnngru.data.splits import hold_out, limit
from cnngru.pictures.read import PictureError, decode

TEST = 0.1  # share of the pictures where there is no test/ folder
TELL = 50  # pictures between two reports of progress
MOST = 20  # files that could not be read and are named


@dataclass
class _Reading:
    """What is found out while pictures are read, by the digest of a picture's pixels.

    files       names of its files
    classes     each of its classes -> the first of its files there
    """

    layout: Layout
    progress: OnProgress
    unreadable: list[str] = field(default_factory=list)
    files: dict[bytes, list[str]] = field(default_factory=lambda: defaultdict(list))
    classes: dict[bytes, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))


def load(config: DataConfig, progress: OnProgress) -> Dataset:
    """Reads every picture under `config.path`, resized to 32×32 (centre crop, antialiased), in RGB.

    `Dataset.notes` says what was left out and what a person should know. Raises DataError if the folder, its classes
    or enough readable pictures (3 a class; in train/ 2, in test/ and val/ 1) are missing.
    """
    reading = _Reading(find(place(config.path)), progress)
    splits = {name: _read(reading, name) for name in reading.layout.parts}
    if "all" in splits:
        splits["train"], splits["test"] = hold_out(splits.pop("all"), TEST, config.seed)
    splits["train"] = limit(splits["train"], config.pictures, config.seed)
    if "validation" not in splits:
        splits["train"], splits["validation"] = hold_out(splits["train"], config.validation, config.seed)
    notes = (
        *reading.layout.notes(),
        *_left_out(reading.unreadable),
        *_repeated(splits, reading.files),
        *_torn(reading),
    )
    return Dataset("folder", reading.layout.classes, splits["train"], splits["validation"], splits["test"], notes)


def test(config: DataConfig) -> TestSplit:
    """The test pictures of `load`. Where there is no test/, all are read, to split them as a run does."""
    reading = _Reading(find(place(config.path)), _silent)
    if "test" in reading.layout.parts:
        split = _read(reading, "test")
    else:
        split = hold_out(_read(reading, "all"), TEST, config.seed)[1]
    return TestSplit(split.images, split.labels, reading.layout.classes, config)


def _read(reading: _Reading, part: str) -> Split:
    """All readable pictures of a part. Raises DataError where a class has too few."""
    folder, files = reading.layout.parts[part]
    what = f"Reading pictures from {text_of(folder)}"
    images, labels = [], []
    for done, (file, label) in enumerate(files):
        if done % TELL == 0:
            reading.progress(done, len(files), what)
        name = text_of(file.relative_to(folder.parent))
        try:
            image = decode(file).square(PICTURE)  # (32, 32, 3)
        except PictureError as error:
            reading.unreadable.append(f"{name} was left out. {error}")
            continue
        images.append(image)
        labels.append(label)
        digest = _digest(image)
        reading.files[digest].append(name)
        reading.classes[digest].setdefault(label, name)
    reading.progress(len(files), len(files), what)
    unread = reading.unreadable
    why = f" {len(unread)} files could not be read, first: {unread[0]}" if unread else ""
    check_enough(folder, reading.layout.classes, labels, part, why)
    stacked = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()  # (N, 3, 32, 32)
    return Split(stacked, torch.tensor(labels, dtype=torch.uint8))


def _left_out(unreadable: list[str]) -> list[str]:
    more = len(unreadable) - MOST
    return [*unreadable[:MOST], *([f"{more:,} more files could not be read and were left out."] if more > 0 else [])]


def _repeated(splits: dict[str, Split], files: dict[bytes, list[str]]) -> list[str]:
    """A sentence for each two splits that have a picture in common, as the network sees it."""
    digests = {
        name: [_digest(image) for image in split.images.permute(0, 2, 3, 1).contiguous().numpy()]
        for name, split in splits.items()
    }
    notes = []
    for name, other in (("test", "train"), ("validation", "train"), ("test", "validation")):
        others = set(digests[other])
        common = [digest for digest in digests[name] if digest in others]
        if common:
            found = listed([" = ".join(files[digest][:2]) for digest in dict.fromkeys(common)], 3)
            notes.append(
                f"{len(common):,} of the {len(digests[name]):,} {name} pictures are also {other} pictures, pixel for "
                f"pixel, so its accuracy says too much ({found}). Remove the copies."
            )
    return notes


def _torn(reading: _Reading) -> list[str]:
    """A sentence on pictures that lie in two classes or more."""
    found = [" = ".join(firsts.values()) for firsts in reading.classes.values() if len(firsts) > 1]
    if not found:
        return []
    which = "1 picture lies" if len(found) == 1 else f"{len(found):,} pictures lie"
    return [
        f"{which} in more than one class, pixel for pixel, so no answer can be right in all of them "
        f"({listed(found, 3)}). Keep each in one."
    ]


def _digest(image: np.ndarray) -> bytes:
    """Of one picture (32, 32, 3): 16 bytes instead of 3,072."""
    return blake2b(image.tobytes(), digest_size=16).digest()
