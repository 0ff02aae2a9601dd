"""What the commands say of a run in figures."""

from __future__ import annotations

from typing import Any

from cnngru.runs import labels
from cnngru.runs.index import Summary
from cnngru.runs.store import Run


def figures(run: Run) -> dict[str, Any]:
    """What is known of a run, as plain values. accuracy, loss, n and seconds are of the pictures that `split` names:
    the test pictures once it is finished, before that the latest validation, and None before the first. damage: what
    is wrong with its log, remark: what its engine has to say, None for nothing. reversed and shuffled are the test
    accuracy with the rows in another order, None in runs from before this was measured."""
    latest = run.last("finished") or run.last("validated") or {}
    step = run.last("progress") or {}
    noted = run.labels if isinstance(run, Summary) else labels.read(run.folder)
    return {
        "name": run.name,
        "title": run.title,
        "note": noted.note,
        "tags": noted.tags,
        "pinned": noted.pinned,
        "folder": str(run.folder),
        "status": run.status,
        "damage": run.damage or None,
        "remark": run.remark or None,
        "created": run.created_at,
        "data": run.config.data.name,
        "preset": run.config.preset,
        "step": step.get("step"),
        "steps": step.get("steps"),
        "split": {"finished": "test", "validated": "validation"}.get(latest.get("kind", "")),
        **{key: latest.get(key) for key in ("accuracy", "loss", "n", "seconds", "reversed", "shuffled")},
    }


def number(value: float | None, form: str) -> str:
    """A figure as text, "–" for one that could not be computed or was lost."""
    return "–" if value is None else format(value, form)
