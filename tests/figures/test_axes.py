"""Axes stand side by side as they were asked to: widths, gaps, headings, one axis of pixel rows."""

import itertools

import numpy as np
import pytest

from cnngru.figures import axes
from cnngru.figures.axes import Column

BANDS = np.array([(0, 5), (2, 9), (6, 13), (10, 16)])
ACROSS = [Column("a", width=0.2), Column("b", gap=0.1), Column("c", weight=1.5, yaxis="y2"), Column("d", width=0.1)]


def domains(layout):
    return [layout[name]["domain"] for name in layout if name.startswith("xaxis")]


def test_what_widths_and_gaps_leave_is_shared_by_weight():
    layout = axes.across(ACROSS, 0.04)
    assert [name for name in layout if name.startswith("xaxis")] == ["xaxis", "xaxis2", "xaxis3", "xaxis4"]
    widths = [end - start for start, end in domains(layout)]
    rest = 1 - 0.2 - 0.1 - (0.1 + 0.04 + 0.04)
    assert widths == pytest.approx([0.2, rest / 2.5, 1.5 * rest / 2.5, 0.1])
    gaps = [right[0] - left[1] for left, right in itertools.pairwise(domains(layout))]
    assert gaps == pytest.approx([0.1, 0.04, 0.04])
    assert (domains(layout)[0][0], domains(layout)[-1][1]) == (0, pytest.approx(1))


def test_headings_stand_over_the_middle_and_axes_on_the_one_of_rows_or_on_their_own():
    layout = axes.across(ACROSS)
    for note, domain, text in zip(layout["annotations"], domains(layout), "abcd", strict=True):
        assert (note["text"], note["x"]) == (f"<b>{text}</b>", pytest.approx(sum(domain) / 2))
    assert [layout[f"xaxis{n}"]["anchor"] for n in ("", 2, 3, 4)] == ["y", "y", "y2", "y"]
    assert [name for name in layout if name.startswith("yaxis")] == ["yaxis"]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_panels_beside_a_picture_are_alike_and_a_cue_is_marked_only_when_there_is_one(count):
    panels = [Column(str(n)) for n in range(count)]
    layout = axes.beside_picture(BANDS, panels, below=10, top=20, plot=100, gaps=(0.03, 0.01), cue=(3, 5))
    *before, last = domains(layout)[1:]
    assert last[1] == pytest.approx(1)
    assert {round(end - start, 9) for start, end in domains(layout)[2:]} == {round(last[1] - last[0], 9)}
    gaps = [right[0] - left[1] for left, right in itertools.pairwise([*before, last])]
    assert gaps == pytest.approx([0.03, *[0.01] * (count - 1)])
    assert layout["height"] == 130
    assert {(shape["y0"], shape["y1"]) for shape in layout["shapes"]} == {(3, 5)}
    assert axes.beside_picture(BANDS, panels, below=10)["shapes"] == []
