"""What `train` says of times: before a run, instead of one, and while it trains."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from cnngru.cli.console import complain, print_json, say
from cnngru.config import Config
from cnngru.runs import foretold, index, machine, pace
from cnngru.runs.pace import Time
from cnngru.runs.run import Run
from cnngru.runs.spoken import span

KNOWN_FROM = {
    "same": "by runs with these settings that were made here",
    "measured": "measured on this computer",
    "busy": "measured on this computer while it was busy",
    "others": "reckoned from other runs that were made here",
    "elsewhere": "reckoned from other computers with such a processor",
}


def say_times(configs: Sequence[Config], as_json: bool) -> int:
    """How long each of these would take on this computer, which is measured first where it never was. Returns 0."""
    if machine.kept() is None and not machine.under_way():
        complain("This computer cannot be measured, so other runs or other computers are what these times are from.")
    speed, runs = machine.wait(), index.summaries()
    found = [_figures(config, pace.here(config, runs), pace.warning(config, speed)) for config in configs]
    if as_json:
        print_json(found)
        return 0
    width = max(len(each["preset"]) for each in found)
    for each in found:
        long = "not known: its pictures are counted when it starts" if each["seconds"] is None else _sentence(each)
        say(f"{each['preset']:{width}}  {long}")
        if each["warning"]:
            complain(each["warning"])
    return 0


def _figures(config: Config, takes: Time | None, warning: str) -> dict[str, Any]:
    """seconds, low, high and steps are None where nothing is known; steps: seconds of the training alone."""
    known = dataclasses.asdict(takes) if takes else dict.fromkeys(("low", "high", "known", "steps"))
    seconds = takes.middle if takes else None
    return {"preset": config.preset, "data": config.data.name, "seconds": seconds, **known, "warning": warning or None}


def _sentence(figures: dict[str, Any]) -> str:
    return f"{span(figures['low'], figures['high'])} here ({KNOWN_FROM[figures['known']]})"


def note_before(config: Config) -> Time | None:
    """How long a run will take, by what is known without measuring; warns of a precision that is slow here."""
    if slow := pace.warning(config, machine.kept()):
        complain(slow)
    return pace.here(config, index.summaries())


def in_words(run: Run) -> str:
    """What was forecast of a run, for the first line about it: ", about 2 minutes here", "" for nothing."""
    seconds = foretold.forecast(run)
    return "" if seconds is None else f", {span(seconds, seconds)} here"


def beside_truth(run: Run) -> list[str]:
    """Forecast and truth, for the line of its progress; nothing where it was not forecast."""
    told = foretold.compare(run)
    if told is None:
        return []
    return [f"forecast {told.forecast:.0f} s, {'took' if told.over else 'now'} {told.now:.0f} s"]
