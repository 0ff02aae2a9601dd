"""A | B | difference, effects and accuracies: drawn are the numbers given, on scales that stay."""

import numpy as np
import pytest

from cnngru import figures
from cnngru.bands import bands as bands_of
from cnngru.explain import effects
from cnngru.presets import PRESETS
from cnngru.ui.gates import controls

RANDOM = np.random.default_rng(0)
BANDS = np.array(bands_of(PRESETS["quick"][0]))
STEPS, UNITS = len(BANDS), 9


def pair():
    return [RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8) for _ in range(2)]


def maps(names=("keep", "reset", "hidden"), largest=1.0):
    return {
        name: RANDOM.uniform(-largest if name in ("hidden", "cell") else 0, largest, (STEPS, UNITS)) for name in names
    }


def trace(figure, name):
    return next(found for found in figure.data if found.name == name)


def test_a_b_and_their_difference_are_drawn_in_the_order_of_a():
    (one, two), a, b = pair(), maps(), maps()
    figure = figures.before_and_after((one, two), a, b, BANDS)
    order = np.argsort(-a["keep"].mean(axis=0))
    np.testing.assert_array_equal(figure.data[0].z, one)
    np.testing.assert_array_equal(figure.data[1].z, two)
    for name in a:
        np.testing.assert_allclose(trace(figure, f"{name} A").z, a[name][:, order], atol=1e-6)
        np.testing.assert_allclose(trace(figure, f"{name} B").z, b[name][:, order], atol=1e-6)
        difference = trace(figure, f"{name} B − A")
        change = (b[name] - a[name])[:, order]
        np.testing.assert_allclose(np.sign(difference.z) * difference.z**2, change, atol=2e-5)
        said = np.asarray(difference.customdata)
        np.testing.assert_allclose(said[..., 4], change, atol=2e-5)
        np.testing.assert_array_equal(said[2, :, 1], order)
        assert (said[2, :, 0] == 3).all()
    brightness = trace(figure, "picture B − A")
    np.testing.assert_allclose(brightness.customdata, (two.astype(float) - one).mean(axis=2) / 255, atol=1e-6)


@pytest.mark.parametrize("largest", [0.2, 1.0, 3.0])
def test_scales_are_fixed_and_shared_by_a_and_b(largest):
    a, b = maps(largest=min(largest, 1)), maps(largest=min(largest, 1))
    b["hidden"] = b["hidden"] * max(1, largest)
    figure = figures.before_and_after(pair(), a, b, BANDS)
    of = {name: figure.layout[trace(figure, name).coloraxis] for name in ("keep A", "hidden A", "reset B − A")}
    assert (of["keep A"].cmin, of["keep A"].cmax) == (0, 1)
    edge = 1 if largest <= 1 else max(np.abs(a["hidden"]).max(), np.abs(b["hidden"]).max())
    apart = of["reset B − A"]  # one scale for all differences: no colour is cut off
    assert (apart.cmin, apart.cmax) == (pytest.approx(-((2 * edge) ** 0.5)), pytest.approx((2 * edge) ** 0.5))
    assert apart.cmax >= max(np.abs(trace(figure, f"{name} B − A").z).max() for name in a)
    assert apart.colorbar.ticktext[-1] == f"{2 * edge:.3g}"
    assert (of["hidden A"].cmin, of["hidden A"].cmax) == (pytest.approx(-edge), pytest.approx(edge))
    for name in a:
        assert trace(figure, f"{name} A").coloraxis == trace(figure, f"{name} B").coloraxis


def test_rounding_is_no_difference():
    a = maps()
    figure = figures.before_and_after(pair(), a, {name: v + 1e-7 for name, v in a.items()}, BANDS)
    for name in a:
        assert not np.asarray(trace(figure, f"{name} B − A").z).any()


def without(panels, name):
    return {word: values for word, values in panels.items() if word != name}


def test_write_turns_keep_and_its_difference_around():
    a, b = maps(), maps()
    kept, written = (
        figures.before_and_after(pair(), *sides, BANDS)
        for sides in ((a, b), [{"write": 1 - each["keep"]} | without(each, "keep") for each in (a, b)])
    )
    for which in "AB":
        np.testing.assert_allclose(trace(written, f"write {which}").z, 1 - trace(kept, f"keep {which}").z, atol=1e-6)
    np.testing.assert_allclose(trace(written, "write B − A").z, -trace(kept, "keep B − A").z, atol=2e-3)
    np.testing.assert_array_equal(trace(written, "reset B − A").z, trace(kept, "reset B − A").z)
    assert written.layout.yaxis2.title.text == "<b>write</b>"


def test_what_is_held_is_framed_where_it_is():
    order, edges = list(range(UNITS)), figures.cell_edges(BANDS)
    a = maps()
    figure = figures.before_and_after(pair(), a, a, BANDS, order=order, chosen=("reset", [1, 2, 5], [0, 1, 7]))
    held = [found for found in figure.data if found.name == "held"]
    assert {found.yaxis for found in held} == {"y3"}
    assert {found.xaxis for found in held} == {"x4", "x5", "x6"}
    corners = {(x, y) for x, y in zip(held[0].x, held[0].y, strict=True) if x is not None}
    across, down = (0.5, 2.5, 7.5, 8.5), (edges[1], edges[3], edges[5], edges[6])
    assert corners == {(x, float(y)) for x in across for y in down}
    many = {"keep": RANDOM.random((STEPS, 60))}
    figure = figures.before_and_after(pair(), many, many, BANDS, order=range(60), chosen=("keep", [0], range(0, 60, 2)))
    lines = next(found for found in figure.data if found.name == "held")
    assert all(lines.y[i] == lines.y[i + 1] for i in range(0, len(lines.y), 3))  # no sides, which would hide the cells


def test_a_box_holds_the_cells_that_it_touches():
    names, order = ["keep", "reset"], RANDOM.permutation(UNITS)
    edges = figures.cell_edges(BANDS)
    for _ in range(50):
        x, y = RANDOM.uniform(0.5, UNITS + 0.5, 2), RANDOM.uniform(edges[0], edges[-1], 2)
        found = figures.cells_in_box({"xref": "x6", "yref": "y3", "x": x, "y": y}, names, BANDS, order)
        steps = [t for t in range(STEPS) if edges[t] < max(y) and edges[t + 1] > min(y)]
        units = [order[c] for c in range(UNITS) if c + 0.5 < max(x) and c + 1.5 > min(x)]
        assert found == ("reset", steps, sorted(units))
    assert figures.cells_in_box({"yref": "y", "x": [1, 2], "y": [1, 2]}, names, BANDS, order) is None
    assert figures.cells_in_box({"yref": "y2", "x": [1, 2], "y": [40, 50]}, names, BANDS, order) is None


def test_both_answers_of_the_likeliest_classes_stand_side_by_side():
    names = [f"class {place}" for place in range(14)]
    before, after = RANDOM.dirichlet(np.ones(14), 2)
    a, b = figures.two_answers(names, before, after).data
    shown = sorted(
        sorted(range(14), key=lambda place: -max(before[place], after[place]))[:10], key=lambda p: -before[p]
    )
    assert list(a.y) == list(b.y) == [names[place] for place in shown]
    np.testing.assert_allclose(a.x, 100 * before[shown])
    np.testing.assert_allclose(b.x, 100 * after[shown])
    assert a.marker.pattern.shape != b.marker.pattern.shape  # told apart without colour


def test_effects_are_drawn_with_the_strongest_unit_first():
    change, other = RANDOM.normal(size=(2, STEPS, UNITS))
    figure = figures.cell_effects(pair()[0], change, other, BANDS, names=("margin", "probability"))
    order = np.argsort(-np.abs(change).max(axis=0))
    np.testing.assert_allclose(trace(figure, "effects").z, change[:, order], atol=1e-6)
    edge = np.abs(change).max()
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (pytest.approx(-edge), pytest.approx(edge))
    said = trace(figure, "effects").customdata
    np.testing.assert_allclose(said[..., 3], other[:, order], atol=1e-6)
    np.testing.assert_array_equal(said[0, :, 1], order)
    assert np.isfinite(
        figures.cell_effects(pair()[0], 0 * change, other, BANDS, names=("a", "b")).layout.coloraxis.cmax
    )


SPOKEN = {False: ("keep := 0", "keep := 1 at step 3"), True: ("write := 1", "write := 0 at step 3")}


@pytest.mark.parametrize(("write", "words"), SPOKEN.items())
def test_accuracies_say_steps_from_one_and_n(write, words):
    names = ["as it is", "keep := 0", "keep := 1 at row 2", "reset := 1"]
    figure = figures.accuracies([effects.for_people(each, write) for each in names], [0.9, 0.5, 0.8, 0.89], 10_000)
    (dots,) = figure.data
    assert tuple(dots.y) == ("as it is", *words, "reset := 1")
    np.testing.assert_allclose(dots.x, [90, 50, 80, 89])
    np.testing.assert_allclose(dots.error_x.array[1], 100 * 1.96 * 0.005)
    assert "10,000" in figure.layout.xaxis.title.text


def test_places_are_written_short_and_read_back():
    assert controls.write_units([0, 1, 2, 11, 13, 14]) == "0–2, 11, 13–14"
    for _ in range(50):
        chosen = tuple(np.flatnonzero(RANDOM.random(40) < RANDOM.random()).tolist())
        assert controls.read_units(controls.write_units(chosen), 40) == (chosen or None)
    assert controls.read_units(" 3 , 1-2,2", 4) == (1, 2, 3)
    for text, why in (("5", "no unit 5: here they go from 0 to 4"), ("3-1", "backwards"), ("a", "numbers and ranges")):
        with pytest.raises(ValueError, match=why):
            controls.read_units(text, 5)


def test_a_panel_without_a_difference_says_so():
    (one, two), a, b = pair(), maps(), maps()
    b["reset"] = a["reset"] + 1e-7  # rounding alone

    def said(*pictures):
        figure = figures.before_and_after(pictures, a, b, BANDS)
        return {(note.xref, note.yref) for note in figure.layout.annotations if note.text == "no difference"}

    assert said(one, two) == {("x6", "y3")}
    assert said(one, one) == {("x6", "y3"), ("x3", "y")}
