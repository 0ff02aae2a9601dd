"""Adding a recurrent cell is one module and one line: a leaky integrator, which the project does not have, is trained,
traced, taken apart exactly, and drawn on the gates page."""

import figure_boxes
import handmade
import pytest
import torch
from torch import nn
from torch.nn.functional import linear

from cnngru import names
from cnngru.cells import CELLS, CellSpec
from cnngru.config import Config, ConfigError, ModelConfig, override
from cnngru.data import Dataset, Split
from cnngru.explain import cell, effects, memory
from cnngru.explain.intervene import Clamp, run
from cnngru.explain.trace import trace
from cnngru.nn import latex
from cnngru.nn.cell import mixed, unchanged
from cnngru.nn.classifier import CNNGRU
from cnngru.training.events import Finished
from cnngru.training.loop import fit


class Leaky(nn.Module):
    """h = z ⊙ h⁻ + (1 − z) ⊙ tanh(W_i x + W_h h⁻ + b), and each unit keeps the same share z at every row."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.zeros(hidden, inputs))
        self.weight_hh = nn.Parameter(torch.zeros(hidden, hidden))
        self.bias = nn.Parameter(torch.zeros(2 * hidden))  # of z | of the candidate

    def forward(self, x):
        h, states = torch.zeros(len(x), len(self.weight_hh), dtype=self.bias.dtype), []
        for of_row in self.from_input(x).unbind(1):
            h, _ = mixed(self.gates(of_row, h), h, h)
            states.append(h)
        return torch.stack(states, dim=1), torch.stack(states, dim=1)

    def from_input(self, x):
        return linear(x, self.weight_ih, self.bias.chunk(2)[1])

    def gates(self, of_input, before, edit=unchanged):
        candidate = torch.tanh(of_input + linear(before, self.weight_hh))
        z = edit("update", torch.sigmoid(self.bias.chunk(2)[0]).expand_as(candidate))
        return {"update": z, "candidate": candidate}

    state = staticmethod(mixed)

    def handed_on(self, x, h, edit=unchanged):
        return h, {}

    def numbers(self, x, before, cell_before, h):
        gates = self.gates(self.from_input(x), before)
        sums = {"n_x": self.from_input(x), "n_h": linear(before, self.weight_hh)}
        return sums | {"z": gates["update"], "n": gates["candidate"], "h": mixed(gates, before, cell_before)[0]}

    @staticmethod
    def equation(found, write):
        found = latex.with_z(found, write)
        return [latex.gate("n", "\\tanh", "W_i x + b", f"W_h {latex.OLD}", found), latex.mixture(found, write)]


@pytest.fixture(autouse=True)
def the_line(monkeypatch):
    with pytest.raises(ConfigError, match="no cell 'leaky'"):
        ModelConfig(cell="leaky")
    monkeypatch.setitem(CELLS, "leaky", CellSpec("leaky integrator", f"{__name__}:Leaky", ("update",), "update"))
    # The line in CELLS, which config.py has read by now.
    choices = {"choices": (*CELLS, "none")}
    monkeypatch.setattr(ModelConfig.__dataclass_fields__["cell"], "metadata", choices)
    monkeypatch.setitem(names.CELLS, "leaky", "leaky integrator")  # which it follows from, when names.py is read


def random_model(layers=1, bidirectional=False):
    torch.manual_seed(0)
    config = ModelConfig(cell="leaky", hidden=6, layers=layers, bidirectional=bidirectional, encoder="pixels")
    model = CNNGRU(config, "abc").eval().double()
    for parameter in model.layers.parameters():
        parameter.data.normal_(0, 0.6)
    return model, torch.rand(2, 3, 32, 32).double()


def close(found, expected):
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)


def test_it_is_trained():
    images = torch.randint(0, 255, (40, 3, 32, 32), dtype=torch.uint8)
    split = Split(images, (images.float().mean((1, 2, 3)) > 127).to(torch.uint8))
    config = override(override(Config(), "training.epochs", 1), "training.batch", 20)
    config = override(override(config, "model.cell", "leaky"), "model.hidden", 6)
    config = override(override(config, "model.encoder", "pixels"), "training.device", "cpu")
    before = CNNGRU(config.model, "ab").layers[0].cells[0].bias
    assert before.tolist() == [1.0] * 6 + [0.0] * 6  # keep_bias
    started, *_, last = fit(config, Dataset("toy", ("a", "b"), split, split, split))
    assert isinstance(last, Finished)
    assert (started.model.layers[0].cells[0].bias.cpu() != before).any()


@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (2, True)])
def test_it_is_traced_and_its_identities_hold(layers, bidirectional):
    model, images = random_model(layers, bidirectional)
    logits, found = trace(model, images)
    close(logits, model(images).detach())
    close(run(model, images)[1].hidden, found.hidden)
    assert list(found.shares) == ["keep"]
    shares = memory.composition(found)
    close(shares.sum(1), torch.ones_like(shares[:, 0]))
    close((shares[:, :-1] * found.candidate[-1, 0][:, :, None]).sum(1), found.hidden[-1, 0])
    split = memory.contributions(model, found)
    close(split.bias + split.rows.sum((1, 2)), logits)
    numbers = cell.numbers(model, images, found, 5, 3, layers - 1)
    assert numbers["h"] == pytest.approx(float(found.hidden[-1, 0, 0, 5, 3]), abs=1e-12)
    held = run(model, images, [Clamp("update", 1.0, layer=layer) for layer in range(layers)])[1]
    assert not held.hidden[:, 0].any()
    assert "keep := 0" in effects.standard_edits(model, {"update": found.update.mean((2, 3))})


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("map", "holds on to its old state"),
        ("kept", "The bars add up to the margin"),
        ("mattered", "Written"),
        ("intervene", ""),
    ],
)
def test_the_gates_page_draws_it(app, view, said):
    handmade.run("a", handmade.STARTED, handmade.FINISHED, config=handmade.tiny(model__cell="leaky"))
    test = app("gates", "a", view=view, step="3", unit="2")
    assert len(figure_boxes.charts(test)) >= 1
    assert said in handmade.words(test)
    assert view != "map" or "\\tanh" in test.latex[0].value
