"""The list of runs in the sidebar, and the runs that a person has started in this session."""

import handmade
import pytest
from test_train_page import button

from cnngru import escaping, places
from cnngru.runs import log, store

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


def picker(test):
    return test.sidebar.selectbox(key="picked")


def offers(test):
    """Links and buttons with one's own run."""
    found = [*(link.proto for link in test.get("page_link")), *test.button]
    return [offer for offer in found if offer.label.startswith("Your run")]


def start(test, title=""):
    """Starts a run under Train, and returns its name."""
    test.selectbox(key="new-data").select("rowcue").run()
    (field,) = [field for field in test.text_input if field.label == "Name"]
    field.set_value(title)
    button(test, "Start").click().run()
    assert not test.exception
    return test.selectbox(key="run").value


def end(name, kind=handmade.FINISHED):
    """As a worker leaves it, with the network of the test's config."""
    config = store.get(name).config
    for event in DONE[:-1]:
        log.append(store.root() / name, event)
    handmade.weights(name, config)
    log.append(store.root() / name, kind)


def test_labels_say_accuracy_and_pictures(app):
    handmade.run("a", *DONE)
    handmade.run("b", *DONE[:-1], config=handmade.tiny(data__pictures=500))
    handmade.run("c", *DONE)
    store.call("c", "*c* " + "long " * 20)
    test = app("home")
    assert [label.split(" · ", 1)[1] for label in picker(test).options] == [
        "81 % · 20k",
        "interrupted · 500",
        "81 % · 20k",
    ]
    assert all(len(label) <= 36 for label in picker(test).options)
    assert picker(test).options[0].startswith("*c* long")


def test_labels_that_are_alike_are_told_apart(app):
    for name in ("a", "b"):
        handmade.run(name, *DONE)
        store.call(name, "the same")
    test = app("home")
    assert picker(test).options == ["the same · 81 % · 20k", "the same · 81 % · 20k (2)"]
    picker(test).select_index(1).run()
    assert test.selectbox(key="run").value == "a"  # the older one


def test_what_is_picked_is_the_run_in_the_address_and_the_other_way_round(app):
    handmade.run("a", *DONE)
    handmade.run("b", *DONE)
    test = app("predict", run="a")
    assert picker(test).value == "a"
    picker(test).select("b").run()
    assert test.selectbox(key="run").value == "b"
    assert "**b**" in handmade.words(test)
    picker(test).set_value(None).run()
    assert test.selectbox(key="run").value is None


def test_ones_own_come_first(app, engine):
    test = app("train")
    start(test)
    start(test, "mine!")
    handmade.run("newer", *DONE)
    test.run()
    assert [label[:2] == "★ " for label in picker(test).options] == [True, True, False]
    assert picker(test).options[0].startswith("★ mine! · interrupted")
    other = app("home")  # another visitor
    assert not any("★" in label for label in picker(other).options)


def test_a_title_is_shown_as_it_is_written(app, engine):
    test = app("train")
    name = start(test, "**a** [b](c) <i>")
    assert store.get(name).title == "**a** [b](c) <i>"
    assert f"**{escaping.markdown('**a** [b](c) <i>')}** · RowCue" in handmade.words(test)
    home = app("home")
    (link,) = [link for link in home.get("page_link") if "run=made-1" in link.proto.query_string]
    assert link.proto.label == escaping.markdown("**a** [b](c) <i>")


@pytest.fixture
def waiting(engine, holding, monkeypatch):
    """Runs that are started wait for their turn, until `end`."""
    made = engine.start

    def start_and_hold(config, name=None, begin=None):
        name = made(config, name)
        holding(name)
        return name

    monkeypatch.setattr(engine, "start", start_and_hold)


@pytest.fixture
def ours():
    handmade.run("rowcue-quick", *DONE)
    handmade.run("cifar10-best", *DONE)
    assert {"rowcue-quick", "cifar10-best"} <= set(places.NETWORKS)


@pytest.mark.parametrize("before", [None, "cifar10-best"])
def test_a_run_that_one_starts_is_offered_on_other_pages_and_not_imposed(app, waiting, ours, before):
    test = app("train", run=before)
    name = start(test, "mine")
    assert test.selectbox(key="run").value == name
    assert not offers(test)
    test.switch_page("pages/gates.py").run()
    assert not test.exception
    assert test.selectbox(key="run").value == before
    assert f"**{before or 'rowcue-quick'}**" in handmade.words(test)
    (offer,) = offers(test)
    assert offer.label == "Your run **mine** waits for its turn: look at it"
    test.switch_page("pages/train.py").run()
    assert test.selectbox(key="run").value == before


def test_an_offer_leads_to_the_run_and_then_it_is_one_like_others(app, waiting, ours):
    test = app("train", run="cifar10-best")
    name = start(test, "mine")
    end(name)
    test.switch_page("pages/gates.py").run()
    button(test, "Your run **mine** has finished: look at it").click().run()
    assert not test.exception
    assert test.selectbox(key="run").value == name
    assert "**mine**" in handmade.words(test)
    test.switch_page("pages/predict.py").run()
    assert test.selectbox(key="run").value == name
    assert not offers(test)
    test.selectbox(key="run").select("cifar10-best").run()
    assert test.selectbox(key="run").value == "cifar10-best"
    assert not offers(test)


@pytest.mark.parametrize("end_of_it", [handmade.STOPPED, {"kind": "failed", "step": 0, "reason": "No picture."}])
def test_a_run_that_did_not_finish_is_looked_at_where_its_end_is_told(app, waiting, ours, end_of_it):
    test = app("train")
    name = start(test, "mine")
    end(name, end_of_it)
    test.switch_page("pages/predict.py").run()
    (offer,) = offers(test)
    assert "was stopped" in offer.label or "has failed" in offer.label
    assert (offer.page, offer.query_string) == ("train", f"run={name}&look=own")


def test_a_link_on_train_that_asks_for_ones_own_run_leads_to_it(app, waiting, ours):
    test = app("train")
    name = start(test, "mine")
    end(name)
    test.run()
    (link,) = [link.proto for link in test.get("page_link") if link.proto.label == "Predict with it"]
    assert link.query_string == "look=own"
    test.query_params["look"] = "own"
    test.switch_page("pages/predict.py").run()
    assert test.selectbox(key="run").value == name


def test_one_that_is_picked_by_hand_stays_on_every_page(app, waiting, ours):
    test = app("train")
    name = start(test)
    end(name)
    test.run()
    picker(test).set_value(None).run()
    picker(test).select(name).run()
    test.switch_page("pages/predict.py").run()
    assert test.selectbox(key="run").value == name
