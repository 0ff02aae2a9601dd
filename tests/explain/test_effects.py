"""Effects against one full run for each cell, and accuracies against evaluation and against runs picture by picture."""

from types import SimpleNamespace

import pytest
import torch
from rounding import close, pictures

from cnngru.config import Conv, ModelConfig
from cnngru.explain.effects import accuracy_under, cell_effects, gate_means, standard_edits
from cnngru.explain.intervene import Clamp, run
from cnngru.explain.trace import trace
from cnngru.nn.classifier import CNNGRU

CONVS = (Conv((3, 3), 8, (2, 2)), Conv((1, 3), 6, (1, 2)))
T, H = 15, 9
NETWORKS = [
    ("gru", 1, False, "last", 0, 0),
    ("gru", 2, True, "mean", 0, 1),
    ("gru", 2, True, "last", 1, 1),
    ("gru-textbook", 2, True, "mean", 1, 0),
    ("gru-textbook", 1, False, "gated", 0, 0),
    ("mingru", 2, False, "mean", -1, 0),
    ("lstm", 2, True, "last", 0, 1),
    ("lstm", 1, True, "mean", 0, 0),
]


def random_model(cell="gru", layers=1, bidirectional=False, readout="last"):
    torch.manual_seed(0)
    config = ModelConfig(convs=CONVS, cell=cell, hidden=H, layers=layers, bidirectional=bidirectional, readout=readout)
    model = CNNGRU(config, "abcde").eval()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, 0.6)
    model.head.weight.data.normal_(0, 1)
    return model


@pytest.mark.parametrize("value", [0.0, 1.0, "mean"])
@pytest.mark.parametrize(("cell", "layers", "bidirectional", "readout", "layer", "direction"), NETWORKS)
def test_each_cell_against_a_run_of_its_own(cell, layers, bidirectional, readout, layer, direction, value):
    model, image = random_model(cell, layers, bidirectional, readout).double(), pictures(1)
    gate = "forget" if cell == "lstm" else "update"
    found = cell_effects(model, image, gate, value, (3, 1), layer, direction)
    before = trace(model, image)[0][0]
    margin, probability = torch.zeros(T, H).double(), torch.zeros(T, H).double()
    for t in range(T):
        for j in range(0, H, 2):
            after = run(model, image, [Clamp(gate, value, (t,), (j,), layer, direction)])[0][0]
            margin[t, j] = (after[3] - after[1]) - (before[3] - before[1])
            probability[t, j] = (after.softmax(0) - before.softmax(0))[3]
    assert margin.abs().max() > 1e-3
    close(found.margin[:, ::2], margin[:, ::2])
    close(found.probability[:, ::2], probability[:, ::2])


def test_the_output_gate_changes_what_is_read_out_alone():
    model, image = random_model("gru-textbook", 1, False, "gated").double(), pictures(1)
    found = cell_effects(model, image, "output", 0.0, (0, 1))
    assert found.margin[-1].abs().min() > 0
    close(found.margin[:-1], torch.zeros(T - 1, H).double())


def test_effects_of_cells_are_for_one_picture():
    with pytest.raises(ValueError, match="one picture; got 2"):
        cell_effects(random_model(), torch.rand(2, 3, 32, 32), "update", 0.0, (0, 1))


@pytest.mark.parametrize("cell", ["gru", "gru-textbook", "lstm", "rnn", "mingru"])
def test_accuracies_against_runs_of_the_whole_split(cell, monkeypatch):
    model = random_model(cell, 2, True).double()
    images, labels = torch.randint(0, 256, (50, 3, 32, 32), dtype=torch.uint8), torch.randint(0, 5, (50,)).byte()
    pictures = images.double() / 255
    told, heard = trace(model, pictures)[1], []
    means = {gate: values.mean((2, 3)) for gate, values in told.gates.items()}  # (L, D, H)
    split = SimpleNamespace(images=images, labels=labels)
    monkeypatch.setattr("cnngru.explain.effects.BATCH", 25)
    for gate, values in gate_means(model, split).items():
        close(values, means[gate])
    found = accuracy_under(model, split, lambda *counts: heard.append(counts))
    assert heard == [(25, 100), (50, 100), (75, 100), (100, 100)]
    edits = {"as it is": (), **standard_edits(model, means)}
    assert [name for name, _ in found] == list(edits)
    word = {"lstm": "forget", "rnn": None}.get(cell, "keep")
    assert (f"{word} := 1 at row 14" in edits) == (f"{word} := unit mean" in edits) == (word is not None)
    assert ("reset := 0" in edits) == (cell in ("gru", "gru-textbook"))
    for name, accuracy in found:
        halves = [run(model, half, edits[name])[0].argmax(1) for half in pictures.split(25)]
        assert round(accuracy * 50) == (torch.cat(halves) == labels).sum()
    assert len({accuracy for _, accuracy in found}) > 1
