"""What must hold of any clamp, over random networks of every shape: 1–3 layers, both directions, both readouts, 1 to 32
rows, weights as they are and through bfloat16."""

import pytest
import torch
from rounding import close, pictures
from test_intervene import same
from test_memory import ALL, CLASSES, PICTURES, UNITS, each, random_model

from cnngru.explain.intervene import Clamp, run
from cnngru.explain.trace import gate_names, trace

SHAPES = pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout", "rows", "rounded"), ALL)


def made(*shape):
    return random_model(*shape), pictures(PICTURES)


@SHAPES
def test_its_own_values_change_nothing(cell, layers, bidirectional, readout, rows, rounded):
    model, images = made(cell, layers, bidirectional, readout, rows, rounded)
    expected, told = trace(model, images)
    edits = [
        Clamp(gate, told.gates[gate][layer, direction], layer=layer, direction=direction)
        for gate in gate_names(model.config)
        for layer, direction in each(told)
    ]
    logits, found = run(model, images, edits)
    close(logits, expected)
    same(found, told)


@SHAPES
def test_keeping_nothing_gives_the_candidate_and_keeping_all_the_first_state(
    cell, layers, bidirectional, readout, rows, rounded
):
    model, images = made(cell, layers, bidirectional, readout, rows, rounded)
    places = [(layer, direction) for layer in range(layers) for direction in range(1 + bidirectional)]
    _, nothing = run(model, images, [Clamp("update", 0.0, layer=layer, direction=d) for layer, d in places])
    assert torch.equal(nothing.hidden, nothing.candidate)
    logits, all_kept = run(model, images, [Clamp("update", 1.0, layer=layer, direction=d) for layer, d in places])
    assert not all_kept.hidden.any()  # h_0 is 0
    close(logits, model.head.bias.detach().expand(PICTURES, CLASSES))


@SHAPES
def test_keeping_all_from_a_row_on_freezes_the_state(cell, layers, bidirectional, readout, rows, rounded):
    model, images = made(cell, layers, bidirectional, readout, rows, rounded)
    _, told = trace(model, images)
    for place in each(told):
        order = list(range(rows))[:: -1 if place[1] else 1]
        free, frozen = order[: rows // 2], order[rows // 2 :]
        _, found = run(model, images, [Clamp("update", 1.0, tuple(frozen), layer=place[0], direction=place[1])])
        state = found.hidden[place]
        last = torch.zeros(PICTURES, 1, UNITS).double()  # h_0
        if free:
            last = state[:, free[-1:]]
            close(state[:, free], told.hidden[place][:, free])
        assert torch.equal(state[:, frozen], last.expand(-1, len(frozen), -1))
        for other in each(told):  # what reads none of it goes on as it did
            if other[0] <= place[0] and other != place:
                close(found.hidden[other], told.hidden[other])
