"""One's own classes in the form, without a folder on the server."""

import io
import zipfile
from pathlib import Path

import handmade
import pytest
from PIL import Image
from test_train_page import button

from cnngru.data import folder_check
from cnngru.ui.train import own_pictures


def png(shade=0):
    file = io.BytesIO()
    Image.new("RGB", (40, 40), (shade, 90, 90)).save(file, "PNG")
    return file.getvalue()


def pictures(count=3, start=0):
    return [(f"{i}.png", png(start + i), "image/png") for i in range(count)]


@pytest.fixture
def form(app):
    test = app("train")
    test.selectbox(key="new-data").select("folder").run()
    return test


def boxes(test):
    return [box for box in test.file_uploader if box.label.startswith("Pictures of class")]


def names(test):
    return [field for field in test.text_input if field.label.startswith("Class ")]


def kept(tmp_path):
    return sorted((tmp_path / "no-data" / "own-pictures").glob("*"))


def test_classes_are_handed_over_one_by_one_and_trained_on(form, engine, tmp_path):
    test = form
    assert test.error[0].value == "Give each class its name and its pictures."
    assert button(test, "One class less").disabled
    button(test, "One class more").click().run()
    for field, name in zip(names(test), ("cats", "dogs", "birds"), strict=True):
        field.set_value(name)
    for i, box in enumerate(boxes(test)):
        box.set_value([*pictures(start=10 * i), ("notes.txt", b"a list", "text/plain")])
    test.run()
    assert "Take these pictures" in test.error[0].value
    assert button(test, "Start").disabled
    assert not kept(tmp_path), "nothing is written before one asks for it"
    button(test, "Take these pictures").click().run()
    assert not test.exception
    assert not test.error
    said = handmade.words(test).replace("\\", "")
    assert "3 classes. birds (3 files), cats (3 files), dogs (3 files)." in said
    assert "cats/notes.txt was left out." in said
    assert "9 own pictures, 3 epochs" in said
    button(test, "Start").click().run()
    (folder,) = kept(tmp_path)
    assert engine.started[0].data.path == str(folder)
    assert folder_check.look(str(folder)).classes == ("birds", "cats", "dogs")


def test_other_pictures_begin_anew_and_the_first_stay_where_they_are(form, tmp_path):
    test = form
    for i, (field, box) in enumerate(zip(names(test), boxes(test), strict=True)):
        field.set_value(f"class {i}")
        box.set_value(pictures())
    test.run()
    button(test, "Take these pictures").click().run()
    button(test, "Other pictures").click().run()
    assert [field.value for field in names(test)] == ["", ""]
    assert not any(box.value for box in boxes(test))
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (("cats", ""), "Each class needs a name."),
        (("cats", "../up"), "A class cannot be called ../up"),
        (("cats", "<b>*x*</b>/"), "A class cannot be called"),
        (("cats", "Cats "), "Two classes have the same name"),
    ],
)
def test_a_name_that_cannot_be_is_told_before_anything_is_written(form, tmp_path, named, said):
    test = form
    for field, box, name in zip(names(test), boxes(test), named, strict=True):
        field.set_value(name)
        box.set_value(pictures())
    test.run()
    assert test.error[0].value.replace("\\", "").startswith(said)
    assert button(test, "Start").disabled
    assert button(test, "Take these pictures") is None
    assert not kept(tmp_path)


def test_too_few_pictures_are_told_and_nothing_is_kept(form, tmp_path):
    test = form
    for field, box, name in zip(names(test), boxes(test), ("cats", "dogs"), strict=True):
        field.set_value(name)
        box.set_value(pictures(3 if name == "cats" else 2))
    test.run()
    button(test, "Take these pictures").click().run()
    assert "too few are in dogs" in test.error[0].value
    assert button(test, "Start").disabled
    assert not kept(tmp_path)
    box = boxes(test)[1]
    box.set_value(pictures(4)).run()
    button(test, "Take these pictures").click().run()
    assert not test.error


def test_a_zip_is_taken_and_one_that_is_none_told(form, engine, tmp_path):
    test = form
    test.get("button_group")[0].set_value("zip").run()
    assert test.error[0].value.startswith("Give a ZIP")
    (box,) = [box for box in test.file_uploader if "ZIP" in box.label]
    box.set_value([("x.zip", b"no zip", "application/zip")]).run()
    button(test, "Take these pictures").click().run()
    assert "no ZIP, or it is damaged" in test.error[0].value
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("rose", "tulip"):
            for i in range(3):
                archive.writestr(f"all/{name}/{i}.png", png(i))
    (box,) = [box for box in test.file_uploader if "ZIP" in box.label]
    box.set_value([("x.zip", file.getvalue(), "application/zip")]).run()
    button(test, "Take these pictures").click().run()
    assert not test.error
    button(test, "Start").click().run()
    assert Path(engine.started[0].data.path) == kept(tmp_path)[0]


def test_there_are_as_many_boxes_as_a_data_set_may_have_classes(form, monkeypatch):
    monkeypatch.setattr(own_pictures, "MOST_CLASSES", 3)
    test = form
    button(test, "One class more").click().run()
    assert len(boxes(test)) == 3
    assert button(test, "One class more").disabled
    button(test, "One class less").click().run()
    assert len(boxes(test)) == 2


def test_pictures_that_were_deleted_meanwhile_are_told(form, tmp_path):
    test = form
    for field, box, name in zip(names(test), boxes(test), ("cats", "dogs"), strict=True):
        field.set_value(name)
        box.set_value(pictures())
    test.run()
    button(test, "Take these pictures").click().run()
    (folder,) = kept(tmp_path)
    folder.rename(tmp_path / "elsewhere")
    own_pictures._look.clear()
    test.run()
    assert "cannot be read any more" in test.error[0].value
    assert str(tmp_path) not in test.error[0].value
    assert button(test, "Start").disabled
    button(test, "Other pictures").click().run()
    assert len(boxes(test)) == 2
