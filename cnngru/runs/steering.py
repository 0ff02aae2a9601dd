"""What a run's worker does between two steps: it carries out the commands in the folder, and keeps states.

The log says what was carried out, at which step, with the command's number; from that line on it holds. So after a kill
it is done again, in the same step as before: a state knows which commands it has in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cnngru.config import IN_FLIGHT, Config, override
from cnngru.runs import commands, states
from cnngru.runs.commands import Command
from cnngru.runs.keeping import Keeper, StopRequested
from cnngru.runs.run import Run
from cnngru.schema import ConfigError
from cnngru.training.between import Next

if TYPE_CHECKING:
    from cnngru.training.state import State

# With a note of plain values, the training's state as bytes, `training.state.to_bytes`.
Capture = Callable[[dict[str, Any]], bytes]

KEEP_EVERY = 30.0  # seconds between two states
SHARE = 0.02  # of the time, at most, that keeping states takes
TELLING = ("progress", "validated", "command")  # events that say what the training was at their step
LOOK_EVERY = 0.05  # seconds between two looks for commands while it waits


class PausedAway(BaseException):
    """The run is paused and has given its place away. No Exception, as KeyboardInterrupt: nobody may catch it."""


class Steering:
    """The commands of one run, from its worker's beginning on.

    run             as it is when the worker begins
    now             its config with what was changed in flight
    applied         how many of the log's commands are in the training; again: those to be done again
    told            the step up to which the log tells of a training without the changes that are still to come: they
                    wait for it where steps are taken again, or the log would tell of another training than this one
    held            it takes no step but those that are left
    point_due       a state is due that stays, to continue from; set by the worker
    """

    def __init__(self, run: Run, keeper: Keeper) -> None:
        self.run, self.keeper, self.now = run, keeper, run.config
        self.inbox = commands.Inbox(run.folder, run.events)
        self.applied = 0
        self.again: list[dict[str, Any]] = []
        self.later: list[tuple[int, Command]] = []
        self.told = max((event.get("step") or 0 for event in run.events if event["kind"] in TELLING), default=0)
        slow = [event["after"] for event in run.events_of("command") if event["do"] == "slow" and "after" in event]
        self.pause_ms = float(slow[-1]) if slow else 0.0
        self.held = False
        self.steps_left = 0
        self.step = -1
        self.point_due = False
        self.kept_at, self.cost = time.monotonic(), 0.0
        self.kept_step = -1

    def take_up(self, state: State | None, note: Mapping[str, Any]) -> None:
        """Begins where a state was taken, with the note that was kept with it; None: from the first step on."""
        if state is not None:
            self.now = state.now if state.config == self.run.config else self.run.config
            # Of another run's state, from which this one was continued, the commands are another's.
            known = note.get("applied") if note.get("run") == self.run.name else 0
            self.applied = known if isinstance(known, int) and known > 0 else 0
        self.again = self.run.events_of("command")[self.applied :]

    def between(self, step: int, capture: Capture) -> Next | None:
        """As `training.between.Between`. Raises StopRequested, PausedAway, OSError."""
        before = self.now
        taken = step != self.step and self.step >= 0
        self.step = step
        if taken and self.steps_left and step > self.told:  # a step that was told before is nothing to see
            self.steps_left -= 1
        self._set_again(step)
        self._obey(capture)
        if taken and self.pause_ms and not self.held:
            self._wait(lambda waited: waited < self.pause_ms / 1000 and not self.held, capture)
        if self.point_due or time.monotonic() - self.kept_at > KEEP_EVERY:
            self._keep_in_turn(capture)
        if self.held and not self.steps_left:
            self._keep(capture, patiently=True)
            self._wait(lambda waited: self.held and not self.steps_left, capture)
        if self.now is before and not self.held and not self.pause_ms:
            return None
        return Next(self.now if self.now is not before else None, tell=self.held or self.pause_ms > 0)

    def look(self) -> None:
        """Ends the run where that is asked for, at a moment when there is no state to keep: other commands wait."""
        if self.keeper.told_to_end:
            raise StopRequested(0)
        for number, command in commands.given(self.run.folder, self.inbox.before):
            if command.do == "stop":
                raise StopRequested(number)

    def _set_again(self, step: int) -> None:
        """What was changed after the state was taken, in the step in which it was changed."""
        while self.again and (self.again[0]["step"] or 0) <= step:
            event = self.again.pop(0)
            if event["do"] == "set" and "after" in event:
                self.now = _override(self.now, event["setting"], event["after"])
            self.applied += 1

    def _obey(self, capture: Capture) -> None:
        if self.keeper.told_to_end:
            self._stop(0, capture)
        asked, self.later = [*self.later, *self.inbox.new()], []
        for number, command in asked:
            if command.do == "stop":
                self._stop(number, capture)
            if command.do == "set" and self.step < self.told:
                self.later.append((number, command))
                continue
            self._log(number, command, self._carry_out(command))
            if command.do == "pause" and command.free:
                self._keep(capture, patiently=True)
                raise PausedAway

    def _carry_out(self, command: Command) -> dict[str, Any]:
        """Does it, and returns what the log has to say of it beside its name."""
        match command.do:
            case "pause":
                self.held, self.steps_left = True, 0
                return {"free": command.free}
            case "resume":
                self.held, self.steps_left = False, 0
            case "step":
                self.held, self.steps_left = True, self.steps_left + max(1, int(command.value))
            case "slow":
                before, self.pause_ms = self.pause_ms, float(max(0.0, command.value))
                return {"before": before, "after": self.pause_ms}
            case "set":
                return self._set(command.setting, command.value)
        return {}

    def _set(self, setting: str, value: float) -> dict[str, Any]:
        part, _, name = setting.partition(".")
        try:
            if setting not in IN_FLIGHT:
                raise ConfigError(f"{setting[:80]} cannot be changed while the run trains.")
            before = getattr(getattr(self.now, part), name)
            self.now = _override(self.now, setting, value)
        except ConfigError as error:
            return {"setting": setting[:80], "refused": str(error)}
        return {"setting": setting, "before": before, "after": getattr(getattr(self.now, part), name)}

    def _log(self, number: int, command: Command, said: dict[str, Any]) -> None:
        event: dict[str, Any] = {"kind": "command", "number": number, "step": self.step, "do": command.do, **said}
        self.keeper.log(event)
        if self.again:  # those stand before it in the log
            self.again.append(event)
        else:
            self.applied += 1

    def _stop(self, number: int, capture: Capture) -> None:
        self._keep(capture, patiently=False)
        raise StopRequested(number)

    def _wait(self, longer: Callable[[float], bool], capture: Capture) -> None:
        """Until `longer` (of the seconds that were waited) says no, or a command changes that."""
        began = time.monotonic()
        while longer(time.monotonic() - began):
            time.sleep(LOOK_EVERY if self.held else min(LOOK_EVERY, self.pause_ms / 1000))
            self.keeper.check()
            self._obey(capture)

    def _keep_in_turn(self, capture: Capture) -> None:
        """Each half a minute, and where a point is due, unless they come so fast that it would slow training down."""
        if time.monotonic() - self.kept_at < self.cost / SHARE:
            return
        self._keep(capture, patiently=True, stays=self.point_due)
        self.point_due = False

    def _keep(self, capture: Capture, patiently: bool, stays: bool = False) -> None:
        """Keeps the state. Where the disk is full it waits for room (`patiently`), or goes without."""
        if self.kept_step == self.step and not stays:
            return
        began = time.monotonic()
        data = capture({"run": self.run.name, "applied": self.applied})
        self.keeper.keep(lambda: states.write(self.run.folder, self.step, data, stays), patiently)
        self.cost, self.kept_at, self.kept_step = time.monotonic() - began, time.monotonic(), self.step


def _override(config: Config, setting: str, value: float) -> Config:
    """Whole numbers may come as 3.0. Raises ConfigError."""
    return override(config, setting, int(value) if float(value).is_integer() else value)
