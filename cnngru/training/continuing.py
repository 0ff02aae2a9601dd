"""What a training that is continued may change, and what must stay as it was. Imports no torch: pages ask it."""

from __future__ import annotations

from cnngru.config import Config, changed

# What a continued training may change besides: all of `training`, and how pictures are varied.
VARIED = ("flip", "shift", "cutout")


class StateError(ValueError):
    """A state that cannot be gone on from. The message says why, for a person."""


def check_continues(before: Config, after: Config) -> None:
    """Raises StateError, in words, where a training of `before` cannot be continued with the settings of `after`."""
    for setting, was, asked in changed(before, after):
        part, _, name = setting.partition(".")
        if part == "model" or (part == "data" and name not in VARIED):
            what = "network" if part == "model" else "pictures"
            raise StateError(
                f"A training goes on with the same {what}: {setting} is {was!r} and cannot become {asked!r}. "
                "Start a new run for that."
            )


def keeps_order(before: Config, after: Config) -> bool:
    """Whether the pictures come in the same order: else the continued training begins with a whole epoch."""
    one, other = before.training, after.training
    return (one.batch, one.seed) == (other.batch, other.seed)
