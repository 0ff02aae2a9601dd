"""Titles in legends and lists, and pinned runs, which others are seen beside."""

import json

import handmade
import pytest
import strangers

from cnngru import escaping
from cnngru.runs import labels, store
from cnngru.ui import roles

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


def legends(test):
    """What the charts' lines are called, in their order."""
    specs = [json.loads(chart.proto.spec) for chart in test.get("vega_lite_chart")]
    assert specs
    return [spec["layer"][0]["encoding"]["color"]["scale"]["domain"] for spec in specs]


def compared(test, name):
    assert not test.exception
    return test.multiselect(key=f"compare-{name}")


@pytest.fixture
def runs(checkpoints):
    for name in ("a", "b", "c"):
        handmade.run(name, *DONE)
    handmade.run("photos", *DONE, config=handmade.tiny(data__name="cifar10"))


def test_legends_on_train_say_titles_where_there_are_some(app, runs):
    store.call("a", "The <b>best</b>")
    store.call("c", "b")
    test = app("train", run="a")
    choice = compared(test, "a")
    assert choice.options == ["photos", "b", "b (2)"]
    choice.select("b").select("c").run()
    assert not test.exception
    assert legends(test) == [["The <b>best</b>", "b", "b (2)"]] * 2


def test_a_pinned_run_is_drawn_into_the_charts_of_others_that_saw_its_pictures(app, runs):
    labels.give("b", pinned=True)
    test = app("train", run="a")
    assert compared(test, "a").value == ["b"]
    assert legends(test)[0] == ["a", "b"]
    assert compared(app("train", run="photos"), "photos").value == []
    assert compared(app("train", run="b"), "b").value == []
    labels.give("c", pinned=True)
    test.run()
    assert compared(test, "a").value == ["b", "c"]
    assert compared(test, "a").options[:2] == ["c", "b"], "the newest first"


def test_a_pinned_run_can_be_taken_out_and_goes_with_its_pin(app, runs):
    labels.give("b", pinned=True)
    test = app("train", run="a")
    compared(test, "a").unselect("b").run()
    compared(test, "a").select("c").run()
    test.run()
    assert compared(test, "a").value == ["c"]
    labels.give("c", pinned=True)
    test.run()
    labels.give("b", pinned=False)
    labels.give("c", pinned=False)
    test.run()
    assert compared(test, "a").value == []


def test_a_compared_run_that_is_deleted_is_no_trouble(app, runs):
    labels.give("b", pinned=True)
    test = app("train", run="a")
    store.delete("b")
    test.run()
    assert compared(test, "a").value == []


def test_compare_offers_titles_and_its_address_says_names(app, runs):
    store.call("a", "The *best*")
    test = app("compare", runs="a")
    box = test.multiselect(key="picked-runs")
    assert box.value == ["a"]
    assert "The *best*" in box.options
    box.select("photos").run()
    assert not test.exception
    assert test.query_params["runs"] == ["a", "photos"]
    assert test.dataframe[0].value["run"].tolist() == ["The *best*", "photos"]


def test_compare_begins_with_pinned_runs_of_the_same_pictures(app, runs):
    assert app("compare").multiselect(key="runs").value == ["photos"]
    handmade.run("another", *DONE, config=handmade.tiny(data__name="cifar10", model__hidden=17))
    labels.give("another", pinned=True)
    labels.give("a", pinned=True)
    test = app("compare")
    assert test.multiselect(key="runs").value[0] == "another"
    assert "a" not in test.multiselect(key="runs").value
    assert test.multiselect(key="picked-runs").options[:2] == ["another", "a"]


def test_networks_that_are_alike_are_told_apart_by_their_titles(app, runs):
    handmade.run("d", *DONE, config=handmade.tiny(model__hidden=17))
    store.call("d", "wider")
    assert legends(app("compare", runs=["a", "d"]))[0] == ["GRU (quick) as a", "GRU (quick) as wider"]
    store.call("a", "wider")
    assert legends(app("compare", runs=["a", "d"]))[0] == ["GRU (quick) as a", "GRU (quick) as d"]


def test_what_is_noted_on_train_is_shown_as_it_is_written(app, runs):
    test = app("train", run="a")
    assert not test.text_input(key="title-a").disabled
    test.text_area(key="note-a").set_value("# Why <b>so</b>?\n\n  - *because*")
    test.multiselect(key="tags-a").set_value(["GRU", ":red[x]"])
    test.button(key="save-a").click().run()
    assert not test.exception
    said = strangers.from_markdown(handmade.words(test)).replace("\N{NO-BREAK SPACE}", " ")
    assert "# Why <b>so</b>?" in said
    assert "  - *because*" in said
    assert labels.read(store.root() / "a").tags == ("gru", ":red[x]")
    badges = [block.value for block in test.markdown if "-badge[" in block.value]
    assert any("gru" in badge for badge in badges)
    assert any(escaping.markdown(":red[x]") in badge for badge in badges)


def test_a_run_is_pinned_with_one_click_and_unpinned_with_another(app, runs):
    test = app("train", run="a")
    assert test.button(key="pin-a").label == "Pin"
    test.button(key="pin-a").click().run()
    assert labels.read(store.root() / "a").pinned
    assert "pinned" in handmade.words(test)
    assert test.button(key="pin-a").label == "Unpin"
    test.button(key="pin-a").click().run()
    assert not labels.read(store.root() / "a").pinned


def test_what_comes_along_keeps_its_name_and_can_be_a_baseline(app, runs):
    handmade.run("rowcue-quick", *DONE)
    test = app("train", run="rowcue-quick")
    assert test.text_input(key="title-rowcue-quick").disabled
    test.text_area(key="note-rowcue-quick").set_value("ours")
    test.button(key="save-rowcue-quick").click().run()
    test.button(key="pin-rowcue-quick").click().run()
    assert labels.read(store.root() / "rowcue-quick") == labels.Labels("ours", (), True)
    assert compared(app("train", run="a"), "a").value == ["rowcue-quick"]


def test_a_folder_that_takes_nothing_is_a_sentence(app, runs, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    test = app("train", run="a")
    monkeypatch.setattr(labels.files, "write", full)
    test.button(key="pin-a").click().run()
    assert not test.exception
    assert "could not be kept" in test.error[0].value
    test.text_area(key="note-a").set_value("x")
    test.button(key="save-a").click().run()
    assert "could not be kept" in test.error[0].value


def test_others_runs_are_neither_noted_on_nor_pinned(app, runs, monkeypatch):
    monkeypatch.setattr(roles, "may_change", lambda run: run.name == "b")
    assert app("train", run="a").button(key="pin-a").disabled
    assert not app("train", run="b").button(key="pin-b").disabled
