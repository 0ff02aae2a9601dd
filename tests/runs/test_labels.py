"""A note, tags and a pin, beside the run."""

import json
import os

import pytest
import unstarted
from full_run import make, packed
from strangers import NAMES
from systems import needs_links, needs_pipes

from cnngru.presets import preset
from cnngru.runs import labels, owners, store, titles, unpacking
from cnngru.runs.labels import Labels
from cnngru.runs.store import RunError

QUICK = preset("quick", "rowcue")


@pytest.fixture
def folder(root):
    unstarted.create(QUICK, "a")
    return root / "a"


def test_what_is_noted_is_read_again_and_the_config_does_not_change(folder):
    before = (folder / "config.json").read_bytes()
    assert labels.read(folder) == Labels()
    labels.give("a", note="  First try.\n\n  Too fast?  \n", tags=["Baseline", "#gru"])
    labels.give("a", pinned=True)
    assert labels.read(folder) == Labels("First try.\n\n  Too fast?", ("baseline", "gru"), True)
    labels.give("a", note="", tags=[])
    assert labels.read(folder) == Labels(pinned=True)
    assert (folder / "config.json").read_bytes() == before
    assert sorted(file.name for file in folder.iterdir() if "part" in file.name) == []


@pytest.mark.parametrize("text", [*NAMES, "\ud800half", "tab\there", "a\x00b", "x" * 5000, "a\u3000b", "\n" * 9000])
def test_a_note_is_plain_lines_of_a_bounded_length(folder, text):
    labels.give("a", note=text, tags=[text])
    found = labels.read(folder)
    assert all(line.isprintable() for line in found.note.split("\n"))
    assert len(found.note) <= labels.LONGEST_NOTE
    assert labels.plain_note(found.note) == found.note
    assert labels.plain_tags(found.tags) == found.tags
    assert all(tag and " " not in tag and "," not in tag and len(tag) <= labels.LONGEST_TAG for tag in found.tags)


def test_tags_are_words_in_small_letters_none_twice():
    assert labels.plain_tags(["First Try", "first-try", "+GRU", " ", "#", "a,b", "-x-"]) == (
        "first-try",
        "gru",
        "a-b",
        "x",
    )
    assert len(labels.plain_tags(map(str, range(100)))) == labels.MOST_TAGS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[1]",
        "3",
        "[" * 30_000,
        '{"note": 3, "tags": "gru", "pinned": "yes"}',
        '{"note": ["a"], "tags": {"a": 1}, "pinned": 1}',
        json.dumps({"note": "x" * 100_000}),
    ],
)
def test_what_is_no_label_is_left_out(folder, text):
    (folder / labels.FILE).write_text(text)
    assert labels.read(folder) == Labels()
    assert store.get("a").status == "interrupted"


def test_of_what_is_half_right_the_right_half_counts(folder):
    (folder / labels.FILE).write_bytes(
        b'{"note": "<b>\\ud800x</b>\\u0007", "tags": ["A", 3, null, "a"], "pinned": true}'
    )
    assert labels.read(folder) == Labels("<b>x</b>", ("a",), True)


ODD = {
    "a folder": lambda path, outside: path.mkdir(),
    "a link out": lambda path, outside: path.symlink_to(outside),
    "a device": lambda path, outside: path.symlink_to("/dev/zero"),
    "a pipe": lambda path, outside: os.mkfifo(path),
}


@needs_pipes
@needs_links
@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("beside", ["", ".part"])
@pytest.mark.parametrize("name", [labels.FILE, titles.FILE, owners.FILE])
def test_nothing_is_read_or_written_through_what_is_no_file(folder, tmp_path, name, kind, beside):
    outside = tmp_path / "outside"
    outside.write_text('{"note": "secret"}')
    ODD[kind](folder / f"{name}{beside}", outside)
    assert labels.read(folder) == Labels()
    assert titles.read(folder) == owners.read(folder) == ""
    try:
        if name == labels.FILE:
            labels.give("a", note="mine")
        elif name == titles.FILE:
            store.call("a", "mine")
        else:
            owners.write(folder, "mine")
        assert "mine" in (folder / name).read_text()
    except (RunError, OSError):
        assert kind == "a folder"
    assert outside.read_text() == '{"note": "secret"}'


def test_an_unknown_run_and_a_folder_that_takes_nothing_are_told(folder, monkeypatch):
    with pytest.raises(RunError, match="no run named gone"):
        labels.give("gone", pinned=True)

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(labels.files, "write", full)
    with pytest.raises(RunError, match="could not be kept: No space left on device"):
        labels.give("a", note="x")
    assert labels.read(folder) == Labels()


def test_a_note_and_tags_go_along_to_another_computer_and_a_pin_does_not(elsewhere):
    folder = make()
    labels.give("mine", note="Why?", tags=["gru"], pinned=True)
    file = packed()
    assert unpacking.unpack(file) == "mine" + "-2"
    assert labels.read(store.root() / "mine-2") == Labels("Why?", ("gru",), False)
    (folder / labels.FILE).write_text("[" * 30_000)
    file = packed()
    elsewhere()
    assert labels.read(store.root() / unpacking.unpack(file)) == Labels()
