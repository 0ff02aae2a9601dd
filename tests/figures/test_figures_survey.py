"""The figures of Populations: what stands where, against plain numpy."""

from types import SimpleNamespace

import numpy as np
import pytest

from cnngru import figures
from cnngru.explain.survey import Extremes, density

BANDS = np.array([(0, 5), (2, 9), (6, 13), (10, 16)])


@pytest.fixture
def numbers():
    return np.random.default_rng(0)


def test_a_dot_a_unit_and_the_chosen_ones_are_full(numbers):
    low, high = numbers.uniform(0, 0.5, (2, 9))
    dots, always = figures.saturation(low, high, name="reset", chosen=(2, 7)).data
    np.testing.assert_array_equal(dots.x, low)
    np.testing.assert_array_equal(dots.y, high)
    np.testing.assert_array_equal(dots.customdata, np.arange(9))
    assert [place for place, symbol in enumerate(dots.marker.symbol) if symbol == "circle"] == [2, 7]
    assert dots.marker.size[7] > dots.marker.size[6]
    assert dots.text[4] == f"{100 * (1 - low[4] - high[4]):.1f}%"
    assert [x + y for x, y in zip(always.x, always.y, strict=True)] == [1, 1]  # where it is never in between


def test_time_scales_now_and_before_training(numbers):
    now, begun = np.exp(numbers.normal(1, 0.5, 11)), np.exp(numbers.normal(0, 0.5, 40))
    now[3] = begun[0] = np.inf  # never forgets: cannot be drawn
    figure = figures.time_scales(now, begun, 15, chosen=(5, 3))
    before, after, dots = figure.data
    np.testing.assert_allclose(before.y, density(begun[1:], np.asarray(before.x)))
    np.testing.assert_allclose(after.y, density(np.delete(now, 3), np.asarray(after.x)))
    area = np.trapezoid(after.y, np.log10(after.x))
    assert area == pytest.approx(1, abs=0.01)
    assert list(dots.customdata) == [unit for unit in range(11) if unit != 3]
    np.testing.assert_array_equal(dots.x, np.delete(now, 3))
    assert [unit for unit, symbol in zip(dots.customdata, dots.marker.symbol, strict=True) if symbol == "circle"] == [5]
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (15, 15)
    assert figure.layout.annotations[0].x == pytest.approx(np.log10(15))  # on a logarithmic axis places are logarithms


def test_units_that_never_forget_leave_an_empty_curve():
    figure = figures.time_scales(np.full(3, np.inf), np.array([1.0, 2.0]), 4)
    assert not np.any(figure.data[1].y)
    assert len(figure.data[2].x) == 0


def test_classes_by_rows_on_a_scale_that_holds_all(numbers):
    difference = numbers.normal(0, 0.02, (3, 4))
    difference[1, 2] = -0.13
    eta = {"of their mean": numbers.uniform(0, 1, 4), "unit by unit": numbers.uniform(0, 1, 4)}
    figure = figures.class_means(difference, eta, BANDS, ["a", "b", "c"], name="write", chance=0.01)
    _, heatmap, *lines = figure.data
    np.testing.assert_array_equal(heatmap.z, difference.T)
    assert (heatmap.zmin, heatmap.zmax) == (-0.2, 0.2)
    np.testing.assert_array_equal(heatmap.y, figures.cell_edges(BANDS))
    assert list(heatmap.customdata[2, 1]) == [3, 6, 12]
    for line, (name, values) in zip(lines, eta.items(), strict=True):
        assert line.name == name
        np.testing.assert_array_equal(line.x, values)
    assert len({line.marker.symbol for line in lines}) == 2
    assert figure.layout.shapes[0].x0 == 0.01
    longer = figures.class_means(difference, eta, BANDS, ["a" * 40, "b", "c"])  # room for names, before the colour bar
    assert longer.layout.height == figure.layout.height + 36
    assert longer.data[1].colorbar.y < heatmap.colorbar.y


def drivers(numbers, count, sign):
    return [
        figures.Driver(
            numbers.integers(0, 256, (32, 32, 3), np.uint8), "cat", 100 + i, i, (i, i + 5), sign * (1 - i / 10)
        )
        for i in range(count)
    ]


def test_drivers_are_the_extremes_of_one_unit_with_their_pictures(numbers):
    extremes = Extremes(*(numbers.integers(0, 4, (2, 2, 5, 3)) for _ in range(2)), numbers.normal(size=(2, 2, 5, 3)))
    asked = []

    def picture(number):
        asked.append(number)
        return SimpleNamespace(image=np.full((32, 32, 3), number, np.uint8), label=f"class {number}")

    found = figures.drivers(extremes, BANDS, 1, 0, 4, picture)
    assert asked == extremes.picture[1, 0, 4].tolist() == [driver.number for driver in found]
    assert [driver.state for driver in found] == extremes.state[1, 0, 4].tolist()
    for driver, step in zip(found, extremes.row[1, 0, 4], strict=True):
        assert (driver.step, driver.band) == (step, tuple(BANDS[step]))
        assert (driver.label, driver.image[0, 0, 0]) == (f"class {driver.number}", driver.number)


@pytest.mark.parametrize(("most", "least"), [(6, 6), (2, 3), (1, 1)])
def test_a_card_frames_the_band_in_every_picture(numbers, most, least):
    up, down = drivers(numbers, most, 1), drivers(numbers, least, -1)
    figure = figures.unit_pictures(up, down)
    assert len(figure.data) == most + least
    for image, driver in zip(figure.data, [*up, *down], strict=True):
        np.testing.assert_array_equal(image.z, driver.image)
        frames = [shape for shape in figure.layout.shapes if shape.xref == image.xaxis and shape.yref == image.yaxis]
        assert {(round(frame.y0), round(frame.y1)) for frame in frames} == {driver.band}
        axis = figure.layout[image.xaxis.replace("x", "xaxis")]
        assert 0 <= axis.domain[0] < axis.domain[1] <= 1 + 1e-9
        words = [note.text for note in figure.layout.annotations if note.xref == image.xaxis]
        assert words == ["cat", f"{driver.state:+.3f}".replace("-", "−")]
    assert len({image.xaxis for image in figure.data}) == most + least
