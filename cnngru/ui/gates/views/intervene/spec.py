"""What is done to a network and to its picture: as edits, as Python that does the same, and as a sentence.

Knows nothing of streamlit. Steps, rows and units are places from 0 here; a person reads steps from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

    from cnngru.explain.edits import Edit

STATE = "state"
NAMED = 3  # so many units are named in a sentence, more are counted
Value = float | Literal["mean"]


@dataclass(frozen=True)
class Hold:
    """A gate is held at a value, or the state is zeroed.

    gate         by its name in the trace, or STATE
    value        0.0, 1.0 or "mean": of update, which is KEEP, in both conventions. Of STATE always 0.0
    first, last  the steps, both included, by their places in the picture
    units        None: all
    """

    gate: str
    value: Value
    first: int
    last: int
    units: tuple[int, ...] | None

    def edits(self, layer: int, direction: int) -> tuple[Edit, ...]:
        """What `cnngru.explain.intervene.run` takes."""
        from cnngru.explain.edits import Clamp, Zero

        rows = range(self.first, self.last + 1)
        if self.gate == STATE:
            return (Zero(rows, self.units, layer, direction),)
        return (Clamp(self.gate, self.value, rows, self.units, layer, direction),)

    def code(self) -> str:
        """Python: the same as `edits`, where there are layer and direction."""
        where = f"rows=range({self.first}, {self.last + 1}), units={_units(self.units)}, "
        where += "layer=layer, direction=direction"
        if self.gate == STATE:
            return f"(intervene.Zero({where}),)"
        return f"(intervene.Clamp({self.gate!r}, {self.value!r}, {where}),)"

    def sentence(self, word: str, write: bool, steps: int, units: int, where: str) -> str:
        """word: of the gate; steps, units: how many there are; where: layer and direction, "" where there is one."""
        whose, one, every = (
            _whose(self.units, units),
            self.first == self.last,
            (self.first, self.last) == (0, steps - 1),
        )
        if self.gate == STATE:
            when = "every step" if every else f"step {self.first + 1}"
            if not (one or every):
                when = f"each of the steps {self.first + 1} to {self.last + 1}"
            return f"the **state** of {whose} set to 0 after {when}{where}"
        when = "at every step" if every else f"at step {self.first + 1}"
        if not (one or every):
            when = f"from step {self.first + 1} to {self.last + 1}"
        if self.value == "mean":
            held = (
                "its mean over the steps" if self.units and len(self.units) == 1 else "each unit's mean over the steps"
            )
        else:
            held = f"{1 - self.value if write and self.gate == 'update' else self.value:g}"
        return f"**{word}** of {whose} held at {held} {when}{where}"


@dataclass(frozen=True)
class Repaint:
    """Pixel rows [start, end) of the picture are masked, swapped with as many that begin at `to`, or reversed."""

    how: Literal["mask", "swap", "reverse"]
    start: int
    end: int
    to: int = 0

    def apply(self, images: Tensor) -> Tensor:
        """(B, 3, 32, 32) float in 0..1 -> the same. Raises ValueError for bands that overlap or leave the picture."""
        from cnngru.pictures import alter

        match self.how:
            case "mask":
                return alter.mask_rows(images, self.start, self.end)
            case "swap":
                return alter.swap_rows(images, (self.start, self.end), self._other)
            case _:
                return alter.reverse_rows(images, self.start, self.end)

    @property
    def _other(self) -> tuple[int, int]:
        return (self.to, self.to + self.end - self.start)

    def code(self) -> str:
        """Python: the same as `apply` on `images`."""
        band = f"({self.start}, {self.end})"
        match self.how:
            case "mask":
                return f"alter.mask_rows(images, {self.start}, {self.end})"
            case "swap":
                return f"alter.swap_rows(images, {band}, {self._other})"
            case _:
                return f"alter.reverse_rows(images, {self.start}, {self.end})"

    def sentence(self, height: int) -> str:
        """height: of the picture."""
        band = _rows(self.start, self.end)
        match self.how:
            case "mask":
                return f"{band} painted over with the picture's mean colour"
            case "swap":
                return f"{band} exchanged with {_rows(*self._other).removeprefix('pixel ')}"
            case _ if (self.start, self.end) == (0, height):
                return "the picture turned upside down"
            case _:
                return f"{band} in reverse order"


def _rows(start: int, end: int) -> str:
    return f"pixel row {start}" if end - start == 1 else f"pixel rows {start}–{end - 1}"


def _whose(chosen: tuple[int, ...] | None, units: int) -> str:
    if chosen is None or len(chosen) == units:
        return f"all {units} units"
    if len(chosen) == 1:
        return f"unit {chosen[0]}"
    if len(chosen) <= NAMED:
        return f"units {', '.join(map(str, chosen[:-1]))} and {chosen[-1]}"
    return f"{len(chosen)} of {units} units"


def _units(chosen: tuple[int, ...] | None) -> str:
    """As Python: a range where it is one."""
    if chosen is None:
        return "None"
    if chosen == tuple(range(chosen[0], chosen[-1] + 1)):
        return f"range({chosen[0]}, {chosen[-1] + 1})"
    return repr(chosen)


def listed(parts: Sequence[str]) -> str:
    """One sentence of all that is done, its first letter large."""
    text = "; ".join(parts)
    start = next((i for i, c in enumerate(text) if c.isalpha()), 0)
    return f"{text[:start]}{text[start].upper()}{text[start + 1 :]}." if text else ""
