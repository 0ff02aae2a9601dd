"""What was kept, drawn: areas that stack to one, a triangle in the order of reading, bars that end at the margin."""

import numpy as np
import pytest

from cnngru import figures
from cnngru.bands import bands as bands_of
from cnngru.presets import PRESETS

RANDOM = np.random.default_rng(0)
BANDS = np.array(bands_of(PRESETS["quick"][0]))
T = len(BANDS)
PICTURE = RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)


def kept(upward=False, steps=T):
    """Retention (T, T) and composition (T + 1, T) of one unit, by a loop."""
    keep = RANDOM.uniform(0.2, 0.9, steps)
    left, shares = np.zeros((steps, steps)), np.zeros((steps + 1, steps))
    order = range(steps)[::-1] if upward else range(steps)
    state = np.append(np.zeros(steps), 1.0)
    for place, t in enumerate(order):
        state = state * keep[t]
        state[t] += 1 - keep[t]
        shares[:, t] = state
        for s in order[: place + 1]:
            left[s, t] = np.prod([keep[u] for u in order[order.index(s) + 1 : place + 1]])
    return left, shares


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize("upward", [False, True])
def test_areas_stack_to_one_in_the_order_of_reading(upward):
    _, shares = kept(upward)
    figure = figures.composition(PICTURE, shares, BANDS, upward=upward)
    areas = [trace for trace in figure.data if trace.type == "scatter" and trace.stackgroup]
    order = list(range(T))[::-1] if upward else list(range(T))
    assert [area.name for area in areas] == ["never overwritten", *(f"step {s + 1}" for s in order)]
    np.testing.assert_allclose(np.sum([area.x for area in areas], axis=0), 1)
    assert areas[0].x[0] == 1  # nothing was read yet
    for s, area in zip(order, areas[1:], strict=True):
        np.testing.assert_allclose(area.x[1:], shares[s, order])
        assert (np.diff(area.y) < 0).all() == upward
    assert {area.orientation for area in areas} == {"h"}


def test_pointing_at_an_area_tells_its_share():
    _, shares = kept()
    figure = figures.composition(PICTURE, shares, BANDS)
    points = named(figure, "shares")
    edges = figures.cell_edges(BANDS)
    middles = list((edges[:-1] + edges[1:]) / 2)
    assert len(points.x) > T
    for x, y, (after, wrote, share) in zip(points.x, points.y, points.customdata, strict=True):
        t = middles.index(y)
        assert after == t + 1
        s = T if wrote.startswith("no step") else int(wrote.split()[1]) - 1
        assert share == pytest.approx(shares[s, t])
        left = shares[[T, *range(s)], t].sum() if s < T else 0.0  # what lies to its left: never, then earlier steps
        assert x == pytest.approx(left + share / 2)


@pytest.mark.parametrize("upward", [False, True])
def test_the_triangle_shows_only_what_was_read_after(upward):
    left, _ = kept(upward)
    triangle = named(figures.retention(PICTURE, left, BANDS, upward=upward), "retention")
    for s in range(T):
        for t in range(T):
            after = t <= s if upward else t >= s
            assert np.isnan(triangle.z[t][s]) != after
            if after:
                assert triangle.z[t][s] == pytest.approx(left[s, t], abs=1e-6)
                assert list(triangle.customdata[t][s]) == [s + 1, t + 1]


@pytest.mark.parametrize("directions", [1, 2])
def test_bars_begin_where_the_last_one_ended_and_end_at_the_margin(directions):
    written, bias = RANDOM.normal(size=(directions, T)), -0.3
    figure = figures.waterfall(PICTURE, written, bias, BANDS, names=("cat", "dog"))
    assert named(figure, "biases").x == (bias,)
    total = bias
    for d, axis in enumerate(["x3", "x4"][:directions]):
        drawn = {}
        for trace in figure.data:
            if trace.type == "bar" and trace.xaxis == axis and trace.base is not None:
                for value, base, about in zip(trace.x, trace.base, trace.customdata, strict=True):
                    drawn[int(about[0]) - 1] = (base, value, trace.name)
        assert len(drawn) == T
        for t in range(T)[::-1] if d else range(T):
            base, value, name = drawn[t]
            assert (base, value) == (pytest.approx(total), written[d, t])
            assert name == ("for cat" if value >= 0 else "for dog")
            total += value
    assert named(figure, "margin").x[0] == pytest.approx(total)
    assert total == pytest.approx(bias + written.sum())
    said = [note.text for note in figure.layout.annotations]
    assert f"margin {total:+.2f}".replace("-", "−") in said
    low, high = figure.layout.xaxis3.range
    assert low < min(total, bias, 0) <= max(total, bias, 0) < high


def test_class_names_of_a_persons_own_draw_no_tags():
    figure = figures.waterfall(PICTURE, RANDOM.normal(size=(1, T)), 0.0, BANDS, names=("<b>a", "b"))
    assert "&lt;b&gt;a" in figure.to_json()
    assert "<b>a" not in figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")


@pytest.mark.parametrize("steps", [1, 2, 32])
def test_any_number_of_steps_can_be_drawn(steps):
    edges = np.linspace(0, 32, steps + 1).astype(int)
    bands = np.stack([edges[:-1], edges[1:]], axis=1)
    for upward in (False, True):
        left, shares = kept(upward, steps)
        figures.composition(PICTURE, shares, bands, upward=upward, cue=(4, 8)).to_json()
        figures.retention(PICTURE, left, bands, upward=upward).to_json()
    figures.waterfall(PICTURE, RANDOM.normal(size=(2, steps)), 0.1, bands, names=("a", "b")).to_json()


def test_the_theme_keeps_its_colours_of_text_and_background():
    left, shares = kept()
    drawn = [
        figures.composition(PICTURE, shares, BANDS),
        figures.retention(PICTURE, left, BANDS),
        figures.waterfall(PICTURE, RANDOM.normal(size=(1, T)), 0.0, BANDS, names=("a", "b")),
    ]
    for figure in drawn:
        layout = figure.to_plotly_json()["layout"]
        assert not {"paper_bgcolor", "plot_bgcolor", "font"} & set(layout)
        assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the picture's top is up
        assert {trace.yaxis or "y" for trace in figure.data} == {"y"}
