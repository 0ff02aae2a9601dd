"""A folder of pictures is looked at before a run is made of it."""

import ast
from pathlib import Path

import pytest
from PIL import Image

from cnngru.data import DataError, folder_check

PROJECT = Path(__file__).parents[2]


def fill(folder, **counts):
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for i in range(count):
            Image.new("RGB", (8, 8)).save(folder / name / f"{i}.png")


@pytest.mark.parametrize(
    "pasted",
    [
        " /home/me/my pictures ",
        '"/home/me/my pictures"',
        "'/home/me/my pictures' ",
        "“/home/me/my pictures”",
        "„/home/me/my pictures“",
        "« /home/me/my pictures »",
        "\"'/home/me/my pictures'\"",
        "file:///home/me/my%20pictures",
    ],
)
def test_a_path_is_read_as_it_is_pasted(pasted):
    assert folder_check.path_of(pasted) == "/home/me/my pictures"


def test_quotation_marks_that_belong_to_a_name_stay():
    assert folder_check.path_of("/home/me/'mine'") == "/home/me/'mine'"
    assert folder_check.path_of('"') == '"'
    assert folder_check.path_of(" ") == ""


def test_what_is_there_is_said(tmp_path):
    fill(tmp_path, cats=3, dogs=4)
    assert folder_check.found(folder_check.look(str(tmp_path))) == "2 classes. cats (3 files), dogs (4 files)."
    fill(tmp_path / "split" / "train", cats=2, dogs=2)
    fill(tmp_path / "split" / "test", cats=1, dogs=1)
    assert folder_check.found(folder_check.look(str(tmp_path / "split"))) == (
        "2 classes. train: cats (2 files), dogs (2 files); test: cats (1 file), dogs (1 file)."
    )


def test_too_few_pictures_and_files_that_are_none_are_refused(tmp_path):
    fill(tmp_path, cats=3, dogs=2)
    with pytest.raises(DataError, match=r"at least 3 readable pictures in each class; too few are in dogs \(2\)"):
        folder_check.look(str(tmp_path))
    (tmp_path / "dogs" / "0.png").write_text("no picture")
    (tmp_path / "dogs" / "1.png").write_text("no picture")
    (tmp_path / "dogs" / "2.txt").write_text("a list")
    with pytest.raises(DataError, match=r"among the first files of the class dogs\. 0\.png: The file is not a"):
        folder_check.look(str(tmp_path))
    Image.new("RGB", (8, 8)).save(tmp_path / "dogs" / "3.png")
    assert folder_check.look(str(tmp_path)).classes == ("cats", "dogs")  # one that can be read is enough for a look


def test_a_look_ends_wherever_a_person_has_written_it(tmp_path, monkeypatch):
    fill(tmp_path, cats=9, dogs=9)
    monkeypatch.setattr(folder_check, "MOST", 5)
    layout = folder_check.look(str(tmp_path))
    assert len(layout.parts["all"][1]) == 10
    assert folder_check.found(layout) == "2 classes. cats (5 or more files), dogs (5 or more files)."


def test_people_read_folder_never_the_other_word():
    """In texts of the program; those for who reads the code are let be."""
    told = []
    for path in [*PROJECT.glob("cnngru/**/*.py"), *PROJECT.glob("pages/*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        quiet = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}
        told += [
            f"{path.relative_to(PROJECT)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet
            if "director" in node.value.lower()
        ]
    assert not told


def _has_docstring(node):
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, documented) and ast.get_docstring(node) is not None
