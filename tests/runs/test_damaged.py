"""Runs that are damaged, edited or a stranger's: what can be read is read, and one never hides the others.

Long, because each way in which a run can be odd is a test.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import unstarted
from systems import needs_links, needs_pipes

from cnngru.cli import main
from cnngru.presets import preset
from cnngru.runs import artifacts, event_fields, files, store
from cnngru.runs.run import LARGEST_CONFIG
from cnngru.runs.store import RunError

QUICK = preset("quick", "rowcue")
NAN, INF = float("nan"), float("inf")
# All kinds in a run's order, to its end, as they are read.
EVENTS = [{**unstarted.event(event["kind"]), "time": 1.79e9 + i} for i, event in enumerate(unstarted.EVENTS[:7])]
WRONG = ["high", "", True, -1, -1e300, 1e300, NAN, INF, 10**400, None, [], ["a", 1], [["a"]], {}, {"a": 1}, "\ud800"]


def write(root: Path, name: str, events: list[Any], config: str | bytes | None = None) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    config = QUICK.to_json() if config is None else config
    (folder / "config.json").write_bytes(config.encode() if isinstance(config, str) else config)
    lines = (event if isinstance(event, bytes) else json.dumps(event).encode() for event in events)
    (folder / "events.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    return folder


def test_a_good_log_is_read_as_it_is_and_nothing_is_damaged(root: Path) -> None:
    write(root, "good", EVENTS)
    run = store.get("good")
    assert (run.events, run.damage, run.status) == (EVENTS, "", "finished")


def test_what_a_later_version_writes_is_left_out_and_no_damage(root: Path) -> None:
    write(root, "newer", [*EVENTS[:3], {**EVENTS[3], "gates": [NAN]}, {"kind": "paused", "why": "x"}, *EVENTS[4:]])
    run = store.get("newer")
    assert (run.events, run.damage) == (EVENTS, "")


def test_all_that_training_writes_is_known() -> None:
    """A new field of an event needs its line in the table, or a new kind its part."""
    written = {event["kind"]: set(event) - {"kind"} for event in unstarted.EVENTS}
    assert {kind: set(fields) for kind, fields in event_fields.FIELDS.items()} == written


FIELDS = [(i, name) for i, event in enumerate(EVENTS) for name in event if name != "kind"]


@pytest.mark.parametrize(("at", "name"), FIELDS, ids=[f"{EVENTS[i]['kind']}-{name}" for i, name in FIELDS])
def test_a_wrong_value_is_never_handed_on(at: int, name: str, root: Path) -> None:
    """Each field of each event, with each kind of wrong value, and missing: what is read has its type and range."""
    right, rule = (event_fields.FIELDS[EVENTS[at]["kind"]] | event_fields.ALWAYS)[name]
    for number, value in enumerate([*WRONG, ...]):
        event = {**EVENTS[at], name: value}
        if value is ...:
            del event[name]
        folder = write(root, f"odd-{number}", [*EVENTS[:at], event, *EVENTS[at + 1 :]])
        run = store.get(folder.name)
        found = [read for read in run.events if read["kind"] == event["kind"]]
        others = [read for read in run.events if read["kind"] != event["kind"]]
        assert others == [*EVENTS[:at], *EVENTS[at + 1 :]], "another event was changed"
        if value is not ... and right(value):
            assert found == [event]
        elif rule == "needed":
            assert found == []
            assert run.damage
        else:
            read = found[0].get(name, "left out")
            assert read == (None if rule == "or null" else "left out")
            assert bool(run.damage) == (value not in (..., None))


def test_no_wrong_value_passes_as_a_number() -> None:
    for check in (event_fields.COUNT, event_fields.SHARE, event_fields.SECONDS, event_fields.UNIX_TIME):
        assert [value for value in WRONG if check(value)] == []
    assert not event_fields.AT_LEAST_ONE(0), "what is divided by"


@pytest.mark.parametrize("kind", [event["kind"] for event in EVENTS])
def test_an_event_of_nothing_but_its_kind(kind: str, root: Path) -> None:
    write(root, "bare", [{"kind": kind, "time": 1.8e9}])
    for event in store.get("bare").events:
        for name, (right, rule) in event_fields.FIELDS[kind].items():
            assert rule == "optional" or (event[name] is None if rule == "or null" else right(event[name]))


def test_lines_that_are_no_events_are_left_out_and_counted(root: Path) -> None:
    odd = [
        b"\xff\xfe",
        b"null",
        b"[1]",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"no": "kind"}',
        b'{"kind": 3}',
        b"9" * 9999,
    ]
    write(root, "odd", [*odd[:4], *EVENTS, *odd[4:], {"kind": "from-a-later-version", "x": 1}])
    run = store.get("odd")
    assert run.events == EVENTS
    assert run.damage == f"{len(odd)} lines of its log are damaged. What could not be read there is left out."
    with (root / "odd" / "events.jsonl").open("ab") as file:
        file.write(b'{"kind": "progr')
    assert store.get("odd").damage == run.damage, "a line that is just being written is no damage"


def test_the_same_event_twice_is_read_twice_and_the_newest_counts(root: Path) -> None:
    write(root, "twice", [*EVENTS[:3], {**EVENTS[2], "epochs": 7}, *EVENTS[3:]])
    run = store.get("twice")
    assert run.last("started")["epochs"] == 7
    assert run.status == "finished"


@pytest.mark.parametrize(
    "config",
    [
        "[" * 60_000,
        '{"a":' * 10_000,
        "[]",
        "3",
        "null",
        "9" * 9999,
        "",
        '{"preset": "\\ud800"}',
        b"\xff\xfe{",
        QUICK.to_json() + " " * LARGEST_CONFIG,
    ],
    ids=["deep-list", "deep-dict", "list", "number", "null", "huge-number", "empty", "half-a-letter", "bytes", "large"],
)
def test_a_config_that_is_none_is_told_by_name_and_left_out_of_lists(config: str | bytes, root: Path) -> None:
    write(root, "odd", EVENTS, config)
    write(root, "good", EVENTS)
    assert [run.name for run in store.all_runs()] == ["good"]
    assert store.find("odd") is None
    with pytest.raises(RunError, match=r"The run odd cannot be read: .* Mend or delete"):
        store.get("odd")


def test_a_log_that_is_too_large_is_not_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(root, "large", EVENTS)
    os.truncate(folder / "events.jsonl", 200_000_000)  # takes no room on the disk
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"{}" if self.name == "config.json" else pytest.fail("read"))
    run = store.get("large")
    assert run.events == []
    assert (
        run.damage
        == "Its log cannot be read: events.jsonl has 200,000,000 bytes; 64,000,000 are the most that is read."
    )


ODD_FILES = {
    "a folder": lambda path, outside: path.mkdir(),
    "a link out": lambda path, outside: path.symlink_to(outside),
    "a link to nothing": lambda path, outside: path.symlink_to(path.parent / "nothing"),
    "a link to itself": lambda path, outside: path.symlink_to(path),
    "a device": lambda path, outside: path.symlink_to("/dev/zero"),
    "a pipe": lambda path, outside: os.mkfifo(path),
}


@needs_pipes
@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ODD_FILES)
@pytest.mark.parametrize("name", ["config.json", "events.jsonl", "model.safetensors", "test.npz", "lock", "starting"])
@needs_links
def test_what_is_no_file_of_the_folder_is_not_read(name: str, kind: str, root: Path, tmp_path: Path) -> None:
    write(root, "good", EVENTS)
    outside = write(tmp_path / "elsewhere", "secret", EVENTS)
    (outside / "model.safetensors").write_bytes(b"weights")
    (outside / "lock").write_text("1\n")
    np.savez(outside / "test.npz", probabilities=np.ones((1, 2), np.float16), labels=np.zeros(1, np.uint8))
    folder = write(root, "odd", EVENTS[:4])
    (folder / name).unlink(missing_ok=True)
    ODD_FILES[kind](folder / name, outside / name if (outside / name).exists() else outside)
    names = {run.name for run in store.all_runs()}
    assert names == ({"good"} if name == "config.json" else {"good", "odd"})
    if name == "config.json":
        with pytest.raises(RunError, match=r"The run odd cannot be read|no run named odd"):
            store.get("odd")
        return
    run = store.get("odd")
    assert run.status == "interrupted"
    assert run.events == ([] if name == "events.jsonl" else EVENTS[:4])
    assert not run.has_model
    assert run.test_answers() is None
    assert bool(run.damage) == (name == "events.jsonl" and kind != "a link to nothing")


@needs_links
def test_a_link_within_the_folder_is_followed(root: Path) -> None:
    folder = write(root, "linked", EVENTS)
    os.rename(folder / "events.jsonl", folder / "real.jsonl")
    (folder / "events.jsonl").symlink_to("real.jsonl")
    assert store.get("linked").status == "finished"


@needs_links
def test_snapshots_of_odd_names_and_kinds_are_left_out(root: Path, tmp_path: Path) -> None:
    folder = write(root, "odd", EVENTS)
    place = folder / "snapshots"
    place.mkdir()
    artifacts.snapshot_file(folder, 4).write_bytes(b"weights")
    (tmp_path / "elsewhere").write_bytes(b"weights")
    artifacts.snapshot_file(folder, 16).symlink_to(tmp_path / "elsewhere")
    artifacts.snapshot_file(folder, 64).mkdir()
    for name in (
        "step-1",
        "step-4.safetensors",
        "step--000001.safetensors",
        "step-000004x.safetensors",
        "step-٠٠٠٠٠٠١",
    ):
        (place / name).write_bytes(b"weights")
    assert store.get("odd").snapshots() == [(4, artifacts.snapshot_file(folder, 4))]
    place.rename(tmp_path / "outside")
    place.symlink_to(tmp_path / "outside")
    assert store.get("odd").snapshots() == []


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [
        (np.array([["a", "b"]]), np.zeros(1, np.uint8)),
        (np.array([[NAN, 0.5]]), np.zeros(1, np.uint8)),
        (np.array([[0.5, 0.5]]), np.array([2], np.uint8)),
        (np.array([[0.5, 0.5]]), np.array([-1])),
        (np.array([[0.5, 0.5]]), np.array(["a"])),
        (np.array([0.5, 0.5]), np.zeros(2, np.uint8)),
        (np.array([[0.5, 0.5]]), np.zeros((1, 1), np.uint8)),
        (np.array([[0.5, 0.5]]), np.zeros(2, np.uint8)),
    ],
)
def test_answers_that_are_none_are_not_shown(probabilities: np.ndarray, labels: np.ndarray, root: Path) -> None:
    folder = write(root, "odd", EVENTS)
    np.savez(folder / "test.npz", probabilities=probabilities, labels=labels)
    assert store.get("odd").test_answers() is None


def test_arrays_that_would_fill_the_memory_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", a=np.zeros(1_000_000))
    assert artifacts.read_arrays(tmp_path / "bomb.npz") is not None
    monkeypatch.setattr(artifacts, "LARGEST", 1_000_000)
    monkeypatch.setattr(np, "load", lambda *_: pytest.fail("it was read"))
    assert artifacts.read_arrays(tmp_path / "bomb.npz") is None


def test_a_run_without_a_date_has_one_that_can_be_shown(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(root, "old", [])
    os.utime(folder / "config.json", (-(10**9), -(10**9)))  # 1938, which the calendar of Windows does not know
    assert store.get("old").created_at == 0
    assert main(["runs", "list"]) == 0
    assert capsys.readouterr().out.startswith(("old  1970", "old  1969"))


def odd_runs(root: Path) -> list[str]:
    """One run of each kind of damage beside a good one; returns the names that can be read."""
    write(root, "good", EVENTS)

    def changed(**values: Any) -> list[dict[str, Any]]:
        return [{name: values.get(name, value) for name, value in event.items()} for event in EVENTS]

    logs: dict[str, list[Any]] = {
        "accuracy-is-text": changed(accuracy="high"),
        "time-is-nan": changed(time=NAN),
        "time-is-huge": changed(time=1e300),
        "time-is-negative": changed(time=-1e12),
        "nothing-but-kinds": [{"kind": event["kind"], "time": 1.8e9} for event in EVENTS],
        "all-is-null": [dict.fromkeys(event) | {"kind": event["kind"]} for event in EVENTS],
        "all-is-text": [dict.fromkeys(event, "x") | {"kind": event["kind"]} for event in EVENTS],
        "all-is-a-list": [{name: [{}] for name in event} | {"kind": event["kind"]} for event in EVENTS],
        "all-is-minus-one": [dict.fromkeys(event, -1) | {"kind": event["kind"]} for event in EVENTS],
        "steps-are-none": changed(steps=0),
        "classes-are-text": changed(classes="ab", notes="A note."),
        "deep-line": [*EVENTS, b"[" * 100_000],
        "no-lines": [],
        "ends-in-nothing": [EVENTS[-1]],
    }
    for name, events in logs.items():
        write(root, name, events)
    write(root, "deep-config", EVENTS, "[" * 60_000)
    return ["good", *logs]


def test_the_command_line_lists_and_shows_them_all(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = odd_runs(root)
    assert main(["runs", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in listed} == set(names)
    assert {line.split()[0] for line in listed if "damaged log" in line} >= {"accuracy-is-text", "deep-line"}
    assert main(["runs", "list", "--json"]) == 0
    told = {run["name"]: run for run in json.loads(capsys.readouterr().out, parse_constant=pytest.fail)}
    assert told["good"]["damage"] is None
    assert told["accuracy-is-text"]["accuracy"] is None
    assert told["accuracy-is-text"]["status"] == "finished"
    for name in names:
        assert main(["runs", "show", name]) == 0
        assert main(["runs", "show", name, "--json"]) == 0
    assert main(["runs", "show", "deep-config"]) == 1
    assert "nested too deeply" in capsys.readouterr().err


def test_looking_at_runs_writes_nothing(root: Path) -> None:
    odd_runs(root)
    before = sorted(root.rglob("*"))
    for _ in range(2):
        store.all_runs()
    assert sorted(root.rglob("*")) == before


# The folder of all runs


def test_a_tilde_is_somebodys_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", "~/my runs")
    unstarted.create(QUICK, "mine")
    assert (tmp_path / "my runs" / "mine" / "config.json").is_file()
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", "~nosuchuser/runs")
    with pytest.raises(RunError, match="no such user"):
        store.all_runs()
    assert main(["runs", "list"]) == 1
    assert capsys.readouterr().err.startswith(
        "CNNGRU_CHECKPOINTS is '~nosuchuser/runs', and there is no such user here."
    )


@pytest.mark.parametrize("listable", [False, True])
def test_a_folder_that_may_not_be_read_is_a_sentence(
    listable: bool, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(root, "good", EVENTS)
    if listable:  # its names may be read, but nothing in it
        monkeypatch.setattr(os, "access", lambda path, mode: False)
    else:
        monkeypatch.setattr(Path, "iterdir", refuse)
    assert main(["runs", "list"]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"The runs in {root} cannot be read: Permission denied. Allow it, or set CNNGRU_CHECKPOINTS")


@pytest.mark.parametrize("below", ["", "runs"])
def test_a_file_where_the_runs_should_be_is_a_sentence_and_not_no_runs(
    below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("mine")
    place = tmp_path / "taken" / below
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(place))
    assert main(["runs", "list"]) == 1
    assert capsys.readouterr().err.startswith(f"The runs in {place} cannot be read: ")


def refuse(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_run_that_may_not_be_read_does_not_hide_the_others(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, "good", EVENTS)
    write(root, "private", EVENTS)
    look = files.status_of
    monkeypatch.setattr(files, "status_of", lambda file: refuse() if file.parent.name == "private" else look(file))
    assert [run.name for run in store.all_runs()] == ["good"]
    with pytest.raises(RunError, match=r"The run private cannot be read: Permission denied\. Mend or delete"):
        store.get("private")


@needs_links
def test_deleting_a_run_that_is_a_link_leaves_what_it_links_to(root: Path, tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere", "mine", EVENTS)
    root.mkdir()
    (root / "linked").symlink_to(elsewhere)
    assert store.get("linked").status == "finished"
    store.delete("linked")
    assert list(root.iterdir()) == []
    assert store.Config.from_json((elsewhere / "config.json").read_text()) == QUICK
