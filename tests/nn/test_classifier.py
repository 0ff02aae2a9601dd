"""The whole network: shapes, readouts and the way the recurrent layer starts."""

import itertools

import pytest
import torch

from cnngru.config import Conv, ModelConfig
from cnngru.nn.cells import gru
from cnngru.nn.classifier import CNNGRU

SMALL = {"stem_stride": 2, "convs": (Conv((3, 3), 8, (1, 2)), Conv((1, 3), 8, (1, 2))), "hidden": 12}
CLASSES = ("a", "b", "c")
KINDS = list(itertools.product(("gru", "none"), (1, 3), (False, True), ("last", "mean")))


@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout"), KINDS)
def test_every_kind_gives_logits_and_gradients_everywhere(cell, layers, bidirectional, readout):
    torch.manual_seed(0)
    config = ModelConfig(**SMALL, cell=cell, layers=layers, bidirectional=bidirectional, readout=readout)
    model = CNNGRU(config, CLASSES)
    logits = model(torch.rand(4, 3, 32, 32))
    assert logits.shape == (4, 3)
    assert model.classes == CLASSES
    assert model.bands.shape == (16, 2)
    logits.square().sum().backward()
    untouched = [n for n, p in model.named_parameters() if p.requires_grad and (p.grad is None or not p.grad.any())]
    assert untouched == []


@pytest.mark.parametrize("bidirectional", [False, True])
def test_last_is_the_state_that_pytorch_returns_as_last(bidirectional):
    torch.manual_seed(0)
    model = CNNGRU(ModelConfig(**SMALL, layers=2, bidirectional=bidirectional, readout="last"), CLASSES)
    states = torch.randn(5, 16, model.layers[0].input_size)
    for layer in model.layers:
        states, final = layer(states)  # final (D, B, H)
    torch.testing.assert_close(model.read_out(states), final.permute(1, 0, 2).flatten(1))


@pytest.mark.parametrize(("cell", "readout"), [("gru", "mean"), ("none", "mean"), ("none", "last")])
def test_mean_is_the_mean_over_rows(cell, readout):
    model = CNNGRU(ModelConfig(**SMALL, cell=cell, readout=readout), CLASSES)
    states = torch.randn(5, 16, 7)
    torch.testing.assert_close(model.read_out(states), sum(states[:, t] for t in range(16)) / 16)


def test_the_keep_gate_starts_where_it_is_told_and_the_recurrent_blocks_orthogonal():
    torch.manual_seed(0)
    layer = gru(6, 5, bidirectional=True, keep_bias=1.5)
    for end in ("", "_reverse"):
        bias = getattr(layer, f"bias_ih_l0{end}") + getattr(layer, f"bias_hh_l0{end}")
        torch.testing.assert_close(bias, torch.tensor([0.0] * 5 + [1.5] * 5 + [0.0] * 5))  # r | z | n
        for block in getattr(layer, f"weight_hh_l0{end}").chunk(3):
            torch.testing.assert_close(block @ block.T, torch.eye(5), atol=1e-5, rtol=0)


def test_a_large_keep_bias_freezes_the_state_at_zero():
    """z = KEEP in PyTorch's sense: with the gate shut open nothing is ever written."""
    torch.manual_seed(0)
    layer = gru(6, 5, bidirectional=False, keep_bias=20.0)
    states, _ = layer(torch.randn(2, 9, 6))
    assert states.abs().max() < 1e-4


def test_normalisation_is_part_of_the_model():
    torch.manual_seed(0)
    model = CNNGRU(ModelConfig(**SMALL), CLASSES).eval()
    images = torch.rand(50, 3, 32, 32)
    model.encoder.fit_input(images)
    dark = CNNGRU(model.config, CLASSES).eval()
    dark.load_state_dict(model.state_dict())
    dark.encoder.fit_input(images / 4)
    torch.testing.assert_close(model.encoder.mean / 4, dark.encoder.mean)
    assert "bands" not in model.state_dict()
