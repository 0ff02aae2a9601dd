"""All runs at a glance, quickly also where there are a thousand: what a list says of each, without its whole log.

What was read of a run is kept, with the versions of the files that it was read from, and holds as long as these are the
same; whether its worker lives is asked each time. It is also written down, as .index.jsonl beside the runs, so that a
new process need not read all logs either. That file follows from the folders: it may be deleted at any time, and what
is damaged in it is read from the folders again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnngru.config import ConfigError
from cnngru.runs import digest, event_fields, files, labels, log, store, titles
from cnngru.runs.digest import Digest, Version
from cnngru.runs.labels import Labels
from cnngru.runs.run import CONFIG, LARGEST_CONFIG, Run, config_of, judged

FILE = ".index.jsonl"
MOST = 64_000_000  # bytes that are read of it
WORTH = 2_000_000  # bytes of logs that it does not have yet: then it is written anew, before that they are read as soon
LONGEST = 10_000  # bytes of a config that is written down in it
SMALL = (CONFIG, titles.FILE, labels.FILE)  # the files of a run that are read anew when one of them was changed
NONE = Labels()
UNSURE: Version = (-2, 0, 0, 0)  # of a file that was changed a moment ago: no file has it, so it is read again
OVER = ("finished", "stopped", "failed")


@dataclass(frozen=True)
class Summary(Run):
    """A run of whose log only the first and the newest event of each kind are known, without their lists.

    That is enough for its status, its figures, and how far it is, not for its curve and for all that was changed in
    flight: `store.get(name)` reads it whole.
    """

    labels: Labels = NONE


@dataclass(frozen=True)
class _Known:
    """What was read of a run: its small files with their versions, and its log; `summary` once it is over."""

    versions: tuple[Version, ...]
    config: bytes
    title: str
    labels: Labels
    log: Digest
    summary: Summary | None = None


class _Place:
    """What is known of the runs in one folder: by name; and how many bytes of logs its index does not have."""

    def __init__(self, folder: Path) -> None:
        self.known = _load(folder / FILE)
        self.unwritten = 0


_places: dict[Path, _Place] = {}
_one_at_a_time = threading.Lock()  # sessions are threads: the second finds what the first has read


def summaries() -> list[Summary]:
    """Every run, newest first, as its folder is now. Raises RunError as `store.all_runs`, which reads all of them."""
    folder = store.root()
    with _one_at_a_time:
        place = _places.get(folder) or _places.setdefault(folder, _Place(folder))
        found: dict[str, _Known] = {}
        runs = []
        for path in store.folders():
            if not store.NAME.fullmatch(path.name):
                continue
            before = place.known.get(path.name)
            try:
                known, run = _look(path, before)
            except (OSError, ConfigError):
                continue
            found[path.name] = known
            runs.append((run.created_at, run.name, run))
            if not run.live and (before is None or known.log is not before.log):
                place.unwritten += known.log.end
        place.known = found
        if place.unwritten >= WORTH:
            place.unwritten = 0  # also where it cannot be written: to try again each time would be slow
            with suppress(OSError):
                files.write(folder / FILE, "".join(_lines(found)))
    return [run for *_, run in sorted(runs, key=lambda entry: entry[:2], reverse=True)]


def forget() -> None:
    """As in a new process: what is known is read again, from the index or the folders."""
    with _one_at_a_time:
        _places.clear()


def _look(folder: Path, known: _Known | None) -> tuple[_Known, Summary]:
    """What is known of a run now, from what was known. Raises OSError and ConfigError as `run.read`."""
    place = str(folder)  # paths are slow
    versions = tuple(digest.version_of(f"{place}/{name}") for name in SMALL)
    if known is None or known.versions != versions:
        known = _Known(
            tuple(version if digest.settled(version) else UNSURE for version in versions),
            files.read(folder / CONFIG, LARGEST_CONFIG),
            titles.read(folder),
            labels.read(folder),
            known.log if known else digest.of(folder),
        )
    if known.summary and known.log.holds(digest.version_of(f"{place}/{log.FILE}")):
        return known, known.summary
    newest = known.log

    def look(folder: Path) -> log.Log:
        nonlocal newest
        newest = digest.of(folder, newest)
        return log.Log([event for _, event in newest.events], newest.damage)

    run = judged(folder, config_of(known.config), look, known.title)
    summary = Summary(**vars(run), labels=known.labels)
    return dataclasses.replace(known, log=newest, summary=summary if run.status in OVER else None), summary


def _form() -> str:
    """What an index begins with; one of another version of the project has other events in it."""
    fields = json.dumps({kind: sorted(fields) for kind, fields in event_fields.FIELDS.items()}, sort_keys=True)
    return f"1 {hashlib.sha256(fields.encode()).hexdigest()[:16]}"


def _lines(found: dict[str, _Known]) -> Iterable[str]:
    yield json.dumps(_form()) + "\n"
    for name, known in found.items():
        with suppress(UnicodeDecodeError):  # a config may be in another encoding
            if known.log.sure and len(known.config) <= LONGEST:
                said = [name, known.versions, known.config.decode(), known.title, dataclasses.asdict(known.labels)]
                yield json.dumps([*said, digest.to_plain(known.log)]) + "\n"


def _load(file: Path) -> dict[str, _Known]:
    """What an index says, by name of the run; nothing where there is none, and without what is damaged in it."""
    try:
        first, *lines = files.read(file, MOST).splitlines() or [b""]
        if json.loads(first) != _form():
            return {}
    except (OSError, ValueError, RecursionError):
        return {}
    found = {}
    for line in lines:
        with suppress(ValueError, TypeError, KeyError, RecursionError):
            name, known = _from_plain(json.loads(line))
            found[name] = known
    return found


def _from_plain(said: Any) -> tuple[str, _Known]:
    """Raises ValueError or TypeError for what no index says."""
    name, versions, config, title, noted, read = said
    if not all(isinstance(text, str) for text in (name, config, title)):
        raise TypeError("no text")
    files_versions = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in versions)
    return name, _Known(files_versions, config.encode(), titles.plain(title), labels.of(noted), digest.from_plain(read))
