"""What runs are called in lists, legends and boxes of options. Plain text, no Markdown; knows nothing of streamlit."""

from __future__ import annotations

from collections.abc import Iterable

from cnngru import escaping
from cnngru.runs.pace import pictures
from cnngru.runs.run import Run
from cnngru.ui import wording

LABEL = 36  # letters of a run's label, which a name is shortened for: the sidebar is so wide


def label(run: Run, mark: str = "") -> str:
    """The run in a list: what it is called, its test accuracy or state, how many pictures it learnt from. No Markdown.

    "rowcue-quick · 100 % · 20k", behind a mark
    """
    accuracy, started = (run.last("finished") or {}).get("accuracy"), run.last("started") or {}
    state = wording.STATUS_WORDS[run.status] if accuracy is None else wording.percent(accuracy, 0)
    count = pictures(run.config, (started.get("train") or 0) + (started.get("validation") or 0))
    behind = f" · {state}" + (f" · {wording.short(count)}" if count else "")
    return f"{mark}{escaping.plain(run.called, LABEL - len(mark) - len(behind))}{behind}"


def called(runs: Iterable[Run]) -> dict[str, str]:
    """What each of the runs is called where they stand together, by name: no two alike, none long. No Markdown."""
    return escaping.numbered({run.name: escaping.plain(run.called) for run in runs})
