"""Confusion matrices count what was answered, with the true class down and the answer across."""

import numpy as np
import pytest

from cnngru.figures import confusion as figures

# Class by class: 0 as 0, 0 as 1, 1 as 1, 2 as 0, 0 as 1 (surer)
SHARES = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.1, 0.9, 0], [0.5, 0.3, 0.2], [0.1, 0.7, 0.2]], np.float32)
LABELS = np.array([0, 0, 1, 2, 0], np.uint8)
COUNTS = [[1, 2, 0], [0, 1, 0], [1, 0, 0]]


def test_rows_are_true_classes_and_columns_answers():
    np.testing.assert_array_equal(figures.counts(SHARES, LABELS), COUNTS)


def test_labels_that_would_overflow_a_byte_are_counted_right():
    labels = np.array([40], np.uint8)  # 40 · 100 classes
    counts = figures.counts(np.eye(100, dtype=np.float32)[[7]], labels)
    assert counts[40, 7] == counts.sum() == 1


def test_pictures_of_a_cell_come_surest_first():
    assert figures.in_cell(SHARES, LABELS, 0, 1).tolist() == [4, 1]
    assert figures.in_cell(SHARES, LABELS, 1, 2).tolist() == []


def drawn(counts=COUNTS):
    return figures.confusion(np.array(counts), ["a", "b", "c"], "title")


def test_colours_are_shares_of_the_true_class_on_a_fixed_scale():
    heatmap = drawn().data[0]
    np.testing.assert_allclose(heatmap.z, [[1 / 3, 2 / 3, 0], [0, 1, 0], [1, 0, 0]])
    assert (heatmap.zmin, heatmap.zmax) == (0, 1)
    np.testing.assert_array_equal(heatmap.text, COUNTS)


def test_a_class_without_pictures_has_no_shares_and_makes_no_trouble():
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(drawn([[1, 0, 0], [0, 0, 0], [0, 0, 1]]).data[0].z[1], [0, 0, 0])


def test_each_cell_says_what_it_counts():
    figure = drawn()
    for true, line in enumerate(figure.data[0].hovertext):
        for answer, said in enumerate(line):
            assert said.startswith(f"true: {'abc'[true]}<br>answer: {'abc'[answer]}<br>{COUNTS[true][answer]} of ")
    assert np.shape(figure.data[0].hovertext) == (3, 3)
    assert tuple(figure.layout.yaxis.range) == (2.5, -0.5)  # the first class on top
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "c"]


@pytest.mark.parametrize(("classes", "written"), [(12, True), (13, False)])
def test_counts_are_written_where_they_fit(classes, written):
    figure = figures.confusion(np.eye(classes, dtype=int), [str(i) for i in range(classes)], "")
    assert bool(figure.data[0].texttemplate) == written


@pytest.mark.parametrize("classes", [83, 100])
def test_as_many_classes_as_a_folder_may_have_are_drawn_and_their_names_have_room(classes):
    names = [f"class {i} with quite a long name" for i in range(classes)]
    figure = figures.confusion(np.eye(classes, dtype=int), names, "")
    assert "class 50 with quite a long name" in figure.data[0].hovertext[50][0]
    drawn = figure.layout.width - figure.layout.margin.l - figure.layout.margin.r
    assert drawn / classes >= 8  # pixels: it grows, so that a cell can be pointed at
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert len(axis.ticktext) == len(axis.tickvals) <= drawn / 10
        assert axis.ticktext[1] == f"class {axis.tickvals[1]}"[:7] + "…g name"


def test_the_cell_that_is_open_is_framed():
    assert not drawn().layout.shapes
    (frame,) = figures.confusion(np.array(COUNTS), ["a", "b", "c"], "title", chosen=(0, 1)).layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, -0.5, 0.5)


def test_the_commonest_mistakes_come_first_and_none_that_never_was():
    assert figures.worst_pairs(np.array(COUNTS)) == [(0, 1, 2), (2, 0, 1)]
    assert figures.worst_pairs(np.array(COUNTS), most=1) == [(0, 1, 2)]


def test_names_from_outside_are_drawn_as_text():
    figure = figures.confusion(np.eye(2, dtype=int), ["<b>a</b>", "R&D"], "<a href='x'>t</a>")
    assert list(figure.layout.yaxis.ticktext) == ["&lt;b&gt;a&lt;/b&gt;", "R&amp;D"]
    assert figure.data[0].hovertext[0][1].startswith("true: &lt;b&gt;a&lt;/b&gt;<br>answer: R&amp;D<br>")
    assert figure.layout.title.text == "&lt;a href='x'&gt;t&lt;/a&gt;"
