"""The optimizers and the schedule against what their papers promise."""

import pytest
import torch

from cnngru.config import ModelConfig, TrainingConfig
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import preset
from cnngru.training.optim import Muon, lr_factor, one_cycle, optimizers, orthogonalise


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (8, 8)])
def test_orthogonalise_evens_out_singular_values_and_keeps_their_directions(shape):
    torch.manual_seed(0)
    matrix = torch.randn(shape)
    out = orthogonalise(matrix, steps=5)
    assert out.shape == matrix.shape
    values = torch.linalg.svdvals(out)
    assert values.min() > 0.6
    assert values.max() < 1.3
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    inside = u.T @ out @ v.T  # diagonal where left and right directions are the matrix's own
    torch.testing.assert_close(inside, torch.diag(inside.diagonal()), atol=1e-4, rtol=0)


def test_muon_holds_the_norm_and_moves_against_the_gradient():
    torch.manual_seed(0)
    bank = torch.nn.Parameter(torch.randn(6, 4, 3, 3))
    target = torch.randn(6, 4, 3, 3)
    muon = Muon([{"params": [bank], "lr": 0.05, "normalise": True}])
    losses = []
    for _ in range(30):
        loss = (bank / bank.norm() - target / target.norm()).square().sum()
        muon.zero_grad()
        loss.backward()
        muon.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    assert abs(bank.norm().item() - 6**0.5) < 0.4


def test_every_trainable_parameter_has_one_optimizer_and_frozen_ones_none():
    model = CNNGRU(ModelConfig(layers=2, bidirectional=True), "abc")
    for name, kinds in (("muon", ["AdamW", "Muon"]), ("adamw", ["AdamW"]), ("adam", ["Adam"])):
        found = optimizers(model, TrainingConfig(optimizer=name))
        assert [type(optimizer).__name__ for optimizer in found] == kinds
        moved = [id(p) for optimizer in found for group in optimizer.param_groups for p in group["params"]]
        assert sorted(moved) == sorted(id(p) for p in model.parameters() if p.requires_grad)
        assert id(model.encoder.stem.weight) not in moved
    filters, gates = optimizers(model, TrainingConfig(optimizer="muon"))[1].param_groups
    assert all(p.ndim == 4 for p in filters["params"])
    assert {id(p) for p in gates["params"]} == {id(p) for p in model.layers.parameters() if p.ndim == 2}


def test_the_matrices_of_gates_that_share_a_parameter_are_made_orthogonal_each_for_itself():
    """One gate's gradient is a thousand times the others': each gate moves as far all the same."""
    torch.manual_seed(0)
    gates = torch.nn.Parameter(torch.randn(3 * 8, 12))
    before = gates.detach().clone()
    muon = Muon([{"params": [gates], "lr": 0.1, "block": 8}])
    gates.grad = torch.randn(24, 12)
    gates.grad[8:16] *= 1000
    muon.step()
    moved = [torch.linalg.svdvals(block) for block in (gates.detach() - before).split(8)]
    assert all(values.min() > 0.04 and values.max() < 0.13 for values in moved)


def test_one_cycle_goes_up_and_down_once():
    shares = [one_cycle(i / 100) for i in range(101)]
    top = shares.index(max(shares))
    assert top == 20
    assert shares[top] == pytest.approx(1)
    assert shares[0] == pytest.approx(0.2)
    assert shares[-1] == pytest.approx(0.01)
    assert shares[: top + 1] == sorted(shares[: top + 1])
    assert shares[top:] == sorted(shares[top:], reverse=True)


def test_a_constant_schedule_stays_and_the_other_is_the_one_cycle():
    assert [lr_factor("constant", i / 10) for i in range(11)] == [1.0] * 11
    assert [lr_factor("one-cycle", i / 10) for i in range(11)] == [one_cycle(i / 10) for i in range(11)]


def test_the_documents_recipe_takes_the_very_steps_of_torchs_adam():
    """Adam 1e-3 with torch's betas and no decay, on every weight: written out beside it, step by step."""
    settings = preset("document").training
    torch.manual_seed(0)
    ours = CNNGRU(preset("document").model, "abc")
    moving = [p for p in ours.parameters() if p.requires_grad]
    plain = [p.detach().clone().requires_grad_() for p in moving]
    (optimizer,), beside = optimizers(ours, settings), torch.optim.Adam(plain, lr=1e-3)
    for _ in range(3):
        for p, q in zip(moving, plain, strict=True):
            p.grad = torch.randn_like(p)
            q.grad = p.grad.clone()
        optimizer.step()
        beside.step()
    assert all(torch.equal(p, q) for p, q in zip(moving, plain, strict=True))
    assert {group["initial_lr"] for group in optimizer.param_groups} == {1e-3}


def test_the_documents_recipe_has_nothing_else_in_it():
    config = preset("document")
    settings = config.training
    assert (settings.schedule, settings.label_smoothing, settings.batch, settings.epochs) == ("constant", 0.0, 64, 10)
    assert settings.precision == "float32"
    assert (config.data.flip, config.data.shift) == (False, 0)
