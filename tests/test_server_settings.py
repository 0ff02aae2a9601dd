"""The server's settings: each by file and by variable, and each way of getting one wrong, in words."""

import os
from dataclasses import replace

import pytest

from cnngru import server_settings
from cnngru.server_settings import Settings, SettingsError, read

GOOD = {
    "visitors": ["watch", "start", "all"],
    "host": ["here", "nobody"],
    "folders": ["host", "all", "/"],
    "runs_a_person": [0, 1, 1000],
    "runs_in_all": [0, 7],
    "minutes_a_run": [0, 0.5, 90],
    "largest_batch": [0, 10_000],
    "most_pictures": [0, 10_000_000],
    "upload_mb": [0, 500],
    "pictures_gb": [0, 0.25, 3],
    "runs_gb": [0, 1.5],
}
WORDS = ["", "Watch", "none", "read-only", 1, True, ["watch"]]
NUMBERS = [-1, 10**9, "", "many", "0x10", "nan", "inf", "1e999", "9" * 5000, True, None, [1]]
WHOLE = [*NUMBERS, 1.5, "1.5"]
BAD = {
    **dict.fromkeys(("visitors", "host"), WORDS),
    "folders": ["", "none", "relative", "/no/such/folder", "/dev/null", "~", "/a\0b", 1, True],
    **dict.fromkeys(("minutes_a_run", "pictures_gb", "runs_gb"), NUMBERS),
    **dict.fromkeys(("runs_a_person", "runs_in_all", "largest_batch", "most_pictures", "upload_mb"), WHOLE),
}


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


@pytest.fixture(autouse=True)
def beside(checkpoints):
    """The settings file that lies beside the runs."""
    return checkpoints.with_name(server_settings.FILE)


def toml(value):
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')


def test_every_setting_is_tried_here():
    assert set(GOOD) == set(BAD) == set(server_settings.NAMES)


def test_without_any_visitors_do_what_they_did_and_nobody_has_chosen():
    assert read({}) == Settings()
    assert not read({}).chosen


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_each_is_taken_from_the_file_and_from_the_environment(beside, name, value):
    expected = replace(Settings(), **{name: value}, chosen=name == "visitors")
    assert read({server_settings.variable(name): str(value)}) == expected
    beside.write_text(f"{name} = {toml(value)}\n")
    assert read({}) == expected


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_a_wrong_value_is_told_by_name_and_place(beside, name, value):
    if not isinstance(value, (list, bool, type(None))):
        with pytest.raises(SettingsError, match=rf"(?s)^{name}, in the environment, is .* It may be "):
            read({server_settings.variable(name): str(value)})
    if value is not None and "\0" not in str(value):
        beside.write_text(f"{name} = {toml(value)}\n")
        with pytest.raises(SettingsError, match=rf"(?s)^{name}, in .*cnngru\.toml, is .* It may be ") as told:
            read({})
        assert len(str(told.value)) < 400


def test_the_environment_wins_over_the_file(beside):
    beside.write_text('visitors = "watch"\nruns_a_person = 7\n')
    assert read({"CNNGRU_VISITORS": "all"}) == Settings(visitors="all", runs_a_person=7, chosen=True)


def test_a_wrong_file_is_told_also_where_the_environment_would_win(beside):
    beside.write_text('visitors = "wach"\n')
    with pytest.raises(SettingsError, match="wach"):
        read({"CNNGRU_VISITORS": "all"})


def test_a_class_is_a_short_word_for_visitors_who_start(beside):
    assert (
        read({"CNNGRU_ROLE": "class"}) == Settings(visitors="start", chosen=True) == read({"CNNGRU_VISITORS": "start"})
    )
    assert read({"CNNGRU_ROLE": "class", "CNNGRU_VISITORS": "start"}).visitors == "start"
    assert read({"CNNGRU_ROLE": ""}) == Settings()
    beside.write_text('visitors = "all"\n')
    assert read({"CNNGRU_ROLE": "class"}).visitors == "start"
    for role in ("klass", "Class", "1", " class"):
        with pytest.raises(SettingsError, match="It may be class"):
            read({"CNNGRU_ROLE": role})
    with pytest.raises(SettingsError, match="Set one"):
        read({"CNNGRU_ROLE": "class", "CNNGRU_VISITORS": "all"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("visitors = start", "cannot be read"),
        ('visitors = "start"\nvisitors = "all"', "cannot be read"),
        ('visitor = "start"', "visitors may be meant"),
        ('[server]\nvisitors = "start"', "'server', which is no setting"),
        ("chosen = true", "which is no setting"),
        ("\0", "cannot be read"),
        ("x = " + "[" * 5000, "cannot be read"),
        ("# " + "x" * 70_000, "at most 64 KB"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(beside, text, told):
    beside.write_text(text)
    with pytest.raises(SettingsError, match=told):
        read({})


def test_what_is_no_text_and_no_file_is_told(beside, tmp_path):
    beside.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        read({})
    for place in (tmp_path / "none.toml", tmp_path, "/dev/zero", "~nobody-here/x"):
        with pytest.raises(SettingsError):
            read({"CNNGRU_SETTINGS": str(place)})
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # would be waited for
        with pytest.raises(SettingsError, match="no file"):
            read({"CNNGRU_SETTINGS": str(tmp_path / "pipe")})


def test_a_file_elsewhere_can_be_named(tmp_path):
    (tmp_path / "mine.toml").write_bytes(b'\xef\xbb\xbfvisitors = "watch"\r\n')  # as an editor on Windows writes it
    assert read({"CNNGRU_SETTINGS": str(tmp_path / "mine.toml")}).visitors == "watch"


@pytest.mark.parametrize("name", ["CNNGRU_VISITOR", "CNNGRU_VISTORS", "CNNGRU_RUNS_PER_PERSON", "CNNGRU_SETTING"])
def test_a_misspelt_variable_is_told(name):
    with pytest.raises(SettingsError, match=f"{name} is no setting. CNNGRU_[A-Z_]+ may be meant"):
        read({name: "start"})


def test_variables_of_others_are_left_alone():
    others = ("DATA", "CHECKPOINTS", "CIFAR10_URL", "MAX_RUNS", "ENGINE", "RAY_ADDRESS", "SCREENSHOTS")
    assert read({f"CNNGRU_{name}": "x" for name in others}) == Settings()


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.5", "my-computer", "unix:/run/app.sock"])
def test_it_knows_when_other_computers_are_listened_to(address):
    assert server_settings.listens_to_others(address)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.1.1", "::1"])
def test_it_knows_when_they_are_not(address):
    assert not server_settings.listens_to_others(address)


def test_what_visitors_may_do_is_said_in_two_sentences_once():
    told = server_settings.said(Settings())
    assert "stop, rename and delete all runs" in told
    assert "CNNGRU_VISITORS" in told
    assert told.count(". ") == 1
    assert "look at everything" in server_settings.said(Settings(visitors="watch", chosen=True))
    heard = []
    for _ in range(2):
        server_settings.say_once("a sentence of this test", heard.append)
    assert heard == ["a sentence of this test"]
