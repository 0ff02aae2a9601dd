"""What was kept of each row, against loops written as the definitions are: one product, one row after another.

Weights and biases are random, the head's too, so that a swapped gate, direction or class shows.

Long, because each identity is written out as a loop, for every cell and readout.
"""

import itertools

import numpy as np
import pytest
import torch
from rounding import close, pictures

from cnngru.config import Conv, ModelConfig
from cnngru.explain import memory
from cnngru.explain.trace import Trace, trace
from cnngru.nn.classifier import CNNGRU

HALVED = Conv((1, 3), 6, (2, 2))
ROWS = {
    1: {"convs": (HALVED,) * 4},
    3: {"convs": (HALVED,) * 3},
    4: {"encoder": "seed-cnn"},
    15: {"convs": (HALVED,)},
    32: {"encoder": "pixels"},
}
MIXTURES = ("gru", "gru-textbook", "mingru")
SHAPES = list(itertools.product((1, 2, 3), (False, True), ("last", "mean"), ROWS))
ALL = [("gru", *shape, rounded) for shape in SHAPES for rounded in (False, True)]  # rounded: through bfloat16
ALL += [(cell, *shape, shape[-1] == 1) for cell in MIXTURES[1:] for shape in SHAPES if shape[-1] in (1, 15)]
UNITS, PICTURES, CLASSES = 5, 3, 4
SATURATED = 1e-6  # σ(20) is 1 less 2·10⁻⁹, and what enters a gate beside its bias of 20 is about 1


def random_model(cell="gru", layers=1, bidirectional=False, readout="last", rows=15, rounded=False):
    torch.manual_seed(0)
    config = ModelConfig(
        cell=cell, hidden=UNITS, layers=layers, bidirectional=bidirectional, readout=readout, **ROWS[rows]
    )
    model = CNNGRU(config, "abcd"[:CLASSES]).eval().double()
    for parameter in [*model.layers.parameters(), *model.head.parameters()]:
        parameter.data.normal_(0, 0.6)
    for parameter in model.parameters():
        if rounded:
            parameter.data = parameter.data.bfloat16().double()
    return model


def traced(*settings, **others):
    model = random_model(*settings, **others)
    logits, found = trace(model, pictures(PICTURES))
    assert found.hidden.shape[3] == others.get("rows", 15)
    return model, logits, found


def read_order(rows, direction):
    return list(range(rows))[:: -1 if direction else 1]


def naive_retention(keep, direction):
    """keep (B, T, H) -> K as its definition says it: the product of keep over the rows read after s, up to t."""
    order = read_order(keep.shape[1], direction)
    kept = np.zeros((keep.shape[0], keep.shape[1], *keep.shape[1:]))
    for i, s in enumerate(order):
        for j in range(i, len(order)):
            product = np.ones_like(keep[:, 0], dtype=float)
            for u in order[i + 1 : j + 1]:
                product *= keep[:, u]
            kept[:, s, order[j]] = product
    return kept


def each(found):
    """All (layer, direction) of a trace."""
    return itertools.product(range(found.hidden.shape[0]), range(found.hidden.shape[1]))


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 3])
def test_retention_is_the_product_of_keep(layers, bidirectional, rows):
    _, _, found = traced("gru", layers, bidirectional, rows=rows, rounded=layers == 1)
    for layer, direction in each(found):
        kept = memory.retention(found, layer, direction)
        assert kept.shape == (PICTURES, rows, rows, UNITS)
        close(kept, naive_retention(found.update[layer, direction].numpy(), direction))
        order = read_order(rows, direction)
        for s, u, t in itertools.combinations_with_replacement(order[:: max(1, rows // 4)], 3):
            close(kept[:, s, t], kept[:, s, u] * kept[:, u, t])  # K(s→t) = K(s→u) K(u→t)
        assert (kept.diagonal(dim1=1, dim2=2) == 1).all()
        for s, t in itertools.combinations(order, 2):
            assert not kept[:, t, s].any()  # s was read before t


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("rows", [1, 15])
def test_an_lstms_cell_state_by_what_its_forget_gate_kept(rows, bidirectional):
    _, _, found = traced("lstm", 2, bidirectional, rows=rows)
    for layer, direction in each(found):
        kept = memory.retention(found, layer, direction)
        written = found.input[layer, direction] * found.candidate[layer, direction]  # (B, T, H)
        close((kept * written[:, :, None]).sum(1), found.cell[layer, direction])


@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout", "rows", "rounded"), ALL)
def test_states_and_logits_are_what_was_written(cell, layers, bidirectional, readout, rows, rounded):
    model, logits, found = traced(cell, layers, bidirectional, readout, rows=rows, rounded=rounded)
    for layer, direction in each(found):
        shares = memory.composition(found, layer, direction)
        assert shares.shape == (PICTURES, rows + 1, rows, UNITS)
        assert (shares >= 0).all()
        close(shares.sum(1), torch.ones(PICTURES, rows, UNITS).double())  # closure
        mixed = (shares[:, :-1] * found.candidate[layer, direction][:, :, None]).sum(1)  # h_0 is 0
        close(mixed, found.hidden[layer, direction])
        if cell != "mingru":  # whose candidate is not bound
            assert found.hidden[layer, direction].abs().max() <= 1
    split = memory.contributions(model, found)
    assert split.rows.shape == (PICTURES, 1 + bidirectional, rows, CLASSES)
    assert torch.equal(split.logits, logits)
    close(split.residual, torch.zeros(PICTURES, CLASSES).double())
    close(split.bias + split.rows.sum((1, 2)), logits)
    assert not split.rows.requires_grad
    assert not split.bias.requires_grad


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("rows", [1, 2, 7, 32])
def test_what_was_there_before_the_first_row_stays_in_the_mixture(rows, direction):
    torch.manual_seed(rows)
    keep, candidate = torch.rand(2, rows, UNITS).double(), torch.randn(2, rows, UNITS).double()
    first = torch.randn(2, UNITS).double()
    hidden, h = torch.zeros(2, rows, UNITS).double(), first
    for t in read_order(rows, direction):
        h = keep[:, t] * h + (1 - keep[:, t]) * candidate[:, t]
        hidden[:, t] = h
    other = torch.rand(2, rows, UNITS).double()
    by_direction = [keep, other] if direction == 0 else [other, keep]
    found = Trace({"update": torch.stack(by_direction)[None]}, hidden[None, None], hidden, torch.zeros(rows, 2), "gru")
    shares = memory.composition(found, 0, direction)
    close((shares[:, :-1] * candidate[:, :, None]).sum(1) + shares[:, -1] * first[:, None], hidden)
    assert (hidden.abs().amax((0, 1)) <= torch.maximum(candidate.abs().amax((0, 1)), first.abs().amax(0)) + 1e-12).all()


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", MIXTURES)
@pytest.mark.parametrize("bias", [20.0, -20.0])
def test_a_keep_bias_of_20_keeps_all_or_nothing(cell, bias, bidirectional):
    torch.manual_seed(0)
    config = ModelConfig(cell=cell, hidden=UNITS, keep_bias=bias, bidirectional=bidirectional, **ROWS[15])
    _, found = trace(CNNGRU(config, "ab").eval().double(), pictures(2))
    for layer, direction in each(found):
        shares = memory.composition(found, layer, direction)
        if bias > 0:
            close(shares[:, -1], torch.ones_like(shares[:, -1]), SATURATED)
            assert found.hidden.abs().max() < 1e-5  # h_T = h_0
        else:
            close(shares[:, :-1], torch.eye(15)[None, :, :, None].expand_as(shares[:, :-1]).double(), SATURATED)
            close(found.hidden, found.candidate, SATURATED)


def test_gates_of_exactly_0_and_1_make_no_nan():
    _, _, found = traced()
    found.update[..., 4, :], found.update[..., 7, :] = 0, 1
    kept = memory.retention(found)
    assert not kept[:, :4, 4:].any()
    assert torch.equal(kept[:, 4:7, 7], kept[:, 4:7, 6])
    close(memory.composition(found).sum(1), torch.ones(PICTURES, 15, UNITS).double())


def naive_contributions(model, found):
    """What a logit loses when the candidate of one row is left out of the recurrence, all gates held: (B, D, T, C)."""
    keep, candidate, head = found.update[-1], found.candidate[-1], model.head
    directions, _, rows, _ = keep.shape

    def read(direction, without=None):
        h, states = torch.zeros(PICTURES, UNITS, dtype=torch.double), []
        for t in read_order(rows, direction):
            n = torch.zeros_like(h) if t == without else candidate[direction, :, t]
            h = keep[direction, :, t] * h + (1 - keep[direction, :, t]) * n
            states.append(h)
        return torch.stack(states).mean(0) if model.config.readout == "mean" else h

    whole = [read(direction) for direction in range(directions)]
    lost = torch.zeros(PICTURES, directions, rows, CLASSES, dtype=torch.double)
    for direction, t in itertools.product(range(directions), range(rows)):
        changed = [read(d, t) if d == direction else whole[d] for d in range(directions)]
        lost[:, direction, t] = (head(torch.cat(whole, -1)) - head(torch.cat(changed, -1))).detach()
    return lost


@pytest.mark.parametrize("readout", ["last", "mean"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("rows", [1, 3, 15])
@pytest.mark.parametrize("cell", MIXTURES)
def test_a_contribution_is_what_the_logit_loses_without_what_the_row_wrote(cell, rows, bidirectional, readout):
    model, _, found = traced(cell, 2, bidirectional, readout, rows=rows)
    split = memory.contributions(model, found)
    close(split.rows, naive_contributions(model, found))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_mean_over_rows_reads_the_mean_of_what_is_retained(bidirectional):
    model, _, found = traced("gru", 1, bidirectional, "mean")
    left = memory.remains(model, found)
    for direction in range(1 + bidirectional):
        share = memory.retention(found, -1, direction).mean(2)  # (1/T) Σ_t K(s→t), (B, T, H)
        close(left[:, direction], share * (1 - found.update[-1, direction]) * found.candidate[-1, direction])


def margin_by_unit(model, found, a, b):
    """(B, D, T, H): what each unit wrote at each row into logit a minus logit b; a and b one for all or (B,)."""
    left, weight = memory.remains(model, found), model.head.weight.detach()
    return left * (weight[a] - weight[b]).unflatten(-1, (left.shape[1], 1, -1))  # (B, D, T, H) · (…, D, 1, H)


@pytest.mark.parametrize("readout", ["last", "mean"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_margin_splits_by_row_and_unit(bidirectional, readout):
    model, logits, found = traced("gru", 2, bidirectional, readout)
    a, b = torch.tensor([0, 3, 1]), torch.tensor([2, 1, 0])
    units = margin_by_unit(model, found, a, b)
    assert units.shape == (PICTURES, 1 + bidirectional, 15, UNITS)
    pictures, bias = torch.arange(PICTURES), model.head.bias.detach()
    close(units.sum((1, 2, 3)) + bias[a] - bias[b], logits[pictures, a] - logits[pictures, b])
    rows = memory.contributions(model, found).rows
    close(units.sum(3), rows[pictures, :, :, a] - rows[pictures, :, :, b])
    one = margin_by_unit(model, found, 3, 1)
    close(one[1], units[1])
    close(one.sum(3), rows[..., 3] - rows[..., 1])


def test_what_is_no_mixture_is_refused_with_its_reason():
    for cell, reason in (("lstm", "LSTM's state is no mixture"), ("rnn", "no gate that keeps")):
        model, _, found = traced(cell)
        for refused in (
            lambda found=found: memory.composition(found),
            lambda model=model, found=found: memory.contributions(model, found),
            lambda model=model, found=found: memory.remains(model, found),
        ):
            with pytest.raises(ValueError, match=reason):
                refused()
    with pytest.raises(ValueError, match="no gate that keeps"):
        memory.retention(found)
    model, _, found = traced("gru-textbook", readout="gated")
    with pytest.raises(ValueError, match=r'readout "gated".*do not split exactly'):
        memory.contributions(model, found)
    assert memory.composition(found).shape == (PICTURES, 16, 15, UNITS)  # its state is a mixture all the same


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("direction", [0, 1])
def test_the_jacobian_of_a_step_follows_from_its_gates(direction, layer, rows, rounded):
    """∂h/∂h⁻ has keep on its diagonal and three more terms: the paths by which earlier rows shape a later candidate and
    its gates, which no split by what was written can show. What reads the states afterwards has no part in it."""
    model, images = random_model("gru", 3, True, rows=rows, rounded=rounded), pictures(PICTURES)
    _, found = trace(model, images)
    end = "_l0_reverse" if direction else "_l0"
    w_i, w_h, b_i, b_h = (
        getattr(model.layers[layer], name + end).detach() for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    cell = torch.nn.GRUCell(w_i.shape[1], UNITS, dtype=torch.double)
    cell.weight_ih.data, cell.weight_hh.data, cell.bias_ih.data, cell.bias_hh.data = w_i, w_h, b_i, b_h
    x = torch.cat((*found.hidden[layer - 1],), -1) if layer else model.encoder(images).detach()  # what the layer reads
    w_r, w_z, w_n = w_h.chunk(3)
    for picture, t in itertools.product(range(PICTURES), {0, rows // 2, rows - 1}):
        place = (layer, direction, picture, t)
        r, z, n, before = found.reset[place], found.update[place], found.candidate[place], found.before[place]
        a = w_n @ before + b_h.chunk(3)[2]
        slope = (1 - z) * (1 - n**2)
        formula = (
            torch.diag(z)
            + torch.diag(slope * r) @ w_n
            + torch.diag(slope * r * (1 - r) * a) @ w_r
            + torch.diag((before - n) * z * (1 - z)) @ w_z
        )
        exact = torch.autograd.functional.jacobian(lambda h, row=x[picture, t]: cell(row[None], h[None])[0], before)
        close(formula, exact)
