"""What whoever runs a training may do between two of its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnngru.config import IN_FLIGHT, Config, ConfigError, changed

if TYPE_CHECKING:
    from cnngru.training.course import Course
    from cnngru.training.state import State


@dataclass(frozen=True)
class Next:
    """How the training goes on. config: from here on, of which only `config.IN_FLIGHT` may differ, None for no change;
    tell: after the next step, whether it is a step's turn or not."""

    config: Config | None = None
    tell: bool = False


# Called before each step, and again and again while pictures are only looked at: (steps taken, a way to take the state
# down) -> how to go on, None for as before. It may wait as long as it likes, and what it raises ends the training.
Between = Callable[[int, "Callable[[], State]"], Next | None]


def ask(course: Course, between: Between) -> bool:
    """Gives the caller its turn, and takes what it changes. Returns whether it wants to hear of the next step."""
    then = between(course.at.step, course.capture)
    if then is None:
        return False
    if then.config is not None:
        wrong = [setting for setting, *_ in changed(course.now, then.config) if setting not in IN_FLIGHT]
        if wrong:
            raise ConfigError(f"{wrong[0]} cannot be changed while the run trains. Continue it as a new run for that.")
        course.now = then.config
    return then.tell
