"""Every page with runs that are damaged or a stranger's: the good ones are there, and nothing breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import handmade
import pytest

from cnngru.runs import liveness

DONE = [
    {**handmade.STARTED, "classes": ["a", "b"], "notes": ["A note."], "recurrent_parameters": 10},
    handmade.PROGRESS,
    handmade.VALIDATED,
    {**handmade.FINISHED, "reversed": 0.5, "shuffled": 0.25},
]
GOING = [{"kind": "data", "done": 0, "total": 1, "what": "starting"}, *DONE[:3]]
ODD: dict[str, Any] = {"text": "x", "nan": float("nan"), "huge": 1e300, "minus": -1e12, "nothing": None, "list": [{}]}
TAKEN = [*ODD, "kinds", "deep"]


def write_log(folder: Path, events: list[dict[str, Any]], damage: str) -> None:
    """The events, each but its kind as the damage says."""

    def odd(event: dict[str, Any]) -> dict[str, Any]:
        if damage == "kinds":
            return {"kind": event["kind"], "time": 1.8e9}
        if damage == "deep":
            return event
        return dict.fromkeys([*event, "time"], ODD[damage]) | {"kind": event["kind"]}

    lines = [json.dumps(odd(event)) for event in events] + ["[" * 60_000] * (damage == "deep")
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")


@pytest.fixture
def odd_runs(checkpoints: Path) -> list[str]:
    """A good run, and for each damage one that is over and one that trains; one without a config that can be read."""
    handmade.run("good", *DONE)
    names = ["good"]
    for damage in TAKEN:
        for events, end in ((DONE, "over"), (GOING, "going")):
            name = f"{damage}-{end}"
            handmade.run(name, model=False)
            write_log(checkpoints / name, events, damage)
            names.append(name)
    handmade.run("no-config", *DONE)
    (checkpoints / "no-config" / "config.json").write_text("[" * 60_000)
    return names


@pytest.mark.parametrize("page", ["home", "train", "compare", "predict", "gates"])
def test_a_page_shows_the_good_runs_whatever_lies_beside_them(page: str, app, odd_runs: list[str]) -> None:
    test = app(page, run="good")
    assert not test.exception
    picker = test.sidebar.selectbox(key="run")
    assert set(picker.options) == set(odd_runs)
    assert picker.value == "good"


@pytest.mark.parametrize("end", ["over", "going"])
@pytest.mark.parametrize("damage", TAKEN)
def test_train_shows_a_damaged_run_as_far_as_it_can_be_read(damage: str, end: str, app, odd_runs, checkpoints) -> None:
    name = f"{damage}-{end}"
    holding = liveness.take(checkpoints / name) if end == "going" else None
    test = app("train", run=name)
    assert not test.exception
    assert f"**{name}**" in handmade.words(test)
    if damage != "nothing" or end == "going":
        assert any("damaged" in warning.value for warning in test.warning)
    if end == "over":
        assert "Finished" in handmade.words(test), "how it ended is still known"
    assert holding is None or liveness.alive(checkpoints / name)


def test_compare_takes_damaged_runs(app, odd_runs: list[str]) -> None:
    test = app("compare", runs=["good", *(name for name in odd_runs if name.endswith("-over"))])
    assert not test.exception
    assert "good" in test.multiselect(key="runs").value


def test_a_run_without_a_config_is_told_where_it_is_asked_for(app, odd_runs) -> None:
    test = app("train", run="no-config")
    assert "nested too deeply" in test.warning[0].value


@pytest.mark.parametrize("page", ["home", "train", "compare", "predict", "gates"])
def test_runs_that_may_not_be_read_are_a_sentence(page: str, app, checkpoints, monkeypatch) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    test = app(page)
    assert not test.exception
    assert "cannot be read\\: Permission denied" in test.error[0].value
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", "~nosuchuser/runs")
    test.run()
    assert not test.exception
    assert "no such user" in test.error[0].value
