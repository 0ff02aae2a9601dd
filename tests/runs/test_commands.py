"""Commands: any number of people give them at once, each is carried out once, in turn, and nothing odd breaks it."""

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnngru.runs import commands
from cnngru.runs.commands import Command, Inbox


def test_they_are_numbered_in_turn(tmp_path: Path) -> None:
    asked = [Command("pause", free=True), Command("set", "data.shift", 3), Command("stop")]
    assert [commands.give(tmp_path, command) for command in asked] == [1, 2, 3]
    assert commands.given(tmp_path, 0) == [(1, asked[0]), (2, asked[1]), (3, asked[2])]
    assert commands.given(tmp_path, 2) == [(3, asked[2])]
    assert commands.newest(tmp_path) == 3
    assert sorted(os.listdir(tmp_path / "commands")) == ["000001.json", "000002.json", "000003.json"]


def test_many_give_them_at_once_and_none_is_lost(tmp_path: Path) -> None:
    def give(value: int) -> None:
        for _ in range(20):
            commands.give(tmp_path, Command("step", value=value))

    givers = [threading.Thread(target=give, args=(value,)) for value in range(1, 6)]
    for giver in givers:
        giver.start()
    for giver in givers:
        giver.join()
    found = commands.given(tmp_path, 0)
    assert [number for number, _ in found] == list(range(1, 101))
    assert sorted(command.value for _, command in found) == sorted([*range(1, 6)] * 20)


def test_a_deleted_run_stays_deleted(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        commands.give(tmp_path / "gone", Command("pause"))
    assert not (tmp_path / "gone").exists()


ODD = {
    "no-json": b"{",
    "list": b"[]",
    "unknown": json.dumps({"do": "explode"}).encode(),
    "more": json.dumps({"do": "stop", "why": "x"}).encode(),
    "text": json.dumps({"do": "step", "value": "many"}).encode(),
    "truth": json.dumps({"do": "step", "value": True}).encode(),
    "too-many": json.dumps({"do": "step", "value": 10**9}).encode(),
    "nan": b'{"do": "slow", "value": NaN}',
    "number": json.dumps({"do": "set", "setting": 3}).encode(),
    "large": b" " * 3000 + json.dumps({"do": "stop"}).encode(),
    "deep": b"[" * 1500,
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_what_is_no_command_is_passed_over(tmp_path: Path, data: bytes) -> None:
    commands.give(tmp_path, Command("pause"))
    (tmp_path / "commands" / "000002.json").write_bytes(data)
    assert commands.give(tmp_path, Command("resume")) == 3
    assert [number for number, _ in commands.given(tmp_path, 0)] == [1, 3]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with a name")
def test_a_pipe_or_a_link_is_no_command(tmp_path: Path) -> None:
    (tmp_path / "run" / "commands").mkdir(parents=True)
    (tmp_path / "stop").write_text(json.dumps({"do": "stop"}))
    os.mkfifo(tmp_path / "run" / "commands" / "000001.json")
    os.symlink(tmp_path / "stop", tmp_path / "run" / "commands" / "000002.json")
    assert commands.given(tmp_path / "run", 0) == []
    assert not commands.stop_requested(tmp_path / "run")


def test_when_a_run_goes_on_it_changes_what_it_had_been_asked_to_change_and_no_more(tmp_path: Path) -> None:
    change, slow = Command("set", "data.shift", 1), Command("slow", value=9)
    for command in (change, Command("pause"), slow, Command("stop"), Command("step", value=1), change):
        commands.give(tmp_path, command)
    inbox = Inbox(tmp_path, [{"kind": "command", "number": 1}, {"kind": "queued", "number": 5}])
    assert inbox.new() == [(3, slow), (6, change)]
    commands.give(tmp_path, Command("pause"))
    assert inbox.new() == [(7, Command("pause"))]


def test_a_command_for_which_there_is_no_room_leaves_nothing_behind(tmp_path: Path, monkeypatch) -> None:
    def full(self: Path, text: str, encoding: str) -> None:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        commands.give(tmp_path, Command("pause"))
    assert os.listdir(tmp_path / "commands") == []


def test_a_stop_counts_until_it_was_carried_out(tmp_path: Path) -> None:
    commands.request_stop(tmp_path)
    assert commands.stop_requested(tmp_path)
    assert not commands.stop_requested(tmp_path, commands.done([{"kind": "stopped", "number": 1}]))


COMMANDS = st.sampled_from(
    [Command("pause"), Command("resume"), Command("step", value=2), Command("set", "data.shift", 1)]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(COMMANDS, st.just("look"), st.just("crash")), max_size=30))
def test_whatever_comes_between_each_is_carried_out_once_and_in_turn(tmp_path_factory, steps) -> None:
    """A worker looks now and then, and may be killed and begin again with what its log says."""
    folder = tmp_path_factory.mktemp("run")
    asked, log = [], []
    inbox = Inbox(folder, [])
    for step in [*steps, "look"]:
        if step == "look":
            log += [{"kind": "command", "number": number, "do": command} for number, command in inbox.new()]
        elif step == "crash":
            inbox = Inbox(folder, log)
        else:
            commands.give(folder, step)
            asked.append(step)
    assert [event["do"] for event in log] == asked
    assert [event["number"] for event in log] == list(range(1, len(asked) + 1))
