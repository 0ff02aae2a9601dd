"""The store: names, folders, statuses and logs, without any worker.

Long, because store, log and statuses are told by the same runs on disk.
"""

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import unstarted

from cnngru.presets import preset
from cnngru.runs import commands, liveness, lock, log, store
from cnngru.runs import run as run_module
from cnngru.runs.store import RunError

QUICK = preset("quick", "rowcue")
BAD_NAMES = ["", "..", ".", "a/b", "/etc", "A", "a\n", "-a", "a b", "a.b", "ä", "a" * 65]


def test_a_new_run_reads_back(root: Path) -> None:
    name = unstarted.create(QUICK)
    run = store.get(name)
    assert store.NAME.fullmatch(name)
    assert name.startswith("rowcue-quick-2")
    assert (run.name, run.folder, run.config) == (name, root / name, QUICK)
    assert not run.has_model
    assert not run.begun
    assert sorted(path.name for path in root.iterdir()) == [name], "something was left beside it"


def test_two_runs_of_one_second_get_two_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_new_name", lambda config: "rowcue-quick-20260131-120000")
    names = [unstarted.create(QUICK) for _ in range(3)]
    assert names == [f"rowcue-quick-20260131-120000{end}" for end in ("", "-2", "-3")]


@pytest.mark.parametrize("label", ["", "My ÄÖ / preset!", "x" * 100, "../.."])
def test_any_label_makes_a_name(label: str) -> None:
    config = store.Config(preset=label)
    assert store.NAME.fullmatch(unstarted.create(config))


def test_a_taken_name_is_refused_and_kept(root: Path) -> None:
    unstarted.create(QUICK, "mine")
    with pytest.raises(RunError, match="already a run named mine"):
        unstarted.create(preset("standard"), "mine")
    assert store.get("mine").config == QUICK
    assert [path.name for path in root.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_touches_no_path(name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a").mkdir(parents=True)
    monkeypatch.setattr(store, "root", lambda: pytest.fail("the name became a path"))
    for use in (store.get, store.delete, lambda name: unstarted.create(QUICK, name)):
        with pytest.raises(RunError, match="cannot be a run's name"):
            use(name)


def test_an_unknown_run_is_told() -> None:
    with pytest.raises(RunError, match="no run named nobody"):
        store.get("nobody")


def test_a_root_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path / "file" / "runs"))
    with pytest.raises(RunError, match="CNNGRU_CHECKPOINTS"):
        unstarted.create(QUICK)
    with pytest.raises(RunError, match="cannot be read"):  # a file is in the way: that is not "no runs yet"
        store.all_runs()


def test_what_is_no_run_is_left_out(root: Path) -> None:
    good = unstarted.create(QUICK)
    (root / "stray-file").write_text("hello")
    (root / "empty-folder").mkdir()
    (root / ".hidden").mkdir()
    (root / "Shouting").mkdir()
    for name, text in {"half": '{"data": {"na', "other": "[1, 2]", "newer": '{"future": 1}', "binary": "\0"}.items():
        (root / name).mkdir()
        (root / name / "config.json").write_text(text)
    (root / "odd").mkdir()
    (root / "odd" / "config.json").mkdir()
    assert [run.name for run in store.all_runs()] == [good]
    with pytest.raises(RunError, match="half cannot be read"):
        store.get("half")
    with pytest.raises(RunError, match="no run named stray-file"):
        store.get("stray-file")


def test_the_newest_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for now, name in ((300.0, "b"), (100.0, "c"), (200.0, "a")):
        monkeypatch.setattr(log.time, "time", lambda now=now: now)
        unstarted.create(QUICK, name)
    assert [run.name for run in store.all_runs()] == ["b", "a", "c"]
    assert [run.created_at for run in store.all_runs()] == [300, 200, 100]


@pytest.mark.parametrize(
    ("events", "held", "stop", "status"),
    [
        ([], False, False, "interrupted"),
        ([], True, False, "queued"),
        ([], True, True, "stopping"),
        (["data"], True, False, "running"),
        (["data", "started", "progress"], True, False, "running"),
        (["data", "started", "progress"], True, True, "stopping"),
        (["data", "started", "progress"], False, True, "interrupted"),
        (["started", "finished"], True, False, "finished"),  # the worker is on its way out
        (["started", "finished"], False, True, "finished"),
        (["started", "stopped"], False, True, "stopped"),
        (["started", "failed"], False, False, "failed"),
    ],
)
def test_the_status_follows_from_the_folder(events: list[str], held: bool, stop: bool, status: str) -> None:
    name, descriptor = unstarted.held(QUICK)
    folder = store.get(name).folder
    for kind in events:
        log.append(folder, unstarted.event(kind))
    if stop:
        commands.request_stop(folder)
    if not held:
        os.close(descriptor)
    assert store.get(name).status == status
    assert store.get(name).live == (status in ("queued", "running", "stopping"))
    if held:
        os.close(descriptor)


def test_a_finished_run_from_a_clone_needs_no_lock(root: Path) -> None:
    folder = root / "shipped"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(QUICK.to_json())
    (folder / "events.jsonl").write_text('{"kind": "queued", "time": 5.0}\n{"kind": "finished", "time": 6.0}\n')
    run = store.get("shipped")
    assert (run.status, run.created_at) == ("finished", 5.0)
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "events.jsonl"], "reading wrote something"


def test_a_worker_that_ends_between_two_looks_is_not_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    name, descriptor = unstarted.held(QUICK)
    look = liveness.standing

    def ends_before_the_look(folder: Path) -> liveness.Standing:
        log.append(folder, {"kind": "finished"})
        os.close(descriptor)
        return look(folder)

    monkeypatch.setattr(liveness, "standing", ends_before_the_look)
    assert store.get(name).status == "finished"


def test_a_held_lock_is_not_given_twice(tmp_path: Path) -> None:
    first = lock.acquire(tmp_path / "lock")
    assert first is not None
    assert lock.acquire(tmp_path / "lock") is None
    assert lock.held(tmp_path / "lock")
    os.close(first)
    assert not lock.held(tmp_path / "lock")


@pytest.mark.parametrize("kind", ["data", "started"])
def test_a_live_run_is_not_deleted(kind: str) -> None:
    name, descriptor = unstarted.held(QUICK)
    with pytest.raises(RunError, match="queued: stop it first"):
        store.delete(name)
    log.append(store.get(name).folder, unstarted.event(kind))
    with pytest.raises(RunError, match="running: stop it first"):
        store.delete(name)
    os.close(descriptor)
    assert store.get(name).status == "interrupted"


def test_a_deleted_run_is_gone(root: Path) -> None:
    name = unstarted.create(QUICK)
    commands.request_stop(store.get(name).folder)
    store.delete(name)
    assert list(root.iterdir()) == []
    with pytest.raises(RunError, match="no run named"):
        store.delete(name)


def test_events_are_found_by_kind() -> None:
    name = unstarted.create(QUICK)
    folder = store.get(name).folder
    for step in (1, 2, 3):
        log.append(folder, unstarted.event("progress", step=step))
    run = store.get(name)
    assert [event["step"] for event in run.events_of("progress")] == [1, 2, 3]
    assert run.last("progress")["step"] == 3
    assert run.last("finished") is None


def test_a_line_is_one_write_and_strict_json(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = unstarted.create(QUICK)
    writes, write = [], os.write
    monkeypatch.setattr(log.os, "write", lambda to, data: writes.append(data) or write(to, data))
    log.append(root / name, {"kind": "progress", "loss": float("nan"), "accuracy": float("-inf"), "what": "ä\nb"})
    [line] = writes
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    event = json.loads(line, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))
    assert (event["loss"], event["accuracy"], event["what"]) == (None, None, "ä\nb")
    assert event["time"] > 1e9


def test_damaged_lines_are_skipped(root: Path) -> None:
    name = unstarted.create(QUICK)
    with (root / name / "events.jsonl").open("ab") as file:
        file.write(b'\n\xff\xfe\nnull\n[1]\n{"no": "kind"}\n{"kind": 3}\n{"kind": "failed"}\n{"kind": "progr')
    assert [event["kind"] for event in store.get(name).events] == ["queued", "failed"]


def test_a_full_disk_leaves_whole_lines(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = unstarted.create(QUICK)
    before = (root / name / "events.jsonl").read_bytes()
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(log.os, "write", lambda to, data: write(to, data[:7]))
        with pytest.raises(OSError, match="No space left"):
            log.append(root / name, {"kind": "progress"})
    assert (root / name / "events.jsonl").read_bytes() == before
    log.append(root / name, {"kind": "failed"})
    assert store.get(name).status == "failed"


def test_a_deleted_log_is_not_made_again(root: Path) -> None:
    name = unstarted.create(QUICK)
    (root / name / "events.jsonl").unlink()
    with pytest.raises(FileNotFoundError):
        log.append(root / name, {"kind": "progress"})
    assert store.get(name).events == []


def test_a_log_is_parsed_again_only_when_it_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = unstarted.create(QUICK)
    parsed, parse = [], log.checked
    monkeypatch.setattr(log, "checked", lambda event: parsed.append(event["kind"]) or parse(event))
    log._known.clear()
    for _ in range(5):
        store.get(name)
        store.all_runs()
    assert parsed == ["queued"]
    log.append(root / name, unstarted.event("started"))
    assert [event["kind"] for event in store.get(name).events] == ["queued", "started"]
    assert parsed == ["queued", "started"], "of a log that has grown only what is new is read"
    old = (root / name / "events.jsonl").read_text()
    (root / name / "events.jsonl").write_text(old.replace("started", "stopped"))  # of the same length
    os.utime(root / name / "events.jsonl", ns=(1, 1))
    assert store.get(name).status == "stopped"


def test_a_log_is_read_in_pieces_and_its_torn_end_when_it_is_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = unstarted.create(QUICK)
    monkeypatch.setattr(log, "PIECE", 7)
    monkeypatch.setattr(log, "TAIL", 5)
    log._known.clear()
    file = root / name / "events.jsonl"
    whole = b"".join(json.dumps(unstarted.event("progress", step=step)).encode() + b"\n" for step in range(5))
    seen = []
    for end in range(0, len(whole) + 1, 13):
        with file.open("ab") as opened:
            opened.write(whole[max(0, end - 13) : end])
        seen.append([event["step"] for event in store.get(name).events_of("progress")])
        assert not store.get(name).damage
    assert all(later[: len(earlier)] == earlier for earlier, later in itertools.pairwise(seen))
    with file.open("ab") as opened:
        opened.write(whole[len(whole) // 13 * 13 :])
    assert [event["step"] for event in store.get(name).events_of("progress")] == list(range(5))


def test_a_log_that_was_cut_replaced_or_edited_is_read_anew(root: Path) -> None:
    name = unstarted.create(QUICK)
    file = root / name / "events.jsonl"
    for step in range(3):
        log.append(root / name, unstarted.event("progress", step=step))
    assert len(store.get(name).events_of("progress")) == 3
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2]))
    assert [event["step"] for event in store.get(name).events_of("progress")] == [0]
    beside = root / name / "other"
    beside.write_bytes(b"".join([lines[3], *lines]))
    os.replace(beside, file)
    assert [event["step"] for event in store.get(name).events_of("progress")] == [2, 0, 1, 2]
    file.write_bytes(b"".join([*lines[:2], lines[1], lines[1], lines[1], lines[1]]))
    assert [event["step"] for event in store.get(name).events_of("progress")] == [0] * 5


def test_a_caller_cannot_spoil_what_others_read() -> None:
    name = unstarted.create(QUICK)
    store.get(name).events.clear()
    assert len(store.get(name).events) == 1


def test_waiting_ends_with_the_worker_or_the_time() -> None:
    name, descriptor = unstarted.held(QUICK)
    with pytest.raises(TimeoutError, match="still queued"):
        store.wait(name, timeout=0)
    os.close(descriptor)
    assert store.wait(name, timeout=0).status == "interrupted"


@pytest.mark.parametrize("module", ["cnngru.runs.store", "cnngru.runs.engines", "cnngru.runs.worker"])
def test_no_torch_and_no_streamlit(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{'torch', 'streamlit', 'numpy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_what_was_put_aside_comes_back_whole_and_only_where_there_is_room(root: Path) -> None:
    name = unstarted.create(QUICK, "a")
    before = sorted(file.name for file in store.get(name).folder.iterdir())
    aside = store.put_aside(name)
    assert not store.all_runs()
    store.bring_back(aside)
    assert sorted(file.name for file in store.get(name).folder.iterdir()) == before
    aside = store.put_aside(name)
    unstarted.create(QUICK, "a")
    with pytest.raises(RunError, match="another run named a"):
        store.bring_back(aside)
    store.delete("a")
    store.bring_back(aside)
    aside = store.put_aside(name)
    shutil.rmtree(root / aside)
    with pytest.raises(RunError, match="gone for good"):
        store.bring_back(aside)
    with pytest.raises(RunError):
        store.bring_back(".deleted-../../etc-1")


def test_only_what_has_waited_long_enough_is_swept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        unstarted.create(QUICK, name)
    store.put_aside("a")
    (root / ".deleted-strange").mkdir()
    store.sweep()
    assert len(list(root.glob(".deleted-a-*"))) == 1
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + store.KEPT_FOR + 1)
    store.sweep()
    assert not list(root.glob(".deleted-a-*"))
    assert {path.name for path in root.iterdir()} == {"b", ".deleted-strange"}


def test_a_thousand_configs_are_remembered_and_not_read_anew_at_each_look() -> None:
    texts = [json.dumps({**json.loads(QUICK.to_json()), "preset": f"p{i}"}).encode() for i in range(1000)]
    before = run_module.config_of.cache_info().misses
    for _ in range(2):
        for text in texts:
            run_module.config_of(text)
    assert run_module.config_of.cache_info().misses - before == len(texts)
