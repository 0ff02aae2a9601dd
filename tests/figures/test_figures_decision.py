"""The ribbon, its frames, and the figures of when a network knew: what is drawn is what was handed in."""

import base64

import numpy as np
import plotly.graph_objects as go
import pytest

from cnngru import figures
from cnngru.escaping import plotly
from cnngru.figures import ribbon
from cnngru.figures.over_training import Moment

rng = np.random.default_rng(0)
T, H, NAMES = 8, 5, ["a", "b<i>", "c", "d"]
BANDS = np.stack([np.arange(T) * 4, np.arange(T) * 4 + 4], axis=1)
PICTURE = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)


def shares(steps=T, classes=4):
    return rng.dirichlet(np.ones(classes), steps).astype(np.float32)


def plain(array):
    """An array of a figure, which Plotly may have packed."""
    if not isinstance(array, dict):
        return np.asarray(array, float)
    values = np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"])
    return values.reshape([int(n) for n in array["shape"].split(",")]) if "shape" in array else values


def bars(figure):
    return [trace for trace in figure.data if isinstance(trace, go.Bar)]


def visible(shapes, **wanted):
    return [s for s in shapes if s.visible is not False and all(getattr(s, k) == v for k, v in wanted.items())]


def test_parts_lie_side_by_side_and_fill_the_ribbon():
    given = shares()
    figure = figures.decision_by_row(PICTURE, given, NAMES, BANDS, locked=3)
    drawn = bars(figure)
    order = np.argsort(-given[-1])
    assert [bar.name for bar in drawn] == [plotly(NAMES[place]) for place in order]
    start = np.zeros(T)
    for place, bar in zip(order, drawn, strict=True):
        np.testing.assert_allclose(plain(bar.x), given[:, place], atol=1e-6)
        np.testing.assert_allclose(plain(bar.base), start, atol=1e-6)
        start += given[:, place]
        assert bar.marker.color == ribbon.COLOURS[place]
    np.testing.assert_allclose(start, 1, atol=1e-6)


def test_every_row_names_its_leader():
    given = shares()
    drawn = bars(figures.decision_by_row(PICTURE, given, NAMES, BANDS, locked=3))
    for t in range(T):
        leader = plotly(NAMES[int(given[t].argmax())])
        assert leader in [bar.text[t] for bar in drawn]


def test_of_many_classes_the_rest_is_one_part_and_no_leader_is_in_it():
    given = shares(classes=25)
    shown = ribbon.parts(given, [str(i) for i in range(25)])
    drawn = ribbon.ribbon(given, [str(i) for i in range(25)], shown, np.linspace(0, 32, T + 1), "x2")
    assert len(drawn) == ribbon.PARTS
    assert drawn[-1].name == "16 others"
    np.testing.assert_allclose(sum(plain(bar.x) for bar in drawn), 1, atol=1e-6)
    best = given.max()
    assert int(np.argwhere(given == best)[0][1]) in shown


@pytest.mark.parametrize("both", [False, True])
def test_a_frame_hides_what_is_not_read_yet(both):
    figure = figures.decision_by_row(PICTURE, shares(), NAMES, BANDS, locked=3, both=both)
    assert [frame.name for frame in figure.frames] == [str(count) for count in range(1, T + 1)]
    for count, frame in enumerate(figure.frames, start=1):
        grey = visible(frame.layout.shapes, type="rect", fillcolor="rgba(128,128,128,0.8)")
        on_picture = [(s.y0, s.y1) for s in grey if s.xref == "x"]
        end = 32 - 4 * count if both else 32
        assert on_picture == ([(4 * count, end)] if 4 * count < end else [])
        on_ribbon = [(s.y0, s.y1) for s in grey if s.xref == "x2 domain"]
        assert on_ribbon == ([(4 * count, 32)] if count < T else [])
        lines = visible(frame.layout.shapes, type="line")
        assert [line.y0 for line in lines] == ([8, 8] if count >= 3 else [])


def test_the_ribbons_own_rows_have_room_for_their_title_on_a_phone():
    layout = figures.decision_by_row(PICTURE, shares(), NAMES, BANDS, locked=3, both=True).layout
    assert layout.yaxis2.title.text
    assert 270 * (layout.xaxis2.domain[0] - layout.xaxis.domain[1]) > 48  # pixels, of a window 400 wide


def test_frames_can_be_laid_over_each_other():
    """Plotly lays a frame's shapes over those before, one by one: they must be as many, and each of its kind."""
    figure = figures.decision_by_row(PICTURE, shares(), NAMES, BANDS, locked=3, both=True, cue=(4, 8))
    kinds = {
        tuple((s.type, s.xref, s.yref, s.fillcolor, s.line.width, s.line.dash) for s in frame.layout.shapes)
        for frame in figure.frames
    }
    assert len(kinds) == 1
    assert len({len(frame.layout.annotations) for frame in figure.frames}) == 1


def test_a_figure_that_stops_early_is_that_frame():
    given = shares()
    figure = figures.decision_by_row(PICTURE, given, NAMES, BANDS, locked=3, read=2)
    assert figure.layout.shapes == figure.frames[1].layout.shapes
    said = [note.text for note in figure.layout.annotations]
    best = int(given[1].argmax())
    assert f"<b>After 2 of {T}: {plotly(NAMES[best])}, {100 * given[1, best]:.0f} %</b>" in said


def test_over_a_test_set_bars_are_shares_and_a_probe_that_is_not_there_is_not_drawn():
    own, locked = rng.random(T), rng.integers(0, 50, (2, T))
    figure = figures.decision_over_test(own, np.full(T, np.nan), locked, chance=0.25, here=2)
    lines = [trace for trace in figure.data if isinstance(trace, go.Scatter)]
    assert [line.name for line in lines] == ["its own head"]
    np.testing.assert_array_equal(plain(lines[0].y), own)
    right, wrong = bars(figure)
    np.testing.assert_allclose(plain(right.y), locked[1] / locked.sum())
    np.testing.assert_allclose(plain(wrong.y), locked[0] / locked.sum())
    assert wrong.marker.pattern.shape == "/"
    assert 0.25 in [shape.y0 for shape in figure.layout.shapes]
    assert 2 in [shape.x0 for shape in figure.layout.shapes]
    both = figures.decision_over_test(own, rng.random(T), locked, chance=0.25)
    assert [trace.name for trace in both.data][:2] == ["its own head", "linear probe"]


def moments():
    def one():
        gates = {name: rng.random((T, H), dtype=np.float32) for name in ("keep", "reset")}
        return Moment(gates, shares())

    return {"untrained": one(), "step 4": one(), "last": one()}


@pytest.mark.parametrize("write", [False, True])
def test_each_moments_frame_has_its_values_with_units_at_one_place(write):
    given, word = moments(), "write" if write else "keep"
    order = np.argsort(-given["last"].panels["keep"].mean(0), kind="stable")
    for moment in given.values():
        keep = moment.panels.pop("keep")
        moment.panels.update({word: 1 - keep if write else keep, "reset": moment.panels.pop("reset")})
    figure = figures.over_training(PICTURE, given, BANDS, NAMES, chosen="step 4")
    for frame, (name, moment) in zip(figure.frames, given.items(), strict=True):
        assert frame.name == name
        np.testing.assert_array_equal(plain(frame.data[0].z), moment.panels[word][:, order])
        np.testing.assert_array_equal(plain(frame.data[1].z), moment.panels["reset"][:, order])
        np.testing.assert_allclose(sum(plain(bar.x) for bar in frame.data[2:]), 1, atol=1e-6)
        assert list(frame.traces) == list(range(1, len(figure.data)))
        assert f"<b>{name}</b>" in [note.text for note in frame.layout.annotations]
    np.testing.assert_array_equal(plain(figure.data[1].z), plain(figure.frames[1].data[0].z))
    assert figure.data[1].name == word
    colours = {tuple(bar.marker.color for bar in frame.data[2:]) for frame in figure.frames}
    assert len(colours) == 1  # classes keep their places


def test_saturation_is_counted():
    values = np.array([[0.05, 0.95, 0.99], [0.5, 0.2, 0.91]], np.float32)
    given = {"m": Moment({"keep": values, "reset": 1 - values}, shares(2))}
    assert figures.saturated(given) == {"keep": ([1 / 6], [0.5]), "reset": ([0.5], [1 / 6])}
    states = {"m": Moment({"hidden": values}, shares(2))}
    assert figures.saturated(states) == {}


def test_the_course_has_a_line_for_each_class_and_each_end_of_each_gate():
    given = moments()
    figure = figures.course_over_training(given, NAMES, chosen="step 4", answers=[1, 3])
    assert [line.name for line in figure.data] == [
        *["b&lt;i&gt;", "d", "keep &lt; 0.1", "keep &gt; 0.9", "reset &lt; 0.1", "reset &gt; 0.9"]
    ]
    np.testing.assert_allclose(plain(figure.data[1].y), [m.probabilities[-1, 3] for m in given.values()])
    assert figure.layout.shapes[0].x0 == "step 4"
    bare = {name: Moment({"hidden": m.panels["keep"]}, m.probabilities) for name, m in given.items()}
    assert len(figures.course_over_training(bare, NAMES, chosen="last", answers=[0]).data) == 1
