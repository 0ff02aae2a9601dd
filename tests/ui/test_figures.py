"""Figures say what the arrays say, on axes that line up."""

import numpy as np
import pytest

from cnngru.bands import bands as bands_of
from cnngru.presets import PRESETS
from cnngru.ui import figures

RANDOM = np.random.default_rng(0)
QUICK = np.array(bands_of(PRESETS["quick"][0]))
STANDARD = np.array(bands_of(PRESETS["standard"][0]))


GRU, LSTM, GATED = ("keep", "reset"), ("forget", "input", "output"), ("keep", "reset", "output")
SETS = [GRU, LSTM, GATED, ("keep",)]


def drawn(bands=QUICK, units=7, names=GRU, **options):
    panels = {name: RANDOM.random((len(bands), units)) for name in names}
    picture = RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    return figures.gates(picture, panels, bands, **options), picture, panels


def trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_the_heatmaps_hold_the_gates_with_the_most_kept_unit_first(names):
    figure, picture, panels = drawn(names=names)
    order = np.argsort(-panels[names[0]].mean(axis=0))
    np.testing.assert_array_equal(trace(figure, "picture").z, picture)
    assert [heatmap.name for heatmap in figure.data[2:]] == list(names)
    for name in names:
        np.testing.assert_allclose(trace(figure, name).z, panels[name][:, order])


def test_write_is_one_minus_keep_in_the_same_order():
    figure, _, panels = drawn(write=True)
    order = np.argsort(-panels["keep"].mean(axis=0))
    np.testing.assert_allclose(trace(figure, "write").z, 1 - panels["keep"][:, order])
    np.testing.assert_allclose(trace(figure, "reset").z, panels["reset"][:, order])
    said = figure.layout.coloraxis.colorbar.title.text
    assert said.startswith("<b>write</b>: ")
    assert "keep" not in said


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_panels_stand_side_by_side_under_their_names(names):
    figure, *_ = drawn(names=names)
    axes = [figure.layout[f"xaxis{heatmap.xaxis[1:]}"] for heatmap in figure.data[2:]]
    ends = [end for axis in axes for end in axis.domain]
    assert ends == sorted(ends)
    assert len({round(axis.domain[1] - axis.domain[0], 6) for axis in axes}) == 1
    assert ends[0] > 0.455
    assert ends[-1] == pytest.approx(1)
    titles = {note.text: note.x for note in figure.layout.annotations}
    for axis, name in zip(axes, names, strict=True):
        assert titles[f"<b>{name.capitalize()}</b>"] == pytest.approx(sum(axis.domain) / 2)


def test_all_panels_share_the_axis_of_pixel_rows_from_the_top():
    figure, *_ = drawn()
    assert {trace.yaxis or "y" for trace in figure.data} == {"y"}
    assert len({trace.xaxis or "x" for trace in figure.data}) == 4
    assert tuple(figure.layout.yaxis.range) == (32, 0)
    assert figure.layout.yaxis.showspikes
    assert figure.layout.yaxis.spikemode == "across"


@pytest.mark.parametrize("names", [*SETS, ("state",)], ids="-".join)
def test_colours_mean_the_same_in_every_figure_and_are_said(names):
    figure, *_ = drawn(names=names)
    scale = figure.layout.coloraxis
    assert (scale.cmin, scale.cmax) == ((-1, 1) if names == ("state",) else (0, 1))
    for name in names:
        assert trace(figure, name).coloraxis == "coloraxis"
        assert trace(figure, name).zmin is None
        assert f"<b>{name}</b>" in scale.colorbar.title.text


def test_a_state_has_a_scale_with_two_sides():
    state, gates = (drawn(names=names)[0].layout.coloraxis.colorscale for names in (("state",), GRU))
    assert state != gates
    assert state[len(state) // 2][0] == 0.5  # its own colour for zero


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_hovering_names_step_rows_unit_and_all_values(names):
    figure, _, panels = drawn(names=names)
    order = np.argsort(-panels[names[0]].mean(axis=0))
    heatmap = trace(figure, names[-1])
    start, end = QUICK[3]
    expected = [4, start, end - 1, order[2], *(panels[name][3, order[2]] for name in names)]
    np.testing.assert_allclose(heatmap.customdata[3, 2], expected, atol=1e-4)
    for word in ("step", "pixel rows", "unit"):
        assert word in heatmap.hovertemplate
    for place, name in enumerate(names, start=4):
        assert f"{name} %{{customdata[{place}]" in heatmap.hovertemplate


def test_the_rows_seen_are_drawn_as_they_are():
    figure, *_ = drawn(STANDARD)
    bars = trace(figure, "rows seen")
    np.testing.assert_array_equal(bars.base, STANDARD[:, 0])
    np.testing.assert_array_equal(np.add(bars.base, bars.y), STANDARD[:, 1])


@pytest.mark.parametrize("bands", [QUICK, STANDARD], ids=["quick", "standard"])
def test_a_step_is_drawn_in_the_middle_of_what_it_has_seen(bands):
    edges = figures.cell_edges(bands)
    assert len(edges) == len(bands) + 1
    np.testing.assert_allclose(np.diff(edges), np.diff(edges)[0])
    whole = (bands[:, 1] - bands[:, 0]) == (bands[:, 1] - bands[:, 0]).max()
    assert whole.sum() > 2
    np.testing.assert_allclose(((edges[:-1] + edges[1:]) / 2)[whole], bands[whole].mean(axis=1))
    np.testing.assert_array_equal(trace(drawn(bands)[0], "keep").y, edges)


def test_cells_without_an_uncut_pair_of_bands_share_the_height_evenly():
    np.testing.assert_allclose(figures.cell_edges(np.array([[0, 32]])), [0, 32])
    np.testing.assert_allclose(figures.cell_edges(np.array([[0, 20], [0, 30], [12, 32]])), [0, 32 / 3, 64 / 3, 32])


def rectangles(figure):
    return {(shape.xref or "x", shape.y0, shape.y1) for shape in figure.layout.shapes}


def test_a_marked_step_shows_its_band_on_the_picture_and_its_row_in_the_gates():
    for names in SETS:
        figure, *_ = drawn(step=5, names=names)
        edges = figures.cell_edges(QUICK)
        assert ("x", *QUICK[5]) in rectangles(figure)
        panels = {f"x{number} domain" for number in range(3, 3 + len(names))}
        assert {(panel, edges[5], edges[6]) for panel in panels} <= rectangles(figure)


def test_the_deciding_band_is_marked_only_when_it_is_known():
    figure, *_ = drawn(cue=(8, 11))
    assert ("x", 8, 11) in rectangles(figure)
    assert any(note.text == "decides" for note in figure.layout.annotations)
    assert not drawn()[0].layout.shapes


def test_answers_are_bars_in_per_cent_with_the_likeliest_on_top():
    figure = figures.answer_bars([("cat", 0.625), ("dog", 0.25)])
    (bars,) = figure.data
    assert list(bars.y) == ["cat", "dog"]
    assert list(bars.x) == [62.5, 25.0]
    assert list(bars.text) == ["62.5 %", "25.0 %"]
    assert figure.layout.yaxis.autorange == "reversed"
    assert tuple(figure.layout.xaxis.range) == (0, 100)


def test_figures_leave_text_and_background_to_the_theme():
    figure, *_ = drawn()
    layout = figure.to_plotly_json()["layout"]
    layout.pop("template", None)
    assert "paper_bgcolor" not in layout
    assert "plot_bgcolor" not in layout
    assert "font" not in layout
