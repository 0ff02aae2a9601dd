"""The server's settings on the pages: what is refused there, in words, and what the host reads."""

import io

import handmade
import pytest
import streamlit as st
from handmade import ELSEWHERE, WORD
from PIL import Image
from test_roles import ME, button_of

from cnngru import server_settings
from cnngru.runs import owners, store
from cnngru.ui import roles, visitor

DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


@pytest.fixture
def listening(monkeypatch):
    """The server listens to other computers."""
    asked = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: "0.0.0.0" if name == "server.address" else asked(name))
    monkeypatch.setattr(server_settings, "_said", set())


def as_visitor(come_from):
    come_from(ELSEWHERE, {}, {visitor.COOKIE: WORD})


def start(test):
    test.selectbox(key="new-data").set_value("rowcue").run()
    button_of(test, "Start").click().run()
    assert not test.exception
    return test


def test_a_visitors_run_is_started_with_its_minutes_and_is_its_own(app, engine, come_from, monkeypatch):
    monkeypatch.setenv("CNNGRU_MINUTES_A_RUN", "2")
    as_visitor(come_from)
    test = app("train")
    assert "It ends after 2 min at the latest." in handmade.words(test)
    start(test)
    assert [config.training.seconds for config in engine.started] == [120]
    (run,) = store.all_runs()
    assert owners.read(run.folder) == ME


def test_the_host_has_no_limits(app, engine, monkeypatch):
    monkeypatch.setenv("CNNGRU_MINUTES_A_RUN", "2")
    monkeypatch.setenv("CNNGRU_RUNS_GB", "0.000001")
    handmade.run("a", *DONE)
    start(app("train"))
    assert [config.training.seconds for config in engine.started] == [0]


def test_one_run_too_many_is_refused_in_words_and_the_form_stays(app, engine, come_from, holding, monkeypatch):
    monkeypatch.setenv("CNNGRU_RUNS_A_PERSON", "1")
    handmade.run("mine", handmade.STARTED, handmade.PROGRESS, model=False)
    owners.write(store.root() / "mine", ME)
    holding("mine")
    as_visitor(come_from)
    test = start(app("train"))
    assert "A run of yours is at work or waiting" in test.error[0].value
    assert engine.started == []


def test_what_is_too_large_is_refused_in_words(app, engine, come_from):
    as_visitor(come_from)
    test = app("train")
    test.selectbox(key="new-data").set_value("rowcue").run()
    test.text_input(key="new-rowcue-quick-pictures").set_value("1000000").run()
    button_of(test, "Start").click().run()
    assert "100,000 pictures" in test.error[0].value
    assert engine.started == []


def test_no_room_for_runs_names_what_to_delete(app, engine, come_from, monkeypatch):
    monkeypatch.setenv("CNNGRU_RUNS_GB", "0.000001")
    handmade.run("mine", *DONE)
    owners.write(store.root() / "mine", ME)
    as_visitor(come_from)
    test = start(app("train"))
    assert "Delete some of yours" in test.error[0].value
    assert engine.started == []


def test_a_run_from_a_file_is_whose_browser_opened_it_and_needs_room(checkpoints, visit, monkeypatch):
    def make():
        handmade.run("opened", *DONE)
        return "opened"

    assert owners.read(store.get(roles.bring(make)).folder) == ME
    monkeypatch.setenv("CNNGRU_RUNS_GB", "0.000001")
    with pytest.raises(store.RunError, match="Delete some of yours, such as opened"):
        roles.bring(make)
    monkeypatch.setenv("CNNGRU_VISITORS", "watch")
    with pytest.raises(store.RunError, match="visitors watch"):
        roles.bring(make)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, ""),
        ({"CNNGRU_MINUTES_A_RUN": "2"}, "no such limit"),
        ({"CNNGRU_LARGEST_BATCH": "10"}, "A batch may have 10"),
        ({"CNNGRU_RUNS_IN_ALL": "1"}, "A run is at work or waiting, as many"),
    ],
)
def test_a_run_is_gone_on_with_inside_the_limits(checkpoints, visit, engine, monkeypatch, holding, settings, told):
    asked = []
    monkeypatch.setattr(engine, "resume", lambda name, first=None: asked.append(name), raising=False)
    for name, owner in (("mine", ME), ("theirs", "f" * 32)):
        handmade.run(name, handmade.STARTED, handmade.PROGRESS)
        owners.write(store.root() / name, owner)
    holding("theirs")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    if told:
        with pytest.raises(store.RunError, match=told):
            roles.resume(store.get("mine"))
    else:
        roles.resume(store.get("mine"))
    assert asked == ([] if told else ["mine"])


def test_the_comparison_starts_as_many_as_one_may_have(app, engine, come_from, monkeypatch, holding):
    monkeypatch.setenv("CNNGRU_RUNS_A_PERSON", "2")
    monkeypatch.setenv("CNNGRU_MINUTES_A_RUN", "2")
    as_visitor(come_from)
    made = engine.start

    def start_and_hold(config, name=None, begin=None):
        name = made(config, name)
        holding(name)
        return name

    monkeypatch.setattr(engine, "start", start_and_hold)
    test = app("compare")
    test.button(key="compare-start").click().run()
    assert not test.exception
    assert [config.training.seconds for config in engine.started] == [120, 120]
    assert "2 runs of yours are at work" in test.error[0].value


def test_no_room_for_pictures_is_told_before_any_is_written(app, come_from, monkeypatch, tmp_path):
    def hand_over():
        test = app("train")
        test.selectbox(key="new-data").select("folder").run()
        for name in ("cats", "dogs"):
            file = io.BytesIO()
            Image.new("RGB", (40, 40)).save(file, "PNG")
            label = f"Class {1 + (name == 'dogs')}"
            next(field for field in test.text_input if field.label == label).set_value(name)
            box = next(box for box in test.file_uploader if box.label == f"Pictures of {label.lower()}")
            box.set_value([(f"{i}.png", file.getvalue(), "image/png") for i in range(3)])
        test.run()
        button_of(test, "Take these pictures").click().run()
        assert not test.exception
        return test

    sets = tmp_path / "no-data" / "own-pictures"
    monkeypatch.setenv("CNNGRU_PICTURES_GB", "0.0000001")
    as_visitor(come_from)
    hand_over()
    assert len(list(sets.iterdir())) == 1  # there was room
    told = hand_over().error[0].value
    assert "Reset, on Home" in told
    assert len(list(sets.iterdir())) == 1
    monkeypatch.setenv("CNNGRU_PICTURES_GB", "0")
    hand_over()
    assert len(list(sets.iterdir())) == 2


def test_the_servers_limit_of_an_upload_is_that_of_the_settings(app, monkeypatch):
    from streamlit import config

    before = config.get_option("server.maxUploadSize")
    try:
        monkeypatch.setenv("CNNGRU_UPLOAD_MB", "7")
        test = app("train")
        assert config.get_option("server.maxUploadSize") == 7  # what the upload route asks
        test.selectbox(key="new-data").select("folder").run()
        assert {box.proto.max_upload_size_mb for box in test.file_uploader} == {7}
    finally:
        config.set_option("server.maxUploadSize", before, "a test")


@pytest.mark.parametrize(("host", "told"), [(None, "visitors, in the environment, is 'none'"), (ELSEWHERE, "closed")])
def test_a_wrong_setting_closes_every_page_and_is_told_to_the_host(app, come_from, monkeypatch, capsys, host, told):
    monkeypatch.setattr(server_settings, "_said", set())
    handmade.run("a", *DONE)
    monkeypatch.setenv("CNNGRU_VISITORS", "none")
    come_from(host)
    for page in ("home", "train", "predict", "gates", "compare"):
        test = app(page)
        assert told in test.error[0].value.replace("\\", "")
        assert not test.button
        assert not test.selectbox
    assert capsys.readouterr().err.count("It may be watch or start or all") == 1
    assert not roles.may_change(store.get("a"))
    assert roles.why_not_start()


def test_the_host_reads_on_home_what_visitors_may_do_until_that_is_chosen(
    app, come_from, listening, monkeypatch, capsys
):
    test = app("home")
    assert "stop, rename and delete all runs" in test.info[0].value
    assert "stop, rename and delete all runs" in capsys.readouterr().err
    as_visitor(come_from)
    assert "all runs" not in handmade.words(app("home"))
    come_from(None)
    monkeypatch.setenv("CNNGRU_VISITORS", "all")
    assert "all runs" not in handmade.words(app("home"))


def test_on_this_computer_alone_home_says_nothing_of_visitors(app, capsys):
    assert "another computer" not in handmade.words(app("home"))
    assert "another computer" not in capsys.readouterr().err


def test_reset_is_for_the_host_takes_pictures_along_and_can_be_undone(app, come_from, engine, monkeypatch, tmp_path):
    for name in ("a", "b", "rowcue-quick"):
        handmade.run(name, *DONE)
    handed = tmp_path / "no-data" / "own-pictures" / "20260101-000000" / "cats"
    handed.mkdir(parents=True)
    (handed / "1.png").write_bytes(b"pixels")
    assert not [button for button in app("home").button if button.key == "reset"]  # nobody else can come
    monkeypatch.setenv("CNNGRU_ROLE", "class")
    as_visitor(come_from)
    assert not [button for button in app("home").button if button.key == "reset"]
    come_from(None)
    test = app("home")
    test.button(key="reset").click().run()
    assert [run.name for run in store.all_runs()] == ["rowcue-quick"]
    assert {name for name, _ in engine.stopped} == {"a", "b"}
    assert not handed.exists()
    assert "Deleted 2 runs and all pictures" in "".join(each.value for each in test.sidebar.caption)
    test.sidebar.button(key="undo-delete").click().run()
    assert {run.name for run in store.all_runs()} == {"a", "b", "rowcue-quick"}
    assert (handed / "1.png").read_bytes() == b"pixels"
    for name in ("a", "b"):
        store.delete(name)
    test = app("home")
    test.button(key="reset").click().run()
    assert not test.exception
    assert "Deleted all pictures" in "".join(each.value for each in test.sidebar.caption)
