"""What a run is asked to do while it is at work: one small file a command, in its folder, numbered in turn.

So any browser, the command line and another computer can steer a run, and nothing is lost when its worker ends: what
was carried out stands in the log with the command's number, and what was not is still to be done. A command is in
force from the next step on. Knows neither training nor the log.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from cnngru.runs import files

Do = Literal["pause", "resume", "step", "slow", "set", "stop"]
PLACE = "commands"
LARGEST = 2_000  # bytes of a command
LASTING = ("set", "slow")  # what is still to be done when a run goes on that had ended before it did it
MOST_STEPS, SLOWEST = 1000, 60_000  # steps taken by one command; milliseconds between two steps
_NAME = re.compile(r"([0-9]{6})\.json")
_MOST = 999_999


@dataclass(frozen=True)
class Command:
    """do       "pause": hold it; free=True: and give its place among the running ones to others
    "resume": go on; "step": take `value` steps, then hold; "slow": wait `value` milliseconds before each step, 0 for
    none; "set": from here on `setting` is `value`; "stop": end it and keep what it has learnt
    """

    do: Do
    setting: str = ""
    value: float = 0
    free: bool = False


def give(folder: Path, command: Command) -> int:
    """Writes a command for the run in `folder`, whole or not at all, after those that are there. Returns its number.

    Raises OSError where the folder cannot be written, or is gone.
    """
    place = folder / PLACE
    place.mkdir(exist_ok=True)  # without its parents: a deleted run stays deleted
    beside = place / f".{os.getpid()}-{time.monotonic_ns()}.part"
    try:
        beside.write_text(json.dumps(asdict(command)), encoding="utf-8")
        for number in itertools.count(newest(folder) + 1):
            target = place / f"{number:06}.json"
            with suppress(FileExistsError):  # somebody else was quicker
                _move(beside, target)
                return number
    finally:
        beside.unlink(missing_ok=True)
    raise AssertionError


def _move(beside: Path, target: Path) -> None:
    """Raises FileExistsError where there is one: os.replace would put it in the place of another's command."""
    if os.name == "nt":
        beside.rename(target)
    else:
        os.link(beside, target)


def newest(folder: Path) -> int:
    """The number of the newest command, 0 where there is none."""
    return max(_numbers(folder), default=0)


def given(folder: Path, after: int) -> list[tuple[int, Command]]:
    """(number, command) of those after number `after`, in their order. What is no command is left out."""
    return _read_all(folder, [number for number in _numbers(folder) if number > after])


def _read_all(folder: Path, numbers: list[int]) -> list[tuple[int, Command]]:
    found = []
    for number in sorted(numbers):
        with suppress(OSError, ValueError, TypeError, RecursionError):
            found.append((number, _read(folder / PLACE / f"{number:06}.json")))
    return found


def _numbers(folder: Path) -> list[int]:
    try:
        names = os.listdir(folder / PLACE)
    except OSError:
        return []
    return [int(match[1]) for name in names if (match := _NAME.fullmatch(name))]


def _read(file: Path) -> Command:
    """Raises ValueError or TypeError for what is no command, OSError."""
    command = Command(**json.loads(files.read(file, LARGEST)))
    number = isinstance(command.value, int | float) and not isinstance(command.value, bool)
    if command.do not in get_args(Do) or not number or not isinstance(command.setting, str):
        raise ValueError("no command")
    limits = {"step": MOST_STEPS, "slow": SLOWEST}
    if not abs(command.value) <= limits.get(command.do, 1e12):
        raise ValueError("out of bounds")
    return command


class Inbox:
    """What is still to be done of a run's commands, by its log's events. Looks so cheaply that it can be asked before
    each step: the folder is listed when it changed.

    When a run goes on that had ended, what was asked before does not pause, step or stop it any more; what it should
    have changed, it changes now.
    """

    def __init__(self, folder: Path, events: list[dict[str, Any]]) -> None:
        self.folder, self._version = folder, -1
        numbered = [event for event in events if "number" in event]
        self.before = max((event["number"] for event in numbered if event["kind"] == "queued"), default=0)
        self._taken = {event["number"] for event in numbered if event["kind"] != "queued"}

    def new(self) -> list[tuple[int, Command]]:
        """Those given since the last look."""
        try:
            version = os.stat(self.folder / PLACE).st_mtime_ns
        except OSError:
            return []
        if version == self._version:
            return []
        self._version = version if time.time_ns() - version > 50_000_000 else -1  # a clock may be coarse: look again
        numbers = [number for number in _numbers(self.folder) if number not in self._taken]
        self._taken.update(numbers)
        found = _read_all(self.folder, numbers)
        return [(n, command) for n, command in found if n > self.before or command.do in LASTING]


def done(events: list[dict[str, Any]]) -> int:
    """The number of the newest command that a log's events say was carried out, or does not count any more; 0 for none.
    Stops up to it are over; a change may still be to be done (`Inbox`)."""
    return max((event["number"] for event in events if "number" in event), default=0)


def request_stop(folder: Path) -> None:
    """Asks the run to end at its next step, keeping the weights. Raises OSError."""
    give(folder, Command("stop"))


def stop_requested(folder: Path, after: int = 0) -> bool:
    """Whether somebody has asked it to, with a command after number `after`."""
    return any(command.do == "stop" for _, command in given(folder, after))
