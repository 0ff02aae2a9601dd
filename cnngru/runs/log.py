"""events.jsonl, a run's log: one JSON object a line, one write a line, each with its "kind" and "time" (unix seconds).

Written by one process, the run's worker; read by any number at any moment, also while it is being written.
"""

from __future__ import annotations

import errno
import json
import math
import os
import time
from pathlib import Path
from typing import Any

FILE = "events.jsonl"

# Pages look each second and most logs have not grown: parse one again only when it has. Path -> (version, events).
_parsed: dict[Path, tuple[tuple[int, int, int], list[dict[str, Any]]]] = {}


def append(folder: Path, event: dict[str, Any]) -> None:
    """Adds one line to the log in `folder`, stamped with the time; NaN and infinities become null.

    Raises OSError when the disk is full or the log is gone; then the lines before it are as they were.
    """
    plain = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in event.items()}
    line = (json.dumps({**plain, "time": round(time.time(), 3)}, ensure_ascii=False) + "\n").encode()
    path = folder / FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)  # never made here: a deleted run stays deleted
    try:
        before = os.fstat(descriptor).st_size
        if os.write(descriptor, line) != len(line):
            os.ftruncate(descriptor, before)  # or the next line would be glued to the torn one, and both lost
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(descriptor)


def read(folder: Path) -> list[dict[str, Any]]:
    """All events so far, oldest first; none when there is no log. A line that is no event (a torn one) is skipped."""
    path = folder / FILE
    try:
        stat = path.stat()
        version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        known = _parsed.get(path)
        if known is None or known[0] != version:
            known = _parsed[path] = (version, _parse(path.read_bytes()))
    except FileNotFoundError:
        _parsed.pop(path, None)
        return []
    return list(known[1])


def _parse(data: bytes) -> list[dict[str, Any]]:
    events = []
    for line in data.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("kind"), str):
            events.append(event)
    return events
