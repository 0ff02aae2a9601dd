"""The index says what the folders say, whatever happens to them and to it in between.

Long, because each way in which a folder, or the index, can be odd is a test.
"""

import json
import os
import time
from pathlib import Path

import pytest
import unstarted
from glances import listed, whole
from systems import needs_links, needs_pipes

from cnngru.presets import preset
from cnngru.runs import digest, index, labels, liveness, log, store, titles
from cnngru.runs.run import CONFIG

QUICK = preset("quick", "rowcue")
KINDS = ["queued", "data", "started", "progress", "validated", "testing", "finished", "stopped", "failed"]


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(index, "WORTH", 1)  # written down at once
    index.forget()


def finished(name, **changed) -> Path:
    unstarted.create(QUICK, name)
    for kind in KINDS[1:7]:
        log.append(store.root() / name, unstarted.event(kind, **(changed if kind == "finished" else {})))
    return store.root() / name


@pytest.fixture
def calm(monkeypatch) -> None:
    """What is written now counts as written a while ago."""
    monkeypatch.setattr(digest, "COARSE", -1)


@pytest.fixture
def reads(calm, monkeypatch) -> list[str]:
    """What is read from now on: names of files; "log" for a piece of one."""
    found: list[str] = []
    read, longer = index.files.read, digest._longer
    monkeypatch.setattr(index.files, "read", lambda path, most: found.append(path.name) or read(path, most))
    monkeypatch.setattr(digest, "_longer", lambda *known: found.append("log") or longer(*known))
    return found


def test_it_says_what_the_folders_say_and_so_again_in_a_new_process(root):
    finished("a")
    unstarted.create(QUICK, "b")
    store.call("b", "The *second*")
    labels.give("a", note="Two\nlines", tags=["x"], pinned=True)
    assert listed() == whole()
    index.forget()
    assert listed() == whole()
    assert [run.called for run in index.summaries()] == ["The *second*", "a"]


def test_what_did_not_change_is_not_read_again(root, reads):
    finished("a")
    index.summaries()
    reads.clear()
    index.summaries()
    assert reads == []
    index.forget()
    index.summaries()
    assert reads == [index.FILE]
    assert listed() == whole()


def test_a_run_that_trains_does_not_have_the_index_written_at_each_look(root, reads, monkeypatch):
    finished("over")
    unstarted.create(QUICK, "live")
    held = liveness.take(root / "live")
    index.summaries()
    monkeypatch.setattr(index.files, "write", lambda *_: pytest.fail("written"))
    for step in range(3):
        log.append(root / "live", unstarted.event("progress", step=step))
        index.summaries()
    os.close(held)


def test_of_a_log_that_grows_only_what_is_new_is_read(root, calm, monkeypatch):
    unstarted.create(QUICK, "a")
    held = liveness.take(root / "a")
    for kind in ("data", "started", "progress"):
        log.append(root / "a", unstarted.event(kind))
    index.summaries()
    parsed = []
    monkeypatch.setattr(digest, "checked", lambda event: parsed.append(event) or (event, False))
    log.append(root / "a", unstarted.event("progress", step=7))
    (run,) = index.summaries()
    assert [event["step"] for event in parsed] == [7]
    assert run.last("progress")["step"] == 7
    os.close(held)


def test_a_log_that_another_one_took_the_place_of_is_read_whole(root, calm):
    folder = finished("a")
    assert index.summaries()[0].status == "finished"
    data = (folder / log.FILE).read_bytes()
    with (folder / log.FILE).open("r+b") as file:  # the same file, and longer
        file.write(data.replace(b'"finished"', b'"nothing" ') + b'{"kind": "stopped", "step": 1}\n')
    assert index.summaries()[0].last("finished") is None
    assert listed() == whole()


def test_a_change_within_one_tick_of_the_clock_is_seen(root, monkeypatch):
    now = time.time_ns()  # stands still
    monkeypatch.setattr(digest, "_version", lambda found: (found.st_ino, found.st_size, now, now))
    monkeypatch.setattr(digest, "COARSE", 60 * 10**9)
    folder = finished("a", accuracy=0.7)
    store.call("a", "one")
    index.summaries()
    (folder / titles.FILE).write_text("two\n")  # in place, of the same size
    (folder / log.FILE).write_bytes((folder / log.FILE).read_bytes().replace(b"0.7", b"0.8"))
    (run,) = index.summaries()
    assert (run.title, run.last("finished")["accuracy"]) == ("two", 0.8)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"\xff\xfe" + data,
        lambda data: data.replace(b"0.7", b'"much"'),
        lambda data: data.replace(b'"kind": "started"', b'"kind": 3'),
        lambda data: data.replace(b"[", b"{"),
        lambda data: b"[" * 100_000,
        lambda data: data.splitlines()[0] + b'\n[1]\nnull\n{}\n["a", [], 1, 2, 3, 4]\n' + b"[" * 90_000,
        lambda data: data.splitlines()[0] + b"\n" + b"9" * 5000,
    ],
)
def test_a_damaged_index_is_made_anew(root, calm, damage):
    finished("a")
    index.summaries()
    data = (root / index.FILE).read_bytes()
    (root / index.FILE).write_bytes(damage(data))
    index.forget()
    found = index.summaries()
    assert [(run.name, run.last("finished")["accuracy"]) for run in found] == [("a", 0.7)]
    assert listed() == whole()


@needs_links
@needs_pipes
@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "large"])
def test_what_is_no_index_is_in_nobodys_way(root, tmp_path, kind):
    finished("a")
    file = root / index.FILE
    match kind:
        case "folder":
            file.mkdir()
        case "pipe":
            os.mkfifo(file)
        case "link":
            (tmp_path / "outside").write_text("mine")
            file.symlink_to(tmp_path / "outside")
        case _:
            file.touch()
            os.truncate(file, 10**9)
    assert listed() == whole()
    index.forget()
    assert listed() == whole()
    assert kind != "link" or (tmp_path / "outside").read_text() == "mine"


def test_the_index_of_another_version_is_not_believed(root, calm):
    finished("a")
    index.summaries()
    lines = (root / index.FILE).read_text().replace("0.7", "0.9").splitlines(keepends=True)
    (root / index.FILE).write_text("".join(['"0 another"\n', *lines[1:]]))
    index.forget()
    assert index.summaries()[0].last("finished")["accuracy"] == 0.7


def test_few_runs_have_no_index_and_a_folder_that_takes_none_is_no_trouble(root, monkeypatch):
    finished("a")
    monkeypatch.setattr(index, "WORTH", 2_000_000)
    index.summaries()
    assert [path.name for path in root.iterdir()] == ["a"]
    monkeypatch.setattr(index, "WORTH", 1)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    index.forget()
    monkeypatch.setattr(index.files, "write", refuse)
    assert listed() == whole()


def test_only_what_is_sure_is_written_down(root, calm, monkeypatch):
    finished("over")
    unstarted.create(QUICK, "interrupted")
    index.summaries()
    names = [json.loads(line)[0] for line in (root / index.FILE).read_text().splitlines()[1:]]
    assert sorted(names) == ["interrupted", "over"]
    monkeypatch.setattr(digest, "COARSE", 10**12)
    finished("fresh")
    index.summaries()
    assert "fresh" not in (root / index.FILE).read_text()


@needs_pipes
@needs_links
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", [CONFIG, log.FILE, titles.FILE, labels.FILE, "lock", "starting"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link out", "link to nothing", "link within"])
def test_folders_of_strangers(root, tmp_path, name, kind):
    finished("good")
    folder = finished("odd")
    outside = tmp_path / "outside"
    outside.write_text("secret")
    listed()
    (folder / name).unlink(missing_ok=True)
    match kind:
        case "folder":
            (folder / name).mkdir()
        case "pipe":
            os.mkfifo(folder / name)
        case "link out":
            (folder / name).symlink_to(outside)
        case "link to nothing":
            (folder / name).symlink_to("nothing")
        case _:
            (folder / "real").write_text("secret")
            (folder / name).symlink_to("real")
    assert listed() == whole()
    assert listed() == whole()
    if name == titles.FILE:
        assert {run.title for run in index.summaries()} == ({"", "secret"} if kind == "link within" else {""})


def test_a_log_without_end_is_not_read(root, reads):
    folder = finished("a")
    os.truncate(folder / log.FILE, log.MOST + 1)
    (run,) = index.summaries()
    assert "log" not in reads
    assert run.damage.startswith("Its log cannot be read: events.jsonl has 64,000,001 bytes")


def test_a_digest_is_small_whatever_the_log_says(root):
    folder = finished("a")
    for number in range(300):
        notes = ["n" * 9000] * 9
        log.append(folder, unstarted.event("started", notes=notes, device=f"{number} " + "d" * 9000))
    (run,) = index.summaries()
    assert len(json.dumps(run.events)) < 5_000
    assert run.last("started")["device"].startswith("299 d")
