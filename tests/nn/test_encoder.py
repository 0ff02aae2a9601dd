"""The row encoder: what each row has seen, by arithmetic and by gradient, and the whitening of the input."""

import pytest
import torch

from cnngru.config import PRESETS, Conv, ModelConfig
from cnngru.nn.encoder import Encoder, bands

ODD = ModelConfig(stem_stride=1, convs=(Conv((5, 3), 8, (2, 1)), Conv((1, 7), 8, (4, 4)), Conv((3, 1), 4, (1, 2))))
MODELS = {"odd": ODD, **{name: model for name, (model, _) in PRESETS.items()}}


def seen_rows(config: ModelConfig) -> torch.Tensor:
    """(T, 2): the first and one past the last pixel row with a gradient to each row's features."""
    encoder = Encoder(config).eval()
    for parameter in encoder.parameters():
        parameter.data.uniform_(0.1, 0.2)  # all positive: no path can cancel another
    for block in encoder.blocks:
        if isinstance(block[1], torch.nn.MaxPool2d):  # the maximum lets one input through; the mean, all it could be
            block[1] = torch.nn.AvgPool2d(block[1].kernel_size)
    images = torch.rand(1, 3, 32, 32, requires_grad=True)
    features = encoder(images)[0]
    found = []
    for row in features:
        (gradient,) = torch.autograd.grad(row.sum(), images, retain_graph=True)
        where = gradient.abs().sum((0, 1, 3)).nonzero().flatten()
        found.append((where[0].item(), where[-1].item() + 1))
    return torch.tensor(found)


@pytest.mark.parametrize("name", MODELS)
def test_bands_are_the_rows_that_gradients_reach(name):
    assert torch.equal(bands(MODELS[name]), seen_rows(MODELS[name]))


@pytest.mark.parametrize("name", PRESETS)
def test_no_step_of_a_preset_sees_more_than_half_the_picture(name):
    seen = bands(PRESETS[name][0])
    assert (seen[:, 1] - seen[:, 0]).max() <= 16
    assert (seen[:, 0].diff() >= 0).all()
    assert (seen[:, 1].diff() >= 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_features_have_the_promised_shape(name):
    encoder = Encoder(MODELS[name])
    assert encoder(torch.rand(2, 3, 32, 32)).shape == (2, len(bands(MODELS[name])), encoder.features)


def test_the_stem_whitens_patches_and_mirrors_each_filter():
    torch.manual_seed(1)
    smooth = torch.nn.functional.avg_pool2d(torch.rand(400, 3, 34, 34), 3, 1)  # neighbours alike, as in pictures
    encoder = Encoder(ModelConfig())
    encoder.fit_input(smooth, eps=0)
    normalised = (smooth - encoder.mean) / encoder.std
    torch.testing.assert_close(normalised.mean((0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(normalised.std((0, 2, 3)), torch.ones(3), atol=1e-4, rtol=0)
    out = torch.nn.functional.conv2d(normalised, encoder.stem.weight).permute(1, 0, 2, 3).flatten(1)
    torch.testing.assert_close(out[:12] @ out[:12].T / out.shape[1], torch.eye(12), atol=1e-2, rtol=0)
    assert torch.equal(out[:12], -out[12:])
    assert not encoder.stem.weight.requires_grad


def test_whitening_survives_pictures_of_one_colour():
    encoder = Encoder(ModelConfig())
    encoder.fit_input(torch.full((10, 3, 32, 32), 0.5))
    assert torch.isfinite(encoder.stem.weight).all()
