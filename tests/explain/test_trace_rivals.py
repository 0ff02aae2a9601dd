"""Traces of the GRU's rivals: their gates, put back into their equations, give the states that the layers gave.

Weights and biases are random, so that a swapped gate, a transposed matrix or a bias on the wrong side shows.
"""

import itertools

import pytest
import torch
from rounding import close, pictures

from cnngru.config import Conv, ModelConfig
from cnngru.explain.trace import trace
from cnngru.nn.classifier import CNNGRU

CONVS = (Conv((3, 3), 8, (2, 2)), Conv((1, 3), 6, (1, 2)))
NAMES = {
    "gru": ["reset", "update", "candidate"],
    "gru-textbook": ["reset", "update", "candidate"],
    "lstm": ["input", "forget", "output", "candidate", "cell"],
    "rnn": ["candidate"],
    "mingru": ["update", "candidate"],
}
SHAPES = list(itertools.product((1, 2), (False, True), ("last", "mean")))
ALL = [(cell, *shape) for cell, shape in itertools.product(NAMES, SHAPES)]
ALL += [("gru-textbook", layers, False, "gated") for layers in (1, 2)]


def random_model(cell, layers=1, bidirectional=False, readout="last"):
    torch.manual_seed(0)
    config = ModelConfig(convs=CONVS, cell=cell, hidden=9, layers=layers, bidirectional=bidirectional, readout=readout)
    model = CNNGRU(config, "abcde").eval().double()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, 0.6)
    return model


@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout"), ALL)
def test_gates_by_name_states_and_logits(cell, layers, bidirectional, readout):
    model, images = random_model(cell, layers, bidirectional, readout), pictures(3)
    logits, found = trace(model, images)
    close(logits, model(images).detach())
    assert list(found.gates) == NAMES[cell] + (["output"] if readout == "gated" else [])
    for values in (*found.gates.values(), found.hidden, found.before):
        assert values.shape == (layers, 1 + bidirectional, 3, 15, 9)
        assert values.dtype == images.dtype
    if readout == "gated":
        return
    states = model.encoder(images)
    for depth, layer in enumerate(model.layers):
        states, _ = layer(states)
        close(torch.cat(tuple(found.hidden[depth]), dim=-1), states.detach())


@pytest.mark.parametrize(("layers", "bidirectional", "readout"), SHAPES)
@pytest.mark.parametrize("cell", ["gru", "gru-textbook", "mingru"])
def test_keep_mixes_the_old_state_with_the_candidate(cell, layers, bidirectional, readout):
    _, found = trace(random_model(cell, layers, bidirectional, readout), pictures(3))
    close(found.update * found.before + (1 - found.update) * found.candidate, found.hidden)
    assert found.update.min() < 0.4
    assert found.update.max() > 0.6


@pytest.mark.parametrize(("layers", "bidirectional", "readout"), SHAPES)
def test_lstm_gates_give_its_cell_and_its_state(layers, bidirectional, readout):
    _, found = trace(random_model("lstm", layers, bidirectional, readout), pictures(3))
    before = torch.zeros_like(found.cell)
    before[:, 0, :, 1:] = found.cell[:, 0, :, :-1]
    before[:, 1:, :, :-1] = found.cell[:, 1:, :, 1:]
    close(found.forget * before + found.input * found.candidate, found.cell)
    close(found.output * torch.tanh(found.cell), found.hidden)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_states_against_pytorchs_cell_row_by_row(cell, bidirectional):
    model, images = random_model(cell, bidirectional=bidirectional), pictures(4)
    _, found = trace(model, images)
    x = model.encoder(images).detach()
    for direction in range(1 + bidirectional):
        made = {"lstm": torch.nn.LSTMCell, "rnn": torch.nn.RNNCell}[cell](x.shape[-1], 9, dtype=torch.double)
        end = "_reverse" if direction else ""
        for name, value in made.named_parameters():
            value.data = getattr(model.layers[0], f"{name}_l0{end}").data
        state = None
        for t in range(x.shape[1])[:: -1 if direction else 1]:
            state = made(x[:, t], state)
            h, c = state if cell == "lstm" else (state, None)
            close(found.hidden[0, direction, :, t], h.detach())
            if c is not None:
                close(found.cell[0, direction, :, t], c.detach())
            else:
                close(found.candidate[0, direction, :, t], h.detach())


@pytest.mark.parametrize("layers", [1, 2])
def test_the_output_gate_is_what_the_head_reads_through(layers):
    """o ⊙ y of the last row is the head's input: with o known, y = read / o must be tanh(W_y·[h, x] + b_y)."""
    model, images = random_model("gru-textbook", layers, readout="gated"), pictures(3)
    _, found = trace(model, images)
    x = model.encoder(images)
    for layer in model.layers[:-1]:
        x, _ = layer(x)
    handed_on, _ = model.layers[-1](x)
    cell = model.layers[-1].cells[0]
    both = torch.cat((found.hidden[-1, 0], x), dim=-1)
    (w_o, w_y), (b_o, b_y) = (
        torch.cat((cell.output_weight_hh, cell.output_weight_ih), dim=1).chunk(2),
        cell.output_bias.chunk(2),
    )
    close(found.output[-1, 0], torch.sigmoid(both @ w_o.T + b_o).detach())
    close((found.output[-1, 0] * torch.tanh(both @ w_y.T + b_y)).detach(), handed_on.detach())


@pytest.mark.parametrize("bias", [20.0, -20.0])
@pytest.mark.parametrize(
    ("cell", "gate"), [("gru", "update"), ("gru-textbook", "update"), ("mingru", "update"), ("lstm", "forget")]
)
def test_the_keep_bias_drives_what_keeps(cell, gate, bias):
    torch.manual_seed(0)
    model = (
        CNNGRU(ModelConfig(convs=CONVS, cell=cell, hidden=9, keep_bias=bias, bidirectional=True), "ab").eval().double()
    )
    _, found = trace(model, pictures(2))
    close(found.gates[gate], torch.full_like(found.gates[gate], float(bias > 0)), 1e-6)


def test_a_gate_that_a_cell_does_not_have_is_refused_with_those_that_there_are():
    _, found = trace(random_model("lstm"), pictures(1))
    assert found.forget is found.gates["forget"]
    with pytest.raises(AttributeError, match=r"no 'update'.* input, forget, output, candidate, cell"):
        _ = found.update
    assert not hasattr(found, "reset")


@pytest.mark.parametrize("encoder", ["pixels", "seed-cnn"])
def test_other_encoders_are_traced_row_by_row_too(encoder):
    model = CNNGRU(ModelConfig(encoder=encoder, hidden=6), "ab").eval()
    _, found = trace(model, torch.rand(2, 3, 32, 32))
    assert found.hidden.shape == (1, 1, 2, len(model.bands), 6)
    assert len(found.bands) == {"pixels": 32, "seed-cnn": 4}[encoder]
