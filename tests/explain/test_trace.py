"""The trace against three oracles: the equations in numpy, nn.GRUCell and nn.GRU.

Weights and biases are random, so that a swapped gate, a transposed matrix or a bias on the wrong side shows.
"""

import itertools

import numpy as np
import pytest
import torch
from rounding import EXACT, close, pictures

from cnngru.config import Conv, ModelConfig
from cnngru.explain.trace import trace
from cnngru.nn.classifier import CNNGRU

CONVS = (Conv((3, 3), 8, (2, 2)), Conv((1, 3), 6, (1, 2)))
KINDS = list(itertools.product((1, 2), (False, True), ("last", "mean")))


def random_model(layers: int, bidirectional: bool, readout: str, seed: int = 0) -> CNNGRU:
    torch.manual_seed(seed)
    config = ModelConfig(convs=CONVS, hidden=9, layers=layers, bidirectional=bidirectional, readout=readout)
    model = CNNGRU(config, "abcde").eval().double()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, 0.6)
    return model


def weights(layer: torch.nn.GRU, direction: int) -> list[torch.Tensor]:
    end = "_reverse" if direction else ""
    return [getattr(layer, f"{n}_l0{end}").detach() for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


def numpy_cell(x, h, w_i, w_h, b_i, b_h):
    """PyTorch's GRU as it stands in its documentation, one picture, one row, no tensor library."""
    size = len(h)
    part = {gate: slice(i * size, (i + 1) * size) for i, gate in enumerate("rzn")}
    r = 1 / (1 + np.exp(-(w_i[part["r"]] @ x + b_i[part["r"]] + w_h[part["r"]] @ h + b_h[part["r"]])))
    z = 1 / (1 + np.exp(-(w_i[part["z"]] @ x + b_i[part["z"]] + w_h[part["z"]] @ h + b_h[part["z"]])))
    n = np.tanh(w_i[part["n"]] @ x + b_i[part["n"]] + r * (w_h[part["n"]] @ h + b_h[part["n"]]))
    return r, z, n, (1 - z) * n + z * h


@pytest.mark.parametrize(("layers", "bidirectional", "readout"), KINDS)
def test_against_numpy(layers, bidirectional, readout):
    model, images = random_model(layers, bidirectional, readout), pictures(3)
    logits, found = trace(model, images)
    x = model.encoder(images).detach().numpy()  # (B, T, F)
    names = ("reset", "update", "candidate", "hidden")
    for depth, layer in enumerate(model.layers):
        out = []
        for direction in range(1 + bidirectional):
            w = [tensor.numpy() for tensor in weights(layer, direction)]
            states = np.zeros((*x.shape[:2], 9))
            for picture in range(len(x)):
                h = np.zeros(9)
                for t in range(x.shape[1])[:: -1 if direction else 1]:
                    values = numpy_cell(x[picture, t], h, *w)
                    h = states[picture, t] = values[3]
                    for name, value in zip(names, values, strict=True):
                        got = getattr(found, name)[depth, direction, picture, t].numpy()
                        np.testing.assert_allclose(got, value, atol=EXACT, err_msg=f"{name}, row {t}")
            out.append(states)
        x = np.concatenate(out, axis=-1)
    last = np.concatenate([x[:, -1, :9], x[:, 0, 9:]], axis=-1)
    read = last if readout == "last" else x.mean(1)
    expected = read @ model.head.weight.detach().numpy().T + model.head.bias.detach().numpy()
    np.testing.assert_allclose(logits.numpy(), expected, atol=EXACT)


@pytest.mark.parametrize(("layers", "bidirectional", "readout"), KINDS)
def test_hidden_against_gru_cell(layers, bidirectional, readout):
    model, images = random_model(layers, bidirectional, readout, seed=1), pictures(4)
    _, found = trace(model, images)
    states = model.encoder(images).detach()
    for depth, layer in enumerate(model.layers):
        columns = []
        for direction in range(1 + bidirectional):
            cell = torch.nn.GRUCell(states.shape[-1], 9, dtype=torch.double)
            cell.weight_ih.data, cell.weight_hh.data, cell.bias_ih.data, cell.bias_hh.data = weights(layer, direction)
            h, rows = torch.zeros(4, 9).double(), {}
            for t in range(states.shape[1])[:: -1 if direction else 1]:
                h = rows[t] = cell(states[:, t], h).detach()
            columns.append(torch.stack([rows[t] for t in sorted(rows)], dim=1))
            close(found.hidden[depth, direction], columns[-1])
        states = torch.cat(columns, dim=-1)


@pytest.mark.parametrize(("layers", "bidirectional", "readout"), KINDS)
def test_against_the_fused_run(layers, bidirectional, readout):
    """The gates, put into the equations' last line, give the fused GRU's own states; the logits are the model's."""
    model, images = random_model(layers, bidirectional, readout, seed=2), pictures(6)
    logits, found = trace(model, images)
    assert torch.equal(logits, model(images))
    mixed = (1 - found.update) * found.candidate + found.update * found.before
    close(mixed, found.hidden)
    stacked = torch.nn.GRU(model.layers[0].input_size, 9, layers, batch_first=True, bidirectional=bidirectional)
    for depth, layer in enumerate(model.layers):
        for name, value in layer.named_parameters():
            getattr(stacked, name.replace("_l0", f"_l{depth}")).data = value.data
    top, _ = stacked(model.encoder(images))
    close(torch.cat(tuple(found.hidden[-1]), dim=-1), top)


def test_shapes_types_and_order():
    model, images = random_model(2, True, "last").float(), pictures(3, torch.float32)
    logits, found = trace(model, images)
    for name in ("reset", "update", "candidate", "hidden"):
        assert getattr(found, name).shape == (2, 2, 3, 15, 9)
        assert getattr(found, name).dtype == torch.float32
    assert logits.shape == (3, 5)
    assert found.bands.tolist() == model.bands.tolist()
    assert len(found.bands) == 15
    assert not found.update.requires_grad


def test_a_change_at_the_bottom_leaves_the_downward_rows_above_alone_and_reaches_the_upward_ones():
    model, images = random_model(1, True, "mean"), pictures(2)
    changed = images.clone()
    changed[:, :, 28:] = torch.rand(2, 3, 4, 32).double()
    (_, before), (_, after) = trace(model, images), trace(model, changed)
    unseen = (before.bands[:, 1] <= 28).nonzero().max() + 1
    moved = (before.update != after.update).any(-1).any(1).any(0)  # (D, B, T, H) -> by row, after the layer axis
    down, up = ((before.update - after.update).abs().amax((0, 2, 4)) > 0).unbind(0)  # (D, T)
    assert moved.any()
    assert not down[:unseen].any()
    assert down[unseen:].any()
    assert up[0]


def test_what_cannot_be_traced_says_so():
    images = pictures(1)
    with pytest.raises(ValueError, match="no recurrent layer"):
        trace(CNNGRU(ModelConfig(convs=CONVS, cell="none"), "ab").eval(), images)
    with pytest.raises(ValueError, match="eval mode"):
        trace(random_model(1, False, "last").train(), images)


def test_nothing_is_left_behind_on_a_model_that_many_share():
    model = random_model(1, False, "last")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    trace(model, pictures(2))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize(("layers", "bidirectional", "readout"), KINDS)
def test_outputs_are_what_the_readout_reads(layers, bidirectional, readout):
    model = random_model(layers, bidirectional, readout)
    logits, found = trace(model, pictures(3))
    assert torch.equal(model.head(model.read_out(found.outputs)), logits)
    assert torch.equal(found.outputs, torch.cat(tuple(found.hidden[-1]), dim=-1))
