"""Names, notes, tags, pins, finding and pruning, from the command line."""

import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import unstarted

from cnngru import places
from cnngru.cli import main
from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs import labels, liveness, log, store
from cnngru.runs.labels import Labels

QUICK = preset("quick", "rowcue")
DAY = 86_400
Said = pytest.CaptureFixture[str]


def made(root: Path, name: str, end: str = "finished", days: float = 0, **settings: Any) -> Path:
    """A run that ended so many days ago: as `end` says, or "interrupted"."""
    config = QUICK
    for setting, value in settings.items():
        config = override(config, setting.replace("__", "."), value)
    unstarted.create(config, name)
    kinds = ["queued", "started", "progress", *([] if end == "interrupted" else [end])]
    at = time.time() - DAY * days
    lines = (json.dumps({**unstarted.event(kind), "time": at + place}) for place, kind in enumerate(kinds))
    (root / name / log.FILE).write_text("".join(line + "\n" for line in lines))
    return root / name


def told(capsys: Said, *arguments: str, code: int = 0) -> Any:
    assert main(["runs", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def names(capsys: Said, *arguments: str) -> list[str]:
    return [run["name"] for run in told(capsys, "list", *arguments)]


def test_a_run_gets_a_title_a_note_tags_and_a_pin(checkpoints: Path, capsys: Said) -> None:
    made(checkpoints, "a")
    assert told(capsys, "rename", "a", "  The *best*  ")["title"] == "The *best*"
    assert told(capsys, "note", "a", "Why?\n  Because.")["note"] == "Why?\n  Because."
    assert told(capsys, "tag", "a", "+GRU", "+lesson 3", "+try")["tags"] == ["gru", "lesson-3", "try"]
    assert told(capsys, "tag", "a", "-try", "+may")["tags"] == ["gru", "lesson-3", "may"]
    said = told(capsys, "pin", "a")
    assert said == {
        "name": "a",
        "title": "The *best*",
        "note": "Why?\n  Because.",
        "tags": ["gru", "lesson-3", "may"],
        "pinned": True,
    }
    assert main(["runs", "tag", "a"]) == 0
    out = capsys.readouterr().out
    assert out == "a: The *best* (pinned)\n  tags  gru lesson-3 may\n  Why?\n    Because.\n"
    assert told(capsys, "pin", "a", "--off")["pinned"] is False
    assert told(capsys, "note", "a")["note"] == "Why?\n  Because.", "asked, not changed"
    assert told(capsys, "note", "a", "")["note"] == ""
    assert told(capsys, "rename", "a", "")["title"] == ""


def test_a_note_can_be_read_from_stdin(checkpoints: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    made(checkpoints, "a")
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\n\ntwo\n"))
    assert told(capsys, "note", "a", "-")["note"] == "one\n\ntwo"
    monkeypatch.setattr(sys, "stdin", io.StringIO("x" * 10**6))
    assert main(["runs", "note", "a", "-"]) == 1
    assert "at most 2,000" in capsys.readouterr().err
    assert labels.read(checkpoints / "a").note == "one\n\ntwo"


@pytest.mark.parametrize(
    "arguments",
    [
        ["rename", "a", "\u202e \u200b"],
        ["note", "a", "x" * 2001],
        ["tag", "a", "gru"],
        ["tag", "a", "+ok", "--"],
        ["tag", "a", "+#"],
        ["tag", "a", *(f"+t{number}" for number in range(13))],
        ["rename", "gone", "x"],
        ["note", "gone", "x"],
        ["tag", "gone", "+x"],
        ["pin", "../a"],
    ],
)
def test_what_cannot_be_noted_changes_nothing(checkpoints: Path, capsys: Said, arguments: list[str]) -> None:
    made(checkpoints, "a")
    labels.give("a", note="before", tags=["before"])
    assert main(["runs", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert labels.read(checkpoints / "a") == Labels("before", ("before",))
    assert store.get("a").title == ""


def test_what_is_noted_does_not_steer_the_terminal(checkpoints: Path, capsys: Said) -> None:
    folder = made(checkpoints, "a")
    (folder / "title.txt").write_text("red\x1b[31m", encoding="utf-8")
    (folder / labels.FILE).write_text(json.dumps({"note": "a\x1b[2Jb\u202e", "tags": ["t\x07"]}))
    for arguments in (["list"], ["tag", "a"], ["prune", "--status", "finished", "--dry-run"]):
        assert main(["runs", *arguments]) == 0
        assert not set(capsys.readouterr().out) & set("\x1b\x07\u202e")


def test_the_list_is_filtered_and_sorted(checkpoints: Path, capsys: Said) -> None:
    made(checkpoints, "old", days=9)
    made(checkpoints, "failed", "failed", days=5, data__name="cifar10")
    made(checkpoints, "new", days=1)
    store.call("old", "zebra")
    labels.give("old", tags=["gru", "may"], pinned=True, note="n")
    labels.give("new", tags=["gru"])
    with (checkpoints / "new" / log.FILE).open("a") as file:
        file.write(json.dumps({**unstarted.event("finished", accuracy=0.9), "time": time.time()}) + "\n")
    assert names(capsys) == ["new", "failed", "old"]
    assert names(capsys, "--sort", "oldest") == ["old", "failed", "new"]
    assert names(capsys, "--sort", "title") == ["failed", "new", "old"]
    assert names(capsys, "--sort", "accuracy") == ["new", "old", "failed"], "without an accuracy it comes last"
    assert names(capsys, "--status", "failed") == ["failed"]
    assert names(capsys, "--status", "failed", "--status", "finished", "--data", "rowcue") == ["new", "old"]
    assert names(capsys, "--tag", "GRU") == ["new", "old"]
    assert names(capsys, "--tag", "gru", "--tag", "may") == ["old"]
    assert names(capsys, "--pinned") == ["old"]
    (old,) = told(capsys, "list", "--pinned")
    assert (old["title"], old["note"], old["tags"], old["pinned"]) == ("zebra", "n", ["gru", "may"], True)
    assert main(["runs", "list", "--sort", "name"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["failed", "new", "old"]
    assert lines[2].endswith("70.00% test        zebra  pinned  #gru  #may")
    assert main(["runs", "list", "--tag", "none"]) == 0
    assert "None of the 3 runs" in capsys.readouterr().out


@pytest.fixture
def many(checkpoints: Path) -> Path:
    for name, end, days in (
        ("stopped-9", "stopped", 9),
        ("failed-50", "failed", 50),
        ("interrupted-60", "interrupted", 60),
        ("pinned-60", "failed", 60),
        ("done-60", "finished", 60),
        ("live-60", "interrupted", 60),
        (places.NETWORKS[0], "failed", 60),
    ):
        made(checkpoints, name, end, days)
    labels.give("pinned-60", pinned=True)
    return checkpoints


@pytest.mark.parametrize(
    ("arguments", "gone"),
    [
        ([], ["failed-50", "interrupted-60"]),
        (["--days", "7"], ["stopped-9", "failed-50", "interrupted-60"]),
        (["--days", "55"], ["interrupted-60"]),
        (["--status", "stopped"], ["stopped-9"]),
        (["--status", "stopped", "--days", "30"], []),
        (["--status", "finished", "--status", "failed"], ["failed-50", "done-60"]),
        (["--keep", "1"], ["failed-50", "interrupted-60"]),
        (["--keep", "2"], ["interrupted-60"]),
        (["--keep", "9"], []),
    ],
)
def test_prune_removes_what_came_to_nothing(many: Path, capsys: Said, arguments: list[str], gone: list[str]) -> None:
    held = liveness.take(many / "live-60")
    before = {run.name for run in store.all_runs()}
    assert told(capsys, "prune", *arguments, "--dry-run") == {"removed": gone, "dry_run": True}
    assert {run.name for run in store.all_runs()} == before
    assert told(capsys, "prune", *arguments, "--yes") == {"removed": gone, "dry_run": False}
    assert {run.name for run in store.all_runs()} == before - set(gone)
    assert not list(many.glob(".deleted-*")), "for good"
    assert held is not None
    os.close(held)


def test_prune_asks_and_says_what_it_would_do(many: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["runs", "prune", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert out.endswith("3 runs would be removed. Nothing was removed.\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(["runs", "prune"]) == 1
    assert "To remove 3 runs for good, add --yes." in capsys.readouterr().err
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert main(["runs", "prune"]) == 0
    assert "Nothing was removed." in capsys.readouterr().out
    assert len(store.all_runs()) == 7
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert main(["runs", "prune"]) == 0
    assert capsys.readouterr().out.endswith("3 runs removed.\n")
    assert main(["runs", "prune"]) == 0
    assert capsys.readouterr().out == "There is nothing to remove.\n"


def test_prune_goes_on_where_one_cannot_be_removed(many: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    delete = store.delete

    def refuse(name: str) -> None:
        if name == "failed-50":
            raise store.RunError("The run failed-50 could not be deleted: Permission denied.")
        delete(name)

    monkeypatch.setattr(store, "delete", refuse)
    assert told(capsys, "prune", "--yes", code=1)["removed"] == ["live-60", "interrupted-60"]


@pytest.mark.parametrize("arguments", [["--days", "-1"], ["--keep", "-2"], ["--days", "nan"]])
def test_prune_takes_no_negative_numbers(many: Path, capsys: Said, arguments: list[str]) -> None:
    assert main(["runs", "prune", "--yes", *arguments]) == 1
    assert "0 or more" in capsys.readouterr().err
    assert len(store.all_runs()) == 7
