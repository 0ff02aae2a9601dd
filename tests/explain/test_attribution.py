"""Attributions against naive oracles: loops over pictures and rows, finite differences, closed forms, hand counts.

Long, because each of the four attributions has an oracle of its own, on the same networks.
"""

import itertools

import numpy as np
import pytest
import torch
from rounding import EXACT, close

from cnngru.bands import bands
from cnngru.config import Conv, ModelConfig
from cnngru.explain import attribution
from cnngru.explain.trace import trace
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import PRESETS

CONVS = (Conv((3, 3), 8, (2, 2)), Conv((1, 3), 6, (1, 2)))
SHAPES = list(itertools.product((1, 2), (False, True), ("last", "mean")))
CELLS = ["gru", "gru-textbook", "lstm", "rnn", "mingru", "none"]
A, B = torch.tensor([0, 4, 2]), torch.tensor([3, 1, 1])


def random_model(cell="gru", layers=1, bidirectional=False, readout="last", encoder="rows"):
    torch.manual_seed(0)
    config = ModelConfig(
        convs=CONVS, cell=cell, hidden=9, layers=layers, bidirectional=bidirectional, readout=readout, encoder=encoder
    )
    model = CNNGRU(config, "abcde").eval().double()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, 0.4)
    return model


def pictures(seed=1):
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(seed), dtype=torch.double)


def margins(model, features):
    """Picture by picture, with the classes A and B."""
    logits = [model.classify(one[None])[0] for one in features]
    return torch.stack([one[a] - one[b] for one, a, b in zip(logits, A, B, strict=True)]).detach()


@pytest.mark.parametrize(("layers", "bidirectional", "readout"), SHAPES)
@pytest.mark.parametrize("cell", ["gru", "gru-textbook", "mingru"])
def test_written_adds_up_to_the_margin_less_the_biases(cell, layers, bidirectional, readout):
    model = random_model(cell, layers, bidirectional, readout)
    logits, found = trace(model, pictures())
    values = attribution.written(model, found, A, B)
    assert values.shape == (3, 15)
    margin = torch.stack([logits[i, A[i]] - logits[i, B[i]] for i in range(3)])
    close(values.sum(1), (margin - (model.head.bias[A] - model.head.bias[B])).detach())


def test_written_is_each_rows_own():
    """The naive loop: every row's candidate, carried down by the keeps of the rows after it, in both directions."""
    model = random_model(bidirectional=True)
    _, found = trace(model, pictures())
    values = attribution.written(model, found, A, B)
    keep, candidate = found.update[-1].numpy(), found.candidate[-1].numpy()
    weight = model.head.weight.detach().numpy().reshape(5, 2, 9)
    for i, t in itertools.product(range(3), range(15)):
        total = 0.0
        for direction, after in ((0, range(t + 1, 15)), (1, range(t))):
            left = (1 - keep[direction, i, t]) * candidate[direction, i, t]
            for u in after:
                left = left * keep[direction, i, u]
            total += float(left @ (weight[A[i], direction] - weight[B[i], direction]))
        assert values[i, t].item() == pytest.approx(total, abs=EXACT)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_sensitivity_against_finite_differences(cell, bidirectional):
    model, step = random_model(cell, bidirectional=bidirectional), 1e-5
    images = pictures()
    values = attribution.sensitivity(model, images, A, B)
    features = model.encoder(images).detach()
    width = features.shape[2]
    nudge = step * torch.eye(width, dtype=torch.float64)  # one feature each
    for t in (0, 14):
        for i in range(3):
            up, down = features[i].repeat(width, 1, 1), features[i].repeat(width, 1, 1)
            up[:, t] += nudge
            down[:, t] -= nudge
            slopes = (model.classify(up) - model.classify(down)).detach() / (2 * step)  # (F, C)
            expected = (slopes[:, A[i]] - slopes[:, B[i]]).square().sum().sqrt()
            close(values[i, t], expected, 1e-7)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("shape", ["grey", "F", "TF", "BTF"])
def test_occlusion_against_a_loop(cell, shape):
    model, images = random_model(cell, bidirectional=True), pictures()
    features = model.encoder(images).detach()
    grey = model.encoder(torch.full((1, 3, 32, 32), 0.5).double()).detach().expand(3, -1, -1)
    torch.manual_seed(2)
    baseline = {"grey": None, "F": torch.randn(features.shape[2]), "TF": torch.randn(features.shape[1:])}.get(
        shape, torch.randn_like(features)
    )
    nothing = grey if baseline is None else baseline.expand_as(features)
    values = attribution.occlusion(model, images, A, B, baseline)
    for t in range(15):
        without = features.clone()
        without[:, t] = nothing[:, t]
        close(values[:, t], margins(model, features) - margins(model, without))


def test_higher_windows_give_each_row_the_mean_of_those_it_lies_in():
    model, images = random_model(), pictures()
    features = model.encoder(images).detach()
    baseline = torch.randn(features.shape[1:], generator=torch.Generator().manual_seed(3)).double()
    values = attribution.occlusion(model, images, A, B, baseline, height=3)
    changes = {}
    for top in range(13):
        without = features.clone()
        for t in (top, top + 1, top + 2):
            without[:, t] = baseline[t]
        changes[top] = margins(model, features) - margins(model, without)
    for t in range(15):
        lies_in = [change for top, change in changes.items() if top <= t <= top + 2]
        close(values[:, t], torch.stack(lies_in).mean(0))
    for height in (0, 16):
        with pytest.raises(ValueError, match=f"1 to 15 rows.* not {height}"):
            attribution.occlusion(model, images, A, B, height=height)


@pytest.mark.parametrize("encoder", ["rows", "pixels", "seed-cnn"])
def test_occlusion_of_pixels_against_a_loop(encoder):
    model, images = random_model(encoder=encoder), pictures()
    values = attribution.occlusion_of_pixels(model, images, A, B)
    own = attribution.stripes(model.config)
    assert values.shape == (3, len(own))
    before = margins(model, model.encoder(images))
    for t, (start, end) in enumerate(own):
        painted = images.clone()
        painted[:, :, range(start, end)] = 0.5
        close(values[:, t], before - margins(model, model.encoder(painted)))


def test_stripes_are_apart_and_in_the_middle_of_their_bands():
    configs = {name: config for name, (config, _) in PRESETS.items()}
    configs |= {name: ModelConfig(encoder=name) for name in ("pixels", "seed-cnn")}
    configs["rows of two"] = ModelConfig(stem_stride=2, convs=(Conv((1, 3), 6, (1, 2)),))
    for name, config in configs.items():
        own, seen = attribution.stripes(config), bands(config)
        assert len(own) == len(seen), name
        assert len({end - start for start, end in own}) == 1, name
        assert all(above[1] == below[0] for above, below in itertools.pairwise(own)), name
        for (start, end), (first, last) in zip(own, seen, strict=True):
            assert first <= start < end <= last, name
            if first > 0 and last < 32:  # the picture's edges cut off nothing
                assert abs((start + end) - (first + last)) <= 1, name
    assert attribution.stripes(configs["pixels"]) == [(y, y + 1) for y in range(32)]
    assert attribution.stripes(configs["seed-cnn"]) == [(0, 8), (8, 16), (16, 24), (24, 32)]
    assert attribution.stripes(configs["rows of two"]) == [(y, y + 2) for y in range(0, 32, 2)]


@pytest.mark.parametrize("cell", CELLS)
def test_integrated_gradients_are_complete_and_the_residual_says_how_far(cell):
    model, images = random_model(cell), pictures()
    features = model.encoder(images).detach()
    baseline = torch.randn(features.shape[2], generator=torch.Generator().manual_seed(4)).double()
    change = margins(model, features) - margins(model, baseline.expand_as(features))
    left = {}
    for steps in (2, 256):
        values, residual = attribution.integrated_gradients(model, images, A, B, steps, baseline)
        close(values.sum(1) + residual, change)
        left[steps] = residual.abs().max().item()
    assert left[256] < 1e-4
    assert cell == "none" or left[2] > 10 * left[256]


def test_integrated_gradients_against_a_loop_and_however_many_go_at_once(monkeypatch):
    model, images = random_model(bidirectional=True), pictures()
    features = model.encoder(images).detach()
    grey = model.encoder(torch.full((1, 3, 32, 32), 0.5).double()).detach()
    expected = torch.zeros(3, 15).double()
    for k in range(5):
        x = (grey + (k + 0.5) / 5 * (features - grey)).requires_grad_()
        for i in range(3):
            logits = model.classify(x[i : i + 1])[0]
            (slope,) = torch.autograd.grad(logits[A[i]] - logits[B[i]], x, retain_graph=True)
            expected[i] += ((features - grey)[i] * slope[i]).sum(-1) / 5
    close(attribution.integrated_gradients(model, images, A, B, steps=5)[0], expected)
    monkeypatch.setattr(attribution, "AT_ONCE", 6)  # two points at once, and one left over
    close(attribution.integrated_gradients(model, images, A, B, steps=5)[0], expected)
    with pytest.raises(ValueError, match="at least 1 step, not 0"):
        attribution.integrated_gradients(model, images, A, B, steps=0)


def test_without_a_gate_a_linear_network_has_all_its_answers_agree():
    """The mean over row features and a linear head: occlusion and integrated gradients are w · (x_t − x̄_t) / T."""
    model, images = random_model("none"), pictures()
    features = model.encoder(images).detach()
    grey = model.encoder(torch.full((1, 3, 32, 32), 0.5).double()).detach()
    weight = (model.head.weight[A] - model.head.weight[B]).detach()  # (B, F)
    expected = ((features - grey) * weight[:, None]).sum(-1) / 15
    close(attribution.occlusion(model, images, A, B), expected)
    values, residual = attribution.integrated_gradients(model, images, A, B, steps=1)
    close(values, expected)
    close(residual, torch.zeros(3).double())
    close(attribution.sensitivity(model, images, A, B), (weight.norm(dim=1) / 15)[:, None].expand(3, 15))


@pytest.mark.parametrize(("cell", "readout", "splits"), [("gru", "mean", True), ("gru-textbook", "gated", False)])
def test_by_name_is_each_of_them_with_its_options(cell, readout, splits):
    model, images = random_model(cell, readout=readout), pictures()
    _, found = trace(model, images)
    values, residual = attribution.by_name(model, images, found, A, B, height=2)
    integrated, missed = attribution.integrated_gradients(model, images, A, B)
    expected = {"written": attribution.written(model, found, A, B)} if splits else {}
    expected["sensitivity"] = attribution.sensitivity(model, images, A, B)
    expected["occlusion"] = attribution.occlusion(model, images, A, B, height=2)
    expected["integrated gradients"] = integrated
    assert list(values) == list(expected)
    for name in values:
        assert torch.equal(values[name], expected[name]), name
    assert torch.equal(residual, missed)
    by_pixels = attribution.by_name(model, images, found, A, B, pixels=True)[0]["occlusion"]
    assert torch.equal(by_pixels, attribution.occlusion_of_pixels(model, images, A, B))
    assert not torch.equal(by_pixels, values["occlusion"])


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_by_name_leaves_out_written_where_there_is_no_split(cell):
    model, images = random_model(cell), pictures()
    values, _ = attribution.by_name(model, images, trace(model, images)[1], A, B)
    assert list(values) == ["sensitivity", "occlusion", "integrated gradients"]


def test_rank_correlation_by_hand_and_with_ties():
    x = torch.tensor([[1.0, 2, 3, 4], [1, 2, 3, 4], [1, 1, 2, 3], [1, 1, 1, 1]])
    y = torch.tensor([[10.0, 20, 30, 99], [4, 3, 2, 1], [5, 6, 7, 7], [1, 2, 3, 4]])
    found = attribution.rank_correlation(x, y)
    ranks = [[0.5, 0.5, 2, 3], [0, 1, 2.5, 2.5]]
    expected = torch.tensor([1, -1, np.corrcoef(ranks)[0, 1], float("nan")], dtype=torch.float64)
    torch.testing.assert_close(found, expected, equal_nan=True)


def test_rank_correlation_against_numpy():
    x, y = torch.randn(2, 6, 15, generator=torch.Generator().manual_seed(0))
    expected = [
        np.corrcoef(np.argsort(np.argsort(one)), np.argsort(np.argsort(other)))[0, 1]
        for one, other in zip(x.numpy(), y.numpy(), strict=True)
    ]
    np.testing.assert_allclose(attribution.rank_correlation(x, y).numpy(), expected, atol=1e-12)


def test_the_answer_and_the_runner_up():
    a, b = attribution.answer_and_runner_up(torch.tensor([[0.1, 3.0, 2.0], [5.0, -1.0, 0.0]]))
    assert (a.tolist(), b.tolist()) == ([1, 0], [2, 2])


def test_one_pair_of_classes_for_all_pictures():
    model, images = random_model(), pictures()
    _, found = trace(model, images)
    both = ((2, 4), (torch.tensor([2, 2, 2]), torch.tensor([4, 4, 4])))
    for ask in (
        lambda *ab: attribution.written(model, found, *ab),
        lambda *ab: attribution.sensitivity(model, images, *ab),
        lambda *ab: attribution.occlusion(model, images, *ab),
        lambda *ab: attribution.occlusion_of_pixels(model, images, *ab),
        lambda *ab: attribution.integrated_gradients(model, images, *ab)[0],
    ):
        one, each = (ask(*ab) for ab in both)
        assert torch.equal(one, each)
        assert one.shape == (3, 15)
        assert not one.requires_grad


def test_nothing_is_left_behind_on_a_model_that_many_share():
    model, images = random_model(), pictures()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    attribution.sensitivity(model, images, A, B)
    attribution.integrated_gradients(model, images, A, B, steps=2)
    attribution.occlusion_of_pixels(model, images, A, B)
    assert torch.equal(images, pictures())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_what_cannot_be_answered_says_so():
    model, images = random_model(), pictures()
    model.train()
    for ask in (
        attribution.sensitivity,
        attribution.occlusion,
        attribution.occlusion_of_pixels,
        attribution.integrated_gradients,
    ):
        with pytest.raises(ValueError, match="eval mode"):
            ask(model, images, A, B)
    for cell in ("lstm", "rnn"):
        refused = random_model(cell)
        with pytest.raises(ValueError, match=r"LSTM|RNN"):
            attribution.written(refused, trace(refused, images)[1], A, B)


def test_agreement_is_the_table_of_rank_correlations_and_compares_sizes_beside_what_has_no_sign():
    generator = torch.Generator().manual_seed(5)
    values = {name: torch.randn(3, 9, generator=generator) for name in ("written", "sensitivity", "occlusion")}
    values["sensitivity"] = values["sensitivity"].abs()
    table = attribution.agreement(values)
    assert table.shape == (3, 3, 3)
    assert torch.equal(table, table.transpose(1, 2))
    for picture in range(3):
        written, sensitivity, occlusion = (each[picture].numpy() for each in values.values())
        for place, (x, y) in {(0, 2): (written, occlusion), (0, 1): (abs(written), sensitivity)}.items():
            ranks = [np.argsort(np.argsort(each)) for each in (x, y)]
            assert table[picture][place].item() == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-12)
