"""Pictures that a person hands over become a folder of the app, whatever else is among them."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnngru import data
from cnngru.config import DataConfig
from cnngru.data import DataError, own


def png(shade=0, size=(40, 48)):
    file = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 90)).save(file, "PNG")
    return file.getvalue()


def some(count=3, start=0):
    return [(f"IMG {i}.png", png(start + i)) for i in range(count)]


def packed(files, **how):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    file.seek(0)
    return file


def of_classes(prefix="", **counts):
    return {f"{prefix}{name}/{i}.png": png(i + len(name)) for name, count in counts.items() for i in range(count)}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Where the app keeps them."""
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path / "data"))
    yield tmp_path / "data" / "own-pictures"
    outside = {path.name for path in tmp_path.iterdir()} - {"data"}
    assert not outside, "written outside of the folder"
    assert not list((tmp_path / "data").glob(f"*/{own.TAKING}*")), "something was left over"


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pictures_by_class_become_a_data_set(place):
    told = []
    kept = own.keep({" two  words ": some(), "dogs": some(4, 50)}, lambda done, n: told.append((done, n)))
    assert kept.notes == ()
    assert kept.folder.parent == place
    assert tree(kept.folder)[0] == "dogs/00004-IMG-0.png"
    assert told[-1] == (7, 7)
    dataset = data.load(DataConfig("folder", str(kept.folder)))
    assert dataset.classes == ("dogs", "two words")
    assert sum(map(len, (dataset.train, dataset.validation, dataset.test))) == 7


def test_what_is_kept_is_what_the_network_sees_and_nothing_else():
    noise = np.random.default_rng(0).integers(0, 256, (100, 80, 3), dtype=np.uint8)
    photo, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "where I live"
    Image.fromarray(noise).save(photo, "PNG", exif=exif)
    kept = own.keep({"a": [("x.png", photo.getvalue()), *some(2)], "b": some()})
    (file,) = kept.folder.glob("a/*-x.png")
    assert b"where I live" in photo.getvalue()
    assert b"where I live" not in file.read_bytes()
    expected = own.decode(photo.getvalue()).square(32)
    assert np.array_equal(own.decode(file).square(32), expected)


def test_bad_files_are_told_by_name_and_the_good_ones_kept():
    bad = [("notes.txt", b"a list"), ("empty.png", b""), ("cut.png", png()[:60]), ("../../up.png", png(7))]
    kept = own.keep({"cats": [*some(), *bad], "dogs": some()})
    assert [note.split(" was left out")[0] for note in kept.notes] == [
        "cats/notes.txt",
        "cats/empty.png",
        "cats/cut.png",
    ]
    assert len(tree(kept.folder)) == 7  # a file's name never becomes a path
    assert all(Path(name).parent.name in ("cats", "dogs") for name in tree(kept.folder))


def test_two_sets_of_one_moment_do_not_touch_each_other():
    first, second = own.keep({"a": some(), "b": some()}), own.keep({"c": some(), "d": some()})
    assert first.folder != second.folder
    assert {name[0] for name in tree(first.folder)} == {"a", "b"}


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ({"cats": some()}, r"1 sub-folder; there must be 2 to 100"),
        (
            {"cats": some(), "dogs": some(2)},
            r"What you gave needs at least 3 readable .* dogs \(2\)\. Nothing was kept",
        ),
        ({"cats": some(), "dogs": [("a.txt", b"x")] * 3}, r"Nothing was kept\. dogs/a.txt was left out"),
        ({"cats": some(), " CATS ": some()}, "Two classes are called cats"),
        ({"": some(), "dogs": some()}, "needs a name"),
        ({"a/b": some(), "dogs": some()}, "cannot be called a/b"),
        ({"..": some(), "dogs": some()}, "cannot be called"),
        ({".hidden": some(), "dogs": some()}, "cannot be called"),
        ({"nul": some(), "dogs": some()}, "cannot be called"),
        ({"__MACOSX": some(), "dogs": some()}, "cannot be called"),
        ({"w" * 61: some(), "dogs": some()}, "cannot be called"),
        ({"a\0b": some(), "dogs": some()}, "cannot be called"),
    ],
)
def test_what_makes_no_data_set_is_refused_in_words_and_leaves_nothing(place, classes, said):
    with pytest.raises(DataError, match=said) as refused:
        own.keep(classes)
    assert str(place) not in str(refused.value)
    assert not place.exists() or not list(place.iterdir())


def test_no_more_are_taken_than_one_may_give(monkeypatch):
    monkeypatch.setattr(own, "MOST", 6)
    kept = own.keep({"a": some(), "b": some(5)})
    assert len(tree(kept.folder)) == 6
    assert kept.notes == ("2 more files were left out: at most 6 pictures are taken.",)
    monkeypatch.setattr(own, "MOST", 100)
    monkeypatch.setattr(own, "PIXELS", 6 * 40 * 48 - 1)
    assert len(tree(own.keep({"a": some(), "b": some(5)}).folder)) == 6
    monkeypatch.setattr(own, "LARGEST", 50)
    with pytest.raises(DataError, match="more than 0 MB"):
        own.keep({"a": some(), "b": some(5)})


def test_a_full_disk_is_a_sentence(place, monkeypatch):
    def full(*args, **settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(DataError, match=r"could not be kept: No space left on device\. Nothing was kept"):
        own.keep({"a": [("x", own_png)] * 3, "b": [("x", own_png)] * 3})
    assert not list(place.iterdir())


own_png = png()


@pytest.mark.parametrize("prefix", ["", "flowers/", "a/b/"])
def test_a_zip_has_a_folder_for_each_class(prefix):
    kept = own.keep_zip(packed(of_classes(prefix, rose=3, tulip=4)))
    assert data.load(DataConfig("folder", str(kept.folder))).classes == ("rose", "tulip")
    assert kept.notes == ()


def test_a_zip_may_have_splits():
    parts = {**of_classes("set/train/", rose=2, tulip=2), **of_classes("set/test/", rose=1, tulip=1)}
    kept = own.keep_zip(packed(parts))
    assert len(data.load(DataConfig("folder", str(kept.folder))).test) == 2


def test_nothing_leaves_the_place_and_what_systems_hide_is_left_out(place):
    odd = {
        "../evil.png": png(1),
        "/etc/evil.png": png(2),
        "rose/../../../evil.png": png(3),
        "..\\..\\evil.png": png(4),
        "C:\\evil\\evil.png": png(5),
        "/".join("abcdefgh") + "/evil.png": png(6),
        "loose.png": png(7),
        "__MACOSX/rose/._0.png": b"x",
        "rose/.DS_Store": b"x",
        "rose/Thumbs.db": b"x",
        "rose/readme.txt": b"x",
    }
    kept = own.keep_zip(packed({**of_classes(rose=3, tulip=3), **odd}))
    assert len(tree(kept.folder)) == 6
    assert [note.split(" was left out")[0] for note in kept.notes] == [
        *["evil.png"] * 6,
        "loose.png",
        "rose/readme.txt",
    ]
    assert [path.name for path in place.iterdir()] == [kept.folder.name]


def test_names_of_folders_are_made_fit_for_every_system():
    kept = own.keep_zip(packed({**of_classes("con/", a=0), **of_classes(**{'a"b*': 3, "nul": 3, "ü": 3})}))
    assert {name.split("/")[0] for name in tree(kept.folder)} == {"a_b_", "nul_", "ü"}


def test_a_link_in_a_zip_is_no_picture(tmp_path):
    entry = zipfile.ZipInfo("rose/link.png")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in of_classes(rose=3, tulip=3).items():
            archive.writestr(name, content)
        archive.writestr(entry, "/etc/passwd")
    kept = own.keep_zip(file)
    assert "rose/link.png was left out" in kept.notes[0]
    assert not any(path.is_symlink() for path in kept.folder.rglob("*"))


def locked(content):
    """The same ZIP with each file's flag that says it is encrypted."""
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.find(mark)
        while at >= 0:
            content = content[: at + place] + bytes([content[at + place] | 1]) + content[at + place + 1 :]
            at = content.find(mark, at + 4)
    return io.BytesIO(content)


def test_bombs_and_locked_files_are_left_out(monkeypatch):
    good = of_classes(rose=3, tulip=3)
    kept = own.keep_zip(packed({**good, "rose/bomb.png": b"\0" * 30_000_000}, compression=zipfile.ZIP_DEFLATED))
    assert kept.notes == ("rose/bomb.png was left out. It has more than 20 MB.",)
    with pytest.raises(DataError, match="locked with a password"):
        own.keep_zip(locked(packed(good).getvalue()))
    with pytest.raises(DataError, match="packed in an unusual way"):
        own.keep_zip(packed(good, compression=zipfile.ZIP_BZIP2))
    monkeypatch.setattr(own, "UNPACKED", 300)
    with pytest.raises(DataError, match="Unpacked, the ZIP has more than"):
        own.keep_zip(packed(good))


def test_a_list_that_is_too_long_is_not_read(monkeypatch):
    monkeypatch.setattr(own, "LISTED", 100)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(DataError, match="too large"):
        own.keep_zip(good := packed_before)
    good.seek(0)


packed_before = packed(of_classes(rose=3, tulip=3))


@pytest.mark.parametrize("content", [b"", b"no zip", packed_before.getvalue()[:-30], b"PK\5\6" + b"\0" * 5])
def test_what_is_no_zip_is_said(content):
    with pytest.raises(DataError, match="no ZIP, or it is damaged"):
        own.keep_zip(io.BytesIO(content))


def test_a_damaged_file_in_a_zip_is_left_out():
    content = bytearray(packed({"rose/x.png": (marked := os.urandom(64)), **of_classes(rose=3, tulip=3)}).getvalue())
    content[content.find(marked)] ^= 255
    kept = own.keep_zip(io.BytesIO(bytes(content)))
    assert kept.notes == ("rose/x.png was left out. It is damaged in the ZIP.",)
