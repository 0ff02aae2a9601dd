"""How long something takes, in words, as precisely as it is known: for the page and for the command line."""

from __future__ import annotations

import math


def span(low: float, high: float) -> str:
    """A time that is not known exactly, in seconds: "about 4 minutes", "2 to 5 minutes", "40 seconds to 2 minutes"."""
    if high < 1.4 * low:
        return "about " + " ".join(_roughly(math.sqrt(low * high)))
    (few, unit), (many, other) = _roughly(low), _roughly(high)
    if unit.rstrip("s") != other.rstrip("s"):
        return f"{few} {unit} to {many} {other}"
    return f"about {few} {unit}" if few == many else f"{few} to {many} {other}"


def _roughly(seconds: float) -> tuple[str, str]:
    """As precise as an estimate may be: ("40", "seconds"), ("4", "minutes"), ("1.5", "hours")."""
    if seconds < 55:
        return str(max(5, round(seconds / 5) * 5)), "seconds"
    if seconds < 85 * 60:
        minutes = round(seconds / 60)
        rounded = minutes if minutes < 10 else round(minutes / 5) * 5
        return str(rounded), "minute" if rounded == 1 else "minutes"
    hours = round(seconds / 1800) / 2 if seconds < 10 * 3600 else round(seconds / 3600)
    return f"{hours:g}", "hour" if hours == 1 else "hours"
