"""Steering from the command line: what it asks of a run, refuses, and draws. Nobody works on these runs."""

import json
import os
from collections.abc import Iterator

import pytest
import unstarted

from cnngru.cli import main, watch
from cnngru.presets import preset
from cnngru.runs import commands, engines, family, log, states, store
from cnngru.runs.commands import Command

QUICK = preset("quick", "rowcue")


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(tmp_path))


@pytest.fixture
def working() -> Iterator[str]:
    """A run that somebody works on, in its third step."""
    name, held = unstarted.held(QUICK, "working")
    for event in unstarted.EVENTS[1:4]:
        log.append(store.root() / name, event)
    yield name
    os.close(held)


@pytest.fixture
def over() -> str:
    """A run that was stopped at step 5, of which a state and a snapshot are there."""
    name = unstarted.create(QUICK, "over")
    for event in [*unstarted.EVENTS[1:4], unstarted.event("stopped")]:
        log.append(store.root() / name, event)
    for step in (2, 5):
        states.write(store.root() / name, step, b"no state", stays=True)
    return name


class Engine:
    def __init__(self) -> None:
        self.resumed: list = []

    def start(self, config, name=None, begin=None) -> str:
        made = unstarted.create(config, name)
        begin(store.root() / made)
        return made

    def resume(self, name, first=None) -> None:
        self.resumed.append((name, first))


@pytest.fixture
def engine(monkeypatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(engines, "choose", lambda: made)
    return made


def asked(name: str) -> list[Command]:
    return [command for _, command in commands.given(store.root() / name, 0)]


def test_each_job_is_a_command_in_the_runs_folder(working, capsys) -> None:
    jobs = [["pause"], ["pause", "--free"], ["step"], ["step", "4"], ["resume"], ["slow", "250"]]
    for job, *more in jobs:
        assert main(["runs", job, working, *more]) == 0
    assert main(["runs", "set", working, "training.learning_rate=0.5", "data.shift=1"]) == 0
    assert asked(working) == [
        Command("pause"),
        Command("pause", free=True),
        Command("step", value=1),
        Command("step", value=4),
        Command("resume"),
        Command("slow", value=250),
        Command("set", "training.learning_rate", 0.5),
        Command("set", "data.shift", 1),
    ]
    assert capsys.readouterr().out.splitlines()[0] == "working is asked to pause."


def test_what_is_asked_is_told_as_json(working, capsys) -> None:
    for job in ("pause", "step", "resume", "stop"):
        assert main(["runs", job, working, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"name": working, "do": job}


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (["training.batch=3"], "runs fork working --set training.batch=3"),
        (["data.shift=1", "training.epochs=0"], "Epochs must be 1 to 1,000; got 0."),
        (["training.epochs=many"], "expected int"),
    ],
)
def test_what_cannot_be_changed_is_told_and_nothing_is_asked(working, capsys, settings, why) -> None:
    assert main(["runs", "set", working, *settings]) == 1
    assert why in capsys.readouterr().err
    assert asked(working) == []


def test_a_run_that_nobody_works_on_is_not_steered_but_gone_on_with(over, engine, capsys) -> None:
    for job, *more in (["pause"], ["slow", "3"], ["set", "data.shift=1"]):
        assert main(["runs", job, over, *more]) == 1
        assert "is not at work: it is stopped." in capsys.readouterr().err
    assert main(["runs", "resume", over]) == 0
    assert capsys.readouterr().out == "over goes on from step 5, when its turn comes.\n"
    assert main(["runs", "step", over, "2", "--json"]) == 0
    assert engine.resumed == [(over, None), (over, Command("step", value=2))]
    assert asked(over) == []


@pytest.mark.parametrize(
    "words", [["step", "x", "0"], ["step", "x", "many"], ["slow", "x", "-1"], ["slow", "x", "9" * 30]]
)
def test_numbers_out_of_bounds_are_wrong_usage(words) -> None:
    with pytest.raises(SystemExit) as error:
        main(["runs", *words])
    assert error.value.code == 2


def test_a_run_is_continued_from_the_moment_before_a_step(over, engine, capsys) -> None:
    assert main(["runs", "fork", over, "--step", "4", "--set", "training.epochs=9", "--name", "child"]) == 0
    assert capsys.readouterr().out == "child goes on from step 2 of over.\n"
    child = store.get("child")
    assert child.config.training.epochs == 9
    assert family.read(child.folder) == family.Origin("over", 2, QUICK)
    assert main(["runs", "fork", over, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["step"] == 5
    assert main(["runs", "show", "child"]) == 0
    assert "parent    over, at step 2" in capsys.readouterr().out


def test_another_network_is_no_continuation(over, engine, capsys) -> None:
    assert main(["runs", "fork", over, "--set", "model.hidden=9"]) == 1
    assert "A training goes on with the same network" in capsys.readouterr().err
    assert len(store.all_runs()) == 1


def test_a_run_that_has_kept_nothing_cannot_be_continued(working, engine, capsys) -> None:
    assert main(["runs", "fork", working]) == 1
    assert "has kept nothing" in capsys.readouterr().err


def test_it_is_drawn_once(over, capsys) -> None:
    assert main(["runs", "watch", over, "--once"]) == 0
    drawn = capsys.readouterr().out.splitlines()
    assert drawn[0] == "over: stopped"
    assert drawn[1].startswith("step 5 of 10, epoch 0.50")
    assert "accuracy (%): training 60" in drawn


def test_its_events_are_lines_of_json(over, capsys) -> None:
    assert main(["runs", "watch", over, "--json"]) == 0
    kinds = [json.loads(line)["kind"] for line in capsys.readouterr().out.splitlines()]
    assert kinds == ["queued", "data", "started", "progress", "stopped"]


def test_before_the_first_step_there_is_no_curve() -> None:
    assert "The curves appear with the first step." in watch.picture(store.get(unstarted.create(QUICK)), 80)


def test_a_chart_fits_its_columns_and_has_each_point_in_its_place(monkeypatch) -> None:
    class Plain:
        encoding = "ascii"

    monkeypatch.setattr(watch.sys, "stdout", Plain())
    lines = watch.chart([[(0, 0.0), (5, 1.0), (10, 2.0)], [(10, 0.0)]], 10, 49)
    assert max(map(len, lines)) <= 49
    rows = [line[9:] for line in lines[: watch.HEIGHT]]
    assert rows[0].rstrip() == " " * 39 + ".", "the greatest is at the top, the last at the right"
    assert rows[-1] == "." + " " * 38 + "o"
    assert lines[0].split()[0] == "2"
    assert lines[watch.HEIGHT - 1].split()[0] == "0"


@pytest.mark.parametrize("curves", [[[], []], [[(0, 3.0)], []], [[(0, 3.0), (0, 3.0)], [(0, 3.0)]]])
def test_a_chart_of_next_to_nothing_is_drawn(curves) -> None:
    assert len(watch.chart(curves, 0, 20)) == watch.HEIGHT + 2
