"""When it knew: against networks that really stop reading, loops, and numpy's least squares."""

import itertools

import numpy as np
import pytest
import torch
from rounding import close, pictures

from cnngru.config import Conv, ModelConfig
from cnngru.explain import decision
from cnngru.explain.trace import trace
from cnngru.nn.classifier import CNNGRU

ROWS = {
    1: {"convs": (Conv((1, 3), 6, (2, 2)),) * 4},
    4: {"encoder": "seed-cnn"},
    15: {"convs": (Conv((1, 3), 6, (2, 2)),)},
    32: {"encoder": "pixels"},
}
CELLS = ("gru", "gru-textbook", "lstm", "rnn", "mingru")
UNITS, PICTURES = 5, 4


def traced(cell="gru", layers=1, bidirectional=False, readout="last", rows=15):
    torch.manual_seed(0)
    config = ModelConfig(
        cell=cell, hidden=UNITS, layers=layers, bidirectional=bidirectional, readout=readout, **ROWS[rows]
    )
    model = CNNGRU(config, "abcd").eval().double()
    for parameter in [*model.layers.parameters(), *model.head.parameters()]:
        parameter.data.normal_(0, 0.6)
    images = pictures(PICTURES)
    logits, found = trace(model, images)
    return model, model.encoder(images).detach(), logits, found


@pytest.mark.parametrize("readout", ["last", "mean"])
@pytest.mark.parametrize(("cell", "layers", "rows"), list(itertools.product(CELLS, (1, 3), (1, 4, 15))))
def test_an_answer_by_row_is_that_of_a_network_that_stops_there(cell, layers, rows, readout):
    model, features, logits, found = traced(cell, layers, False, readout, rows)
    probabilities = decision.by_row(model, found)
    assert probabilities.shape == (PICTURES, rows, 4)
    for t in range(rows):
        close(probabilities[:, t], model.classify(features[:, : t + 1]).softmax(-1).detach())
    assert torch.equal(probabilities[:, -1], logits.softmax(-1))


@pytest.mark.parametrize("layers", [1, 2])
def test_the_gated_readout_too(layers):
    model, features, logits, found = traced("gru-textbook", layers, False, "gated")
    probabilities = decision.by_row(model, found)
    for t in range(15):
        close(probabilities[:, t], model.classify(features[:, : t + 1]).softmax(-1).detach())
    assert torch.equal(probabilities[:, -1], logits.softmax(-1))


@pytest.mark.parametrize("readout", ["last", "mean"])
@pytest.mark.parametrize(("cell", "rows"), [*itertools.product(CELLS, (1, 15)), ("gru", 32)])
def test_both_directions_have_read_as_many_rows(cell, rows, readout):
    model, features, logits, found = traced(cell, 1, True, readout, rows)
    probabilities = decision.by_row(model, found)
    for t in range(rows):
        down = model.layers[0](features[:, : t + 1])[0][..., :UNITS]  # read from the top row
        up = model.layers[0](features[:, rows - 1 - t :])[0][..., UNITS:]  # read from the bottom row
        read = (down[:, -1], up[:, 0]) if readout == "last" else (down.mean(1), up.mean(1))
        close(probabilities[:, t], model.head(torch.cat(read, -1)).softmax(-1).detach())
        if readout == "last":
            close(decision.states_by_row(found)[:, t], torch.cat(read, -1).detach())
    assert torch.equal(probabilities[:, -1], logits.softmax(-1))


@pytest.mark.parametrize("layers", [2, 3])
@pytest.mark.parametrize("readout", ["last", "mean"])
def test_in_a_stack_that_reads_both_ways_the_last_answer_is_the_models(layers, readout):
    model, _, logits, found = traced("gru", layers, True, readout)
    probabilities = decision.by_row(model, found)
    assert torch.equal(probabilities[:, -1], logits.softmax(-1))
    close(probabilities.sum(-1), torch.ones(PICTURES, 15).double())


def test_lock_in_against_a_loop():
    torch.manual_seed(0)
    probabilities = torch.rand(400, 9, 3).softmax(-1)
    probabilities[:100, 4:] = probabilities[:100, 4:5]  # some that lock in early
    found = decision.lock_in(probabilities)
    assert found.shape == (400,)
    for picture, rows_read in zip(probabilities, found.tolist(), strict=True):
        answers = picture.argmax(-1).tolist()
        assert rows_read == min(t + 1 for t in range(9) if len(set(answers[t:])) == 1)
    assert set(found.tolist()) >= {1, 5, 9}
    assert decision.lock_in(torch.rand(7, 1, 3)).tolist() == [1] * 7


@pytest.mark.parametrize("ridge", [1e-6, 0.1, 10.0])
def test_the_probe_is_ridge_regression(ridge):
    """As ordinary least squares: √λ on the diagonal of rows that are added to the centred states."""
    rng = np.random.default_rng(0)
    states = rng.normal(3, 2, (50, 6)) @ rng.normal(size=(6, 6))
    labels = rng.integers(0, 3, 50)
    centred, targets = states - states.mean(0), np.eye(3)[labels]
    strength = 50 * ridge * centred.var(0).mean()
    added = np.vstack([centred, np.sqrt(strength) * np.eye(6)])
    expected, *_ = np.linalg.lstsq(added, np.vstack([targets - targets.mean(0), np.zeros((6, 3))]), rcond=None)
    weight, bias = decision.least_squares_probe(torch.tensor(states), torch.tensor(labels), 3, ridge)
    close(weight, expected.T, 1e-8)
    close(bias, targets.mean(0) - expected.T @ states.mean(0), 1e-8)
    scaled, _ = decision.least_squares_probe(torch.tensor(states) * 1000, torch.tensor(labels), 3, ridge)
    close(scaled * 1000, weight, 1e-8)


def test_a_probe_of_states_that_say_nothing_answers_with_the_commonest_class():
    weight, bias = decision.least_squares_probe(torch.full((10, 4), 0.3).double(), torch.tensor([0] * 3 + [2] * 7), 3)
    close(weight, torch.zeros(3, 4).double())
    close(bias, torch.tensor([0.3, 0, 0.7], dtype=torch.double))


def test_the_probe_finds_the_row_from_which_on_the_class_is_there():
    torch.manual_seed(0)
    labels = torch.randint(0, 4, (401,))
    states = torch.randn(401, 6, 10)
    states[:, 3:] += 20 * torch.nn.functional.one_hot(labels, 10)[:, None]
    accuracy = decision.probe_by_row(states, labels, 4)
    assert accuracy.shape == (6,)
    assert (accuracy[:3] < 0.4).all()
    assert (accuracy[3:] == 1).all()
    close((accuracy * 401).round(), accuracy * 401, 1e-6)  # every picture was judged once


def test_no_picture_is_judged_by_a_probe_that_has_seen_it():
    """With more numbers than pictures a probe knows its own half by heart, here with labels that mean nothing."""
    torch.manual_seed(1)
    states, labels = torch.randn(300, 2, 400), torch.randint(0, 4, (300,))
    weight, bias = decision.least_squares_probe(states[:150, 0], labels[:150], 4)
    assert ((states[:150, 0] @ weight.T + bias).argmax(-1) == labels[:150]).float().mean() > 0.95
    assert (decision.probe_by_row(states, labels, 4) < 0.4).all()


def test_the_probe_by_row_does_not_follow_the_order_of_the_pictures():
    torch.manual_seed(2)
    labels = torch.arange(4).repeat_interleave(50)  # sorted by class: halves cut in the middle would share none
    states = torch.randn(200, 1, 8) + 10 * torch.nn.functional.one_hot(labels, 8)[:, None]
    assert decision.probe_by_row(states, labels, 4).item() > 0.97


def test_one_picture_is_too_few_for_a_probe():
    with pytest.raises(ValueError, match="at least two pictures"):
        decision.probe_by_row(torch.randn(1, 3, 4), torch.tensor([0]), 2)
