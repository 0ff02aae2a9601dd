"""Figures say what the arrays say, on axes that line up.

Long, because it goes through what all figures have in common, and then the map.
"""

import numpy as np
import pytest
import torch

from cnngru import figures
from cnngru.bands import bands as bands_of
from cnngru.config import Conv, ModelConfig
from cnngru.explain import decision
from cnngru.explain.trace import trace as read_gates
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import PRESETS

RANDOM = np.random.default_rng(0)
QUICK = np.array(bands_of(PRESETS["quick"][0]))
STANDARD = np.array(bands_of(PRESETS["standard"][0]))


GRU, LSTM, GATED = ("keep", "reset", "candidate", "hidden"), ("forget", "input", "output", "cell"), ("keep", "output")
SETS = [GRU, LSTM, GATED, ("keep",), ("hidden",)]
STATES = ("candidate", "cell", "hidden")


def values(name, shape):
    """Gates in 0..1, states in −1..1, an LSTM's cell beyond."""
    low, high = {"cell": (-3, 3)}.get(name, (-1, 1) if name in STATES else (0, 1))
    return RANDOM.uniform(low, high, shape)


def drawn(bands=QUICK, units=7, names=GRU, **options):
    panels = {name: values(name, (len(bands), units)) for name in names}
    picture = RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    return figures.gate_map(picture, panels, bands, **options), picture, panels


def trace(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def heatmaps(figure):
    return [trace for trace in figure.data if trace.type == "heatmap"]


def axis(figure, name):
    return figure.layout[f"xaxis{trace(figure, name).xaxis[1:]}"]


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_the_heatmaps_hold_the_values_with_the_most_kept_unit_first(names):
    figure, picture, panels = drawn(names=names)
    order = np.argsort(-panels[names[0]].mean(axis=0))
    np.testing.assert_array_equal(trace(figure, "picture").z, picture)
    assert [heatmap.name for heatmap in heatmaps(figure)] == list(names)
    for name in names:
        np.testing.assert_allclose(trace(figure, name).z, panels[name][:, order], rtol=1e-6)


def test_write_is_one_minus_keep_in_the_same_order():
    figure, _, panels = drawn(names=("write", "reset"))
    order = np.argsort(panels["write"].mean(axis=0))
    np.testing.assert_allclose(trace(figure, "write").z, panels["write"][:, order], rtol=1e-6)
    np.testing.assert_allclose(trace(figure, "reset").z, panels["reset"][:, order], rtol=1e-6)
    titles = {note.text for note in figure.layout.annotations}
    assert "<b>Write</b>" in titles
    assert "<b>Keep</b>" not in titles


def test_units_stand_in_the_order_that_was_asked_for():
    order = RANDOM.permutation(7)
    figure, _, panels = drawn(order=order)
    np.testing.assert_allclose(trace(figure, "hidden").z, panels["hidden"][:, order], rtol=1e-6)
    np.testing.assert_array_equal(trace(figure, "hidden").customdata[0, :, 3], order)


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_panels_stand_side_by_side_under_their_names(names):
    figure, *_ = drawn(names=names)
    axes = [axis(figure, name) for name in names]
    ends = [end for axis in axes for end in axis.domain]
    assert ends == sorted(ends)
    assert len({round(axis.domain[1] - axis.domain[0], 6) for axis in axes}) == 1
    assert ends[0] > figure.layout.xaxis2.domain[1]
    assert ends[-1] == pytest.approx(1)
    titles = {note.text: note.x for note in figure.layout.annotations}
    for place, name in zip(axes, names, strict=True):
        assert titles[f"<b>{name.capitalize()}</b>"] == pytest.approx(sum(place.domain) / 2)


def test_all_panels_share_the_axis_of_pixel_rows_from_the_top():
    figure, *_ = drawn()
    assert {trace.yaxis or "y" for trace in figure.data} == {"y"}
    assert len({trace.xaxis or "x" for trace in figure.data}) == 2 + len(GRU)
    assert tuple(figure.layout.yaxis.range) == (32, 0)
    assert figure.layout.yaxis.showspikes
    assert figure.layout.yaxis.spikemode == "across"


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_colours_mean_the_same_in_every_figure(names):
    figure, _, panels = drawn(names=names)
    scales = {}
    for name in names:
        assert trace(figure, name).zmin is None
        scale = figure.layout[trace(figure, name).coloraxis]
        edge = {"cell": np.abs(panels[name]).max()}.get(name, 1)
        assert (scale.cmin, scale.cmax) == pytest.approx((-edge if name in STATES else 0, edge))
        scales[name] = scale.colorscale
        assert scale.colorbar.x - scale.colorbar.len / 2 >= axis(figure, names[0]).domain[0] - 1e-9
    for name in set(names) & set(STATES):
        assert scales[name][len(scales[name]) // 2][0] == 0.5  # its own colour for zero
        assert scales[name] not in [scales[gate] for gate in names if gate not in STATES]


def test_states_without_bounds_share_a_scale():
    shape = (len(QUICK), 5)
    panels = {"keep": RANDOM.random(shape), "candidate": 2 * RANDOM.normal(size=shape)}
    panels["hidden"] = RANDOM.uniform(-1, 1, shape)  # a minGRU's: it happens to stay inside
    picture = np.zeros((32, 32, 3), np.uint8)
    figure = figures.gate_map(picture, panels, QUICK)
    assert trace(figure, "candidate").coloraxis == trace(figure, "hidden").coloraxis == "coloraxis2"
    assert figure.layout.coloraxis2.cmax == pytest.approx(np.abs(panels["candidate"]).max())


@pytest.mark.parametrize("names", SETS, ids="-".join)
def test_hovering_names_step_rows_unit_and_all_values(names):
    figure, _, panels = drawn(names=names)
    order = np.argsort(-panels[names[0]].mean(axis=0))
    start, end = QUICK[3]
    expected = [4, start, end - 1, order[2], *(panels[name][3, order[2]] for name in names)]
    for name in names:
        cells = trace(figure, name)
        np.testing.assert_allclose(cells.customdata[3, 2], expected, atol=1e-4)
        for word in ("step", "pixel rows", "unit"):
            assert word in cells.hovertemplate
        for place, word in enumerate(names, start=4):
            assert f"{word} %{{customdata[{place}]" in cells.hovertemplate


def test_a_cell_stands_at_its_column_and_at_its_step():
    """`figure_box.clicked` takes a heatmap's [row, column] for a step and a place in the order."""
    heatmap = trace(drawn()[0], "reset")
    assert (heatmap.x0, heatmap.dx) == (1, 1)
    np.testing.assert_allclose(heatmap.y, figures.cell_edges(QUICK))


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
    np.testing.assert_allclose(trace(drawn(bands)[0], "keep").y, edges)


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


def test_the_open_unit_is_pointed_at_in_each_panel():
    for names in SETS:
        figure, _, panels = drawn(names=names, unit=4)
        place = list(np.argsort(-panels[names[0]].mean(axis=0))).index(4) + 1
        marks = {(note.xref, note.x) for note in figure.layout.annotations if note.text == "▼"}
        assert marks == {(f"x{number}", place) for number in range(3, 3 + len(names))}


def test_a_unit_is_drawn_down_the_rows_beside_the_picture():
    series = {name: values(name, len(QUICK)) for name in ("keep", "reset", "candidate", "hidden")}
    picture = RANDOM.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    figure = figures.unit_trace(picture, series, QUICK, step=5, cue=(8, 12))
    edges = figures.cell_edges(QUICK)
    for name, expected in series.items():
        line = trace(figure, name)
        np.testing.assert_allclose(line.x, expected)
        np.testing.assert_allclose(line.y, (edges[:-1] + edges[1:]) / 2)
        assert (line.xaxis == "x3") == (name in ("keep", "reset"))
    assert {trace.yaxis or "y" for trace in figure.data} == {"y"}
    assert ("x", *QUICK[5]) in rectangles(figure)
    assert ("x", 8, 12) in rectangles(figure)
    for pair in (("keep", "reset"), ("candidate", "hidden")):  # not by colour alone
        assert len({trace(figure, name).line.dash for name in pair}) == 2
    series["write"] = 1 - series.pop("keep")
    written = figures.unit_trace(picture, series, QUICK)
    np.testing.assert_allclose(trace(written, "write").x, series["write"])
    assert trace(written, "write").xaxis == "x3"


def test_a_plain_rnns_unit_has_one_panel_and_large_states_fit():
    state = figures.unit_trace(np.zeros((32, 32, 3), np.uint8), {"hidden": values("hidden", len(QUICK))}, QUICK)
    assert "xaxis4" not in state.layout.to_plotly_json()
    wide = {name: values(name, len(QUICK)) for name in ("forget", "cell", "hidden")}
    low, high = figures.unit_trace(np.zeros((32, 32, 3), np.uint8), wide, QUICK).layout.xaxis4.range
    assert low < wide["cell"].min()
    assert high > wide["cell"].max()


def test_similar_units_stand_together():
    kinds = RANDOM.random((3, 2, 16))  # three ways of doing, in two panels
    kind = RANDOM.permutation(np.repeat(np.arange(3), 6))
    both = np.stack([kinds[k] for k in kind], axis=-1) + 1e-3 * RANDOM.normal(size=(2, 16, 18))  # (panels, T, H)
    panels = {"keep": both[0], "hidden": both[1]}
    order = figures.by_similarity(panels)
    assert sorted(order) == list(range(18))
    assert np.count_nonzero(np.diff(kind[order])) == 2
    np.testing.assert_array_equal(order, figures.by_similarity(panels))
    chain = [int(np.argmax(both[0].mean(axis=0)))]  # the same, unit by unit
    while len(chain) < 18:
        left = [unit for unit in range(18) if unit not in chain]
        chain.append(min(left, key=lambda unit: float(((both[..., unit] - both[..., chain[-1]]) ** 2).sum())))
    assert list(order) == chain


def test_units_in_order_of_their_mean():
    panel = RANDOM.random((16, 9))
    means = panel[:, figures.by_mean(panel)].mean(axis=0)
    assert list(means) == sorted(means, reverse=True)


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


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_panels_have_write_for_keep_and_units_stand_in_the_same_order(cell):
    torch.manual_seed(0)
    model = CNNGRU(ModelConfig(convs=(Conv((3, 3), 4, (2, 4)),), cell=cell, hidden=9, layers=2), "abcde").eval()
    for parameter in model.layers.parameters():
        parameter.data.normal_()
    _, found = read_gates(model, torch.rand(1, 3, 32, 32))
    keep, write = (figures.panels(found, 1, 0, write=each) for each in (False, True))
    assert list(write) == ["write" if name == "keep" else name for name in keep]
    for name, values in write.items():
        np.testing.assert_array_equal(values, 1 - keep["keep"] if name == "write" else keep[name])
    by_mean = figures.by_mean(next(iter(keep.values())))
    for order in (figures.by_keeping(keep), figures.by_keeping(write)):
        np.testing.assert_array_equal(order, by_mean)
    np.testing.assert_array_equal(figures.by_similarity(keep), figures.by_similarity(write))
    moment = figures.moment(found, decision.by_row(model, found)[0].numpy(), 1, 0, write=True)
    expected = {"gru": ["write", "reset"], "lstm": ["forget", "input", "output"], "rnn": ["hidden"]}[cell]
    assert list(moment.panels) == expected
    for name, values in moment.panels.items():
        np.testing.assert_array_equal(values, write[name])
    np.testing.assert_array_equal(moment.probabilities, decision.by_row(model, found)[0])
