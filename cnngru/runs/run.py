"""One run: it is a folder, and the folder is the only truth.

    config.json          what was asked for; never changed
    title.txt            what a person calls it (titles.py)
    events.jsonl         what happened so far
    model.safetensors    the newest weights that were kept
    snapshots/           weights along the way, float16: step-0000064.safetensors
    test.npz             what the finished network answered on the test pictures
    survey.npz           what its gates do on the test pictures, once somebody has asked (analyses.py)
    lock, starting       say whether the worker lives (liveness.py)
    commands/stop        somebody wants it to end
    worker.log           what the worker printed: tracebacks are here and nowhere else

No status is stored. It follows from the last event, else from whether the worker lives and from the commands, so it
cannot be wrong after a crash.
Imports neither torch nor streamlit: the first page is drawn from here.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cnngru.config import Config, ConfigError
from cnngru.runs import artifacts, commands, files, liveness, log, titles
from cnngru.runs.event_fields import UNIX_TIME

if TYPE_CHECKING:
    import numpy as np

Status = Literal["queued", "running", "stopping", "finished", "stopped", "failed", "interrupted"]

CONFIG = "config.json"
LARGEST_CONFIG = 100_000  # bytes; one has some 1,500
_ENDINGS: dict[str, Status] = {"finished": "finished", "stopped": "stopped", "failed": "failed"}


@dataclass(frozen=True)
class Run:
    """What a run's folder said at one moment. `events` are those of its log, oldest first.

    Each has the fields that event_fields.py says. `damage` tells what is wrong with the log, "" for nothing.
    `title` is "" where nobody has given it one.
    """

    name: str
    folder: Path
    config: Config
    events: list[dict[str, Any]] = field(repr=False)
    status: Status
    damage: str = ""
    title: str = ""

    @property
    def called(self) -> str:
        """What a person calls it, not safe for Markdown; without a title its name."""
        return self.title or self.name

    def events_of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind ("progress", "validated", …), oldest first."""
        return [event for event in self.events if event["kind"] == kind]

    def last(self, kind: str) -> dict[str, Any] | None:
        """The newest event of that kind, or None."""
        return next((event for event in reversed(self.events) if event["kind"] == kind), None)

    @property
    def live(self) -> bool:
        """Whether a worker has it: queued, running or stopping."""
        return self.status in ("queued", "running", "stopping")

    @property
    def begun(self) -> bool:
        """Whether its turn in the queue has come."""
        return _begun(self.events)

    @property
    def created_at(self) -> float:
        """When it was asked for, in unix seconds: as its log says, else as its config's date does; 0 for neither."""
        if self.events and "time" in self.events[0]:
            return float(self.events[0]["time"])
        with suppress(OSError):  # deleted meanwhile
            date = (self.folder / CONFIG).stat().st_mtime
            return date if UNIX_TIME(date) else 0.0
        return 0.0

    @property
    def has_model(self) -> bool:
        """Whether weights were kept, so that it can predict."""
        return files.is_plain(self.folder / "model.safetensors")

    def snapshots(self) -> list[tuple[int, Path]]:
        """(step, file) of the weights kept along the way, the earliest first. `cnngru.load` opens such a file."""
        return artifacts.snapshots(self.folder)

    def test_answers(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Probabilities float32 (N, C) and true labels uint8 (N,) of the test pictures, in the data set's order.

        None for a run that is not finished, or from before answers were kept, or whose file is damaged. The values were
        rounded to float16: 3 digits.
        """
        return artifacts.answers(self.folder)


def read(folder: Path) -> Run:
    """The run in a folder. Raises OSError where there is none or it may not be read, ConfigError for a wrong config."""
    config = _config(files.read(folder / CONFIG, LARGEST_CONFIG))
    events, damage = log.read(folder)
    over = bool(events) and events[-1]["kind"] in _ENDINGS
    alive = not over and liveness.alive(folder)
    if not over and not alive:
        events, damage = log.read(folder)  # again: a worker that has ended meanwhile has written its last line
    return Run(folder.name, folder, config, events, _status(folder, events, alive), damage, titles.read(folder))


@lru_cache(maxsize=4096)  # with more runs than that each look would read them all anew
def _config(text: bytes) -> Config:
    config = Config.from_json(text)
    try:
        config.to_json().encode()
    except UnicodeError as error:  # JSON can say half a character, which nobody can show or write
        raise ConfigError("This is not a run's config: a text in it is damaged.") from error
    return config


def _status(folder: Path, events: list[dict[str, Any]], alive: bool) -> Status:
    if events and events[-1]["kind"] in _ENDINGS:
        return _ENDINGS[events[-1]["kind"]]
    if not alive:
        return "interrupted"
    if commands.stop_requested(folder):
        return "stopping"
    return "running" if _begun(events) else "queued"


def _begun(events: list[dict[str, Any]]) -> bool:
    return any(event["kind"] in ("data", "started") for event in events)
