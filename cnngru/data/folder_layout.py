"""What is what in a folder of pictures: which directories are splits, which are classes, which files are theirs.

Looks at names alone; no picture is opened. Whatever is left out is told: people's folders hold copies that a program
hid, remains of an archive, links, and names from other systems. Linked directories are followed, each once.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cnngru.data import DataError

LeftOut = defaultdict[str, list[str]]  # why -> names

CLASSES = (2, 100)  # how few and how many
SPLITS = {  # what people call them, also with "set", "data" and the like behind, and with one word or number for all
    "train": {"train", "training", "trn"},
    "validation": {"val", "valid", "validation", "validate", "dev", "development"},
    "test": {"test", "testing", "tst"},
}
USUAL = {"train", "val", "validation", "test"}  # names that need no word about what they are taken for
FILLERS = re.compile(r"(dataset|data|set|split|image|picture|photo|img|folder|dir)s?(?![a-z])")
SYSTEM = {  # what a system, an archiver or a disk's own software leaves in folders; hidden names have a dot in front
    *("__macosx", "@eadir", "@recycle", "#recycle", "#snapshot", "lost+found", "$recycle.bin", "recycler"),
    *("system volume information", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__pycache__"),
}
NAMED = 5  # names in one note, at most
LONGEST = 80  # characters of a name in a note

HIDDEN = "Hidden and system files and folders were left out"
BESIDE = "What lies beside the splits was left out"
LOOSE = "Files that lie in no class were left out"
AGAIN = "Links to a folder that is read already were left out"
NO_FILE = "What is no file, or a link that leads nowhere, was left out"
CLOSED = "Folders that could not be opened were left out"


@dataclass(frozen=True)
class Layout:
    """What was found in a folder.

    classes     their names, escaped where they are no text; a picture's label is a place in it
    parts       "train", "test" and perhaps "validation", or "all" -> (its folder, [(file, label)] in a fixed order)
    left_out    why -> names of what was left out for that reason
    remarks     sentences about what was taken as what
    """

    classes: tuple[str, ...]
    parts: dict[str, tuple[Path, list[tuple[Path, int]]]]
    left_out: dict[str, list[str]]
    remarks: list[str]

    def notes(self) -> list[str]:
        """One sentence a reason and remark, however many names there are."""
        return [*self.remarks, *(f"{why}: {listed(names)}." for why, names in self.left_out.items())]


def text_of(name: str | Path) -> str:
    r"""A name as it can be shown and stored: bytes that are no UTF-8 become \xe9 and the like."""
    return os.fsencode(name.as_posix() if isinstance(name, Path) else name).decode("utf-8", "backslashreplace")


def listed(names: Iterable[str], most: int = NAMED) -> str:
    """The first of the names, long ones shortened in the middle, and how many more there are."""
    names, half = list(names), LONGEST // 2
    shown = [name if len(name) <= LONGEST else f"{name[:half]}…{name[-half:]}" for name in names[:most]]
    return ", ".join(shown) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def find(folder: Path, most: int | None = None) -> Layout:
    """Splits, classes and files of a folder. Raises DataError where they are missing or can be read in two ways.

    most    files of each class after which no more are looked for; None for all
    """
    left_out: LeftOut = defaultdict(list)
    directories, files = _entries(folder, folder, left_out)
    splits = _splits(folder, directories)
    if splits:
        left_out[BESIDE] += [text_of(path.name) for path in (*directories, *files) if path not in splits.values()]
        remarks = [f"{text_of(path.name)} is used as the {name} split." for name, path in splits.items()]
        remarks = remarks if {path.name for path in splits.values()} - USUAL else []
        classes = {name: _classes(path, folder, left_out) for name, path in splits.items()}
    else:
        left_out[LOOSE] += [text_of(path.name) for path in files]
        splits, classes = {"all": folder}, {"all": directories}
        _check_number(folder, directories)
        remarks = _doubts(folder, directories)
    first = next(iter(classes))  # "train" or "all"
    for name, found in classes.items():
        if odd := {path.name for path in found} ^ {path.name for path in classes[first]}:
            raise DataError(
                f"{text_of(splits[name])} must have the same classes as {text_of(splits[first].name)}/; it differs in "
                f"{listed(sorted(map(text_of, odd)))}."
            )
    names = tuple(text_of(path.name) for path in classes[first])
    if len(set(names)) < len(names):
        raise DataError(f"Two classes in {text_of(folder)} are shown by the same name; rename one of them.")
    parts = {
        name: (
            path,
            [(file, i) for i, each in enumerate(classes[name]) for file in _files(each, folder, left_out, most)],
        )
        for name, path in splits.items()
    }
    return Layout(names, parts, {why: found for why, found in left_out.items() if found}, remarks)


def _entries(folder: Path, root: Path, left_out: LeftOut) -> tuple[list[Path], list[Path]]:
    """Directories and files directly inside, sorted; hidden and system ones are noted."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        wrong = {
            FileNotFoundError: f"There is no folder {text_of(folder)}.",
            NotADirectoryError: f"{text_of(folder)} is a file and no folder.",
        }.get(type(error), f"The folder {text_of(folder)} could not be read ({error.strerror}).")
        raise DataError(f"{wrong} Name a folder that has one sub-folder of pictures for each class.") from error
    directories: list[Path] = []
    files: list[Path] = []
    for path in entries:
        if path.name.startswith(".") or path.name.casefold() in SYSTEM:
            left_out[HIDDEN].append(text_of(path.relative_to(root)))
        else:
            (directories if path.is_dir() else files).append(path)
    return directories, files


def _split_of(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Which split a name says it is, and its other words: "Training_Set" -> train, (); None for other names."""
    plain = FILLERS.sub(" ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold())
    words = re.findall(r"[^\W\d_]+", plain)
    said = [split for split, names in SPLITS.items() if names & set(words)]
    if len(said) != 1:
        return None
    return said[0], tuple(word for word in words if word not in SPLITS[said[0]])


def _splits(folder: Path, directories: list[Path]) -> dict[str, Path]:
    """{"train": …, "test": …, perhaps "validation": …}, or {} where the directories are classes."""
    sets: dict[tuple[str, ...], dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path in directories:
        if (said := _split_of(path.name)) is not None:
            split, rest = said
            sets[rest][split].append(path)
    several = [found for found in sets.values() if len(found) > 1]
    if len(directories) == 1 and sets:
        several = list(sets.values())
    if not several:
        return {}
    if len(several) > 1 or any(len(paths) > 1 for paths in several[0].values()):
        names = listed(sorted(text_of(path.name) for found in several for paths in found.values() for path in paths))
        raise DataError(
            f"{text_of(folder)} holds more than one folder for the same split ({names}). Keep one for training, one "
            "for the test and at most one for validation."
        )
    found = {split: paths[0] for split, paths in several[0].items()}
    if "train" not in found:
        there = " and ".join(f"{text_of(path.name)}/" for path in found.values())
        raise DataError(f"{text_of(folder)} has {there} but no train/. Add train/ with the same classes.")
    if "test" not in found:
        advice = "Add test/ with the same classes"
        if "validation" in found:
            advice += ", or rename the validation folder to test: validation pictures are then held out of train/"
        raise DataError(f"{text_of(folder)} has {text_of(found['train'].name)}/ but no test/. {advice}.")
    return {split: found[split] for split in ("train", "validation", "test") if split in found}


def _classes(folder: Path, root: Path, left_out: LeftOut) -> list[Path]:
    directories, files = _entries(folder, root, left_out)
    left_out[LOOSE] += [text_of(path.relative_to(root)) for path in files]
    _check_number(folder, directories)
    return directories


def _check_number(folder: Path, classes: list[Path]) -> None:
    fewest, most = CLASSES
    if not fewest <= len(classes) <= most:
        found = "1 sub-folder" if len(classes) == 1 else f"{len(classes)} sub-folders"
        inside = f" Perhaps {text_of(classes[0])} is the folder that has them." if len(classes) == 1 else ""
        raise DataError(
            f"{text_of(folder)} has {found}; there must be {fewest} to {most}, one for each class, with its pictures "
            f"inside.{inside}"
        )


def _doubts(folder: Path, classes: list[Path]) -> list[str]:
    """What should be known about directories that are taken as classes. Raises DataError where they look like none."""
    inside, loose = [], False
    for each in classes:
        with suppress(DataError):  # one that cannot be opened is told later
            directories, files = _entries(each, folder, defaultdict(list))
            inside.append({text_of(path.name.casefold()) for path in directories})
            loose |= bool(files)
    shared = sorted(set.intersection(*inside)) if inside else []
    names = listed([text_of(path.name) for path in classes])
    if len({said[0] for name in shared if (said := _split_of(name))}) > 1:
        raise DataError(
            f"Each class in {text_of(folder)} holds its own splits ({listed(shared)}). Turn it round: folders "
            "train, test and perhaps val, each with all classes inside."
        )
    if len(shared) > 1 and not loose:
        raise DataError(
            f"The sub-folders of {text_of(folder)} ({names}) all hold the same ones ({listed(shared)}), so they "
            "look like parts of a data set and not like classes. Call the parts train, test and perhaps val; or, if "
            "they are the classes, put their pictures directly inside."
        )
    remarks = [f"The classes are {names}. What each of them holds inside is not: {listed(shared)}."] if shared else []
    splits = [text_of(path.name) for path in classes if (said := _split_of(path.name)) and not said[1]]
    return [*remarks, *(f"{name} is taken as a class: there are no other splits beside it." for name in splits)]


def _files(folder: Path, root: Path, left_out: LeftOut, most: int | None) -> list[Path]:
    """Every file of a class, at any depth, in a fixed order."""
    above = [path for path in (folder, *folder.parents) if path == root or root in path.parents]
    seen = {_identity(path) for path in above if path != folder}
    found: list[Path] = []
    waiting = [folder]
    while waiting and (most is None or len(found) < most):
        directory = waiting.pop()
        here = text_of(directory.relative_to(root))
        if (identity := _identity(directory)) in seen:
            left_out[AGAIN].append(here)
            continue
        seen.add(identity)
        try:
            directories, files = _entries(directory, root, left_out)
        except DataError:
            left_out[CLOSED].append(here)
            continue
        waiting += directories
        found += [file for file in files if file.is_file()]
        left_out[NO_FILE] += [text_of(file.relative_to(root)) for file in files if not file.is_file()]
    return sorted(found)[:most]


def _identity(directory: Path) -> tuple[int, int]:
    status = directory.stat()
    return status.st_dev, status.st_ino
