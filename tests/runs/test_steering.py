"""A run that is steered while it trains, left, and gone on with. Training is faked.

Long, because each command, alone and before or after a kill, is a test with the same faked training.
"""

import itertools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import unstarted
from test_worker import FINISHED, FakeModel, nothing, started

from cnngru.config import Config, override
from cnngru.presets import preset
from cnngru.runs import commands, steering, store, worker
from cnngru.runs.commands import Command
from cnngru.runs.store import Run, RunError
from cnngru.training.events import Event, Progress

QUICK = preset("quick", "rowcue")
PATIENCE = 20.0  # seconds that a step of a test may take on a busy machine


def steps(count: int, at: dict[int, Callable[[], object]], seen: list[Any] | None = None) -> worker.Train:
    """A training of so many steps, before some of which something is done; `seen` gets what `between` has said."""

    def train(config: Config, progress: worker.DataProgress, state: None, between: worker.Between) -> Iterator[Event]:
        yield started(FakeModel())
        for step in range(count):
            at.get(step, lambda: None)()
            then = between(step, nothing)
            if seen is not None:
                seen.append(then)
            yield Progress(step + 1, count, 0.1, 0.5, 0.5, 1e-3, 100.0, 1.0, 1.0)
        yield FINISHED

    return train


def work(name: str, train: worker.Train) -> int:
    return worker.run(name, train=train, save=lambda model, file, half: None)


def give(name: str, *asked: Command) -> Callable[[], None]:
    def do() -> None:
        for command in asked:
            commands.give(store.get(name).folder, command)

    return do


def done(name: str) -> list[tuple[Any, ...]]:
    return [(event["step"], event["do"], event.get("after")) for event in store.get(name).events_of("command")]


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Runs something beside the worker, which is in this very thread."""
    threads = []

    def begin(what: Callable[[], object]) -> None:
        threads.append(threading.Thread(target=what))
        threads[-1].start()

    yield begin
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def last_step(name: str) -> int:
    return (store.get(name).last("progress") or {"step": 0})["step"]


def test_a_change_holds_from_the_next_step_on_and_is_in_the_log() -> None:
    name, seen = unstarted.create(QUICK), []
    asked = [Command("set", "training.learning_rate", 0.5), Command("set", "training.epochs", 7.0)]
    assert work(name, steps(5, {2: give(name, *asked)}, seen)) == 0
    assert [then is None for then in seen] == [True, True, False, True, True]
    assert seen[2].config == override(override(QUICK, "training.learning_rate", 0.5), "training.epochs", 7)
    assert done(name) == [(2, "set", 0.5), (2, "set", 7)]
    run = store.get(name)
    assert run.now == seen[2].config
    assert run.config == QUICK, "what was asked for at first stays as it is"
    assert run.changes()[0]["before"] == QUICK.training.learning_rate


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("training.epochs", 0, "Epochs must be"),
        ("training.batch", 9, "cannot be changed"),
        ("no", 1, "cannot be changed"),
    ],
)
def test_what_cannot_be_is_refused_and_the_run_goes_on(setting: str, value: float, why: str) -> None:
    name, seen = unstarted.create(QUICK), []
    assert work(name, steps(3, {1: give(name, Command("set", setting, value))}, seen)) == 0
    assert seen == [None] * 3
    assert why in store.get(name).last("command")["refused"]
    assert store.get(name).now == QUICK


def test_it_is_held_takes_single_steps_and_goes_on(beside: Callable) -> None:
    name, seen = unstarted.create(QUICK), []

    def person() -> None:
        until(lambda: store.get(name).status == "paused")
        assert last_step(name) == 2
        assert store.get(name).live
        for step in (3, 4):
            give(name, Command("step", value=1))()
            until(lambda step=step: last_step(name) == step)
        give(name, Command("step", value=3))()
        until(lambda: last_step(name) == 7)
        assert store.get(name).status == "paused"
        give(name, Command("resume"))()

    beside(person)
    assert work(name, steps(10, {2: give(name, Command("pause"))}, seen)) == 0
    assert store.get(name).status == "finished"
    assert [then is not None and then.tell for then in seen] == [False] * 2 + [True] * 5 + [False] * 3
    assert [do for _, do, _ in done(name)] == ["pause", "step", "step", "step", "resume"]


def test_a_paused_run_can_be_stopped(beside: Callable) -> None:
    name = unstarted.create(QUICK)

    def person() -> None:
        until(lambda: store.get(name).status == "paused")
        commands.request_stop(store.get(name).folder)

    beside(person)
    assert work(name, steps(10, {2: give(name, Command("pause"))})) == 0
    assert store.get(name).status == "stopped"


def test_in_slow_motion_each_step_waits_and_is_told() -> None:
    name, seen = unstarted.create(QUICK), []
    assert work(name, steps(6, {1: give(name, Command("slow", value=5)), 4: give(name, Command("slow"))}, seen)) == 0
    assert [then is not None and then.tell for then in seen] == [False, True, True, True, False, False]
    assert done(name) == [(1, "slow", 5.0), (4, "slow", 0.0)]


def test_a_pause_that_gives_its_place_away_ends_the_worker_and_another_one_goes_on(monkeypatch) -> None:
    name = unstarted.create(QUICK)
    assert work(name, steps(10, {4: give(name, Command("pause", free=True))})) == 0
    run = store.get(name)
    assert (run.status, run.live, run.can_resume) == ("paused", False, True)
    again(name)
    assert store.get(name).status == "interrupted", "it is queued, but nobody is there who would work on it"
    assert work(name, steps(10, {})) == 0
    kinds = [event["kind"] for event in store.get(name).events if event["kind"] != "data"]
    assert kinds == [
        "queued",
        "started",
        *["progress"] * 4,
        "command",
        "queued",
        "resumed",
        *["progress"] * 6,
        "finished",
    ]


def again(name: str, first: Command | None = None) -> None:
    os.close(store.announce_again(name, first))


def test_after_a_stop_it_can_go_on_and_only_what_it_was_to_change_still_counts() -> None:
    name = unstarted.create(QUICK)
    asked = [Command("stop"), Command("set", "training.epochs", 9), Command("pause")]
    assert work(name, steps(10, {3: give(name, *asked)})) == 0
    assert store.get(name).status == "stopped"
    again(name)
    assert work(name, steps(10, {})) == 0
    assert store.get(name).status == "finished"
    assert done(name) == [(3, "set", 9)]


def test_a_paused_run_that_gave_its_place_away_takes_changes_for_when_it_goes_on() -> None:
    name, seen = unstarted.create(QUICK), []
    assert work(name, steps(10, {4: give(name, Command("pause", free=True))})) == 0
    give(name, Command("set", "training.epochs", 9), Command("slow", value=1))()
    again(name)
    assert work(name, steps(10, {}, seen)) == 0
    assert done(name) == [(4, "pause", None), (0, "slow", 1), (4, "set", 9)], "it begins anew here"
    assert store.get(name).now == override(QUICK, "training.epochs", 9)


def test_where_steps_are_taken_again_a_change_waits_for_the_first_that_was_not_told() -> None:
    """Or the log would tell of another training than the one that the weights come from. Its worker was killed, and
    there is no state: it begins anew."""
    name, seen = unstarted.create(QUICK), []

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        work(name, steps(10, {2: give(name, Command("set", "data.shift", 3)), 6: kill}))
    again(name)
    asked = [Command("set", "data.shift", 1), Command("slow", value=1)]
    assert work(name, steps(10, {1: give(name, *asked)}, seen)) == 0
    assert done(name) == [(2, "set", 3), (1, "slow", 1), (6, "set", 1)]


def test_a_paused_worker_ends_when_its_folder_is_deleted_or_another_is_in_its_place(beside, root) -> None:
    for replaced in (False, True):
        name = unstarted.create(QUICK, f"run-{replaced}".lower())

        def person(name: str = name, replaced: bool = replaced) -> None:
            until(lambda: store.get(name).status == "paused")
            os.rename(root / name, root / ".gone")
            if replaced:
                unstarted.create(QUICK, name)
                (root / name / "lock").touch()

        beside(person)
        if replaced:
            assert work(name, steps(10, {2: give(name, Command("pause"))})) == 1
            assert [event["kind"] for event in store.get(name).events] == ["queued"]
        else:
            with pytest.raises(RunError, match="may have been deleted"):
                work(name, steps(10, {2: give(name, Command("pause"))}))
            shutil.rmtree(root / ".gone")


def test_the_first_thing_that_it_does_can_be_said(beside: Callable) -> None:
    name = unstarted.create(QUICK)
    work(name, steps(10, {3: give(name, Command("pause", free=True))}))
    again(name, Command("step", value=1))

    def person() -> None:
        until(lambda: store.get(name).status == "paused" and store.get(name).alive)
        give(name, Command("resume"))()

    beside(person)
    assert work(name, steps(10, {})) == 0
    assert [do for _, do, _ in done(name)] == ["pause", "step", "resume"]


def test_what_was_changed_after_the_state_was_taken_is_changed_again_in_the_same_step(monkeypatch) -> None:
    """Its worker was killed: the log says what was changed, and the state is from before that, or there is none."""
    name, seen = unstarted.create(QUICK), []
    asked = {2: give(name, Command("set", "data.shift", 3)), 4: give(name, Command("set", "data.shift", 1))}

    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        work(name, steps(10, {**asked, 7: kill}))
    assert store.get(name).status == "interrupted"
    again(name)
    assert work(name, steps(10, {}, seen)) == 0
    assert [then.config.data.shift if then else None for then in seen] == [None, None, 3, None, 1, *[None] * 5]
    assert done(name) == [(2, "set", 3), (4, "set", 1)], "it is not done twice"
    steps_told = [event["step"] for event in store.get(name).events_of("progress")]
    assert steps_told == list(range(1, 11)), "nothing is told twice, nothing is missing"


def test_a_run_that_is_finished_or_at_work_is_not_gone_on_with() -> None:
    name = unstarted.create(QUICK)
    work(name, steps(2, {}))
    with pytest.raises(RunError, match="Continue it as a new run"):
        store.announce_again(name)
    other, held = unstarted.held(QUICK)
    with pytest.raises(RunError, match="somebody works on it already"):
        store.announce_again(other)
    os.close(held)


def test_only_one_can_go_on_with_it() -> None:
    name = unstarted.create(QUICK)
    work(name, steps(9, {2: give(name, Command("stop"))}))
    first = store.announce_again(name)
    assert store.get(name).status == "queued"
    with pytest.raises(RunError, match="somebody works on it already"):
        store.announce_again(name)
    os.close(first)
    assert [event["kind"] for event in store.get(name).events].count("queued") == 2


def test_states_are_kept_in_turn_and_seldom_where_keeping_takes_long(monkeypatch) -> None:
    name, kept, clock = unstarted.create(QUICK), [], [0.0]
    keeper = type(
        "Keeper",
        (),
        {"told_to_end": False, "keep": lambda self, write, patiently: clock.__setitem__(0, clock[0] + 1.0)},
    )()
    monkeypatch.setattr(steering, "time", type("Clock", (), {"monotonic": lambda: clock[0], "sleep": lambda s: None}))
    run: Run = store.get(name)
    held = steering.Steering(run, keeper)

    def capture(note: dict) -> bytes:
        kept.append(held.step)
        return b""

    for step in range(200):
        clock[0] += 1.0
        held.point_due = held.point_due or step % 10 == 0
        held.between(step, capture)
    assert kept[0] == 0
    gaps = [later - earlier for earlier, later in itertools.pairwise(kept)]
    assert gaps
    assert min(gaps) >= 1.0 / steering.SHARE - 1, "keeping took one second of fifty, at most"
