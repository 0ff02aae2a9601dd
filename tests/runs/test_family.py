"""Runs that are continued from another one: where they begin, whose they are, and that nothing odd breaks the tree."""

import json
import os
from pathlib import Path

import pytest
import torch
import unstarted

from cnngru.config import Config, Conv, DataConfig, ModelConfig, TrainingConfig, override
from cnngru.runs import artifacts, family, states, store, worker
from cnngru.runs.family import Origin, Point
from cnngru.training.continuing import StateError
from cnngru.training.state import Counters, State, to_bytes

TINY = Config(
    DataConfig("rowcue", pictures=300, flip=False, shift=0),
    ModelConfig(stem_stride=2, convs=(Conv((3, 3), 4, (1, 4)), Conv((1, 3), 4, (1, 2))), hidden=6),
    TrainingConfig(epochs=3, batch=60, device="cpu", precision="float32", threads=1),
)


def state(step: int, config: Config = TINY) -> bytes:
    return to_bytes(State(config, config, Counters(step=step), {"model.a": torch.zeros(1)}))


def child(name: str, parent: str, step: int, config: Config = TINY) -> str:
    """A run that says it was continued from another."""
    made = unstarted.create(config, name)
    values = {"run": parent, "step": step, "config": json.loads(TINY.to_json())}
    (store.root() / made / "parent.json").write_text(json.dumps(values))
    return made


def names(name: str) -> list[tuple[str, int, str | None]]:
    members = family.family(store.get(name), store.all_runs())
    return [(member.run.name, member.depth, member.parent) for member in members]


def test_the_same_settings_from_any_point_replay_the_parents_curve_to_the_bit() -> None:
    whole = unstarted.create(TINY, "whole")
    assert worker.run(whole) == 0
    parent = store.get(whole)
    points = family.points(parent)
    assert [point.step for point in points][:3] == [0, 1, 4]
    curve = {event["step"]: (event["loss"], event["learning_rate"]) for event in parent.events_of("progress")}
    weights = worker_weights(parent.folder)
    for point in [point for point in points if point.whole][::2]:
        name, starting = store.create_announced(TINY, None, lambda folder, at=point: family.write(folder, parent, at))
        os.close(starting)
        assert worker.run(name) == 0
        run = store.get(name)
        told = {event["step"]: (event["loss"], event["learning_rate"]) for event in run.events_of("progress")}
        assert told == {step: at for step, at in curve.items() if step > point.step}
        assert family.read(run.folder) == Origin("whole", point.step, TINY)
        assert run.config == TINY
        assert all(torch.equal(weights[key], value) for key, value in worker_weights(run.folder).items())


def worker_weights(folder: Path) -> dict[str, torch.Tensor]:
    from cnngru import load

    return load(folder).state_dict()


def test_a_snapshot_is_continued_with_other_settings_from_its_epoch_on() -> None:
    parent = store.get(unstarted.create(TINY, "whole"))
    assert worker.run("whole") == 0
    [point] = [point for point in family.points(parent) if point.step == 0]
    assert not point.whole
    faster = override(TINY, "training.learning_rate", 0.01)
    name, starting = store.create_announced(faster, None, lambda folder: family.write(folder, parent, point))
    os.close(starting)
    assert worker.run(name) == 0
    assert store.get(name).status == "finished"
    assert family.changes(store.get(name), family.read(store.get(name).folder)) == [
        ("training.learning_rate", 0.003, 0.01)
    ]


def test_states_are_preferred_to_weights_alone_and_the_nearest_is_before() -> None:
    run = store.get(unstarted.create(TINY, "a"))
    (run.folder / "snapshots").mkdir()
    for step in (0, 4, 16):
        artifacts.snapshot_file(run.folder, step).write_bytes(b"weights")
    states.write(run.folder, 4, state(4), stays=True)
    states.write(run.folder, 10, state(10), stays=True)
    points = family.points(run)
    assert [(point.step, point.whole) for point in points] == [(0, False), (4, True), (10, True), (16, False)]
    assert family.nearest(points, 9).step == 4
    assert family.nearest(points, 100).step == 10
    assert family.nearest(points, 1).step == 4, "the first there is"
    assert family.nearest([point for point in points if not point.whole], 9).step == 0
    assert family.nearest([], 9) is None


def test_the_network_and_the_pictures_stay() -> None:
    run = store.get(unstarted.create(TINY, "a"))
    family.check(run, override(override(TINY, "training.optimizer", "adam"), "data.shift", 2))
    for setting, value in (("model.hidden", 7), ("data.pictures", 200), ("data.name", "cifar10")):
        with pytest.raises(StateError, match="Start a new run for that"):
            family.check(run, override(TINY, setting, value))


def test_a_family_is_a_tree_from_the_first_parent_down() -> None:
    unstarted.create(TINY, "first")
    child("late", "first", 9)
    child("early", "first", 3)
    child("deep", "early", 5)
    unstarted.create(TINY, "stranger")
    whole = [("first", 0, None), ("early", 1, "first"), ("deep", 2, "early"), ("late", 1, "first")]
    assert names("first") == names("deep") == names("late") == whole
    assert names("stranger") == [("stranger", 0, None)]
    store.delete("first")
    assert names("deep") == [("early", 0, None), ("deep", 1, "early")], "its parent is gone"


def test_a_circle_of_strangers_ends() -> None:
    child("one", "two", 3)
    child("two", "one", 3)
    assert sorted(name for name, *_ in names("one")) == ["one", "two"]
    child("own", "own", 3)
    assert [name for name, *_ in names("own")] == ["own"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"run": "../x", "step": 1}',
        '{"run": "a", "step": -1}',
        '{"run": "a", "step": true}',
        "[" * 50_000,
    ],
)
def test_a_damaged_parent_file_is_none(text: str) -> None:
    run = store.get(unstarted.create(TINY, "a"))
    if text.startswith("{") and len(text) > 2:
        text = json.dumps({**json.loads(text), "config": json.loads(TINY.to_json())})
    (run.folder / "parent.json").write_text(text)
    assert family.read(run.folder) is None


def test_a_run_whose_beginning_cannot_be_copied_is_not_made(tmp_path: Path) -> None:
    run = store.get(unstarted.create(TINY, "a"))
    with pytest.raises(store.RunError, match="could not be made"):
        store.create_announced(TINY, "b", lambda folder: family.write(folder, run, Point(3, tmp_path / "gone", True)))
    assert [run.name for run in store.all_runs()] == ["a"]
