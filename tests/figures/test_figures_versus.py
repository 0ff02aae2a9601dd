"""A | B | A − B: the units' orders, the scales, and what is left where the sides have other rows or units."""

import itertools

import numpy as np
import pytest

from cnngru import figures
from cnngru.figures.versus import ladder

BANDS = np.array([(0, 5), (2, 9), (6, 13), (10, 16)])


def side(seed, units=6, bands=BANDS, **more):
    numbers = np.random.default_rng(seed)
    return figures.Side(numbers.uniform(0, 1, (len(bands), units)), bands, numbers.permutation(units), **more)


def panel(figure, name):
    (found,) = [trace for trace in figure.data if trace.name == name and trace.type == "heatmap"]
    return found


def test_each_side_in_its_own_order_and_their_difference():
    a, b = side(0), side(1)
    figure = figures.versus(a, b)
    left, right = a.values[:, a.order], b.values[:, b.order]
    for name, values in (("A", left), ("B", right), ("A − B", left - right)):
        np.testing.assert_allclose(panel(figure, name).z, values, atol=1e-6)
    about = panel(figure, "A − B").customdata[2, 4]
    np.testing.assert_allclose(about, [3, 6, 12, a.order[4], b.order[4], left[2, 4], right[2, 4]], atol=1e-6)
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (0, 1)
    assert (figure.layout.coloraxis2.cmin, figure.layout.coloraxis2.cmax) == (-1, 1)
    assert panel(figure, "A").coloraxis == panel(figure, "B").coloraxis == "coloraxis"


def test_on_a_phone_the_scales_keep_room_for_their_ticks_and_the_legend_a_line_of_its_own():
    layout = figures.versus(side(0, picture=np.zeros((32, 32, 3), np.uint8)), side(1)).layout
    ends = [
        (bar.x - bar.len / 2, bar.x + bar.len / 2) for bar in (layout.coloraxis.colorbar, layout.coloraxis2.colorbar)
    ]
    assert all(340 * (right - left) > 60 for left, right in ends)  # pixels, of a window 400 wide
    assert ends[0][1] < ends[1][0]
    assert layout.legend.y < layout.coloraxis.colorbar.y


@pytest.mark.parametrize("other", [{"units": 9}, {"bands": BANDS[:3]}, {"bands": BANDS + 1}])
def test_no_difference_where_no_cell_is_that_of_the_other(other):
    a, b = side(0), side(1, **other)
    figure = figures.versus(a, b)
    assert [trace.name for trace in figure.data if trace.type == "heatmap"] == ["A", "B"]
    np.testing.assert_array_equal(panel(figure, "B").y, figures.cell_edges(b.bands))
    lines = {trace.name: trace for trace in figure.data if trace.type == "scatter"}
    np.testing.assert_allclose(lines["B"].x, b.values.mean(axis=1))
    assert lines["A"].line.dash != lines["B"].line.dash


def test_what_has_two_sides_has_zero_in_the_middle_and_means_of_its_size():
    values = np.random.default_rng(2).normal(0, 1, (4, 6))
    a, b = figures.Side(values, BANDS, np.arange(6)), figures.Side(-values, BANDS, np.arange(6))
    figure = figures.versus(a, b, name="hidden", edge=3.5)
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-3.5, 3.5)
    assert (figure.layout.coloraxis2.cmin, figure.layout.coloraxis2.cmax) == (-7, 7)
    lines = {trace.name: trace.x for trace in figure.data if trace.type == "scatter"}
    np.testing.assert_allclose(lines["A"], np.abs(values).mean(axis=1))
    np.testing.assert_allclose(lines["A"], lines["B"])


def test_one_picture_where_both_read_it_and_two_where_not():
    first, second = np.random.default_rng(3).integers(0, 256, (2, 32, 32, 3), np.uint8)
    for pictures, count in (((first, first), 1), ((first, second), 2), ((None, None), 0)):
        figure = figures.versus(side(0, picture=pictures[0]), side(1, picture=pictures[1], cue=(8, 12)))
        assert sum(trace.type == "image" for trace in figure.data) == count
        assert len(figure.layout.shapes) == (2 if count == 2 else 0)
        domains = sorted(tuple(figure.layout[axis].domain) for axis in figure.layout if str(axis).startswith("xaxis"))
        assert len(domains) == count + 5
        assert all(left[1] <= right[0] + 1e-9 for left, right in itertools.pairwise(domains))
        assert domains[-1][1] <= 1


@pytest.mark.parametrize(
    ("largest", "rung"), [(0.011, 0.02), (0.02, 0.02), (-0.3, 0.5), (0.51, 1), (1.2, 2), (7, 10), (0, 1)]
)
def test_the_scale_of_small_differences_goes_in_steps(largest, rung):
    assert ladder(np.array([0, largest, np.nan])) == rung
    a = side(0)
    b = figures.Side(a.values - largest, a.bands, a.order)
    assert figures.versus(a, b, close=True).layout.coloraxis2.cmax == pytest.approx(rung)


def test_pairs_are_sorted_alike_or_each_by_itself():
    a, b = np.array([[0.1, 0.9, 0.5], [0.1, 0.7, 0.5]]), np.array([[0.4, 0.9, 0.1], [0.4, 0.9, 0.1]])
    expected = {"mean in A": [1, 2, 0], "difference": [2, 1, 0], "as they are": [0, 1, 2]}  # A − B: −0.3, −0.1, 0.4
    for by, order in expected.items():
        for each in figures.pair_orders(a, b, by):
            assert each.tolist() == order, by
    own = figures.pair_orders(a, b, "difference", same_units=False)
    assert [each.tolist() for each in own] == [[1, 2, 0], [1, 0, 2]]
