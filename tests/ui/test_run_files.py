"""A run as a file on the Train page: taken away, and opened from one."""

import csv
import io
import zipfile

import handmade
import pytest
from full_run import make, packed, zipped

from cnngru.runs import archive, store
from cnngru.ui.train import files


def button(test, label):
    return next((b for b in test.button if b.label == label), None)


def uploader(test):
    return next(box for box in test.file_uploader if box.label == "A run's file")


def offered(test):
    return [b.proto.label for b in test.get("download_button")]


def test_a_run_opens_from_a_file_and_is_looked_at(app):
    make()
    test = app("train")
    assert button(test, "Open it").disabled
    uploader(test).set_value([("mine.zip", packed().getvalue(), "application/zip")]).run()
    button(test, "Open it").click().run()
    assert not test.exception
    assert {run.name for run in store.all_runs()} == {"mine", "mine-2"}
    assert test.session_state["run"] == "mine-2"
    assert "Ärger mit Kühen" in handmade.words(test)
    assert store.get("mine-2").status == "finished"
    test.run()
    assert len(store.all_runs()) == 2, "it is opened once"


@pytest.mark.parametrize("data", [b"no zip", zipped({"mine/../../<b>evil</b>": b"x"})])
def test_a_file_that_is_no_run_is_told_and_nothing_is_kept(app, data):
    test = app("train")
    uploader(test).set_value([("mine.zip", data, "application/zip")]).run()
    button(test, "Open it").click().run()
    assert "This file is not taken in" in test.error[0].value
    assert "<b>" not in test.error[0].value
    assert not store.all_runs()


def test_nothing_is_packed_before_somebody_asks_for_it(app, monkeypatch):
    make()
    for name in ("_packed", "_table", "_script"):
        monkeypatch.setattr(files, name, lambda name: pytest.fail("packed"))
    test = app("train", run="mine")
    assert offered(test) == [
        "The run, to open elsewhere (ZIP)",
        "Its curves (CSV)",
        "Its network and recipe (Python)",
    ]


def test_what_is_taken_away(checkpoints):
    make()
    assert zipfile.ZipFile(io.BytesIO(files._packed("mine"))).testzip() is None
    rows = list(csv.DictReader(io.StringIO(files._table("mine").decode())))
    assert [row["kind"] for row in rows] == [event["kind"] for event in store.get("mine").events]
    compile(files._script("mine"), "mine.py", "exec")


def test_a_run_that_is_too_large_for_a_page_says_what_to_do(app, monkeypatch):
    make()
    monkeypatch.setattr(archive, "size", lambda run: 201_000_000)
    test = app("train", run="mine")
    assert offered(test)[0] == "Its curves (CSV)"
    assert "python -m cnngru runs export mine" in handmade.words(test)
