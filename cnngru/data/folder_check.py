"""A folder of pictures as a person writes its path, looked at before a run is made of it. Costs no torch.

A look, not the whole work: the layout, so many files of each class, and whether there is a picture among them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from cnngru.data import DataError
from cnngru.data.folder_layout import Layout, find, listed, text_of
from cnngru.pictures.read import PictureError, decode

NEEDED = {"all": 3, "train": 2, "validation": 1, "test": 1}  # readable pictures in each class
MOST = 1000  # files of a class that are counted: a person may have written / and still be writing
TRIED = 20  # files of a class that are opened in search of a picture
QUOTED = re.compile(r"""^(["'“”„‘’«»])(.*)(["'“”„‘’«»])$""", re.DOTALL)  # file managers and terminals put them around


def path_of(text: str) -> str:
    """The path in what a person has pasted: "‘/home/me/pictures’ " -> "/home/me/pictures"; file:///… is one, too."""
    path = text.strip()
    while found := QUOTED.match(path):
        path = found[2].strip()
    if path.startswith("file://"):
        path = url2pathname(urlsplit(path).path)
    return path


def place(path: str) -> Path:
    """The folder that a setting names; ~ is one's home. Raises DataError for the home of nobody (~nobody/x)."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise DataError(f"There is no home folder for {path}. Write the whole path.") from error


def check_enough(folder: Path, classes: Sequence[str], labels: Iterable[int], part: str, why: str = "") -> None:
    """Raises DataError where a class has fewer pictures in a part of the layout than a run needs.

    labels  the class of each picture
    why     a sentence on what may have become of the others
    """
    counts, needed = Counter(labels), NEEDED[part]
    few = [f"{name} ({counts[i]})" for i, name in enumerate(classes) if counts[i] < needed]
    if few:
        raise DataError(
            f"{text_of(folder)} needs at least {needed} readable {'picture' if needed == 1 else 'pictures'} in each "
            f"class; too few are in {listed(few, 20)}.{why}"
        )


def look(path: str) -> Layout:
    """The folder's layout with at most 1,000 files a class. Raises DataError where no run can be made of it."""
    layout = find(place(path), MOST)
    for part, (folder, files) in layout.parts.items():
        check_enough(folder, layout.classes, (label for _, label in files), part)
        for label, name in enumerate(layout.classes):
            _check_picture(name, [file for file, of in files if of == label][:TRIED])
    return layout


def found(layout: Layout) -> str:
    """What is there in one sentence: "2 classes. cats (12 files), dogs (1,000 or more files)."."""
    parts = []
    for part, (_, files) in layout.parts.items():
        of = [label for _, label in files]
        counts = [(name, of.count(label)) for label, name in enumerate(layout.classes)]
        said = listed([f"{name} ({_count(count)})" for name, count in counts], 10)
        parts.append(said if part == "all" else f"{part}: {said}")
    return f"{len(layout.classes)} classes. {'; '.join(parts)}."


def learnt_from(layout: Layout) -> int:
    """How many pictures a run learns from, those for validation among them; 0 where not all were counted."""
    counts = Counter(label for part in ("all", "train") if part in layout.parts for _, label in layout.parts[part][1])
    return 0 if max(counts.values()) >= MOST else counts.total()


def _count(files: int) -> str:
    return f"{MOST:,} or more files" if files >= MOST else "1 file" if files == 1 else f"{files:,} files"


def _check_picture(name: str, files: list[Path]) -> None:
    """Raises DataError where none of the files of a class is a picture."""
    why = ""
    for file in files:
        try:
            decode(file)
            return
        except PictureError as error:
            why = why or f"{text_of(file.name)}: {error}"
    raise DataError(f"No picture could be read among the first files of the class {name}. {why}")
