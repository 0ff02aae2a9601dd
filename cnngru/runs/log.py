"""events.jsonl, a run's log: one JSON object a line, one write a line, each with its "kind" and "time" (unix seconds).

Written by one process, the run's worker; read by any number at any moment, also while it is being written. What an
event says when it is read, event_fields.py makes sure of.
"""

from __future__ import annotations

import errno
import json
import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cnngru.runs import files
from cnngru.runs.event_fields import checked

FILE = "events.jsonl"
MOST = 64_000_000  # bytes: a quarter of a million lines; the longest training that was measured here writes a hundredth
PIECE = 1_000_000  # bytes that are read at once
TAIL = 200  # bytes before the end of what was read: the same in a log that has only grown


class Log(NamedTuple):
    """events: oldest first; damage: what is wrong with the log, for a person, "" for nothing."""

    events: list[dict[str, Any]]
    damage: str = ""


@dataclass
class _Known:
    """A log as far as it was read: the bytes up to `end`, which end with `tail`."""

    version: tuple[int, int, int] = (0, 0, 0)
    events: list[dict[str, Any]] = field(default_factory=list)
    damaged: int = 0
    end: int = 0
    tail: bytes = b""


# Pages look each second: of a log that has grown only what is new is read, and nothing of one that has not.
_known: dict[Path, _Known] = {}


def append(folder: Path, event: dict[str, Any]) -> None:
    """Adds one line to the log in `folder`, stamped with the time; NaN and infinities become null.

    Raises OSError when the disk is full or the log is gone; then the lines before it are as they were.
    """
    plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in event.items()}
    line = (json.dumps({**plain, "time": round(time.time(), 3)}, ensure_ascii=False) + "\n").encode()
    path = folder / FILE
    # It is never made here: a deleted run stays deleted. Windows has to be told to leave the line's end alone.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    try:
        before = os.fstat(descriptor).st_size
        if os.write(descriptor, line) != len(line):
            os.ftruncate(descriptor, before)  # or the next line would be glued to the torn one, and both lost
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


def mend(folder: Path) -> None:
    """Takes away the torn end of a last line, for the worker that goes on with the log. Raises OSError."""
    path = folder / FILE
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        at = size
        while at > 0:  # back to the last line's end
            begin = max(0, at - 4096)
            file.seek(begin)
            found = file.read(at - begin).rfind(b"\n")
            if found >= 0:
                at = begin + found + 1
                break
            at = begin
        if at < size:
            file.truncate(at)


def read(folder: Path) -> Log:
    """All events so far; none when there is no log. What is no event is left out, and told but for a torn last line."""
    path = folder / FILE
    try:
        stat = files.status_of(path)
        version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        known = _known.get(path)
        if known is None or known.version != version:
            files.check(path, MOST)
            known = _known[path] = _read_on(path, known, version)
    except FileNotFoundError:
        _known.pop(path, None)
        return Log([])
    except OSError as error:
        return Log([], f"Its log cannot be read: {error.strerror or error}")
    return Log(list(known.events), told(known.damaged))


def _read_on(path: Path, known: _Known | None, version: tuple[int, int, int]) -> _Known:
    """Reads what is new in a log; all of it where it is another file, was cut, or what was read has changed."""
    with open(path, "rb") as file:
        if known is None or known.version[0] != version[0] or version[2] <= known.version[2] or not _same(file, known):
            known = _Known()
        # A new one: others may be reading the former list this moment.
        now = _Known(version, list(known.events), known.damaged, known.end, known.tail)
        file.seek(now.end)
        rest = b""
        while piece := file.read(PIECE):
            whole = (rest + piece).rfind(b"\n") + 1  # what comes after is not written to its end, or in the next piece
            lines, rest = (rest + piece)[:whole], (rest + piece)[whole:]
            _take(now, lines)
        return now


def _same(file: BinaryIO, known: _Known) -> bool:
    """Whether the end of what was read is still there."""
    file.seek(known.end - len(known.tail))
    return file.read(len(known.tail)) == known.tail


def _take(now: _Known, lines: bytes) -> None:
    """Adds whole lines to what is known."""
    for line in lines.splitlines():
        try:
            event, wrong = checked(json.loads(line))
        except (ValueError, RecursionError):  # torn, or nested too deeply to be read
            event, wrong = None, True
        now.damaged += wrong
        if event is not None:
            now.events.append(event)
    now.end += len(lines)
    now.tail = (now.tail + lines)[-TAIL:]


def told(damaged: int) -> str:
    """So many damaged lines, for a person; "" for none."""
    lines = "1 line of its log is" if damaged == 1 else f"{damaged} lines of its log are"
    return f"{lines} damaged. What could not be read there is left out." if damaged else ""
