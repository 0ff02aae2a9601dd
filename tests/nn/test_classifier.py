"""The whole network: shapes, readouts and the way the recurrent layer starts."""

import itertools

import pytest
import torch

from cnngru.config import Conv, ModelConfig
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import PRESETS

SMALL = {"stem_stride": 2, "convs": (Conv((3, 3), 8, (1, 2)), Conv((1, 3), 8, (1, 2))), "hidden": 12}
CLASSES = ("a", "b", "c")
CELLS = ("gru", "gru-textbook", "lstm", "rnn", "mingru", "none")
KINDS = [
    *itertools.product(CELLS, (1, 3), (False, True), ("last", "mean")),
    *itertools.product(("gru-textbook",), (1, 3), (False,), ("gated",)),
]


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


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("encoder", ["rows", "pixels", "seed-cnn"])
def test_any_encoder_goes_with_any_cell(encoder, cell):
    model = CNNGRU(ModelConfig(**SMALL, encoder=encoder, cell=cell), CLASSES).eval()
    images = torch.rand(2, 3, 32, 32)
    assert model(images).shape == (2, 3)
    torch.testing.assert_close(model.classify(model.encoder(images)), model(images))
    assert len(model.bands) == model.encoder(images).shape[1]
    assert (model.recurrent_parameter_count > 0) == (cell != "none")


def test_the_documents_cnn_alone_has_its_three_layer_head():
    model = CNNGRU(ModelConfig(encoder="seed-cnn", cell="none"), [str(i) for i in range(10)])
    linear = [(layer.in_features, layer.out_features) for layer in model.head if isinstance(layer, torch.nn.Linear)]
    assert linear == [(128 * 4 * 4, 1024), (1024, 512), (512, 10)]
    features = torch.randn(2, 4, 512)
    x = features.flatten(1)
    for layer in (model.head[0], model.head[2]):
        x = torch.relu(x @ layer.weight.T + layer.bias)
    torch.testing.assert_close(model.classify(features), x @ model.head[4].weight.T + model.head[4].bias)


def test_the_documents_hybrid_has_the_size_that_its_listing_has_when_it_is_put_right():
    model = CNNGRU(PRESETS["document"][0], [str(i) for i in range(10)])
    gru = torch.nn.GRU(512, 256, 2, batch_first=True)
    assert model.recurrent_parameter_count == sum(p.numel() for p in gru.parameters())
    filters = sum((9 * before + 1) * after for before, after in ((3, 32), (32, 64), (64, 128)))
    assert model.parameter_count == model.recurrent_parameter_count + filters + 256 * 10 + 10


def test_order_matters_to_a_cell_and_not_to_the_mean():
    torch.manual_seed(0)
    for cell in CELLS:
        model = CNNGRU(ModelConfig(**SMALL, cell=cell), CLASSES).eval()
        features = torch.randn(3, 16, model.encoder.features)
        same = torch.allclose(model.classify(features), model.classify(features.flip(1)), atol=1e-5)
        assert same == (cell == "none"), cell


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
