"""Folders as strangers have them: splits by many names, hidden copies, links, odd names. What is left out is told.

Long, because each way to lay out a folder is a test.
"""

import json
import os
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from cnngru import data
from cnngru.config import ConfigError, DataConfig
from cnngru.data import DataError, folder, folder_layout

WINDOWS = sys.platform == "win32"
links = pytest.mark.skipif(WINDOWS, reason="making links and pipes needs rights there")
bytes_in_names = pytest.mark.skipif(sys.platform != "linux", reason="file systems there hold text alone")


def fill(directory, count=4, start=0):
    """Pictures that no other call with another `start` makes."""
    os.makedirs(directory, exist_ok=True)
    for i in range(start, start + count):
        pixels = np.random.default_rng(i).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        with open(os.path.join(os.fsencode(directory), b"%d.png" % i), "wb") as file:
            Image.fromarray(pixels).save(file, "PNG")


def splits(root, **names):
    """Two classes in each split: names[split] is its directory, with numbers of its own."""
    for start, name in zip(range(0, 1000, 100), names.values(), strict=False):
        fill(root / name / "cats", start=start)
        fill(root / name / "dogs", start=start + 50)


def load(root, **settings):
    return data.load(DataConfig("folder", path=str(root), **settings))


def pictures(*parts):
    return {image.numpy().tobytes() for part in parts for image in part.images}


@pytest.mark.parametrize(
    ("train", "test", "validation"),
    [
        ("train", "test", "val"),
        ("Train", "Test", "Valid"),
        ("TRAINING", "TESTING", "DEV"),
        ("training_set", "test_set", "validation_set"),
        ("train-set", "test set", "dev.set"),
        ("TrainData", "testdata", "ValData"),
        ("trainset", "testset", "valset"),
        ("train_images", "TestImages", "val_images"),
        ("train2017", "test2017", "val2017"),
        ("seg_train", "seg_test", "seg_valid"),
        ("trn", "tst", "validate"),
        ("01 training", "03 testing", "02 development"),
    ],
)
def test_the_usual_names_are_splits(tmp_path, train, test, validation):
    splits(tmp_path, train=train, test=test, validation=validation)
    dataset = load(tmp_path)
    assert dataset.classes == ("cats", "dogs")
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [8, 8, 8]
    said = " ".join(dataset.notes)
    for name, split in ((train, "train"), (test, "test"), (validation, "validation")):
        assert f"{name} is used as the {split} split." in said or {train, test, validation} == {"train", "test", "val"}
    assert torch.equal(folder.test(DataConfig("folder", path=str(tmp_path))).images, dataset.test.images)


def test_without_validation_it_is_held_out_of_the_training_pictures(tmp_path):
    splits(tmp_path, train="Train", test="Test")
    dataset = load(tmp_path)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [6, 2, 8]


def test_what_lies_beside_the_splits_is_named(tmp_path):
    splits(tmp_path, train="train", test="test", extra="extra")
    (tmp_path / "labels.csv").write_text("a,b")
    assert load(tmp_path).notes == ("What lies beside the splits was left out: extra, labels.csv.",)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("train", "Train_2", "test"), "more than one folder for the same split"),
        (("train", "test", "val", "valid"), "more than one folder for the same split"),
        (("a_train", "a_test", "b_train", "b_test"), "more than one folder for the same split"),
        (("Training", "Valid"), r"has Training/ but no test/.*rename the validation folder to test"),
        (("train",), "has train/ but no test/"),
        (("test", "valid"), "has test/ and valid/ but no train/"),
        (("fold one", "fold two"), r"all hold the same ones \(cats, dogs\)"),
        (("Essai", "Apprentissage", "Épreuve"), r"all hold the same ones \(cats, dogs\)"),
    ],
)
def test_splits_that_are_not_clear_are_refused_and_never_classes(tmp_path, names, said):
    splits(tmp_path, **{str(i): name for i, name in enumerate(names)})
    with pytest.raises(DataError, match=said):
        load(tmp_path)


def test_the_same_sub_folders_in_another_case_are_the_same(tmp_path):
    fill(tmp_path / "A" / "Cats")
    fill(tmp_path / "A" / "Dogs", start=50)
    fill(tmp_path / "B" / "cats", start=100)
    fill(tmp_path / "B" / "dogs", start=150)
    with pytest.raises(DataError, match=r"all hold the same ones \(cats, dogs\)"):
        load(tmp_path)


def test_sub_folders_beside_pictures_of_a_class_are_its_own(tmp_path):
    for start, name in enumerate(("cats", "cats/2019", "cats/2020", "dogs", "dogs/2019", "dogs/2020")):
        fill(tmp_path / name, start=100 * start)
    dataset = load(tmp_path)
    assert dataset.classes == ("cats", "dogs")
    assert dataset.notes == ("The classes are cats, dogs. What each of them holds inside is not: 2019, 2020.",)


def test_splits_inside_classes_are_refused_with_the_way_out(tmp_path):
    for start, name in enumerate(("cats/Train", "cats/Test", "dogs/Train", "dogs/Test")):
        fill(tmp_path / name, start=100 * start)
    with pytest.raises(DataError, match=r"holds its own splits \(test, train\)\. Turn it round"):
        load(tmp_path)


def test_classes_that_all_hold_a_folder_are_told(tmp_path):
    for start, name in enumerate(("cats", "dogs")):
        fill(tmp_path / name / "images", start=100 * start)
    dataset = load(tmp_path)
    assert dataset.classes == ("cats", "dogs")
    assert dataset.notes == ("The classes are cats, dogs. What each of them holds inside is not: images.",)


def test_a_class_may_be_called_train_where_there_is_no_other_split(tmp_path):
    for start, name in enumerate(("car", "train", "test tube")):
        fill(tmp_path / name, start=100 * start)
    dataset = load(tmp_path)
    assert dataset.classes == ("car", "test tube", "train")
    assert dataset.notes == ("train is taken as a class: there are no other splits beside it.",)


SYSTEM = [".ipynb_checkpoints", "@eaDir", "__MACOSX", ".AppleDouble", "$RECYCLE.BIN", "lost+found", ".git"]


@pytest.mark.parametrize("name", SYSTEM)
@pytest.mark.parametrize("where", ["", "cats", "cats/2019"])
def test_hidden_and_system_folders_are_left_out_and_told(tmp_path, name, where):
    for start, each in enumerate(("cats", "cats/2019", "dogs")):
        fill(tmp_path / each, start=100 * start)
    fill(tmp_path / where / name / "deeper")  # copies of the first cats
    dataset = load(tmp_path)
    assert dataset.classes == ("cats", "dogs")
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == 12
    shown = f"{where}/{name}" if where else name
    assert dataset.notes == (f"Hidden and system files and folders were left out: {shown}.",)


@pytest.mark.skipif(WINDOWS, reason="some of these names cannot be there")
@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", "._0.png", ".DS_Store", "Icon\r"])
def test_hidden_and_system_files_are_left_out_and_told(tmp_path, name):
    fill(tmp_path / "train" / "cats")
    fill(tmp_path / "train" / "dogs", start=10)
    fill(tmp_path / "test" / "cats", start=20)
    fill(tmp_path / "test" / "dogs", start=30)
    (tmp_path / "test" / "dogs" / name).write_bytes(b"\0\5\x16\7")
    assert load(tmp_path).notes == (f"Hidden and system files and folders were left out: test/dogs/{name}.",)


def test_a_picture_in_two_splits_is_told(tmp_path):
    splits(tmp_path, train="train", validation="val", test="test")
    fill(tmp_path / "test" / "cats", count=2)  # 0.png and 1.png, as in train/cats
    Image.open(tmp_path / "train/dogs/52.png").save(tmp_path / "val/dogs/copy.bmp")
    notes = load(tmp_path).notes
    assert len(notes) == 2
    assert notes[0].startswith("2 of the 10 test pictures are also train pictures, pixel for pixel")
    assert "train/cats/0.png = test/cats/0.png" in notes[0]
    assert notes[1].startswith("1 of the 9 validation pictures are also train pictures")
    assert "train/dogs/52.png = val/dogs/copy.bmp" in notes[1]


def test_a_picture_in_two_classes_is_told(tmp_path):
    root = tmp_path / "mine"
    fill(root / "cats")
    fill(root / "dogs", start=50)
    assert load(root).notes == ()
    for place in ("cats/0 again.png", "dogs/0 too.png"):
        Image.open(root / "cats/0.png").save(root / place)
    (note,) = [note for note in load(root).notes if "class" in note]
    assert note.startswith("1 picture lies in more than one class, pixel for pixel")
    assert "(mine/cats/0 again.png = mine/dogs/0 too.png)" in note


def test_copies_are_told_also_where_the_split_is_made_here(tmp_path):
    for each in ("cats", "cats/copies", "cats/copies again"):
        fill(tmp_path / each, count=10)
    fill(tmp_path / "dogs", count=10, start=50)
    dataset = load(tmp_path)
    train, test = pictures(dataset.train), [image.numpy().tobytes() for image in dataset.test.images]
    both = sum(picture in train for picture in test)
    assert both > 0
    (note,) = [note for note in dataset.notes if "test pictures are also train" in note]
    assert note.startswith(f"{both} of the {len(test)} test pictures")


@bytes_in_names
def test_names_that_are_no_text_are_shown_escaped_and_can_be_stored(tmp_path):
    fill(tmp_path / "dogs", start=50)
    fill(os.path.join(os.fsencode(tmp_path), b"caf\xe9s"))
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9s", b"\xfft\xe9.png"), "wb") as file:
        file.write(b"no picture")
    dataset = load(tmp_path)
    assert dataset.classes == (r"caf\xe9s", "dogs")
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == 8
    assert r"caf\xe9s/\xfft\xe9.png was left out." in dataset.notes[0]
    json.dumps([dataset.classes, dataset.notes], ensure_ascii=False).encode()


@bytes_in_names
def test_two_classes_of_one_shown_name_are_refused(tmp_path):
    fill(os.path.join(os.fsencode(tmp_path), b"caf\xe9"))
    fill(tmp_path / r"caf\xe9", start=50)
    with pytest.raises(DataError, match="shown by the same name"):
        load(tmp_path)


@bytes_in_names
def test_a_path_that_is_no_text_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ConfigError, match=r"caf\\udce9 is no text"):
        DataConfig("folder", path=os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))


def test_a_home_that_nobody_has_is_a_sentence():
    with pytest.raises(DataError, match="no home folder for ~nobody-of-that-name"):
        load("~nobody-of-that-name/x")


@links
def test_linked_folders_are_followed(tmp_path):
    fill(tmp_path / "all" / "cats")
    fill(tmp_path / "all" / "dogs", start=50)
    fill(tmp_path / "elsewhere" / "deep", start=100)
    (tmp_path / "all" / "cats" / "more").symlink_to(tmp_path / "elsewhere")
    dataset = load(tmp_path / "all")
    assert (dataset.train.labels == 0).sum() + (dataset.test.labels == 0).sum() == 7  # and one for validation
    assert dataset.notes == ()


@links
@pytest.mark.parametrize("target", [".", "..", "../cats", "sub", "../dogs/.."])
def test_loops_and_second_links_are_left_out_and_named(tmp_path, target):
    fill(tmp_path / "cats" / "sub")
    fill(tmp_path / "dogs", start=50)
    (tmp_path / "cats" / "link").symlink_to(target)
    dataset = load(tmp_path)
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == 8
    (note,) = dataset.notes
    assert note.startswith("Links to a folder that is read already were left out: cats/")


@links
def test_broken_links_pipes_and_closed_folders_are_named(tmp_path, monkeypatch):
    fill(tmp_path / "cats")
    fill(tmp_path / "dogs", start=50)
    fill(tmp_path / "dogs" / "closed", start=80)
    (tmp_path / "cats" / "gone.png").symlink_to("nowhere")
    os.mkfifo(tmp_path / "cats" / "pipe.png")
    look = folder_layout.Path.iterdir

    def closed(path):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(folder_layout.Path, "iterdir", closed)
    assert set(load(tmp_path).notes) == {
        "What is no file, or a link that leads nowhere, was left out: cats/gone.png, cats/pipe.png.",
        "Folders that could not be opened were left out: dogs/closed.",
    }


def test_an_empty_class_is_named(tmp_path):
    fill(tmp_path / "cats")
    fill(tmp_path / "dogs", start=50)
    (tmp_path / "birds").mkdir()
    with pytest.raises(DataError, match=r"too few are in birds \(0\)"):
        load(tmp_path)


def test_notes_stay_short_however_much_is_left_out(tmp_path):
    fill(tmp_path / "cats")
    fill(tmp_path / "dogs", start=50)
    for i in range(300):
        (tmp_path / "cats" / f".{i}").write_bytes(b"x")
        (tmp_path / "cats" / f"{i:03}{'w' * 200}.txt").write_bytes(b"x")
        (tmp_path / f"{i:03}{'w' * 200}.txt").write_bytes(b"x")
    notes = load(tmp_path).notes
    assert len(notes) == 2 + folder.MOST + 1
    assert notes[-1] == f"{300 - folder.MOST} more files could not be read and were left out."
    assert any(note.endswith("and 295 more.") for note in notes[:2])
    assert max(map(len, notes)) < 600


@pytest.mark.skipif(WINDOWS, reason="some of these names cannot be there")
@pytest.mark.parametrize("name", ["w" * 200, "a<br>b", "$x^2$", "[x](y)", "猫", "شاحنة", "a\nb", " "])
def test_classes_keep_their_names(tmp_path, name):
    fill(tmp_path / name)
    fill(tmp_path / "dogs", start=50)
    assert set(load(tmp_path).classes) == {name, "dogs"}
