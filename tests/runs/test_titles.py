"""What a person calls a run is kept beside it, whatever it says."""

import os

import pytest
import unstarted

from cnngru.presets import preset
from cnngru.runs import store, titles

QUICK = preset("quick", "rowcue")


def test_a_run_is_called_what_a_person_says_and_else_by_its_name(checkpoints):
    name = unstarted.create(QUICK, "mine")
    config = (checkpoints / "mine" / "config.json").read_bytes()
    assert (store.get(name).title, store.get(name).called) == ("", "mine")
    store.call(name, "  <b>first</b>\n one… ")
    assert store.get(name).called == "<b>first</b> one…"
    assert store.get(name).config == QUICK
    assert (checkpoints / "mine" / "config.json").read_bytes() == config  # it never changes
    store.call(name, "")
    assert store.get(name).called == "mine"


def test_a_title_is_one_short_line_of_text():
    assert len(titles.plain("w" * 500)) == titles.LONGEST
    assert titles.plain("a\0b\x1b[31m\ud800c\u202ed") == "ab[31mcd"
    assert titles.plain(" \t\n") == ""


@pytest.mark.parametrize("found", [b"\xff\xfe", b"x" * 5000, None], ids=["no text", "too long", "a link elsewhere"])
def test_a_strangers_title_that_is_none_is_left_out(checkpoints, tmp_path, found):
    name = unstarted.create(QUICK, "mine")
    if found is None:
        (tmp_path / "secret").write_text("secret")
        os.symlink(tmp_path / "secret", checkpoints / name / titles.FILE)
    else:
        (checkpoints / name / titles.FILE).write_bytes(found)
    assert store.get(name).called == "mine"


def test_where_it_cannot_be_written_that_is_said(checkpoints):
    name = unstarted.create(QUICK, "mine")
    (checkpoints / name / f"{titles.FILE}.part").mkdir()
    with pytest.raises(store.RunError, match="could not be given a name"):
        store.call(name, "first")
    with pytest.raises(store.RunError, match="There is no run named other"):
        store.call("other", "first")
