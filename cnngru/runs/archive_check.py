"""Whether a ZIP is a run that somebody may have packed with `archive`, told before anything of it is written.

Files are known by their exact names. Sizes are bounded as they are declared, and again while the bytes come out;
weights are known by their header to be those of the run's own network.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from cnngru import places
from cnngru.config import Config, ConfigError
from cnngru.runs import labels, titles
from cnngru.runs.archive import ANSWERS, MODEL, PIECE, SNAPSHOT, STATE, TEXTS
from cnngru.runs.run import CONFIG
from cnngru.runs.store import RunError
from cnngru.runs.tensor_files import Header, read_header
from cnngru.schema import read_json

MEMBERS = 1_000  # files of a run
LISTED = 300_000  # bytes of a ZIP's list of them
WEIGHTS = 2_000_000_000  # bytes of a file of weights, as in cnngru.checkpoint
ALL = 4_000_000_000  # bytes of all of it
ANSWERED = 250_000_000  # bytes of what was answered on the test pictures: a million of them, 100 classes
RATIO = 200  # a log is packed to a tenth, weights hardly at all: what grows so many times is there to fill the disk
PLAIN, PACKED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED

Members = dict[str, zipfile.ZipInfo]  # by their name within the run's folder


def refused(why: str) -> RunError:
    """The error that says why a file is not taken in."""
    return RunError(
        f"This file is not taken in: {why} Nothing was kept. Export the run anew where it was made, with "
        '"Download" on its page or `python -m cnngru runs export`.'
    )


def members(archive: zipfile.ZipFile) -> tuple[str, Members]:
    """The run's name and its files. Raises RunError where the list has anything that a run's archive does not have."""
    found: Members = {}
    names, total = set(), 0
    listed = archive.infolist()
    if len(listed) > MEMBERS:
        raise refused(f"it has {len(listed):,} files; a run has {MEMBERS:,} at most.")
    for entry in listed:
        run, _, name = entry.orig_filename.partition("/")  # as it stands there: Python mends some names
        shown = entry.orig_filename[:80]
        if entry.orig_filename != entry.filename or not places.NAME.fullmatch(run):
            raise refused(f"the name {shown!r} in it leads elsewhere, or is none of a run's.")
        names.add(run)
        if len(names) > 1:
            raise refused("it has several folders, where the run's own is all.")
        kind = stat.S_IFMT(entry.external_attr >> 16)  # 0 where a system without links has made it
        if name in ("", "snapshots/", "states/") and entry.is_dir() and kind in (0, stat.S_IFDIR):
            continue  # some programs list folders too
        if kind not in (0, stat.S_IFREG):
            raise refused(f"{shown!r} in it is a link, or something else that is no file.")
        if name in found:
            raise refused(f"{shown!r} is in it twice.")
        most = _most(name)
        if most is None:
            raise refused(f"{shown!r} in it is no part of a run.")
        if entry.flag_bits & 1 or entry.compress_type not in (PLAIN, PACKED):
            raise refused(f"{shown!r} in it is packed in a way that is not known here, or with a password.")
        total += entry.file_size
        if entry.file_size > most or total > ALL:
            raise refused(f"{shown!r} would unpack to {entry.file_size:,} bytes; {min(most, ALL):,} are the most.")
        if entry.file_size > PIECE + RATIO * entry.compress_size:
            raise refused(f"{shown!r} would unpack to {entry.file_size:,} bytes, from {entry.compress_size:,}.")
        found[name] = entry
    if CONFIG not in found:
        raise refused(f"there is no run in it, which has a {CONFIG}.")
    return names.pop(), found


def _most(name: str) -> int | None:
    """How many bytes a file of this name may have; None where a run has none."""
    if name in TEXTS:
        return TEXTS[name]
    if name == ANSWERS:
        return ANSWERED
    if name == MODEL or SNAPSHOT.fullmatch(name):
        return WEIGHTS
    return ALL if STATE.fullmatch(name) else None


def check(archive: zipfile.ZipFile, found: Members) -> Config:
    """Reads the texts and the headers of all weights, and returns the run's config. Raises RunError."""
    try:
        config = Config.from_json(read(archive, found[CONFIG]))
        config.to_json().encode()  # JSON can say half a character, which nobody can write
    except (ConfigError, UnicodeError) as error:
        raise refused(f"its settings cannot be read ({error}).") from error
    for name, what in (("parent.json", "the run that it was forked from"), (labels.FILE, "its note and tags")):
        if name in found and not _is_object(read(archive, found[name])):
            raise refused(f"{name} in it, which says {what}, cannot be read.")
    if titles.FILE in found:
        try:
            read(archive, found[titles.FILE]).decode()
        except UnicodeError as error:
            raise refused("its name is no text.") from error
    for name, entry in found.items():
        if name not in TEXTS:
            _check_tensors(archive, name, entry, config)
    return config


def _is_object(data: bytes) -> bool:
    try:
        return isinstance(read_json(data), dict)
    except ConfigError:
        return False


def _check_tensors(archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo, config: Config) -> None:
    """Raises RunError where a safetensors file is damaged, or is not what its name says."""
    try:
        with archive.open(entry) as opened:
            header = read_header(opened, entry.file_size)
    except ValueError as error:
        raise refused(f"{name} in it is damaged: {error}.") from error
    if name == ANSWERS:
        _check_answers(header)
    elif not STATE.fullmatch(name):
        from cnngru.checkpoint import CheckpointError, described

        try:
            model = described(Path(name), header.metadata, header.kinds)
        except CheckpointError as error:
            raise refused(str(error)) from error
        if model.config != config.model:
            raise refused(f"{name} in it is of another network than its settings say.")


def _check_answers(header: Header) -> None:
    kinds = header.kinds
    if kinds.keys() == {"probabilities", "labels"}:
        (shares, real), (labels, whole) = kinds["probabilities"], kinds["labels"]
        if len(shares) == 2 and labels == shares[:1] and (real, whole) == ("F16", "U8"):
            return
    raise refused(f"{ANSWERS} in it has other arrays than the answers on the test pictures.")


def read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    return b"".join(pieces(archive, entry))


def pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a file, some at a time. Raises RunError where they are more or fewer than was said."""
    came = 0
    with archive.open(entry) as opened:
        while piece := opened.read(PIECE):
            came += len(piece)
            if came > entry.file_size:
                break
            yield piece
    if came != entry.file_size:
        raise refused(f"{entry.filename!r} in it has another size than the list says.")
