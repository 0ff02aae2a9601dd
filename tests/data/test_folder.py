"""Folders of a person's own pictures: every layout, and what happens to files that are no pictures."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnngru import data
from cnngru.config import DataConfig
from cnngru.data import DataError

COLOURS = {"cats": (220, 40, 40), "dogs": (40, 220, 40), "birds": (40, 40, 220)}


def fill(folder: Path, counts: dict[str, int], size: tuple[int, int] = (48, 40), start: int = 0) -> None:
    """counts[class] PNGs a class in that class's colour, each with its own brightness in one corner."""
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for i in range(start, start + count):
            image = Image.new("RGB", size, COLOURS.get(name, (90, 90, 90)))
            image.paste((i, i, i), (size[0] // 2 - 4, size[1] // 2 - 4, size[0] // 2 + 4, size[1] // 2 + 4))
            image.save(folder / name / f"{i}.png")


def load(folder: Path, progress=None, **settings) -> data.Dataset:
    return data.load(DataConfig("folder", path=str(folder), **settings), progress)


def fingerprints(split: data.Split) -> set[bytes]:
    return {image.numpy().tobytes() for image in split.images}


def test_one_directory_is_split_in_three_stratified_parts(tmp_path):
    fill(tmp_path, {"cats": 40, "dogs": 20, "birds": 10})
    dataset = load(tmp_path)
    assert dataset.classes == ("birds", "cats", "dogs")
    assert dataset.notes == ()
    assert dataset.test.labels.bincount().tolist() == [1, 4, 2]
    assert dataset.validation.labels.bincount().tolist() == [1, 4, 2]
    assert dataset.train.labels.bincount().tolist() == [8, 32, 16]
    parts = [fingerprints(s) for s in (dataset.train, dataset.validation, dataset.test)]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 70  # no picture is in two parts
    for split in (dataset.train, dataset.validation, dataset.test):
        assert (split.images.dtype, split.labels.dtype, split.images.is_contiguous()) == (
            torch.uint8,
            torch.uint8,
            True,
        )
        for image, label in zip(split.images, split.labels, strict=True):
            assert tuple(image[:, 0, 0].tolist()) == COLOURS[dataset.classes[label]]


def test_the_split_depends_on_the_seed_alone(tmp_path):
    fill(tmp_path, {"cats": 30, "dogs": 30})
    assert torch.equal(load(tmp_path).train.images, load(tmp_path).train.images)
    assert fingerprints(load(tmp_path).test) != fingerprints(load(tmp_path, seed=1).test)


@pytest.mark.parametrize("validation", ["val", "validation", None])
def test_train_and_test_directories_are_used_as_they_are(tmp_path, validation):
    fill(tmp_path / "train", {"cats": 10, "dogs": 10})
    fill(tmp_path / "test", {"cats": 3, "dogs": 2}, start=100)
    if validation:
        fill(tmp_path / validation, {"cats": 2, "dogs": 4}, start=200)
    dataset = load(tmp_path)
    assert dataset.test.labels.bincount().tolist() == [3, 2]
    assert dataset.validation.labels.bincount().tolist() == ([2, 4] if validation else [1, 1])
    assert dataset.train.labels.bincount().tolist() == ([10, 10] if validation else [9, 9])
    assert not fingerprints(dataset.train) & fingerprints(dataset.test)


def test_classes_that_differ_between_train_and_test_are_named(tmp_path):
    fill(tmp_path / "train", {"cats": 4, "dogs": 4})
    fill(tmp_path / "test", {"cats": 4, "birds": 4})
    with pytest.raises(DataError, match="it differs in birds, dogs"):
        load(tmp_path)


def test_train_and_val_without_test_is_explained(tmp_path):
    fill(tmp_path / "train", {"cats": 4, "dogs": 4})
    fill(tmp_path / "val", {"cats": 4, "dogs": 4})
    with pytest.raises(DataError, match=r"has train/ but no test/.*rename"):
        load(tmp_path)


def test_files_that_are_no_pictures_are_left_out_and_named(tmp_path):
    fill(tmp_path, {"cats": 5, "dogs": 5})
    (tmp_path / "cats" / "empty.png").write_bytes(b"")
    (tmp_path / "cats" / "letter.png").write_text("Dear cat,")
    whole = (tmp_path / "dogs" / "0.png").read_bytes()
    (tmp_path / "dogs" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "dogs" / ".DS_Store").write_bytes(b"a system's own")
    dataset = load(tmp_path)
    assert len(dataset.train) + len(dataset.validation) + len(dataset.test) == 10
    assert dataset.notes[0] == "Hidden and system files and folders were left out: dogs/.DS_Store."
    assert [note.split(" was left out. ")[0].split("/", 1)[1] for note in dataset.notes[1:]] == [
        "cats/empty.png",
        "cats/letter.png",
        "dogs/cut.png",
    ]
    assert "The file is empty." in dataset.notes[1]


def test_too_few_readable_pictures_say_which_class_and_why(tmp_path):
    fill(tmp_path, {"cats": 5, "dogs": 2})
    (tmp_path / "dogs" / "letter.png").write_text("Dear dog,")
    with pytest.raises(DataError, match=r"at least 3 .*dogs \(2\)\..*letter\.png was left out"):
        load(tmp_path)


def test_three_pictures_a_class_are_enough(tmp_path):
    fill(tmp_path, {"cats": 3, "dogs": 3})
    dataset = load(tmp_path)
    for split in (dataset.train, dataset.validation, dataset.test):
        assert split.labels.bincount().tolist() == [1, 1]


@pytest.mark.parametrize(("count", "fine"), [(0, False), (1, False), (2, True), (100, True), (101, False)])
def test_2_to_100_classes(tmp_path, count, fine):
    fill(tmp_path, {f"class {i:03}": 3 for i in range(count)}, size=(8, 8))
    if fine:
        assert len(load(tmp_path).classes) == count
        assert int(load(tmp_path).train.labels.max()) == count - 1
    else:
        with pytest.raises(DataError, match=rf"has {count} sub-folders?; there must be 2 to 100"):
            load(tmp_path)


def test_the_one_directory_that_an_archive_left_around_all_is_named(tmp_path):
    fill(tmp_path / "flowers", {"cats": 3, "dogs": 3})
    with pytest.raises(DataError, match=r"has 1 sub-folder; .* Perhaps .*flowers is the folder that has them\."):
        load(tmp_path)


def test_a_directory_that_is_not_there_or_no_directory_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    for path, said in ((tmp_path / "nowhere", "There is no folder"), (tmp_path / "file", "is a file and no folder")):
        with pytest.raises(DataError, match=f"{said}.*Name a folder that has one sub-folder of pictures for each"):
            load(path)


def test_pictures_are_cropped_to_the_centre_and_resized(tmp_path):
    fill(tmp_path, {"cats": 3, "dogs": 3})
    wide = Image.new("RGB", (200, 100), "black")
    wide.paste("white", (50, 0, 150, 50))
    wide.paste("red", (50, 50, 150, 100))
    for name in ("cats", "dogs"):
        for file in (tmp_path / name).iterdir():
            wide.save(file)
    image = load(tmp_path).train.images[0]  # (3, 32, 32)
    assert int(image[:, :15].min()) == 255
    assert int(image[0, 17:].min()) == 255
    assert int(image[1:, 17:].max()) == 0


def test_pictures_in_deeper_directories_and_of_other_modes_are_found(tmp_path):
    fill(tmp_path, {"cats": 3, "dogs": 3})
    (tmp_path / "cats" / "2019" / "may").mkdir(parents=True)
    grey = Image.fromarray(np.full((40, 40), 77, np.uint8))
    grey.save(tmp_path / "cats" / "2019" / "may" / "grey.PNG")
    dataset = load(tmp_path)
    images = torch.cat([s.images for s in (dataset.train, dataset.validation, dataset.test)])
    assert len(images) == 7
    assert ((images == 77).flatten(1).all(1)).sum() == 1


def test_fewer_training_pictures_on_request(tmp_path):
    fill(tmp_path, {"cats": 20, "dogs": 20})
    dataset = load(tmp_path, pictures=10)
    assert len(dataset.train) + len(dataset.validation) == 10
    assert len(dataset.test) == 4
