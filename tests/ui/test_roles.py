"""A class in the room: what a visitor may do with whose runs, and what only the computer itself may."""

import hashlib
from types import SimpleNamespace

import handmade
import pytest

from cnngru import cli
from cnngru.runs import owners, store
from cnngru.ui import roles

WORD = "0123456789abcdef0123456789abcdef"
ME = hashlib.sha256(WORD.encode()).hexdigest()[:32]
DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


@pytest.fixture
def visitor(monkeypatch):
    """Opens the app to a class, from another computer; visitor(word) says with which word."""
    monkeypatch.setenv(roles.SETTING, "class")

    def come(word=WORD, address="10.0.0.7", headers=None):
        cookies = {roles.COOKIE: word} if word else {}
        context = SimpleNamespace(ip_address=address, headers=headers or {}, cookies=cookies)
        monkeypatch.setattr(roles, "st", SimpleNamespace(context=context, session_state={}))

    come()
    return come


def made(name, owner=""):
    handmade.run(name, *DONE)
    if owner:
        owners.write(store.root() / name, owner)
    return store.get(name)


def test_without_the_setting_everybody_may_do_everything(checkpoints):
    assert roles.may_change(made("a"))
    assert not roles.is_visitor()


def test_a_visitor_changes_only_what_its_own_browser_has_started(checkpoints, visitor):
    mine, theirs, nobodys = made("mine", ME), made("theirs", "f" * 32), made("nobodys")
    assert [roles.may_change(run) for run in (mine, theirs, nobodys)] == [True, False, False]
    visitor(word="another word, long enough")
    assert not roles.may_change(mine)
    visitor(word="")  # before it has said who it is
    assert not any(roles.may_change(run) for run in (mine, theirs, nobodys))
    visitor(word="short")
    assert not roles.may_change(nobodys)


def test_the_computer_itself_may_do_everything_but_not_through_a_server_in_between(checkpoints, visitor, monkeypatch):
    theirs = made("theirs", "f" * 32)
    monkeypatch.setattr(roles.share, "network_address", lambda: "10.0.0.1")
    for address in (None, "::ffff:127.0.0.1", "10.0.0.1"):  # the last is by the link that a class gets
        visitor(address=address)
        assert roles.may_change(theirs)
    visitor(address="10.0.0.2")
    assert not roles.may_change(theirs)
    visitor(address=None, headers={"X-Forwarded-For": "10.0.0.7"})
    assert not roles.may_change(theirs)


def test_a_started_run_is_its_browsers_and_the_config_does_not_say_so(checkpoints, visitor):
    run = made("new")
    before = (run.folder / "config.json").read_bytes()
    roles.own("new")
    assert owners.read(run.folder) == ME
    assert WORD not in (run.folder / owners.FILE).read_text()
    assert (run.folder / "config.json").read_bytes() == before
    assert roles.may_change(store.get("new"))


def test_a_visitor_starts_but_does_not_stop_or_delete_what_is_others(app, visitor, holding):
    handmade.run("theirs", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("theirs")
    test = app("train", run="theirs")
    (stop,) = [button for button in test.button if button.label == "Stop training"]
    assert stop.disabled
    assert any(button.label == "Start" for button in test.button)
    owners.write(store.root() / "theirs", ME)
    (stop,) = [button for button in app("train", run="theirs").button if button.label == "Stop training"]
    assert not stop.disabled


def test_a_visitor_names_no_folder_of_the_computer(app, visitor):
    def ways(test):
        test.selectbox(key="new-data").set_value("folder").run()
        assert not test.exception
        return test.segmented_control(key="new-way").options

    assert "A folder of this computer" not in ways(app("train"))
    visitor(address=None)
    assert "A folder of this computer" in ways(app("train"))


def test_a_visitor_is_not_told_where_the_computers_folders_are(app, visitor):
    config = handmade.tiny(data__path="/home/somebody/secret/cats", data__name="folder")
    handmade.run("a", *DONE, config=config)
    assert not any("somebody" in block.value for block in app("train", run="a").code)
    visitor(address=None)
    assert any("somebody" in block.value for block in app("train", run="a").code)


def test_reset_is_for_the_computer_itself_and_can_be_undone(app, visitor, engine):
    for name in ("a", "b", "rowcue-quick"):
        handmade.run(name, *DONE)
    assert not [button for button in app("home").button if button.key == "reset"]
    visitor(address=None)
    test = app("home")
    test.button(key="reset").click().run()
    assert [run.name for run in store.all_runs()] == ["rowcue-quick"]
    assert {name for name, _ in engine.stopped} == {"a", "b"}
    assert "Deleted 2 runs" in handmade.words(test) + "".join(each.value for each in test.sidebar.caption)
    test.sidebar.button(key="undo-delete").click().run()
    assert {run.name for run in store.all_runs()} == {"a", "b", "rowcue-quick"}


@pytest.mark.parametrize("role", ["klass", "Class", "1"])
def test_a_role_that_is_none_is_refused_before_the_app_is_open_to_all(monkeypatch, capsys, role):
    monkeypatch.setenv(roles.SETTING, role)
    assert cli.main(["app"]) != 0
    assert roles.SETTING in capsys.readouterr().err
