"""The table of all runs on Home: finding, choosing, and what is done with many at once."""

import json

import handmade
import pytest
from strangers import NAMES

from cnngru.runs import labels, store
from cnngru.ui import roles

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


@pytest.fixture
def home(app, checkpoints):
    """home() opens the page with the table; home("a", "b") with these rows chosen."""
    for name in ("a", "b", "rowcue-quick"):
        handmade.run(name, *DONE)
    handmade.run("ended", *DONE[:2], config=handmade.tiny(data__name="cifar10"))
    store.call("a", "The *best*")
    labels.give("a", note="Why?\nBecause.", tags=["first", "gru"])

    def open_page(*chosen):
        test = app("home")
        test.session_state["all-runs"] = True
        test.session_state["chosen-runs"] = list(chosen)
        return run(test)

    return open_page


def run(test):
    test.run()
    assert not test.exception, [error.value for error in test.exception]
    return test


def table(test):
    (found,) = test.dataframe
    return found.value


def popovers(test):
    return {block.proto.popover.label: block.proto.popover for block in test.get("popover")}


def press(test, key):
    test.button(key=key).click()
    return run(test)


def test_a_newcomers_home_has_no_table_until_it_is_asked_for(app, home):
    test = app("home")
    assert not test.dataframe
    assert [box.label for box in test.expander] == ["All runs"]
    for name in ("a", "b", "rowcue-quick", "ended"):
        store.delete(name)
    assert not app("home").expander


def test_the_table_says_what_there_is(home):
    rows = table(home()).set_index("run")
    assert list(rows.index) == ["ended", "rowcue-quick", "b", "The *best*"]
    assert rows.state.tolist() == ["interrupted", "finished", "finished", "finished"]
    best = rows.loc["The *best*"]
    assert (best.accuracy, best.data, best.preset, list(best.tags), best.note) == (
        81.25,
        "RowCue",
        "quick",
        ["first", "gru"],
        "Why? …",
    )
    assert best.took.total_seconds() == 12
    assert rows.loc["ended"].took.total_seconds() == 3
    assert rows.loc["ended"].accuracy != rows.loc["ended"].accuracy, "none is no number"


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("find-runs", "BECAUSE", ["The *best*"]),
        ("find-runs", "best gru quick", ["The *best*"]),
        ("find-runs", "cifar", ["ended"]),
        ("find-runs", "best cifar", []),
        ("find-states", ["interrupted"], ["ended"]),
        ("find-tags", ["gru", "first"], ["The *best*"]),
    ],
)
def test_runs_are_found_by_words_state_and_tags(home, field, value, left):
    test = home()
    (test.text_input if field == "find-runs" else test.multiselect)(key=field).set_value(value)
    run(test)
    assert [name for found in test.dataframe for name in found.value.run] == left
    assert ("No run is like that" in handmade.words(test)) is (left == [])


def test_one_chosen_run_can_be_opened_and_named(home):
    test = home("b")
    assert "**1 chosen**" in handmade.words(test)
    (link,) = [link.proto for link in test.get("page_link") if link.proto.label == "Open"]
    assert (link.page, link.query_string) == ("train", "run=b")
    test.text_input(key="title-b").set_value("Second")
    test.text_area(key="note-b").set_value("A\n  note")
    test.multiselect(key="tags-b").set_value(["gru"])
    press(test, "save-b")
    assert store.get("b").title == "Second"
    assert labels.read(store.root() / "b") == labels.Labels("A\n  note", ("gru",), False)
    assert "Second" in table(test).run.tolist()


def test_many_are_compared_pinned_tagged(home):
    test = home("a", "ended")
    (link,) = [
        link.proto for link in test.get("page_link") if link.proto.label == "Compare" and link.proto.query_string
    ]
    assert link.query_string == "runs=ended%2Ca"
    press(test, "pin-chosen")
    assert [labels.read(store.root() / name).pinned for name in ("a", "b", "ended")] == [True, False, True]
    assert test.button(key="pin-chosen").label == "Unpin"
    test.multiselect(key="add-tags").set_value(["new one"])
    test.multiselect(key="remove-tags").set_value(["gru"])
    run(test)
    press(test, "tag-chosen")
    assert labels.read(store.root() / "a").tags == ("first", "new-one")
    assert labels.read(store.root() / "ended").tags == ("new-one",)
    press(test, "pin-chosen")
    assert not labels.read(store.root() / "a").pinned


def test_many_are_deleted_and_had_back_and_what_comes_along_stays(home):
    test = home("a", "b", "rowcue-quick")
    assert "Delete 2 runs with curves and weights?" in handmade.words(test)
    assert "1 of the chosen stay" in handmade.words(test)
    press(test, "delete-chosen")
    assert {each.name for each in store.all_runs()} == {"rowcue-quick", "ended"}
    assert table(test).run.tolist() == ["ended", "rowcue-quick"]
    test.sidebar.button(key="undo-delete").click()
    run(test)
    assert len(store.all_runs()) == 4
    assert popovers(home("rowcue-quick"))["Delete"].disabled


def test_a_run_at_work_is_not_deleted(home, holding):
    holding("ended")
    test = home("ended")
    assert table(test).state.tolist()[0].startswith("training")
    assert popovers(test)["Delete"].disabled


def test_a_visitor_changes_only_what_is_its_own(home, monkeypatch):
    monkeypatch.setattr(roles, "may_change", lambda each: each.name == "b")
    test = home("a", "b")
    assert "1 of them is somebody else’s" in handmade.words(test)
    press(test, "pin-chosen")
    assert [labels.read(store.root() / name).pinned for name in ("a", "b")] == [False, True]
    press(test, "delete-chosen")
    assert store.find("a")
    assert not store.find("b")
    off = home("a")
    assert all(popovers(off)[label].disabled for label in ("Tag", "Delete", "Name and notes"))
    assert off.button(key="pin-chosen").disabled


def test_what_is_chosen_stays_chosen_where_other_rows_come(home):
    test = home("b")
    handmade.run("newer", *DONE)
    run(test)
    press(test, "delete-chosen")
    assert {each.name for each in store.all_runs()} == {"a", "rowcue-quick", "ended", "newer"}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_strangers_stand_as_they_are_written(home, name):
    (store.root() / "b" / "title.txt").write_text(name, encoding="utf-8")
    (store.root() / "b" / labels.FILE).write_text(json.dumps({"note": name, "tags": [name], "pinned": True}))
    test = home("b")
    assert not test.exception
    assert store.get("b").called in table(test).run.tolist()
