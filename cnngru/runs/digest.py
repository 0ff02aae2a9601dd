"""A run's log in short: of each kind of event the first and the newest, which is what a list of runs says.

A list of a thousand runs would else hold a thousand whole logs. Where a log has only grown, only what is new in it is
read. Says of a run's status what the whole log says: test_index.py holds that.
"""

from __future__ import annotations

import json
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnngru.runs import files, log
from cnngru.runs.event_fields import checked

Version = tuple[int, int, int, int]  # (inode, size, when its content and its inode were changed, in nanoseconds)
Line = tuple[int, dict[str, Any]]  # (number of the line, its event)

NOTHING: Version = (0, 0, 0, 0)  # of a file that is not there
UNFIT: Version = (-1, 0, 0, 0)  # of what is there, and is no file that may be read
COARSE = 20_000_000  # nanoseconds: a clock may stand still for so long, and a file change twice in one version
TAIL = 200  # bytes before the end of what was read, which are the same in a log that has only grown
LETTERS = 200  # of a text in an event, at most; lists are left out
TELLING = ("pause", "resume", "step", "stop", "set")  # commands that a run's status follows from


@dataclass(frozen=True)
class Digest:
    """events   the first and the newest of each kind, and of each telling command; in the log's order
    damage      what is wrong with the log, "" for nothing
    end, lines, damaged, tail    how far it was read: bytes, lines, lines that are damaged, its last bytes in hex
    sure        whether a log of this version says this: one that was changed a moment ago may change unseen
    """

    version: Version
    events: tuple[Line, ...] = ()
    damage: str = ""
    end: int = 0
    lines: int = 0
    damaged: int = 0
    tail: str = ""
    sure: bool = True

    def holds(self, version: Version) -> bool:
        """Whether it says what a log of this version says."""
        return self.sure and version == self.version


def version_of(file: str | Path) -> Version:
    """The version of a file, by which its content is known again."""
    try:
        found = os.lstat(file)
        if not stat.S_ISREG(found.st_mode):
            found = files.status_of(Path(file))
    except FileNotFoundError:
        return NOTHING
    except OSError:
        return UNFIT
    return _version(found)


def _version(found: os.stat_result) -> Version:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def settled(version: Version) -> bool:
    """Whether a file of this version stays as it is as long as the version does: not where it changed a moment ago."""
    return all(abs(time.time_ns() - changed) > COARSE for changed in version[2:])


def of(folder: Path, known: Digest | None = None) -> Digest:
    """The digest of the log in a folder. known: an earlier one, from which it is gone on with where that is right."""
    path = folder / log.FILE
    if known is not None and known.holds(version_of(path)):
        return known
    try:
        files.check(path, log.MOST)
        with path.open("rb") as file:
            version = _version(os.fstat(file.fileno()))
            if known is None or not _has_grown(known, version, file):
                known = Digest(version)
            file.seek(known.end)
            data = file.read(version[1] - known.end)
    except FileNotFoundError:
        return Digest(NOTHING)
    except OSError as error:  # it costs nothing to look at it again each time
        return Digest(UNFIT, damage=f"Its log cannot be read: {error.strerror or error}", sure=False)
    return _longer(known, version, data)


def _has_grown(known: Digest, version: Version, file: Any) -> bool:
    """Whether the open file is the one that is known, with more behind it."""
    if version[0] != known.version[0] or version[1] <= known.version[1] or not known.end:
        return False
    tail = bytes.fromhex(known.tail)
    file.seek(known.end - len(tail))
    return bool(file.read(len(tail)) == tail)


def _longer(known: Digest, version: Version, data: bytes) -> Digest:
    """The digest with what comes after it in the log, up to the end of its last whole line."""
    whole = data[: data.rfind(b"\n") + 1]
    lines, damaged = known.lines, known.damaged
    kept: dict[str, Line] = {}
    for line in known.events:
        _keep(kept, line)
    for text in whole.splitlines():
        try:
            event, wrong = checked(json.loads(text))
        except (ValueError, RecursionError):
            event, wrong = None, True
        if event is not None:
            _keep(kept, (lines, event))
        lines, damaged = lines + 1, damaged + wrong
    return Digest(
        version,
        tuple((number, _short(event)) for number, event in sorted(dict(kept.values()).items())),
        log.told(damaged),
        known.end + len(whole),
        lines,
        damaged,
        whole[-TAIL:].hex() or known.tail,
        settled(version),
    )


def _keep(kept: dict[str, Line], line: Line) -> None:
    event = line[1]
    does = event.get("do")
    kind = f"{event['kind']} {does}" if does in TELLING else event["kind"]
    for name in ("first of all", f"first {kind}"):
        kept.setdefault(name, line)
    kept[f"newest {kind}"] = line
    if "number" in event and event["number"] >= kept.get("highest number", line)[1]["number"]:
        kept["highest number"] = line


def _short(event: dict[str, Any]) -> dict[str, Any]:
    """Without its lists, and without the ends of long texts."""
    return {
        name: value[:LETTERS] if isinstance(value, str) else value
        for name, value in event.items()
        if not isinstance(value, list)
    }


def to_plain(digest: Digest) -> list[Any]:
    """What JSON can say, for `from_plain`."""
    counts = (digest.end, digest.lines, digest.damaged)
    return [digest.version, digest.events, digest.damage, counts, digest.tail]


def from_plain(found: Any) -> Digest:
    """Raises ValueError or TypeError for what is no digest that was sure."""
    version, events, damage, (end, lines, damaged), tail = found
    for number, event in events:
        if not isinstance(number, int) or checked(event) != (event, False):
            raise ValueError("no event")
    if not all(isinstance(value, int) for value in (*version, end, lines, damaged)) or not isinstance(damage, str):
        raise TypeError("no digest")
    inode, size, *dates = version
    return Digest(
        (inode, size, dates[0], dates[1]),
        tuple((number, event) for number, event in events),
        damage,
        end,
        lines,
        damaged,
        bytes.fromhex(tail).hex(),
    )
