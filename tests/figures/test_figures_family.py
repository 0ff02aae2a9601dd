"""The tree of a family: a line a run, which leaves its parent's where it was continued."""

from cnngru.figures.family import Branch, tree

FAMILY = [
    Branch("a", "first", None, 0, 90, 0.8, ""),
    Branch("b", "<b>second</b>", "a", 30, 60, None, "epochs 4"),
    Branch("c", "third", "gone", 10, 5, 0.5, "unchanged"),
]


def test_each_run_is_a_line_that_leaves_its_parents():
    first, second, third = tree(FAMILY, "b").data
    assert (list(first.x), list(first.y)) == ([0, 90], [0, 0])
    assert (list(second.x), list(second.y)) == ([30, 30, 60], [0, 1, 1])
    assert (list(third.x), list(third.y)) == ([10, 10], [2, 2]), "whose parent is gone begins by itself"
    assert second.line.width > first.line.width, "the one that is looked at"


def test_names_are_shown_as_they_are_written():
    second = tree(FAMILY, "a").data[1]
    assert "<b>second" not in "".join(second.text)
    assert "second" in "".join(second.text)
    assert "80.0 %" in tree(FAMILY, "a").data[0].text[0]
