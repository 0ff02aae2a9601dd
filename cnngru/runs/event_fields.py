"""What a line of a run's log must say, so that whoever reads the log can rely on it: one table.

A log may be cut short, from another version, edited, or a stranger's. A value that is not of its type and range is no
value; an event that lacks what its readers need is no event. So readers take events as they come, and one damaged run
does not break a page that shows others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

Check = Callable[[Any], bool]
# needed      without it the event is left out
# or null     None where it is missing or wrong: training writes null for a number that is none
# optional    left out of the event where it is wrong: logs of earlier versions do not have it
Rule = Literal["needed", "or null", "optional"]

LONGEST = 10_000  # characters of a text, texts of a list
_NO_TEXT = re.compile("[\ud800-\udfff]")  # halves of a character: JSON can say them, UTF-8 cannot


def _number(low: float, high: float, whole: bool = False) -> Check:
    kinds = int if whole else (int, float)
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and not _NO_TEXT.search(value)


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= LONGEST and all(_text(one) for one in value)


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 64 and all(map(FINITE, value))


def _table(value: Any) -> bool:
    rows = isinstance(value, list) and len(value) <= 64 and all(isinstance(row, list) for row in value)
    return rows and all(len(row) == len(value) and all(map(COUNT, row)) for row in value)


def _shares(value: Any) -> bool:
    named = isinstance(value, dict) and 0 < len(value) <= 8 and all(map(_text, value))
    return named and all(_numbers(means) and means and all(map(SHARE, means)) for means in value.values())


MOST = 2**53  # whole numbers up to here are exact as floats
COUNT, AT_LEAST_ONE = _number(0, MOST, whole=True), _number(1, MOST, whole=True)
SHARE = _number(0, 1)
SECONDS = _number(0, 1e10)  # 300 years
EPOCHS = _number(0, 1e9)
FINITE = _number(-1e39, 1e39)  # float32 ends there
UNIX_TIME = _number(0, 32_503_680_000)  # 1970 to 3000: what calendars of all systems can show

# kind -> field -> what it has to be
FIELDS: dict[str, dict[str, tuple[Check, Rule]]] = {
    "queued": {"number": (COUNT, "optional")},
    "data": {"done": (COUNT, "needed"), "total": (COUNT, "needed"), "what": (_text, "needed")},
    "started": {
        "device": (_text, "needed"),
        "parameters": (COUNT, "needed"),
        "steps": (AT_LEAST_ONE, "needed"),
        "epochs": (AT_LEAST_ONE, "needed"),
        "precision": (_text, "optional"),
        "threads": (COUNT, "optional"),
        "recurrent_parameters": (COUNT, "optional"),
        "train": (COUNT, "optional"),
        "validation": (COUNT, "optional"),
        "test": (COUNT, "optional"),
        "classes": (_texts, "optional"),
        "notes": (_texts, "optional"),
    },
    "resumed": {"step": (COUNT, "needed")},
    "command": {
        "number": (COUNT, "needed"),
        "step": (COUNT, "or null"),
        "do": (_text, "needed"),
        "setting": (_text, "optional"),
        "before": (FINITE, "optional"),
        "after": (FINITE, "optional"),
        "free": (_truth, "optional"),
        "refused": (_text, "optional"),
    },
    "progress": {
        "step": (COUNT, "needed"),
        "steps": (AT_LEAST_ONE, "needed"),
        "epoch": (EPOCHS, "needed"),
        "seconds": (SECONDS, "needed"),
        "loss": (FINITE, "or null"),
        "accuracy": (SHARE, "or null"),
        "learning_rate": (FINITE, "or null"),
        "images_per_second": (_number(0, 1e12), "or null"),
        "seconds_left": (SECONDS, "or null"),
        "gradients": (_numbers, "optional"),
    },
    "validated": {
        "step": (COUNT, "needed"),
        "epoch": (EPOCHS, "needed"),
        "n": (COUNT, "needed"),
        "seconds": (SECONDS, "needed"),
        "loss": (FINITE, "or null"),
        "accuracy": (SHARE, "or null"),
        "confusion": (_table, "optional"),
    },
    "gates": {
        "step": (COUNT, "needed"),
        "epoch": (EPOCHS, "needed"),
        "shares": (_shares, "needed"),
        "saturated": (SHARE, "or null"),
    },
    "testing": {
        "step": (COUNT, "needed"),
        "done": (COUNT, "needed"),
        "total": (AT_LEAST_ONE, "needed"),
        "orders": (AT_LEAST_ONE, "optional"),
    },
    # How a run ended is worth knowing even where the figures are lost.
    "finished": {
        "step": (COUNT, "or null"),
        "loss": (FINITE, "or null"),
        "accuracy": (SHARE, "or null"),
        "n": (COUNT, "or null"),
        "seconds": (SECONDS, "or null"),
        "reversed": (SHARE, "optional"),
        "shuffled": (SHARE, "optional"),
        "ended_by": (_text, "optional"),
    },
    "stopped": {"step": (COUNT, "or null"), "reason": (_text, "optional"), "number": (COUNT, "optional")},
    "failed": {"step": (COUNT, "or null"), "reason": (_text, "optional")},
}
ALWAYS: dict[str, tuple[Check, Rule]] = {"time": (UNIX_TIME, "optional")}


def checked(event: Any) -> tuple[dict[str, Any] | None, bool]:
    """(the event as readers can rely on it, None where it is none; whether something was wrong with it).

    A kind or a field that is not known here is left out, and nothing is wrong: a later version may write it.
    """
    kind = event.get("kind") if isinstance(event, dict) else None
    if not isinstance(kind, str):
        return None, True
    if kind not in FIELDS:
        return None, False
    good: dict[str, Any] = {"kind": kind}
    damaged = False
    for name, (right, rule) in (FIELDS[kind] | ALWAYS).items():
        value = event.get(name)
        if right(value):
            good[name] = value
        elif rule == "needed":
            return None, True
        else:
            damaged = damaged or value is not None
            if rule == "or null":
                good[name] = None
    return good, damaged
