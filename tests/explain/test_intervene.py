"""Interventions against naive loops over pictures, rows and cells, and against what must hold of any clamp.

Weights and biases are random, so that a swapped gate, a transposed matrix or a bias on the wrong side shows.
"""

import itertools

import pytest
import torch

from cnngru.config import Conv, ModelConfig
from cnngru.explain.equations import gate_names
from cnngru.explain.intervene import Clamp, run
from cnngru.explain.trace import trace
from cnngru.nn.classifier import CNNGRU

CONVS = (Conv((3, 3), 8, (2, 2)), Conv((1, 3), 6, (1, 2)))
CELLS = ("gru", "gru-textbook", "lstm", "rnn", "mingru")
ALL = list(itertools.product(CELLS, (1, 2, 3), (False, True), ("last", "mean")))
ALL += [("gru-textbook", layers, False, "gated") for layers in (1, 2)]
T, H = 15, 9


def random_model(cell="gru", layers=1, bidirectional=False, readout="last", **more):
    torch.manual_seed(0)
    more = {"convs": CONVS, "hidden": H, **more}
    config = ModelConfig(cell=cell, layers=layers, bidirectional=bidirectional, readout=readout, **more)
    model = CNNGRU(config, "abcde").eval()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, 0.6)
    return model


def close(found, expected, atol=1e-6):
    """Within 1e-6; of mingru, whose values have no bound, within 1e-6 of the largest."""
    torch.testing.assert_close(found, expected, atol=atol * max(1.0, expected.abs().max().item()), rtol=0)


def same(found, expected, atol=1e-6):
    """Two traces agree in everything."""
    assert list(found.gates) == list(expected.gates)
    for name, values in expected.gates.items():
        close(found.gates[name], values, atol)
    close(found.hidden, expected.hidden, atol)
    close(found.outputs, expected.outputs, atol)
    assert found.bands.tolist() == expected.bands.tolist()


@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout"), ALL)
def test_without_edits_it_is_the_trace(cell, layers, bidirectional, readout):
    model, images = random_model(cell, layers, bidirectional, readout), torch.rand(3, 3, 32, 32)
    (expected, told), (logits, found) = trace(model, images), run(model, images)
    close(logits, expected)
    same(found, told)


@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout"), ALL)
def test_a_gate_clamped_to_its_own_values_changes_nothing(cell, layers, bidirectional, readout):
    model, images = random_model(cell, layers, bidirectional, readout), torch.rand(3, 3, 32, 32)
    expected, told = trace(model, images)
    edits = [
        Clamp(gate, told.gates[gate][layer, direction], layer=layer, direction=direction)
        for gate in gate_names(model.config)
        for layer in range(layers)
        for direction in range(1 + bidirectional)
    ]
    assert bool(edits) == (cell != "rnn")
    logits, found = run(model, images, edits)
    close(logits, expected)
    same(found, told)


@pytest.mark.parametrize("steps", ["pixels", "seed-cnn"])
@pytest.mark.parametrize("cell", CELLS)
def test_other_numbers_of_rows(cell, steps):
    model, images = random_model(cell, 2, True, encoder=steps).double(), torch.rand(2, 3, 32, 32).double()
    (expected, told), (logits, found) = trace(model, images), run(model, images)
    close(logits, expected, 1e-12)
    same(found, told, 1e-12)
