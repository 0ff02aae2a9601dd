"""One run: it is a folder, and the folder is the only truth.

    config.json          what was asked for; never changed
    title.txt            what a person calls it (titles.py)
    labels.json          a note, tags, and whether it is pinned (labels.py)
    events.jsonl         what happened so far
    model.safetensors    the newest weights that were kept
    snapshots/           weights along the way, float16: step-0000064.safetensors
    live.npz             what it does on a few held-out pictures, the newest look (probe.py)
    test.npz             what the finished network answered on the test pictures
    survey.npz           what its gates do on the test pictures, once somebody has asked (analyses.py)
    engine.json          which job of a cluster has it (engine_note.py); none for this machine's own
    lock, starting       say whether the worker lives (liveness.py)
    states/              all that its training needs to go on (states.py)
    commands/            what people want of it: 000001.json, … (commands.py)
    worker.log           what the worker printed: tracebacks are here and nowhere else

No status is stored. It follows from the last event, else from whether the worker lives and from the commands, so it
cannot be wrong after a crash.
Imports neither torch nor streamlit: the first page is drawn from here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cnngru.config import Config, ConfigError, override
from cnngru.runs import artifacts, commands, files, liveness, log, states, titles
from cnngru.runs.event_fields import UNIX_TIME

if TYPE_CHECKING:
    import numpy as np

Status = Literal["queued", "running", "paused", "stopping", "finished", "stopped", "failed", "interrupted"]

CONFIG = "config.json"
LARGEST_CONFIG = 65_536  # bytes; one has some 1,500
_TURN = ("queued", "data", "started", "resumed")  # what says whether its turn has come
_ENDINGS: dict[str, Status] = {"finished": "finished", "stopped": "stopped", "failed": "failed"}


@dataclass(frozen=True)
class Run:
    """What a run's folder said at one moment. `events` are those of its log, oldest first.

    Each has the fields that event_fields.py says. `damage` tells what is wrong with the log, "" for nothing.
    `title` is "" where nobody has given it one. `alive`: a worker has it; `waits_for`: why that cannot write just now,
    "" where it can. `remark` is what its engine has to say about it, for a person, or "".
    """

    name: str
    folder: Path
    config: Config
    events: list[dict[str, Any]] = field(repr=False)
    status: Status
    damage: str = ""
    title: str = ""
    alive: bool = False
    waits_for: str = ""
    remark: str = ""

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
        """Whether a worker has it: queued, running or stopping, or paused without having given its place away."""
        return self.status in ("queued", "running", "stopping") or (self.status == "paused" and self.alive)

    @property
    def begun(self) -> bool:
        """Whether its turn in the queue has come."""
        return _begun(self.events)

    @property
    def can_resume(self) -> bool:
        """Whether it can be gone on with: nobody works on it, and it did not come to its end."""
        return not self.live and self.status != "finished"

    @property
    def now(self) -> Config:
        """Its config with what was changed while it trained."""
        config = self.config
        for event in self.changes():
            with suppress(ConfigError):  # a stranger's log
                config = override(config, event["setting"], event["after"])
        return config

    def changes(self) -> list[dict[str, Any]]:
        """The events of settings that were changed while it trained, oldest first."""
        return [event for event in self.events_of("command") if {"setting", "before", "after"} <= set(event)]

    @property
    def step(self) -> int:
        """The newest step that its log tells of."""
        newest = (self.last("progress") or {}, self.last("command") or {})
        return max(event.get("step") or 0 for event in newest)

    @property
    def kept_step(self) -> int | None:
        """The step from which it can go on, None where it has to begin anew."""
        kept = states.listed(self.folder)
        return kept[-1][0] if kept else None

    @property
    def queued_at(self) -> float:
        """When it was asked for, or asked to go on, in unix seconds."""
        queued = self.last("queued") or {}
        return float(queued.get("time") or self.created_at)

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
    return judged(folder, config_of(files.read(folder / CONFIG, LARGEST_CONFIG)), log.read, titles.read(folder))


def judged(folder: Path, config: Config, look: Callable[[Path], log.Log], title: str) -> Run:
    """The run in a folder of which these are known; `look` reads its log, maybe twice."""
    events, damage = look(folder)
    over = bool(events) and events[-1]["kind"] in _ENDINGS
    standing = liveness.Standing(False) if over else liveness.standing(folder)
    if not over and not standing.alive:
        events, damage = look(folder)  # again: a worker that has ended meanwhile has written its last line
    alive, why = standing.alive, standing.why
    status, waits_for = _status(folder, events, alive), liveness.waits_for(folder) if alive else ""
    return Run(folder.name, folder, config, events, status, damage, title, alive, waits_for, why)


@lru_cache(maxsize=4096)  # with more runs than that each look would read them all anew
def config_of(text: bytes) -> Config:
    """What a config.json says. Raises ConfigError."""
    config = Config.from_json(text)
    try:
        if b"\\u" in text:  # only so can JSON say half a character, which nobody can show or write
            config.to_json().encode()
    except UnicodeError as error:
        raise ConfigError("This is not a run's config: a text in it is damaged.") from error
    return config


def _status(folder: Path, events: list[dict[str, Any]], alive: bool) -> Status:
    if events and events[-1]["kind"] in _ENDINGS:
        return _ENDINGS[events[-1]["kind"]]
    if not alive:
        return "paused" if _paused(events) else "interrupted"
    if commands.stop_requested(folder, commands.done(events)):
        return "stopping"
    if not _begun(events):
        return "queued"
    return "paused" if _paused(events) else "running"


def _begun(events: list[dict[str, Any]]) -> bool:
    """Since it was asked for, or asked to go on."""
    newest = next((event["kind"] for event in reversed(events) if event["kind"] in _TURN), "queued")
    return newest != "queued"


def _paused(events: list[dict[str, Any]]) -> bool:
    for event in reversed(events):
        if event["kind"] == "queued" or event.get("do") == "resume":
            return False
        if event.get("do") in ("pause", "step"):
            return True
    return False
