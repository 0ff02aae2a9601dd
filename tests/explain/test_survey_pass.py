"""The survey against naive loops over the trace of all pictures at once; it reads them in small batches.

Weights and biases are random, so that an exchanged gate, row, unit, layer or direction shows.

Long, because each figure of a survey is counted again as a loop, on one survey.
"""

import itertools

import numpy as np
import pytest
import torch

from cnngru.config import Conv, ModelConfig
from cnngru.explain import survey_pass
from cnngru.explain.decision import by_row, probe_by_row, states_by_row
from cnngru.explain.survey import Survey, density, half_life
from cnngru.explain.survey_pass import initial_half_lives, survey
from cnngru.explain.trace import trace
from cnngru.explain.untrained import untrained
from cnngru.nn.classifier import CNNGRU

CONVS = (Conv((3, 3), 8, (2, 2)), Conv((1, 3), 6, (2, 2)))
N, ROWS, UNITS, CLASSES = 45, 7, 9, 5
GATES = {
    "gru": ["update", "reset"],
    "gru-textbook": ["update", "reset"],
    "lstm": ["forget", "input", "output"],
    "rnn": [],
    "mingru": ["update"],
}
ALL = [(cell, layers, both) for cell, (layers, both) in itertools.product(GATES, ((1, True), (2, False)))]


def random_model(cell="gru", layers=1, bidirectional=True, readout="mean", scale=1.2, **others):
    torch.manual_seed(0)
    config = ModelConfig(
        convs=CONVS, cell=cell, hidden=UNITS, layers=layers, bidirectional=bidirectional, readout=readout, **others
    )
    model = CNNGRU(config, "abcde").eval()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, scale)
    return model


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey_pass, "BATCH", 7)


@pytest.fixture
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    """Bright and dark ones, so that they differ; nobody is of class 3."""
    random = torch.Generator().manual_seed(1)
    images = torch.rand(N, 3, 32, 32, generator=random) * torch.rand(N, 1, 1, 1, generator=random)
    labels = torch.randint(0, 4, (N,), generator=random)
    return (images * 255).to(torch.uint8), torch.where(labels == 3, 4, labels).to(torch.uint8)


def whole(model, images):
    return trace(model, images.float() / 255)[1]


def eta_squared(keeping):
    """(L, D, T, H): η² of each unit at each row."""
    return np.stack([keeping.eta_squared_by_row([unit]) for unit in range(UNITS)], axis=-1)


def close(found, expected, atol=2e-5):
    np.testing.assert_allclose(found, expected, atol=atol, rtol=1e-4)


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ALL)
def test_gates_against_numpy(cell, layers, bidirectional, pictures):
    model = random_model(cell, layers, bidirectional)
    found, traced = survey(model, *pictures), whole(model, pictures[0])
    assert (found.n, found.classes, found.bands.tolist()) == (N, tuple("abcde"), model.bands.tolist())
    for by_gate in (found.mean, found.low, found.high):
        assert sorted(by_gate) == sorted(GATES[cell])
    for gate in GATES[cell]:
        values = traced.gates[gate].numpy()  # (L, D, N, T, H)
        close(found.mean[gate], values.mean(2))
        word = "keep" if gate == "update" else gate
        close(found.unit_means(word), values.mean((2, 3)))
        close(found.low[gate], (values < 0.1).mean((2, 3)), atol=1e-6)
        close(found.high[gate], (values > 0.9).mean((2, 3)), atol=1e-6)
        for each, expected in zip(found.saturated(word), (found.low[gate], found.high[gate]), strict=True):
            np.testing.assert_array_equal(each, expected)
        assert found.low[gate].max() > 0
        assert found.high[gate].max() > 0


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), [each for each in ALL if each[0] != "rnn"])
def test_keeping_against_naive_loops(cell, layers, bidirectional, pictures):
    model = random_model(cell, layers, bidirectional)
    keeping, traced, labels = survey(model, *pictures).keeping, whole(model, pictures[0]), pictures[1].numpy()
    assert keeping.gate == GATES[cell][0]
    keep = traced.gates[keeping.gate].double().numpy()  # (L, D, N, T, H)
    assert keeping.class_counts.tolist() == np.bincount(labels, minlength=CLASSES).tolist()
    log_mean = np.log(np.maximum(keep, 2**-24)).mean((2, 3))
    close(keeping.log_mean, log_mean)
    close(keeping.half_life, np.log(0.5) / log_mean, atol=1e-3)
    assert np.isnan(keeping.class_difference[:, :, 3]).all()
    for layer, direction in np.ndindex(keep.shape[:2]):
        at = (layer, direction)
        within_of_unit, total_of_unit = np.zeros(UNITS), np.zeros(UNITS)
        for t in range(ROWS):
            for c in (0, 1, 2, 4):
                apart = keep[at][labels == c, t].mean(0) - keep[at][:, t].mean(0)
                close(keeping.class_difference[at][c, t], apart)
                close(keeping.class_difference_of_mean[at][c, t], apart.mean())
            within, total = sums_of_squares(keep[at][:, t], labels)
            close(keeping.variance[at][t], total / N)
            close(eta_squared(keeping)[at][t], 1 - within / total, atol=1e-4)
            some = [1, 3]
            close(keeping.eta_squared_by_row(some)[at][t], 1 - within[some].sum() / total[some].sum(), atol=1e-4)
            within_of_unit += within
            total_of_unit += total
            within, total = sums_of_squares(keep[at][:, t].mean(-1), labels)
            close(keeping.eta_squared_of_mean[at][t], 1 - within / total, atol=1e-3)
        close(keeping.selectivity[at], 1 - within_of_unit / total_of_unit, atol=1e-4)
    assert keeping.eta_squared_by_chance == pytest.approx(3 / 44)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_by_words_against_the_gates_themselves(cell, pictures):
    model = random_model(cell, 2, True)
    found, labels = survey(model, *pictures), pictures[1].numpy()
    keep = whole(model, pictures[0]).gates[GATES[cell][0]][1, 1].numpy()  # (N, T, H)
    for word, values in {"gru": {"keep": keep, "write": 1 - keep}, "lstm": {"forget": keep}}[cell].items():
        close(found.unit_means(word)[1, 1], values.mean((0, 1)))
        low, high = found.saturated(word)
        close(low[1, 1], (values < 0.1).mean((0, 1)), atol=1e-6)
        close(high[1, 1], (values > 0.9).mean((0, 1)), atol=1e-6)
        close(found.class_means(word, 1, 1, 4), values[labels == 4].mean(0))
        for units in ((), (2,), (1, 3)):
            chosen = values[..., list(units)] if units else values
            difference, eta = found.keeping.by_class(word, 1, 1, units)
            close(difference[4], (chosen[labels == 4].mean(0) - chosen.mean(0)).mean(-1))
            named = {0: ["of their mean", "unit by unit"], 1: ["of the unit"], 2: ["unit by unit"]}[len(units)]
            assert list(eta) == named
            by_unit = found.keeping.eta_squared_by_row(list(units) or range(UNITS))[1, 1]
            np.testing.assert_array_equal(eta[named[-1]], by_unit)
    assert not np.array_equal(*found.saturated(word))


def test_a_plain_rnn_has_no_class_means(pictures):
    with pytest.raises(ValueError, match="no gate that keeps"):
        survey(random_model("rnn"), *pictures).class_means("keep", 0, 0, 0)


def sums_of_squares(values, labels):
    """Within classes and in total, as an analysis of variance adds them up, picture by picture."""
    within = sum((value - values[labels == label].mean(0)) ** 2 for value, label in zip(values, labels, strict=True))
    return within, sum((value - values.mean(0)) ** 2 for value in values)


def test_eta_squared_is_one_where_the_class_says_all_and_nothing_is_made_of_rounding():
    images = torch.stack([torch.full((3, 32, 32), 60 * label) for label in range(4)] * 5).to(torch.uint8)
    labels = torch.arange(4).repeat(5)
    keeping = survey(random_model(scale=0.3), images, labels).keeping
    close(eta_squared(keeping), 1.0, atol=1e-3)
    close(keeping.selectivity, np.ones_like(keeping.selectivity), atol=1e-3)
    same = survey(random_model(), images[:1].repeat(20, 1, 1, 1), labels).keeping
    assert same.variance.max() < 1e-10
    model = random_model(scale=0.3)
    model.layers[0].bias_ih_l0.data[UNITS : 2 * UNITS] = 12  # keep ≈ 1 − 6e-6 throughout, in the first direction
    nearly = survey(model, images, labels).keeping
    keep = whole(model, images).update.double().numpy()
    assert (nearly.half_life[0, 0] > 1e4).all()
    close(nearly.variance[0, 0] * 1e12, keep[0, 0].var(0) * 1e12, atol=1)
    assert (nearly.variance >= 0).all()
    assert (eta_squared(nearly) <= 1 + 1e-3).all()


@pytest.mark.parametrize(("cell", "layers", "bidirectional"), ALL)
def test_extremes_against_sorting(cell, layers, bidirectional, pictures):
    model = random_model(cell, layers, bidirectional)
    found, hidden = survey(model, *pictures), whole(model, pictures[0]).hidden.numpy()
    for extremes, sign in ((found.most, 1), (found.least, -1)):
        assert extremes.picture.shape == (*hidden.shape[:2], UNITS, survey_pass.CARDS)
        for layer, direction, unit in np.ndindex(extremes.picture.shape[:3]):
            states = sign * hidden[layer, direction, :, :, unit]  # (N, T)
            order = sorted(range(N), key=lambda i: -states[i].max())[: survey_pass.CARDS]
            close(sign * extremes.state[layer, direction, unit], [states[i].max() for i in order])
            picture, row = extremes.picture[layer, direction, unit], extremes.row[layer, direction, unit]
            close(states[picture, row], sign * extremes.state[layer, direction, unit])
            assert len(set(picture.tolist())) == survey_pass.CARDS


def test_with_few_pictures_a_card_has_all_of_them(pictures):
    found = survey(random_model(), pictures[0][:2], pictures[1][:2])
    assert found.most.picture.shape == (1, 2, UNITS, 2)
    assert np.isfinite(found.probe).all()
    assert np.isnan(survey(random_model(), pictures[0][:1], pictures[1][:1]).probe).all()


@pytest.mark.parametrize("readout", ["last", "mean"])
@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_knowing_against_counting(cell, readout, pictures):
    model = random_model(cell, 2, True, readout)
    found, traced, labels = survey(model, *pictures), whole(model, pictures[0]), pictures[1].long()
    answers = by_row(model, traced).argmax(-1)  # (N, T)
    close(found.own, (answers == labels[:, None]).float().mean(0))
    with torch.no_grad():
        right = model(pictures[0].float() / 255).argmax(1) == labels
    assert found.own[-1] == pytest.approx(right.float().mean().item())
    locked = np.zeros((2, ROWS))
    for i in range(N):
        t = ROWS - 1
        while t and answers[i, t - 1] == answers[i, -1]:
            t -= 1
        locked[int(right[i]), t] += 1
    assert found.locked.tolist() == locked.tolist()
    close(found.probe, probe_by_row(states_by_row(traced), labels, CLASSES), atol=1 / N + 1e-6)
    assert found.probed == N


def test_the_probe_sees_as_many_states_as_may_be_held(pictures, monkeypatch):
    model = random_model()
    monkeypatch.setattr(survey_pass, "PROBED", 17 * ROWS * 2 * UNITS + 1)
    found = survey(model, *pictures)
    assert found.probed == 17
    states = states_by_row(whole(model, pictures[0][:17]))
    close(found.probe, probe_by_row(states, pictures[1][:17].long(), CLASSES), atol=1 / 17 + 1e-6)
    assert found.locked.sum() == N


def test_a_network_in_float64_shows_the_same(pictures):
    model = random_model("lstm", 2)
    once, again = survey(model, *pictures), survey(model.double(), *pictures)
    close(again.mean["forget"], once.mean["forget"])
    close(again.keeping.log_mean, once.keeping.log_mean, atol=1e-4)
    close(initial_half_lives(model, pictures[0], 1), initial_half_lives(model.float(), pictures[0], 1), atol=1e-3)


def test_a_network_without_gates_has_the_rest(pictures):
    found = survey(random_model("rnn"), *pictures)
    assert found.keeping is None
    assert found.mean == {}
    with pytest.raises(ValueError, match="no gate that keeps"):
        initial_half_lives(random_model("rnn"), pictures[0])


def test_initial_half_lives_are_those_of_untrained_networks(pictures):
    model = random_model(keep_bias=1.0)
    found = initial_half_lives(model, pictures[0], networks=2)
    assert found.shape == (1, 2, 2, UNITS)
    for seed in range(2):
        keep = whole(untrained(model, seed), pictures[0]).update
        close(found[:, :, seed], np.log(0.5) / keep.log().mean((2, 3)).numpy(), atol=1e-3)
    assert np.median(found) == pytest.approx(np.log(0.5) / np.log(1 / (1 + np.exp(-1))), rel=0.3)
    longer = initial_half_lives(random_model(keep_bias=4.0), pictures[0])
    assert np.median(longer) > 5 * np.median(found)
    inside = survey(model, *pictures).keeping.initial_half_life
    close(inside, initial_half_lives(model, pictures[0]), atol=1e-3)


def test_a_gate_rounded_to_zero_has_a_half_life(pictures):
    model = random_model()
    model.layers[0].bias_ih_l0.data[UNITS : 2 * UNITS] = -200
    found = survey(model, *pictures).keeping.half_life[0, 0]
    close(found, np.full(UNITS, 1 / 24))


def test_half_life_and_density():
    found = half_life(np.array([np.log(0.5), np.log(0.5) / 3, 0.0, -0.0]))
    assert found[:2].tolist() == pytest.approx([1, 3])
    assert np.isposinf(found[2:]).all()
    at = np.logspace(-2, 3, 4001)
    thick = density(np.array([1.0, 1.0, 10.0, np.inf]), at)
    assert np.trapezoid(thick, np.log10(at)) == pytest.approx(0.75, abs=1e-3)
    assert thick[np.abs(at - 1).argmin()] == pytest.approx(2 * thick[np.abs(at - 10).argmin()], rel=1e-2)


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_arrays_and_back(cell, pictures, tmp_path):
    found = survey(random_model(cell), *pictures)
    np.savez_compressed(tmp_path / "a.npz", **found.arrays())
    with np.load(tmp_path / "a.npz") as file:
        again = Survey.from_arrays(dict(file))
    first, second = found.arrays(), again.arrays()
    assert list(first) == list(second)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    assert (again.n, again.classes, again.probed) == (found.n, found.classes, found.probed)
    assert again.keeping is None if cell == "rnn" else again.keeping.gate == "forget"
    with pytest.raises(KeyError):
        Survey.from_arrays({name: values for name, values in first.items() if name != "most.row"})


def test_progress_counts_pictures_and_may_break_it_off(pictures):
    heard = []
    survey(random_model(), *pictures, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(min(done, N), N) for done in range(7, N + 7, 7)]

    def enough(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        survey(random_model(), *pictures, progress=enough)


def test_what_cannot_be_surveyed(pictures):
    images, labels = pictures
    with pytest.raises(ValueError, match="no recurrent layer"):
        survey(random_model("none", bidirectional=False), images, labels)
    with pytest.raises(ValueError, match="eval"):
        survey(random_model().train(), images, labels)
    with pytest.raises(ValueError, match="none of the model's 5 classes"):
        survey(random_model(), images, labels + 2)
    for some in (images[:0], images[:3]):
        with pytest.raises(ValueError, match="a label for each"):
            survey(random_model(), some, labels[:0])


def test_weights_and_random_state_are_left_alone(pictures):
    model = random_model()
    before = {name: values.clone() for name, values in model.state_dict().items()}
    state = torch.get_rng_state()
    survey(model, *pictures)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
