"""A run as one file: what is packed opens elsewhere as it was. What strangers may hand over: test_archive_tricks.py."""

import dataclasses
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import unstarted
from full_run import CONFIG, files_in, make, packed, rezipped, zipped
from systems import needs_links

import cnngru
from cnngru.runs import artifacts, labels, log, store, unpacking
from cnngru.runs.store import RunError


def test_a_run_opens_elsewhere_as_it_was(elsewhere: Callable[[], Path]) -> None:
    folder, file = make(), packed()
    before, was = files_in(folder), store.get("mine")
    root = elsewhere()
    assert unpacking.unpack(file) == "mine"
    now = store.get("mine")
    assert (now.config, now.events, now.title, now.status) == (was.config, was.events, was.title, "finished")
    assert now.damage == ""
    assert [step for step, _ in now.snapshots()] == [4]
    kept = files_in(root / "mine")
    del kept["test.npz"], before["test.npz"]  # written anew: the numbers are the same
    for here, there in zip(artifacts.answers(root / "mine"), artifacts.answers(folder), strict=True):
        assert np.array_equal(here, there)
    local = {
        "owner.txt",
        "worker.log",
        "lock",
        "survey.npz",
        "starting",
        "commands/stop",
        "states/now-0000010.safetensors",
    }
    assert set(before) - set(kept) == local
    assert kept == {name: data for name, data in before.items() if name not in local}
    assert os.listdir(root) == ["mine"], "nothing is left of the unpacking"


def test_states_come_along_on_wish_alone(elsewhere: Callable[[], Path]) -> None:
    make()
    assert not [name for name in zipfile.ZipFile(packed()).namelist() if "states" in name]
    file = packed(with_states=True)
    elsewhere()
    unpacking.unpack(file)
    assert (store.root() / "mine" / "states" / "now-0000010.safetensors").is_file()


def test_the_same_run_makes_the_same_file() -> None:
    make()
    assert packed().getvalue() == packed().getvalue()


def test_a_name_that_is_taken_gets_a_number() -> None:
    make()
    file = packed()
    assert [unpacking.unpack(file), unpacking.unpack(file), unpacking.unpack(file, "b" * 64)] == [
        "mine-2",
        "mine-3",
        "b" * 64,
    ]
    assert unpacking.unpack(file, "b" * 64) == "b" * 62 + "-2"
    with pytest.raises(RunError, match="cannot be a run's name"):
        unpacking.unpack(file, "../b")


def test_a_run_that_was_going_on_is_interrupted_where_it_is_opened(elsewhere: Callable[[], Path]) -> None:
    name, descriptor = unstarted.held(CONFIG, "going")
    with (store.root() / name / "events.jsonl").open("ab") as file:
        file.write(b'{"kind": "data", "done": 0, "total": 1, "what": "x"}\n{"kind": "progr')
    assert store.get("going").status == "running"
    out = packed("going")
    elsewhere()
    unpacking.unpack(out)
    os.close(descriptor)
    run = store.get("going")
    assert (run.status, run.live) == ("interrupted", False)
    log.append(run.folder, {"kind": "stopped", "step": 0})
    assert (store.get("going").status, store.get("going").damage) == ("stopped", "")


def test_notes_and_tags_come_along_and_a_pin_does_not(elsewhere: Callable[[], Path]) -> None:
    folder = make()
    labels.give("mine", note="Kühe\nund Ärger", tags=("farm",), pinned=True)
    file = packed()
    assert b'"pinned": false' in zipfile.ZipFile(file).read("mine/labels.json")
    stranger = rezipped(file, {"mine/labels.json": (folder / "labels.json").read_bytes()})
    elsewhere()
    for one in (file, stranger):
        found = labels.read(store.root() / unpacking.unpack(one))
        assert found == labels.Labels("Kühe\nund Ärger", ("farm",), False)


@pytest.mark.parametrize("last", unstarted.EVENTS, ids=lambda event: event["kind"])
def test_whatever_it_did_last_it_is_not_live_where_it_is_opened(last: dict, elsewhere: Callable[[], Path]) -> None:
    name, descriptor = unstarted.held(CONFIG, "going")
    log.append(store.root() / name, last)
    out = packed("going")
    elsewhere()
    unpacking.unpack(out)
    os.close(descriptor)
    run = store.get("going")
    assert not run.live
    assert run.events[-1]["kind"] == last["kind"]


@pytest.mark.parametrize("path", ["/home/me/secret/pets", "C:\\me\\pets\\", "pets"])
def test_paths_of_a_computer_stay_on_it(path: str, elsewhere: Callable[[], Path]) -> None:
    """Neither told to others, nor taken from them: a stranger's run would have a folder of this computer read."""
    make("own", dataclasses.replace(CONFIG, data=dataclasses.replace(CONFIG.data, name="folder", path=path)))
    file = packed("own")
    assert path.encode() not in zipfile.ZipFile(file).read("own/config.json").replace(
        b"(on another computer)/pets", b""
    )
    stranger = rezipped(file, {"own/config.json": (store.root() / "own/config.json").read_bytes()})
    elsewhere()
    for one in (file, stranger):
        assert store.get(unpacking.unpack(one)).config.data.path == "(on another computer)/pets"


def test_where_cifar_10_lies_is_left_out(elsewhere: Callable[[], Path]) -> None:
    make("own", dataclasses.replace(CONFIG, data=dataclasses.replace(CONFIG.data, name="cifar10", path="/srv/data")))
    file = packed("own")
    elsewhere()
    assert store.get(unpacking.unpack(file)).config.data.path == ""


def test_every_shipped_run_can_be_given_away(elsewhere: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Path(__file__).parents[2] / "checkpoints"
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(shipped))
    files = {name: packed(name) for name in cnngru.places.NETWORKS}
    elsewhere()
    for name, file in files.items():
        assert unpacking.unpack(file) == name
        assert torch.equal(*(cnngru.load(root / name).head.weight for root in (shipped, store.root())))


def test_a_file_that_another_system_lists_folders_in_is_taken(elsewhere: Callable[[], Path]) -> None:
    make()
    with zipfile.ZipFile(packed()) as good:
        members = {"mine/": b"", "mine/snapshots/": b""} | {name: good.read(name) for name in good.namelist()}
    elsewhere()
    assert unpacking.unpack(io.BytesIO(zipped(members))) == "mine"


def test_a_full_disk_is_told_and_nothing_is_kept(
    elsewhere: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    file = packed()
    root = elsewhere()
    monkeypatch.setattr("cnngru.runs.unpacking._tidy", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(RunError, match="No space left"):
        unpacking.unpack(file)
    assert os.listdir(root) == []


@needs_links
def test_links_in_a_runs_folder_are_not_followed_into_the_file(tmp_path: Path) -> None:
    folder = make()
    (tmp_path / "secret").write_text("secret")
    for name in (
        "title.txt",
        "model.safetensors",
        "states/now-0000010.safetensors",
        "snapshots/step-0000004.safetensors",
    ):
        (folder / name).unlink()
        (folder / name).symlink_to(tmp_path / "secret")
    names = zipfile.ZipFile(packed(with_states=True)).namelist()
    assert sorted(names) == [
        f"mine/{name}" for name in ("config.json", "events.jsonl", "parent.json", "test.safetensors")
    ]


def test_remains_of_an_unpacking_that_was_cut_short_go_away(root: Path) -> None:
    make()
    (root / ".importing-old").mkdir()
    (root / ".importing-new").mkdir()
    os.utime(root / ".importing-old", (0, 0))
    unpacking.unpack(packed())
    assert sorted(os.listdir(root)) == [".importing-new", "mine", "mine-2"]
