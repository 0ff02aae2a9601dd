"""Which row mattered, drawn: bars as the numbers say, the largest marked, the band that decides through all panels."""

import numpy as np
import pytest

from cnngru import figures
from cnngru.bands import bands as bands_of
from cnngru.presets import PRESETS

RANDOM = np.random.default_rng(0)
BANDS = np.array(bands_of(PRESETS["quick"][0]))
PICTURE = RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)
NAMES = ["written", "sensitivity", "occlusion", "integrated gradients"]


def values():
    return {name: RANDOM.normal(size=len(BANDS)) for name in NAMES}


def test_each_panel_has_its_bars_on_the_axis_of_rows_and_its_own_scale():
    rows = values()
    figure = figures.attributions(PICTURE, rows, BANDS)
    edges = figures.cell_edges(BANDS)
    for name, bars in zip(NAMES, figure.data, strict=False):
        assert bars.name == name
        np.testing.assert_array_equal(bars.x, rows[name])
        np.testing.assert_allclose(bars.y, (edges[:-1] + edges[1:]) / 2)
        low, high = figure.layout[f"xaxis{bars.xaxis[1:]}"].range
        assert low < min(0, rows[name].min())
        assert high > max(0, rows[name].max())
        hatched = np.array(bars.marker.pattern.shape) == "/"
        np.testing.assert_array_equal(hatched, rows[name] < 0)
    assert len({bars.xaxis for bars in figure.data[:4]}) == 4
    assert {trace.yaxis or "y" for trace in figure.data} == {"y"}


@pytest.mark.parametrize("behind", [False, True])
def test_the_largest_bar_for_the_class_that_is_ahead_is_marked(behind):
    rows = values() | {"sensitivity": RANDOM.uniform(0.1, 1, len(BANDS))}
    figure = figures.attributions(PICTURE, rows, BANDS, behind=behind)
    marks = {note.xref.split()[0]: note.y for note in figure.layout.annotations if note.text == "►"}
    for name, bars in zip(NAMES, figure.data, strict=False):
        assert (
            marks[bars.xaxis] == bars.y[int(np.argmax(-rows[name] if behind and name != "sensitivity" else rows[name]))]
        )


def test_the_band_that_decides_goes_through_all_panels_and_only_where_it_is_known():
    figure = figures.attributions(PICTURE, values(), BANDS, cue=(8, 12))
    drawn = {(shape.xref or "x", shape.y0, shape.y1) for shape in figure.layout.shapes}
    assert drawn == {("x", 8, 12), *((f"x{number} domain", 8, 12) for number in (3, 4, 5, 6))}
    assert not figures.attributions(PICTURE, values(), BANDS).layout.shapes


@pytest.mark.parametrize("what", [np.zeros(len(BANDS)), -np.arange(1.0, len(BANDS) + 1)])
def test_values_of_one_sign_or_none_have_a_scale_too(what):
    figure = figures.attributions(PICTURE, {"occlusion": what}, BANDS)
    low, high = figure.layout.xaxis3.range
    assert low < high
    assert 0 in figure.layout.xaxis3.tickvals


def test_correlations_are_numbers_in_a_square_and_a_dash_where_there_is_none():
    table = np.array([[1.0, -0.25], [-0.25, np.nan]])
    (square,) = figures.rank_correlations(table, ["written", "occlusion"]).data
    assert [list(row) for row in square.text] == [["1.00", "−0.25"], ["−0.25", "–"]]
    assert (square.zmin, square.zmax) == (-1, 1)
    np.testing.assert_array_equal(square.z, table)
