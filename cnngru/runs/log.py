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
from pathlib import Path
from typing import Any, NamedTuple

from cnngru.runs import files
from cnngru.runs.event_fields import checked

FILE = "events.jsonl"
MOST = 32_000_000  # bytes; the longest training that was measured here writes a hundredth


class Log(NamedTuple):
    """events: oldest first; damage: what is wrong with the log, for a person, "" for nothing."""

    events: list[dict[str, Any]]
    damage: str = ""


# Pages look each second and most logs have not grown: parse one again only when it has. Path -> (version, log).
_parsed: dict[Path, tuple[tuple[int, int, int], Log]] = {}


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
        known = _parsed.get(path)
        if known is None or known[0] != version:
            known = _parsed[path] = (version, _parse(files.read(path, MOST)))
    except FileNotFoundError:
        _parsed.pop(path, None)
        return Log([])
    except OSError as error:
        return Log([], f"Its log cannot be read: {error.strerror or error}")
    return known[1]._replace(events=list(known[1].events))


def _parse(data: bytes) -> Log:
    events, damaged = [], 0
    for line in data[: data.rfind(b"\n") + 1].splitlines():  # what comes after is not written to its end
        try:
            event, wrong = checked(json.loads(line))
        except (ValueError, RecursionError):  # torn, or nested too deeply to be read
            event, wrong = None, True
        damaged += wrong
        if event is not None:
            events.append(event)
    return Log(events, told(damaged))


def told(damaged: int) -> str:
    """What is said of a log with so many lines that are damaged."""
    lines = "1 line of its log is" if damaged == 1 else f"{damaged} lines of its log are"
    return f"{lines} damaged. What could not be read there is left out." if damaged else ""
