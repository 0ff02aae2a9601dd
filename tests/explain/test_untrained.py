"""The untrained control: what is drawn anew, what is kept, and what it leaves alone."""

import pytest
import torch

from cnngru.config import Conv, ModelConfig
from cnngru.explain.untrained import untrained
from cnngru.nn.classifier import CNNGRU

CONVS = (Conv((3, 3), 8, (2, 2)), Conv((1, 3), 6, (1, 2)))


def trained(**settings) -> CNNGRU:
    """A model whose every tensor is unlike a fresh one's."""
    torch.manual_seed(5)
    model = CNNGRU(ModelConfig(convs=CONVS, hidden=9, **settings), "abcde").eval()
    model.encoder.fit_input(torch.rand(50, 3, 32, 32) ** 2)
    for name, value in model.state_dict().items():
        if value.is_floating_point() and "stem" not in name and name not in ("encoder.mean", "encoder.std"):
            value.add_(torch.rand_like(value))
    return model


def test_only_what_the_input_brings_is_kept_and_the_rest_is_as_training_begins():
    model = trained()
    control = untrained(model, seed=3).state_dict()
    with torch.random.fork_rng():
        torch.manual_seed(3)
        fresh = CNNGRU(model.config, model.classes).state_dict()
    of_the_input = {"encoder.mean", "encoder.std", "encoder.stem.weight"}
    for name, value in control.items():
        assert torch.equal(value, (model.state_dict() if name in of_the_input else fresh)[name]), name
    assert not torch.equal(control["encoder.stem.weight"], fresh["encoder.stem.weight"])
    assert not torch.equal(control["encoder.mean"], fresh["encoder.mean"])


def test_the_same_seed_gives_the_same_control_another_one_another():
    model, images = trained(), torch.rand(2, 3, 32, 32)
    first, again, other = (untrained(model, seed)(images) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)
    assert not torch.allclose(first, model(images))


def test_the_model_and_the_random_state_are_left_alone():
    model = trained()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    control = untrained(model)
    assert torch.equal(torch.rand(3), expected)
    assert not control.training
    for value in control.state_dict().values():
        if value.is_floating_point():
            value.add_(1)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize("settings", [{"cell": "none"}, {"encoder": "pixels"}, {"encoder": "seed-cnn", "cell": "lstm"}])
def test_every_kind_of_network_has_a_control(settings):
    config = ModelConfig(**{"convs": CONVS, "hidden": 9, **settings})
    model = CNNGRU(config, "abc").eval()
    control = untrained(model)
    assert control.config == model.config
    assert control.classes == model.classes
    assert control(torch.rand(2, 3, 32, 32)).shape == (2, 3)
