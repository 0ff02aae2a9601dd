"""What a run's log says, for other programs: a table for spreadsheets, and event files for TensorBoard."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cnngru.export import need

Events = Sequence[Mapping[str, Any]]

FIRST = ("time", "kind", "step", "epoch")  # columns; the others follow as they turn up
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a text that begins so
SPLITS = {"progress": "training", "validated": "validation", "finished": "test"}
NO_CURVE = ("step", "steps", "epoch", "seconds", "seconds_left", "time", "n")


def to_csv(events: Events) -> str:
    """One row an event, one column a value; "" where an event has none. Times are unix seconds; lists are JSON."""
    found = dict.fromkeys(name for event in events for name in event)
    columns = [*(name for name in FIRST if name in found), *(name for name in found if name not in FIRST)]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(columns)
    table.writerows([_cell(event.get(name)) for name in columns] for event in events)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"  # as people write it there for a text
    return value


def to_tensorboard(events: Events, folder: Path, notes: Mapping[str, str]) -> None:
    """Writes an event file into `folder`, which is made: a curve for each number of the log, such as training/loss and
    validation/accuracy, over steps and with the log's own times; `notes` as texts by name.

    Raises ExportError where tensorboard is not installed, and OSError.
    """
    need("TensorBoard's files", "tensorboard")
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for name, text in notes.items():
            writer.add_text(name, text)
        for event in events:
            split = SPLITS.get(event["kind"])
            if split is None or event.get("step") is None:
                continue
            for name, value in event.items():
                if name not in NO_CURVE and isinstance(value, int | float) and not isinstance(value, bool):
                    writer.add_scalar(f"{split}/{name}", value, event["step"], walltime=event.get("time"))
