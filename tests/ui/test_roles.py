"""Who may do what: the host everything, visitors what the server's settings let them, each steering its own runs."""

import hashlib
import inspect
from pathlib import Path

import handmade
import pytest
from handmade import ELSEWHERE, WORD

from cnngru.runs import labels as noted
from cnngru.runs import owners, store
from cnngru.runs.commands import Command
from cnngru.ui import components, roles
from cnngru.ui.visitor import COOKIE

ME = hashlib.sha256(WORD.encode()).hexdigest()[:32]
DONE = [handmade.STARTED, handmade.PROGRESS, handmade.VALIDATED, handmade.FINISHED]


def made(name, owner=""):
    handmade.run(name, *DONE)
    if owner:
        owners.write(store.root() / name, owner)
    return store.get(name)


def button_of(test, label):
    (button,) = [button for button in test.button if button.label == label]
    return button


def press(test, label):
    """Presses the button of that name, greyed out or not: a browser can be made to."""
    button = button_of(test, label)
    button.proto.disabled = False
    button.click().run()
    assert not test.exception


def test_without_a_setting_everybody_may_steer_everything(checkpoints, come_from):
    come_from(ELSEWHERE)
    assert roles.may_change(made("a"))
    assert not roles.is_host()
    assert roles.why_not_start() is None


def test_a_visitor_changes_only_what_its_own_browser_has_started(checkpoints, visit):
    mine, theirs, nobodys = made("mine", ME), made("theirs", "f" * 32), made("nobodys")
    assert [roles.may_change(run) for run in (mine, theirs, nobodys)] == [True, False, False]
    visit(word="f" * 32)  # the hash is no key
    assert not roles.may_change(theirs)
    for nothing in ("", "short", "f" * 31, "g" * 32, "f" * 65):  # also before it has said who it is
        visit(word=nothing)
        assert not any(roles.may_change(run) for run in (mine, theirs, nobodys))


def test_what_is_others_is_neither_stopped_nor_resumed_nor_told_anything(checkpoints, visit, engine):
    mine, theirs = made("mine", ME), made("theirs", "f" * 32)
    for refused in (lambda: roles.stop(theirs), lambda: roles.resume(theirs)):
        with pytest.raises(store.RunError, match="Only who has started it"):
            refused()
    assert roles.why_not_give(theirs, Command("pause")) == roles.NOT_YOURS
    assert engine.stopped == []
    roles.stop(mine, force=True)
    assert engine.stopped == [("mine", True)]
    assert roles.why_not_give(mine, Command("pause")) is None


def test_a_visitor_cannot_give_a_run_more_minutes_later(checkpoints, visit, monkeypatch):
    monkeypatch.setenv("CNNGRU_MINUTES_A_RUN", "2")
    mine = made("mine", ME)
    for seconds, refused in ((60, False), (120, False), (121, True), (0, True)):
        assert bool(roles.why_not_give(mine, Command("set", "training.seconds", seconds))) is refused
    assert roles.why_not_give(mine, Command("set", "training.epochs", 500)) is None
    visit(address=None)
    assert roles.why_not_give(mine, Command("set", "training.seconds", 0)) is None


def test_who_watches_changes_nothing_not_even_its_own(checkpoints, visit, monkeypatch):
    monkeypatch.setenv("CNNGRU_VISITORS", "watch")
    assert not roles.may_change(made("mine", ME))
    assert roles.why_not_start() == roles.WATCH


def test_the_word_has_128_random_bits():
    assert "crypto.getRandomValues(new Uint8Array(16))" in (components.HERE / "page_keys.js").read_text()


def test_a_started_run_is_its_browsers_and_only_a_hash_says_so(checkpoints, visit, engine):
    name = roles.start(handmade.tiny())
    run = store.get(name)
    assert owners.read(run.folder) == ME
    assert roles.may_change(run)
    for file in run.folder.rglob("*"):
        assert file.is_dir() or WORD.encode() not in file.read_bytes()
    visit(address=None)  # the host starts one
    assert owners.read(store.get(roles.start(handmade.tiny())).folder) == ""


def test_a_browser_without_a_word_starts_nothing(checkpoints, visit, engine):
    visit(word="")
    with pytest.raises(store.RunError, match="allow cookies"):
        roles.start(handmade.tiny())
    assert engine.started == []


def test_a_word_is_asked_for_once_and_not_of_the_host(visit):
    assert roles.cookie() == ""  # it came with the request
    visit(word="")
    assert roles.cookie() == COOKIE
    visit(word="", address=None)
    assert roles.cookie() == ""


def test_what_is_others_stays_also_where_a_greyed_out_button_is_pressed(app, visit, engine, holding):
    handmade.run("theirs", handmade.STARTED, handmade.PROGRESS, model=False)
    holding("theirs")
    handmade.run("over", *DONE)
    test = app("train", run="theirs")
    assert button_of(test, "Stop training").disabled
    press(test, "Stop training")
    assert engine.stopped == []
    test = app("train", run="over")
    assert "title-over" not in [field.key for field in test.text_input], "there is no form to be filled in"
    press(test, "Pin")
    assert not noted.read(store.root() / "over").pinned
    press(test, "Delete it")
    assert store.find("over")
    owners.write(store.root() / "theirs", ME)
    test = app("train", run="theirs")
    assert not button_of(test, "Stop training").disabled


@pytest.mark.parametrize("page", ["train", "home", "compare"])
def test_who_watches_finds_no_way_to_start(app, visit, monkeypatch, engine, page):
    monkeypatch.setenv("CNNGRU_VISITORS", "watch")
    test = app(page)
    labels = [button.label for button in test.button]
    assert not any(label.startswith(("Start", "Download", "Reset", "Show them")) for label in labels)
    assert page == "home" or roles.WATCH in handmade.words(test)
    with pytest.raises(store.RunError, match="watch"):
        roles.start(handmade.tiny())


def test_a_visitor_names_no_folder_of_the_computer(app, visit, monkeypatch, tmp_path):
    def ways(test):
        test.selectbox(key="new-data").set_value("folder").run()
        assert not test.exception
        return test.segmented_control(key="new-way").options

    folder = "A folder of this computer"
    visit(address=None)
    assert folder in ways(app("train"))
    visit()
    assert folder not in ways(app("train"))
    config = handmade.tiny(data__path=str(tmp_path), data__name="folder")
    with pytest.raises(store.RunError, match="hand the pictures over"):
        roles.start(config)
    monkeypatch.setenv("CNNGRU_FOLDERS", "all")
    assert folder in ways(app("train"))
    assert roles.start(config)


def test_a_visitor_names_only_what_is_inside_the_folder_that_is_allowed(app, visit, monkeypatch, tmp_path):
    inside, outside = tmp_path / "open" / "cats", tmp_path / "closed"
    for place in (inside, outside):
        place.mkdir(parents=True)
    (tmp_path / "open" / "link").symlink_to(outside)
    monkeypatch.setenv("CNNGRU_FOLDERS", str(tmp_path / "open"))
    test = app("train")
    assert roles.why_not_folder(str(inside)) is None
    refused = (
        outside,
        tmp_path / "none",
        tmp_path / "open/../closed",
        tmp_path / "open/link",
        "~",
        "~nobody/x",
        "a\0b",
    )
    told = {roles.why_not_folder(str(path)) for path in refused}
    assert told == {f"Only folders inside {tmp_path / 'open'} can be named here."}  # existing or not
    test.selectbox(key="new-data").set_value("folder").run()
    test.segmented_control(key="new-way").set_value("folder").run()
    test.text_input(key="new-path").set_value(str(tmp_path)).run()
    assert test.error[0].value.startswith("Only folders inside")


def test_pictures_that_were_handed_over_are_no_named_folder(checkpoints, visit, engine, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path / "data"))
    handed = tmp_path / "data" / "own-pictures" / "20260101-000000"
    assert roles.start(handmade.tiny(data__path=str(handed), data__name="folder"))


def test_a_visitor_is_not_told_where_the_computers_folders_are(app, visit):
    config = handmade.tiny(data__path="/home/somebody/secret/cats", data__name="folder")
    handmade.run("a", *DONE, config=config)
    assert not any("somebody" in block.value for block in app("train", run="a").code)
    visit(address=None)
    assert any("somebody" in block.value for block in app("train", run="a").code)


def test_all_that_pages_start_and_stop_goes_through_one_door():
    """Else a page could forget the limits, and whose run it is."""
    pages = Path(inspect.getfile(roles)).parent
    asked = {path.name for path in pages.rglob("*.py") if "engines.choose()" in path.read_text(encoding="utf-8")}
    assert asked <= {"roles.py", "reset.py"}  # that is for the host alone
