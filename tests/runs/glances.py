"""What a list says of each run: as the index has it, and as it is read from the folders alone."""

import json
from typing import Any

from cnngru.runs import digest, event_fields, index, labels, store


def whole() -> list[tuple[Any, ...]]:
    """What a list says of each run, read from the folders alone."""
    return [said(run, labels.read(run.folder)) for run in store.all_runs()]


def said(run: Any, noted: Any) -> tuple[Any, ...]:
    newest = {kind: run.last(kind) for kind in event_fields.FIELDS}
    short = {kind: event and digest._short(event) for kind, event in newest.items()}
    state = (run.status, run.live, run.begun, run.alive, run.waits_for, run.damage, run.has_model)
    dates = (run.created_at, run.queued_at)
    return run.name, run.folder, run.config, run.title, *state, *dates, noted, json.dumps(short, sort_keys=True)


def listed() -> list[tuple[Any, ...]]:
    return [said(run, run.labels) for run in index.summaries()]
