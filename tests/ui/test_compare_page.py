"""The Compare page in each of its states.

Long, because each state of the page is a test.
"""

import json
from urllib.parse import parse_qs

import figure_boxes
import handmade
import numpy as np
import pytest

from cnngru import names
from cnngru.comparison import claims, measured, plan
from cnngru.comparison.findings import Finding, Side
from cnngru.comparison.groups import Network
from cnngru.comparison.statistics import Difference
from cnngru.config import override
from cnngru.data import rowcue
from cnngru.presets import preset
from cnngru.runs import artifacts, store
from cnngru.ui.compare import choice

STARTED = {**handmade.STARTED, "precision": "float32", "threads": 1, "classes": rowcue.CLASSES}
DONE = [
    {**STARTED, "recurrent_parameters": 5000},
    handmade.PROGRESS,
    {**handmade.VALIDATED, "accuracy": 0.85},
    {**handmade.FINISHED, "reversed": 0.5, "shuffled": 0.25},
]
TEST = rowcue.generate(rowcue.TEST, (0, rowcue.STREAMS["test"])).labels.numpy()


def button(test, start):
    return next((b for b in test.button if b.label.startswith(start)), None)


def run(name, *events, **settings):
    return handmade.run(name, *(events or DONE), config=handmade.tiny(**settings), model=False)


def answered(name, wrong=()):
    """All test pictures answered right but those at `wrong`, which are called "blue slashes", the later the surer."""
    shares = np.full((len(TEST), 10), 0.01, np.float32)
    shares[np.arange(len(TEST)), TEST] = 0.9
    for rank, place in enumerate(wrong):
        shares[place] = 0.01
        shares[place, 9] = 0.5 + 0.1 * rank
    artifacts.write_answers(store.root() / name, shares, TEST)


def figures(test):
    return test.dataframe[0].value


def test_without_runs_it_says_what_to_do_and_offers_the_comparison(app):
    test = app("compare")
    assert "no runs to compare yet" in handmade.words(test)
    assert button(test, "Start 10 runs")


def test_the_figures_of_each_run_stand_in_one_table(app):
    run("a")
    run("b", *DONE[:3], model__cell="lstm")
    test = app("compare", runs="b,a")
    table = figures(test)
    assert table["run"].tolist() == ["b", "a"]
    assert table["network"].tolist() == ["LSTM (quick), stopped after 0.5 of 6 epochs", "GRU (quick)"]
    assert table["state"].tolist()[0] == "interrupted"
    first = table.set_index("run").loc["a"]
    assert (first["accuracy"], first["reversed"], first["shuffled"]) == (81.25, 50, 25)
    assert (first["parameters"], first["recurrent_parameters"], first["seconds_an_epoch"]) == (12_345, 5000, 3)
    assert first["to_80"] == 3
    assert np.isnan(first["to_90"])
    assert np.isnan(table.set_index("run").loc["b"]["accuracy"])
    assert len(test.get("vega_lite_chart")) == 2


def test_settings_that_differ_are_shown_and_the_others_folded_away(app):
    run("a")
    run("b", model__cell="lstm", training__epochs=2)
    test = app("compare", runs="a,b")
    differing = test.dataframe[1].value
    assert list(differing.columns) == ["Network", "recurrence", "epochs"]
    assert differing["recurrence"].tolist() == ["gru", "lstm"]
    (folded,) = [e for e in test.expander if "are the same in all" in e.label]
    assert "- hidden: 16" in folded.markdown[0].value
    assert "recurrence" not in folded.markdown[0].value


def test_seeds_stand_together_and_can_be_taken_apart(app):
    for seed in range(3):
        end = {**DONE[-1], "accuracy": 0.8 + seed / 100}
        run(f"r{seed}", *DONE[:3], end, training__seed=seed)
    test = app("compare")
    table = figures(test)
    assert len(table) == 1
    assert table["accuracy"][0] == pytest.approx(81)
    assert table["spread"][0] == pytest.approx(1)
    assert table["n"][0] == 3
    test.segmented_control(key="rows-of").set_value("each run").run()
    assert not test.exception
    assert sorted(figures(test)["network"]) == [f"GRU (quick) seed {seed}" for seed in range(3)]


def test_the_table_of_seeds_fits_a_window_of_1280_pixels(app):
    run("r0")
    run("r1", training__seed=1)
    test = app("compare")
    columns = json.loads(test.dataframe[0].proto.columns)
    assert sum(columns[name]["width"] for name in figures(test)) <= 820  # beside the sidebar, measured


def seeds_on(machines, accuracies):
    """One finished run a seed, on so many threads, with that validation accuracy."""
    for seed, (threads, accuracy) in enumerate(zip(machines, accuracies, strict=True)):
        started = {**DONE[0], "threads": threads}
        run(f"r{seed}", started, DONE[1], {**DONE[2], "accuracy": accuracy}, DONE[3], training__seed=seed)


@pytest.mark.parametrize(
    ("machines", "accuracies", "epoch", "to_80", "to_90"),
    [
        ((1, 1), (0.85, 0.95), 3, 3, None),  # one of two never got to 90 %
        ((1, 1), (0.95, 0.95), 3, 3, 3),
        ((1, 2), (0.95, 0.95), None, None, None),
    ],
)
def test_seconds_have_a_mean_over_seeds_that_all_got_there_on_one_machine(
    app, machines, accuracies, epoch, to_80, to_90
):
    seeds_on(machines, accuracies)
    table = figures(app("compare"))
    assert table["n"][0] == 2
    assert table["accuracy"][0] == 81.25
    for name, seconds in (("seconds_an_epoch", epoch), ("to_80", to_80), ("to_90", to_90)):
        assert np.isnan(table[name][0]) if seconds is None else table[name][0] == seconds


def test_curves_are_drawn_against_seconds_too(app):
    run("a")
    test = app("compare")
    test.segmented_control(key="against").set_value("seconds").run()
    assert not test.exception
    assert "seconds of training" in test.get("vega_lite_chart")[0].proto.spec


def test_claims_are_answered_with_figures_or_with_what_to_train(app, monkeypatch):
    monkeypatch.setattr(measured, "of", lambda claim: [])
    run("a", *DONE, model__cell="gru")
    run("b", {**STARTED, "recurrent_parameters": 8000}, *DONE[1:], model__cell="lstm")
    test = app("compare", runs="a,b")
    said = handmade.words(test)
    assert "LSTM (quick) 8,000 against GRU (quick) 5,000" in said.replace("\\", "")
    assert "fewer than 3 runs a side cannot tell it from luck" in said
    assert said.count("not settled") >= 5
    assert ":material/check_circle: holds" in said


def test_what_was_measured_before_stands_below_what_the_chosen_runs_answer(app, monkeypatch):
    sides = tuple(Side(Network("rows", cell, "$own$"), 3, mean, 0.01) for cell, mean in (("gru", 0.5), ("none", 0.75)))
    known = Finding(claims.CLAIMS[0], "does not hold", "cifar10", sides, Difference(-0.25, -0.5, -0.125))
    monkeypatch.setattr(measured, "of", lambda claim: [known] if claim is claims.CLAIMS[0] else [])
    run("a", *DONE)
    test = app("compare", runs="a")
    assert not test.exception
    said = handmade.words(test)
    assert said.index("The chosen runs cannot answer this") < said.index("Measured by the project: CIFAR-10")
    assert "CNN alone (\\$own\\$) 75.00 % (sd 1.00, n = 3)" in said.replace("\\(", "(").replace("\\)", ")")
    assert said.count("does not hold") == 1


def test_a_first_visit_shows_one_preset_with_its_rivals_and_a_link_says_which_runs(app):
    run("other", training__seed=7, model__cell="rnn")
    config = preset("standard")
    for cell in ("none", "lstm", "gru"):
        name = f"c-{cell}"
        handmade.run(name, *DONE, config=override(config, "model.cell", cell), model=False)
    assert app("compare").multiselect(key="runs").value == ["c-gru", "c-lstm", "c-none"]
    assert app("compare", runs="other").multiselect(key="runs").value == ["other"]
    assert app("compare", runs="other,c-gru").multiselect(key="runs").value == ["other", "c-gru"]


def test_a_first_visit_shows_all_seeds_but_no_failures_controls_or_repetitions(app):
    run("old", training__seed=1)
    run("new", training__seed=1)
    run("zero", training__seed=0)
    run("control", data__shuffle_labels=True)
    run("stopped", *DONE[:3], handmade.STOPPED)
    test = app("compare")
    assert test.multiselect(key="runs").value == ["zero", "old"]
    assert set(test.multiselect(key="runs").options) == {"old", "new", "zero", "control", "stopped"}


def test_a_first_visit_compares_like_with_like_whatever_was_trained_since(app):
    for name, cell in (("gru", "gru"), ("lstm", "lstm")):
        run(f"few-{name}", data__pictures=500, model__cell=cell)
    run("whole")
    test = app("compare")
    assert test.multiselect(key="runs").value == ["few-gru", "few-lstm"]  # two networks alike
    assert figures(test)["network"].tolist() == ["GRU (quick), 500 pictures", "LSTM (quick), 500 pictures"]
    for name in choice.OURS:
        run(name)
    run("newest", data__pictures=700)
    assert app("compare").multiselect(key="runs").value == list(choice.OURS)


def test_without_finished_runs_the_others_are_shown(app):
    run("a", *DONE[:3])
    assert app("compare").multiselect(key="runs").value == ["a"]


def test_unknown_names_in_a_link_are_told_and_the_others_shown(app):
    run("a")
    test = app("compare", runs="a,gone,../etc")
    assert [w.value for w in test.warning if "gone" in w.value]
    assert [w.value for w in test.warning if "cannot be a run" in w.value]
    assert test.multiselect(key="runs").value == ["a"]


def test_a_run_that_is_deleted_meanwhile_leaves_the_choice(app):
    run("a")
    run("b")
    test = app("compare", runs="a,b")
    store.delete("a")
    test.run()
    assert not test.exception
    assert test.multiselect(key="runs").value == ["b"]
    store.delete("b")
    test.run()
    assert not test.exception
    assert "no runs to compare" in handmade.words(test)


def test_nothing_chosen_is_said(app):
    run("a")
    test = app("compare")
    test.multiselect(key="runs").set_value([]).run()
    assert not test.exception
    assert "Choose two or more" in handmade.words(test)


def test_runs_on_different_pictures_are_shown_with_a_warning(app):
    run("a")
    handmade.run("b", *DONE, config=preset("quick"), model=False)
    assert "different pictures (RowCue and CIFAR-10)" in app("compare", runs="a,b").warning[0].value
    assert not app("compare", runs="a").warning


def test_the_standard_comparison_is_planned_queued_once_and_chosen(app, engine, holding, monkeypatch):
    start_on_paper = engine.start

    def start_and_hold(config, name=None, begin=None):
        holding(start_on_paper(config, name))
        return name

    monkeypatch.setattr(engine, "start", start_and_hold)
    wanted = plan.configs("rowcue", 1)
    handmade.run("mine", *DONE, config=wanted[2], model=False)
    test = app("compare")
    test.segmented_control(key="standard-data").set_value("rowcue").run()
    assert "9 runs. 1 of them is there already" in handmade.words(test)
    start = button(test, "Start 8 runs")
    start.click().run()
    assert not test.exception
    assert engine.started == [config for config in wanted if config != wanted[2]]
    assert test.multiselect(key="runs").value == [
        "mine" if config == wanted[2] else plan.free_name(config, ()) for config in wanted
    ]
    start.click().run()  # the second half of a double click
    assert len(engine.started) == 8


def test_with_three_seeds_there_are_30_and_cifar10_that_is_not_here_is_mentioned(app):
    test = app("compare")
    assert "downloads it (170 MB, once)" in handmade.words(test)
    test.segmented_control(key="standard-seeds").set_value(3).run()
    assert "30 runs. Training takes roughly" in handmade.words(test)
    assert "hour" in handmade.words(test)


def test_a_comparison_that_is_all_there_is_only_shown(app, engine):
    for config in plan.configs("rowcue", 1):
        handmade.run(plan.free_name(config, ()), *DONE, config=config, model=False)
    test = app("compare", runs="rowcue-quick-lstm-seed0")
    test.segmented_control(key="standard-data").set_value("rowcue").run()
    button(test, "Show them").click().run()
    assert not test.exception
    assert len(test.multiselect(key="runs").value) == 9
    assert not engine.started


def test_an_engine_that_refuses_half_way_is_quoted(app, engine, monkeypatch):
    def refuse(config, name=None, begin=None):
        raise store.RunError("The disk is full. Nothing was started.")

    monkeypatch.setattr(engine, "start", refuse)
    test = app("compare")
    button(test, "Start 10 runs").click().run()
    assert "The disk is full" in test.error[0].value


def test_live_runs_show_how_far_they_are_and_can_all_be_stopped(app, engine, holding):
    run("a", STARTED, handmade.PROGRESS)
    run("b", {"kind": "queued"}, model__cell="lstm")
    run("c", model__cell="none")
    holding("a")
    holding("b")
    test = app("compare", runs="a,b,c")
    bar = test.get("progress")[0].proto
    assert bar.text == "1 of 3 over · training a · 1 waiting"
    assert bar.value == 41  # a quarter of one run, and another whole one, of three
    assert figures(test)["state"].tolist()[:2] == ["25 %", "waiting"]
    button(test, "Stop all 2").click().run()
    assert engine.stopped == [("b", False), ("a", False)]
    engine.stopped.clear()
    button(app("compare", runs="b,a"), "Stop all 2").click().run()
    assert engine.stopped == [("b", False), ("a", False)]  # the waiting one first, however they were chosen


def test_finished_runs_do_not_offer_to_be_stopped(app):
    run("a")
    assert not button(app("compare"), "Stop")


def test_a_run_without_kept_answers_says_what_to_do(app):
    run("a")
    test = app("compare")
    assert "no answers on the test pictures were kept" in handmade.words(test)
    assert not figure_boxes.charts(test)


def test_a_cell_shows_its_pictures_the_surest_first_with_links_to_their_gates(app):
    handmade.run("a", *DONE)
    wrong = np.flatnonzero(TEST == 2)[:3]
    answered("a", wrong)
    test = app("compare", true=rowcue.CLASSES[2], said=rowcue.CLASSES[9])
    assert "3 pictures of **orange rails** answered **blue slashes**, the surest first" in handmade.words(test)
    assert [c.value for c in test.caption if c.value.endswith("0.0 %")] == ["70.0 %", "60.0 %", "50.0 %"]
    links = [parse_qs(link.proto.query_string) for link in test.get("page_link") if link.proto.label == "Gates"]
    assert [link["test"] for link in links if "test" in link] == [[str(place)] for place in wrong[::-1]]
    assert all(link["run"] == ["a"] for link in links if "test" in link)
    gates = app("gates", run="a", test=str(wrong[0]))
    assert f"test picture {wrong[0]}" in handmade.words(gates)
    assert "in truth **orange rails**" in handmade.words(gates)


def test_cells_of_networks_without_gates_or_pictures_are_said(app):
    handmade.run("a", *DONE, config=handmade.tiny(model__cell="none"))
    answered("a", [5])
    name = rowcue.CLASSES[TEST[5]]
    test = app("compare", true=name, said=name)
    assert "trained without recurrence" in handmade.words(test)
    assert not [link for link in test.get("page_link") if "test=" in link.proto.query_string]
    test = app("compare", true=rowcue.CLASSES[0], said=rowcue.CLASSES[1])
    assert "No picture of" in handmade.words(test)


def test_pictures_other_than_those_tested_are_not_shown(app):
    handmade.run("a", *DONE)
    artifacts.write_answers(store.root() / "a", np.eye(10, dtype=np.float32), np.arange(10))
    test = app("compare", true=rowcue.CLASSES[3], said=rowcue.CLASSES[3])
    assert "not those that this run was tested on" in test.warning[0].value


def test_of_many_runs_four_matrices_are_drawn_and_others_can_be_chosen(app):
    for number, cell in enumerate(names.CELLS):
        run(f"r{number}", *DONE, model__cell=cell)
        answered(f"r{number}")
    test = app("compare")
    assert len(figure_boxes.charts(test)) == 4
    test.multiselect(key="matrices").set_value(["r5"]).run()
    assert not test.exception
    assert len(figure_boxes.charts(test)) == 1


def test_gates_with_a_number_that_is_no_picture_show_a_sample(app):
    handmade.run("a", *DONE)
    test = app("gates", test="99999")
    assert "test picture 0" in handmade.words(test)


def test_a_run_whose_matrix_is_no_longer_shown_gives_way_to_the_first(app):
    for name in ("a", "b"):
        run(name, *DONE, model__cell="lstm" if name == "a" else "gru")
        answered(name)
    test = app("compare", runs="a,b", of="b")
    assert test.selectbox(key="of").value == "b"
    test.multiselect(key="runs").set_value(["a"]).run()
    assert not test.exception
    assert test.selectbox(key="of").value == "a"
    assert not test.warning


@pytest.mark.parametrize(
    "odd", ["fewer classes", "a label too many", "no classes", "classes that are none", "no accuracy"]
)
def test_one_odd_run_does_not_take_the_page_down(app, odd):
    run("good")
    answered("good")
    shares, labels = np.eye(10, dtype=np.float32), np.arange(10)
    started, validated = dict(DONE[0]), dict(DONE[2])
    if odd == "no classes":
        del started["classes"]
    if odd == "classes that are none":
        started["classes"] = 5
    if odd == "no accuracy":
        validated["accuracy"] = None
    run("odd", started, DONE[1], validated, DONE[3], model__cell="lstm")
    if odd == "fewer classes":
        shares = shares[:, :3]
    if odd == "a label too many":
        labels[9] = 40
    artifacts.write_answers(store.root() / "odd", shares, labels)
    test = app("compare", runs="odd,good")
    assert len(figure_boxes.charts(test)) == 1 + (odd == "no accuracy")
    assert ("odd: no answers on the test pictures were kept" in handmade.words(test)) == (odd != "no accuracy")
    assert len(figures(test)) == 2
