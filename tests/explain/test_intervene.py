"""Interventions against naive loops over pictures, rows and cells, and against what must hold of any clamp.

Weights and biases are random, so that a swapped gate, a transposed matrix or a bias on the wrong side shows.
"""

import itertools

import numpy as np
import pytest
import torch
from rounding import EXACT, PRECISIONS, bound, close, pictures

from cnngru.config import Conv, ModelConfig
from cnngru.explain.intervene import Clamp, Order, Zero, answer, prepare, run, run_features
from cnngru.explain.trace import gate_names, trace
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
    model = CNNGRU(config, "abcde").eval().double()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, 0.6)
    return model


def in_precision(dtype, *shape):
    """A random network and pictures, and how near its float32 or float64 must come."""
    model = random_model(*shape).to(dtype)
    return model, pictures(3, dtype), bound(model)


def same(found, expected, part=EXACT):
    """Two traces agree in everything."""
    assert list(found.gates) == list(expected.gates)
    for name, values in expected.gates.items():
        close(found.gates[name], values, part)
    close(found.hidden, expected.hidden, part)
    close(found.outputs, expected.outputs, part)
    assert found.bands.tolist() == expected.bands.tolist()


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout"), ALL)
def test_without_edits_it_is_the_trace(cell, layers, bidirectional, readout, dtype):
    model, images, part = in_precision(dtype, cell, layers, bidirectional, readout)
    (expected, told), (logits, found) = trace(model, images), run(model, images)
    close(logits, expected, part)
    same(found, told, part)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout"), ALL)
def test_a_gate_clamped_to_its_own_values_changes_nothing(cell, layers, bidirectional, readout, dtype):
    model, images, part = in_precision(dtype, cell, layers, bidirectional, readout)
    expected, told = trace(model, images)
    edits = [
        Clamp(gate, told.gates[gate][layer, direction], layer=layer, direction=direction)
        for gate in gate_names(model.config)
        for layer in range(layers)
        for direction in range(1 + bidirectional)
    ]
    assert bool(edits) == (cell != "rnn")
    logits, found = run(model, images, edits)
    close(logits, expected, part)
    same(found, told, part)


@pytest.mark.parametrize("steps", ["pixels", "seed-cnn"])
@pytest.mark.parametrize("cell", CELLS)
def test_other_numbers_of_rows(cell, steps):
    model, images = random_model(cell, 2, True, encoder=steps), pictures(2)
    (expected, told), (logits, found) = trace(model, images), run(model, images)
    close(logits, expected)
    same(found, told)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def numpy_gru(weights, x, upward, held):
    """PyTorch's GRU as it stands in its documentation, one picture x (T, F); held(gate, row, values) may change a gate.

    Returns h (T, H) in picture order.
    """
    w_i, w_h, b_i, b_h = weights
    part = {gate: slice(i * H, (i + 1) * H) for i, gate in enumerate("rzn")}
    h, states = np.zeros(H), np.zeros((len(x), H))
    for t in range(len(x))[:: -1 if upward else 1]:
        given, kept = w_i @ x[t] + b_i, w_h @ h + b_h
        r = held("reset", t, sigmoid(given[part["r"]] + kept[part["r"]]))
        z = held("update", t, sigmoid(given[part["z"]] + kept[part["z"]]))
        n = np.tanh(given[part["n"]] + r * kept[part["n"]])
        h = states[t] = held("hidden", t, (1 - z) * n + z * h)
    return states


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("readout", ["last", "mean"])
def test_clamps_and_zeroes_against_numpy(direction, readout):
    """Two gates clamped and the state zeroed at some rows and units, in one direction of a network that reads both."""
    model, images = random_model(bidirectional=True, readout=readout), pictures(3)
    at = {"reset": ((2, 7, 8), (0, 4)), "update": ((3, 7), (1, 4, 8)), "hidden": ((9,), (2, 4, 5))}
    value = {"reset": 0.9, "update": 0.25, "hidden": 0.0}

    def held(gate, row, values):
        rows, units = at[gate]
        return np.where(np.isin(np.arange(H), units) & (row in rows), value[gate], values)

    edits = [Clamp(gate, value[gate], *at[gate], direction=direction) for gate in ("reset", "update")]
    logits, found = run(model, images, [*edits, Zero(*at["hidden"], direction=direction)])
    x = model.encoder(images).detach().numpy()
    for picture in range(3):
        sides = []
        for d in (0, 1):
            names = (f"{n}_l0{'_reverse' * d}" for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            weights = [getattr(model.layers[0], name).detach().numpy() for name in names]
            sides.append(
                numpy_gru(weights, x[picture], d, held if d == direction else lambda gate, row, values: values)
            )
            np.testing.assert_allclose(found.hidden[0, d, picture], sides[-1], atol=1e-10)
        read = np.concatenate((sides[0][-1], sides[1][0]))
        if readout == "mean":
            read = np.concatenate([side.mean(0) for side in sides])
        head = [parameter.detach().numpy() for parameter in model.head.parameters()]
        np.testing.assert_allclose(logits[picture], head[0] @ read + head[1], atol=1e-10)
    held_at = found.reset[0, direction][:, [2, 7, 8]][..., [0, 4]]
    assert torch.equal(held_at, torch.full_like(held_at, 0.9))  # the trace shows what was, not what would have been


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("cell", ["gru", "gru-textbook", "mingru", "lstm"])
def test_keeping_all_from_a_row_on_freezes_the_state(cell, direction):
    model, images = random_model(cell, 2, bidirectional=True, readout="mean"), pictures(3)
    rows = tuple(range(6, T)) if direction == 0 else tuple(range(9))  # what is read from the seventh on
    place = {"layer": 1, "direction": direction}
    edits = [Clamp("update", 1.0, rows, **place)]
    if cell == "lstm":  # forget alone goes on adding what the input gate lets in
        edits = [Clamp(gate, value, rows, **place) for gate, value in (("forget", 1.0), ("input", 0.0))]
    (_, before), (_, after) = trace(model, images), run(model, images, edits)
    state = "cell" if cell == "lstm" else "hidden"
    found, told = (getattr(each, state)[1, direction] for each in (after, before))
    last_free = 5 if direction == 0 else 9
    assert torch.equal(found[:, rows], found[:, [last_free]].expand(-1, len(rows), -1))
    close(found[:, last_free], told[:, last_free])
    assert (told[:, rows] - found[:, rows]).abs().max() > 0.05


@pytest.mark.parametrize("cell", CELLS)
def test_zeroing_is_reading_on_without_a_past(cell):
    """After the zeroed row the states are those of a network that is shown the remaining rows alone."""
    model, images = random_model(cell), pictures(3)
    x = model.encoder(images)
    _, found = run_features(model, x, [Zero((8,))])
    alone, states = model.layers[0](x[:, 9:])
    assert not found.hidden[0, 0, :, 8].any()
    close(found.hidden[0, 0, :, 9:], (states if cell in ("gru-textbook", "mingru") else alone).detach())


def test_the_mean_and_the_gates_of_another_picture():
    model, images = random_model(layers=2), pictures(4)
    _, told = trace(model, images)
    first = Clamp("update", 0.5)  # changes what the second layer reads, but not what "mean" stands for
    _, found = run(model, images, [first, Clamp("reset", "mean", layer=1), Clamp("update", "others", layer=-1)])
    close(found.reset[1, 0], told.reset[1, 0].mean(1, keepdim=True).expand(-1, T, -1))
    close(found.update[1, 0], told.update[1, 0][[1, 2, 3, 0]])
    of_units = torch.rand(H).double()
    _, found = run(model, images, [Clamp("update", of_units)])
    assert torch.equal(found.update[0, 0], of_units.expand(4, T, H))


def test_orders_read_the_same_features_in_another_order():
    model, images = random_model(bidirectional=True, readout="mean"), pictures(4)
    x = model.encoder(images)
    logits, found = run(model, images, [Order("reversed")])
    close(logits, model.classify(x.flip(1)).detach())
    assert found.bands.tolist() == model.bands.flip(0).tolist()
    mixed = torch.randperm(T).tolist()
    close(run(model, images, [Order(mixed)])[0], model.classify(x[:, mixed]).detach())
    back = torch.tensor(mixed).argsort().tolist()
    close(run(model, images, [Order(mixed), Order(back)])[0], model(images).detach())
    shuffled, found = run(model, images, [Order("shuffled")])
    assert torch.equal(shuffled, run(model, images, [Order("shuffled")])[0])
    assert (shuffled - model(images)).abs().max() > 0.01
    assert (found.bands[:, 1] - found.bands[:, 0] > 5).all()  # of four pictures in orders of their own


def test_the_output_gate_of_the_gated_readout():
    model, images = random_model("gru-textbook", readout="gated"), pictures(3)
    logits, found = run(model, images, [Clamp("output", 0.0, (T - 1,))])
    close(logits, model.head.bias.detach().expand(3, -1))
    close(found.hidden, trace(model, images)[1].hidden)


def test_answers_from_prepared_features_are_those_of_run():
    model, images = random_model(layers=2, bidirectional=True), pictures(3)
    reading = prepare(model, model.encoder(images))
    for edits in ([], [Clamp("reset", "others", (3,), layer=1, direction=1), Zero((4,))], [Order("reversed")]):
        assert torch.equal(answer(reading, edits), run(model, images, edits)[0])


def test_a_model_that_many_share_is_left_as_it_was():
    model = random_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    run(model, pictures(2), [Clamp("update", 0.0), Zero((3,))])
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Clamp("forget", 0.0), "no gate 'forget'.* update, reset"),
        (Clamp("update", 1.5), "lies in 0..1"),
        (Clamp("update", float("nan")), "lies in 0..1"),
        (Clamp("update", "median"), "'median'"),
        (Clamp("update", "others"), "at least two"),
        (Clamp("update", torch.rand(4)), r"\(4,\) do not fit gates \(1, 15, 9\)"),
        (Clamp("update", 0.0, (15,)), "no row 15.* 0 to 14"),
        (Clamp("update", 0.0, None, (-1,)), "no unit -1.* 0 to 8"),
        (Clamp("update", 0.0, layer=1), "no layer 1"),
        (Zero((3,), direction=1), "no direction 1"),
        (Order("sideways"), "sideways"),
        (Order((0, 0, 1)), "each of the 15 rows once"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(edit, message):
    with pytest.raises(ValueError, match=message):
        run(random_model(), pictures(1), [edit])


def test_what_cannot_be_traced_cannot_be_run_with_edits():
    images = pictures(1)
    with pytest.raises(ValueError, match="no recurrent layer"):
        run(CNNGRU(ModelConfig(convs=CONVS, cell="none"), "ab").eval(), images)
    with pytest.raises(ValueError, match="eval mode"):
        run(random_model().train(), images)
    with pytest.raises(ValueError, match="has: none"):
        run(random_model("rnn"), images, [Clamp("update", 0.0)])
