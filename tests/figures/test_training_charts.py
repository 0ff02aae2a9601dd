"""What a training shows beside its curves: its size stays while the log grows, and so does its specification."""

import json

import pytest

from cnngru.figures import learning_curves, training_charts


def progress(step, steps=600, gradients=(0.1, 0.2, 0.4)):
    event = {"kind": "progress", "step": step, "steps": steps, "epoch": step / 100, "seconds": step, "loss": 1.0}
    return event | {
        "accuracy": 0.5,
        "learning_rate": step / 1e4,
        "images_per_second": 900.0,
        "gradients": list(gradients),
    }


def plain(chart):
    found = chart.to_dict()
    found.pop("datasets", None)
    found.pop("data")
    return json.loads(json.dumps(found))


def test_the_map_has_a_cell_for_each_row_and_part_of_the_run_and_no_more():
    data = training_charts.gradients([progress(step) for step in range(1, 601)])
    assert len(data) <= 3 * (training_charts.COLUMNS + 1)
    assert data["row"].max() == 3
    newest = data[data["begin"] == data["begin"].max()]
    assert newest["norm"].tolist() == [0.1, 0.2, 0.4]
    assert (data["end"] - data["begin"]).round(6).unique().tolist() == [0.1]


def test_logs_without_gradients_make_an_empty_map():
    assert training_charts.gradients([{**progress(1), "gradients": []}, {"kind": "started"}]).empty


@pytest.mark.parametrize("quantity", training_charts.QUANTITIES)
def test_specifications_stay_while_data_arrive(quantity):
    def charts(events):
        data = learning_curves.table({"a": events})
        cells = training_charts.gradients(events)
        return plain(training_charts.line(data, quantity, ["a"], 6)), plain(training_charts.gradient_map(cells, 6))

    assert charts([progress(1)]) == charts([progress(step) for step in range(1, 300)])


def look(epoch):
    shares = {"keep": [0.5, epoch / 1000], "reset": [0.1, 0.2]}
    return {"kind": "gates", "step": epoch, "epoch": epoch, "shares": shares, "saturated": 0.1}


def test_the_map_of_gates_has_a_cell_a_look_and_stays_small():
    data = training_charts.gates([look(epoch) for epoch in range(1, 1000)])
    assert len(data) <= 2 * 2 * training_charts.COLUMNS
    assert data["end"].max() == 999, "the newest is there"
    assert sorted(set(data["gate"])) == ["keep", "reset"]
    assert plain(training_charts.gate_over_time(data, "keep", 6)) == plain(
        training_charts.gate_over_time(training_charts.gates([look(1)]), "keep", 6)
    )
