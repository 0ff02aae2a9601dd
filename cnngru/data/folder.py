"""A person's own pictures: one sub-directory for each class, as torchvision's ImageFolder expects it.

    pictures/cats/….jpg                      split here: a tenth for the test, then the validation share of the rest
    pictures/dogs/….png

    pictures/train/cats/…, pictures/test/cats/…, and optionally pictures/val/cats/…      used as they are

A file that cannot be read is left out and named; too few pictures that can be read are an error.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import torch

from cnngru.config import PICTURE, DataConfig
from cnngru.data import DataError, Dataset, OnProgress, Split, TestSplit, _silent
from cnngru.data.splits import hold_out, limit
from cnngru.pictures.read import PictureError, open_rgb, to_square

CLASSES = (2, 100)  # how few and how many
TEST = 0.1  # share of the pictures where there is no test/ directory
VALIDATION = ("val", "validation")  # names that this directory may have
TELL = 50  # pictures between two reports of progress


def load(config: DataConfig, progress: OnProgress) -> Dataset:
    """Reads every picture under `config.path`, resized to 32×32 (centre crop, antialiased), in RGB.

    `Dataset.notes` has a sentence for each file that was left out. Raises DataError if the directory, its classes or
    enough readable pictures (3 a class; in train/ 2, in test/ and val/ 1) are missing.
    """
    folder = Path(config.path).expanduser()
    names = _subdirectories(folder)
    notes: list[str] = []
    if {"train", "test"} <= set(names):
        classes = _classes(folder / "train")
        train = _read(folder / "train", classes, 2, notes, progress)
        test = _read(folder / "test", classes, 1, notes, progress)
        held = next((folder / name for name in VALIDATION if name in names), None)
        validation = _read(held, classes, 1, notes, progress) if held else None
    elif "train" in names and set(names) <= {"train", *VALIDATION}:
        raise DataError(
            f"{folder} has train/ but no test/. Add test/ with the same classes, or rename the validation directory to "
            "test: validation pictures are then held out of train/."
        )
    else:
        classes = _classes(folder)
        train, test = hold_out(_read(folder, classes, 3, notes, progress), TEST, config.seed)
        validation = None
    train = limit(train, config.pictures, config.seed)
    if validation is None:
        train, validation = hold_out(train, config.validation, config.seed)
    return Dataset("folder", classes, train, validation, test, tuple(notes))


def test(config: DataConfig) -> TestSplit:
    """The test pictures of `load`. All are read, to split them as a run does. Raises DataError."""
    found = load(config, _silent)
    return TestSplit(found.test.images, found.test.labels, found.classes, config)


def _subdirectories(folder: Path) -> list[str]:
    """Names of the sub-directories, sorted; hidden ones do not count."""
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError as error:
        raise DataError(
            f"{folder} could not be read as a directory ({error.strerror}). Name a directory that has one "
            "sub-directory of pictures for each class."
        ) from error


def _classes(folder: Path) -> tuple[str, ...]:
    classes = _subdirectories(folder)
    fewest, most = CLASSES
    if not fewest <= len(classes) <= most:
        raise DataError(
            f"{folder} has {len(classes)} sub-directories; there must be {fewest} to {most}, one for each class, with "
            "its pictures inside."
        )
    return tuple(classes)


def _read(folder: Path, classes: tuple[str, ...], needed: int, notes: list[str], progress: OnProgress) -> Split:
    """All readable pictures of folder/CLASS/…, at any depth. Adds a sentence to `notes` for each file left out."""
    if set(_subdirectories(folder)) != set(classes):
        odd = sorted(set(_subdirectories(folder)) ^ set(classes))
        raise DataError(f"{folder} must have the same classes as train/; it differs in {', '.join(odd)}.")
    files = [(file, label) for label, name in enumerate(classes) for file in _files(folder / name)]
    images, labels = [], []
    for done, (file, label) in enumerate(files):
        if done % TELL == 0:
            progress(done, len(files), f"Reading pictures from {folder}")
        try:
            images.append(np.asarray(to_square(open_rgb(file)[0], PICTURE)))  # (32, 32, 3)
            labels.append(label)
        except PictureError as error:
            notes.append(f"{file.relative_to(folder.parent)} was left out. {error}")
    progress(len(files), len(files), f"Reading pictures from {folder}")
    _check_enough(folder, classes, Counter(labels), needed, notes)
    stacked = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()  # (N, 3, 32, 32)
    return Split(stacked, torch.tensor(labels, dtype=torch.uint8))


def _files(folder: Path) -> list[Path]:
    """Every file below, in a fixed order; hidden ones (.DS_Store) do not count."""
    return sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))


def _check_enough(folder: Path, classes: tuple[str, ...], counts: Counter[int], needed: int, notes: list[str]) -> None:
    few = [f"{name} ({counts[label]})" for label, name in enumerate(classes) if counts[label] < needed]
    if few:
        pictures = "picture" if needed == 1 else "pictures"
        left_out = f" {len(notes)} files could not be read, first: {notes[0]}" if notes else ""
        raise DataError(
            f"{folder} needs at least {needed} readable {pictures} in each class; "
            f"too few are in {', '.join(few)}.{left_out}"
        )
