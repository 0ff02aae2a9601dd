"""A run's log as a table and as TensorBoard's files."""

import csv
import io
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from cnngru import places
from cnngru.export import ExportError, curves
from cnngru.runs.run import read

EVENTS = read(places.SHIPPED / "rowcue-quick").events


def test_a_row_an_event_with_all_that_it_says() -> None:
    rows = list(csv.DictReader(io.StringIO(curves.to_csv(EVENTS))))
    assert list(rows[0])[:4] == ["time", "kind", "step", "epoch"]
    assert len(rows) == len(EVENTS)
    for row, event in zip(rows, EVENTS, strict=True):
        assert {name for name, value in row.items() if value} == {n for n, v in event.items() if v not in (None, "")}
        assert float(row["loss"] or "nan") == pytest.approx(event.get("loss", float("nan")), nan_ok=True)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_spreadsheet_computes_nothing_of_it(text: str) -> None:
    [row] = csv.DictReader(io.StringIO(curves.to_csv([{"kind": "failed", "reason": text, "loss": -1.5}])))
    assert (row["reason"], row["loss"]) == (f"'{text}", "-1.5")


def test_commas_and_lines_in_a_text_stay_in_it() -> None:
    event = {"kind": "started", "notes": ["a, b", 'c "d"\n'], "reason": 'a,\n"b"'}
    [row] = csv.DictReader(io.StringIO(curves.to_csv([event])))
    assert (row["notes"], row["reason"]) == ('["a, b", "c \\"d\\"\\n"]', 'a,\n"b"')


def test_tensorboard_reads_the_curves(tmp_path: Path) -> None:
    curves.to_tensorboard(EVENTS, tmp_path, {"name": "mine"})
    found = EventAccumulator(str(tmp_path), size_guidance={"scalars": 0})
    found.Reload()
    for tag, kind, name in (
        ("training/loss", "progress", "loss"),
        ("training/learning_rate", "progress", "learning_rate"),
        ("training/images_per_second", "progress", "images_per_second"),
        ("validation/accuracy", "validated", "accuracy"),
        ("test/accuracy", "finished", "accuracy"),
    ):
        wanted = [event for event in EVENTS if event["kind"] == kind]
        points = found.Scalars(tag)
        assert [point.step for point in points] == [event["step"] for event in wanted]
        assert [point.value for point in points] == pytest.approx([event[name] for event in wanted], rel=1e-6)
        assert [point.wall_time for point in points] == pytest.approx([event["time"] for event in wanted])
    assert "training/step" not in found.Tags()["scalars"]
    assert found.Tags()["tensors"] == ["name/text_summary"]


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnngru.export.find_spec", lambda package: None)
    with pytest.raises(ExportError, match="pip install tensorboard "):
        curves.to_tensorboard(EVENTS, tmp_path, {})
