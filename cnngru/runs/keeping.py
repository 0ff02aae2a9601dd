"""How a worker writes: it waits while the disk is full, and goes on when there is room. What was kept stays."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnngru.runs import artifacts, commands, engine_note, liveness, log

if TYPE_CHECKING:
    from cnngru.nn.classifier import CNNGRU
    from cnngru.training.events import Finished

Save = Callable[["CNNGRU", Path, bool], object]  # (model, file, in float16)

# What may pass: somebody makes room, or mounts the disk anew, or allows it.
PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG)
TRY_EVERY = 1.0  # seconds between two tries
IN_THE_WAY = (0.1, 0.3, 1.0)  # seconds: on Windows a page that is just reading a file keeps it from being replaced


class StopRequested(BaseException):
    """Somebody asked this run to end, with the command of that number, 0 for a signal.

    No Exception, as KeyboardInterrupt: a download that retries must not catch it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class TakenAway(BaseException):
    """The run may be another's by now, and nothing more may be written into it: the cluster has given this job up, or
    another folder is in the place of the run's.

    No Exception, for the same reason.
    """


class Keeper:
    """Writes into the folder of a run whose lock is `held` (a descriptor). told_to_end: a signal asked for it."""

    def __init__(self, folder: Path, held: int) -> None:
        self.folder, self.held = folder, held
        self.told_to_end = False

    def end(self) -> None:
        """For a signal: the run ends at its next step, or where it waits."""
        self.told_to_end = True

    def check(self) -> None:
        """Raises TakenAway where the run is not this worker's any more, FileNotFoundError where its folder is gone."""
        if not engine_note.has(self.folder):
            raise TakenAway
        try:
            ours = os.path.samestat(os.fstat(self.held), os.stat(self.folder / liveness.LOCK))
        except FileNotFoundError:
            if not self.folder.exists():
                raise
            ours = False  # somebody has deleted the lock: another worker may have made its own
        except OSError:  # it may not be looked at just now
            return
        if not ours:  # a folder of the same name in the place of a deleted one is another run
            raise TakenAway

    def log(self, event: dict[str, Any]) -> None:
        """Adds a line to the log. Raises OSError, StopRequested."""
        self.keep(lambda: log.append(self.folder, event))

    def keep(self, write: Callable[[], object], patiently: bool = True) -> bool:
        """Calls `write` until it succeeds; meanwhile the run reads as one that waits for room. Returns whether it did.

        patiently   False: tries no longer than a reader may be in the way
        Raises what `write` raises and will not pass, StopRequested where a signal ends the waiting, and TakenAway.
        """
        tries, waiting = 0, False
        while True:
            self.check()
            try:
                write()
                if waiting:
                    liveness.say(self.held, "")
                return True
            except OSError as error:
                if error.errno not in PASSING:
                    raise
                if tries < len(IN_THE_WAY) and error.errno in (errno.EACCES, errno.EPERM):
                    pause = IN_THE_WAY[tries]
                elif not patiently:
                    return False
                else:
                    pause, waiting = TRY_EVERY, True
                    with suppress(OSError):
                        liveness.say(self.held, error.strerror or str(error))
            tries += 1
            if waiting:
                self._end_if_asked()
            time.sleep(pause)

    def _end_if_asked(self) -> None:
        """Raises StopRequested for a signal, and for a command, for which there was still room."""
        if self.told_to_end:
            raise StopRequested(0)
        for number, command in commands.given(self.folder, commands.done(log.read(self.folder).events)):
            if command.do == "stop":
                raise StopRequested(number)


def keep_weights(model: CNNGRU, file: Path, save: Save, keeper: Keeper, patiently: bool = True) -> None:
    """Saves the weights, unless some are not numbers any more: those that were kept before are worth more."""
    if all(bool(values.isfinite().all()) for values in model.state_dict().values()):
        keeper.keep(lambda: save(model, file, False), patiently)


def keep_snapshot(model: CNNGRU, folder: Path, step: int, save: Save) -> None:
    """Saves the weights of one step. Training does not end for want of a snapshot: what cannot be written is told."""
    if not all(bool(values.isfinite().all()) for values in model.state_dict().values()):
        return
    file = artifacts.snapshot_file(folder, step)
    try:
        file.parent.mkdir(exist_ok=True)  # without its parents: a deleted run stays deleted
        save(model, file, True)
    except OSError as error:
        print_error(f"The snapshot of step {step} could not be kept: {error}")


def keep_answers(event: Finished, folder: Path) -> None:
    """Keeps what was answered on the test pictures, or tells that it cannot: the network is worth more."""
    try:
        artifacts.write_answers(folder, event.probabilities, event.labels)
    except OSError as error:
        print_error(f"The answers on the test pictures could not be kept: {error}")


def print_error(message: str) -> None:
    with suppress(OSError):  # the disk that worker.log is on may be what is full
        print(message, file=sys.stderr, flush=True)
