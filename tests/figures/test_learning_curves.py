"""Curves: the right points, and a specification that does not change while points arrive."""

import json

import pytest

from cnngru.figures import bins, learning_curves

STEPS = 30


def progress(step, accuracy=0.5, steps=STEPS):
    return {
        "kind": "progress",
        "step": step,
        "steps": steps,
        "epoch": step / 10,
        "seconds": 2 * step,
        "loss": 1.0,
        "accuracy": accuracy,
    }


def validated(epoch, loss=0.8):
    return {
        "kind": "validated",
        "step": epoch * 10,
        "epoch": epoch,
        "seconds": 21 * epoch,
        "loss": loss,
        "accuracy": 0.75,
        "n": 9,
    }


def test_each_kind_of_event_lands_on_its_curve_in_its_unit():
    data = learning_curves.table({"a": [{"kind": "started"}, progress(5, 0.25), validated(1)], "b": [progress(10)]})
    means = ["run", "part", "epoch", "seconds", "loss", "accuracy"]
    assert data[means].to_dict("records") == [
        {"run": "a", "part": "training", "epoch": 0.5, "seconds": 10.0, "loss": 1.0, "accuracy": 25.0},
        {"run": "a", "part": "validation", "epoch": 1.0, "seconds": 21.0, "loss": 0.8, "accuracy": 75.0},
        {"run": "b", "part": "training", "epoch": 1.0, "seconds": 20.0, "loss": 1.0, "accuracy": 50.0},
    ]


def test_no_events_make_an_empty_table():
    assert learning_curves.table({"a": []}).empty
    assert list(learning_curves.table({}).columns)[:6] == ["run", "part", "epoch", "seconds", "loss", "accuracy"]


def test_a_loss_that_was_no_number_is_missing_and_not_zero():
    data = learning_curves.table({"a": [validated(1, loss=None)]})
    assert data["loss"].isna().all()


def test_long_runs_are_thinned_and_old_points_stay_where_they_are():
    events = [progress(step, step / 3000, steps=3000) for step in range(1, 3001)]
    early, late = learning_curves.table({"a": events[:1500]}), learning_curves.table({"a": events})
    assert len(late) <= learning_curves.POINTS + 1
    assert early[:-1].equals(late[: len(early) - 1])
    assert late["accuracy"].is_monotonic_increasing


def specification(events, names=("a",)):
    chart = learning_curves.curve(learning_curves.table(dict.fromkeys(names, events)), "accuracy", names, 3)
    plain = chart.to_dict()
    plain.pop("datasets")
    plain.pop("data")
    return json.loads(json.dumps(plain))


def test_the_specification_stays_while_data_arrive_so_that_zoom_stays():
    early, late = [progress(1)], [progress(1), validated(1), progress(20), validated(2)]
    assert specification(early) == specification(late)


@pytest.mark.parametrize("quantity", learning_curves.QUANTITIES)
def test_axes_say_their_units(quantity):
    chart = learning_curves.curve(learning_curves.table({"a": [progress(1)]}), quantity, ["a"], 3).to_dict()
    encoding = chart["layer"][1]["encoding"]
    assert {"loss": "cross-entropy", "accuracy": "%"}[quantity] in encoding["y"]["title"]
    assert encoding["x"]["scale"]["domain"] == [0, 3 * learning_curves.ROOM]


def test_parts_differ_in_dash_and_runs_in_colour_with_a_legend_of_names_when_there_are_several():
    one, two = specification([progress(1)]), specification([progress(1)], ("a", "b"))
    assert one["layer"][1]["encoding"]["strokeDash"]["scale"]["range"][0] != [1, 0]
    assert one["layer"][1]["encoding"]["color"]["legend"] is None
    assert two["layer"][1]["encoding"]["color"]["legend"] is not None
    assert two["layer"][1]["encoding"]["color"]["scale"]["domain"] == ["a", "b"]


def test_curves_against_seconds_have_their_own_axis_that_ends_where_it_is_told():
    data = learning_curves.table({"a": [progress(5), validated(1)]})
    chart = learning_curves.curve(data, "accuracy", ["a"], 40, against="seconds").to_dict()
    x = chart["layer"][1]["encoding"]["x"]
    assert x["field"] == "seconds"
    assert "seconds" in x["title"]
    assert x["scale"]["domain"] == [0, 40 * learning_curves.ROOM]


@pytest.mark.parametrize(
    ("longest", "end"), [(0.2, 1), (1, 1), (1.1, 1.5), (7, 8), (99, 100), (101, 150), (686, 800), (3700, 4000)]
)
def test_an_axis_of_seconds_ends_at_a_round_number_that_shows_everything(longest, end):
    assert learning_curves.end([[{"kind": "progress", "seconds": longest}, {"kind": "finished"}], []]) == pytest.approx(
        end
    )


def test_a_run_that_goes_on_gets_room_for_what_is_left_and_one_that_was_stopped_does_not():
    going = {"kind": "progress", "seconds": 50.0, "seconds_left": 130.0}
    assert learning_curves.end([[going]]) == 200
    assert learning_curves.end([[going, {"kind": "stopped"}]]) == 50
    assert learning_curves.end([]) == 1


def test_runs_of_one_series_share_its_colour_and_stay_lines_of_their_own():
    data = learning_curves.table({"a": [progress(1)], "b": [progress(2)]}).assign(group="both")
    chart = learning_curves.curve(data, "accuracy", ["both"], 3, series="group").to_dict()
    lines = chart["layer"][1]["encoding"]
    assert lines["color"]["field"] == "group"
    assert lines["detail"]["field"] == "run"


def test_thinned_points_keep_the_least_and_the_greatest():
    events = [progress(step, 0.9 if step == 7 else 0.1 if step == 8 else 0.5, steps=3000) for step in range(1, 41)]
    data = learning_curves.table({"a": events})
    assert (data["accuracy_low"].min(), data["accuracy_high"].max()) == (10, 90)
    assert data["accuracy"].between(data["accuracy_low"], data["accuracy_high"]).all()


def test_a_log_that_grows_is_not_gone_through_again(monkeypatch):
    events = [progress(step, steps=3000) for step in range(1, 101)]
    learning_curves.table({"grows": events[:60]})
    added, add = [], bins._Bin.add
    monkeypatch.setattr(bins._Bin, "add", lambda self, event: added.append(event["step"]) or add(self, event))
    data = learning_curves.table({"grows": list(events)})
    assert added == list(range(61, 101))
    bins._curves.clear()
    assert data.equals(learning_curves.table({"grows": events}))
    other = [dict(event, accuracy=0.1) for event in events]
    assert learning_curves.table({"grows": other})["accuracy"].round(6).eq(10).all(), "others under the same name"
