"""The row encoder: what each row has seen, by arithmetic and by gradient, and the whitening of the input."""

import pytest
import torch

from cnngru.bands import bands
from cnngru.config import Conv, ModelConfig
from cnngru.nn import document_cnn
from cnngru.nn.encoder import Encoder, Pixels, encoder
from cnngru.presets import PRESETS, preset

ODD = ModelConfig(stem_stride=1, convs=(Conv((5, 3), 8, (2, 1)), Conv((1, 7), 8, (4, 4)), Conv((3, 1), 4, (1, 2))))
MODELS = {"odd": ODD, "pixels": ModelConfig(encoder="pixels"), **{name: model for name, (model, _) in PRESETS.items()}}
OWN_BANDS = [name for name in PRESETS if name != "document"]  # whose rows are the document's own


def seen_rows(config: ModelConfig) -> torch.Tensor:
    """(T, 2): the first and one past the last pixel row with a gradient to each row's features."""
    made = encoder(config).eval()
    for parameter in made.parameters():
        parameter.data.uniform_(0.1, 0.2)  # all positive: no path can cancel another
    for block in getattr(made, "blocks", ()):
        for place, layer in enumerate(block):
            if isinstance(layer, torch.nn.MaxPool2d):  # the maximum lets one input through; the mean, all it could be
                block[place] = torch.nn.AvgPool2d(layer.kernel_size)
    images = torch.rand(1, 3, 32, 32).add(0.6).requires_grad_()  # above the mean, where no ReLU is shut
    features = made(images)[0]
    found = []
    for row in features:
        (gradient,) = torch.autograd.grad(row.sum(), images, retain_graph=True)
        where = gradient.abs().sum((0, 1, 3)).nonzero().flatten()
        found.append((where[0].item(), where[-1].item() + 1))
    return torch.tensor(found)


@pytest.mark.parametrize("name", MODELS)
def test_bands_are_the_rows_that_gradients_reach(name):
    assert torch.equal(torch.tensor(bands(MODELS[name])), seen_rows(MODELS[name]))


@pytest.mark.parametrize("data", ["cifar10", "rowcue"])
@pytest.mark.parametrize("name", OWN_BANDS)
def test_no_step_of_a_preset_sees_more_than_half_the_picture(name, data):
    """But for the document's, which is built as it was meant: its rows see up to 22."""
    config = preset(name, data).model
    for seen in (torch.tensor(bands(config)), seen_rows(config)):
        assert (seen[:, 1] - seen[:, 0]).max() <= 16
        assert (seen[:, 0].diff() >= 0).all()
        assert (seen[:, 1].diff() >= 0).all()


def test_the_documents_four_rows_have_seen_what_its_poolings_let_them():
    """22 rows each (three 3×3 kernels and three poolings), cut off at the picture's edges."""
    assert seen_rows(PRESETS["document"][0]).tolist() == [[0, 15], [1, 23], [9, 31], [17, 32]]


@pytest.mark.parametrize("name", MODELS)
def test_features_have_the_promised_shape(name):
    made = encoder(MODELS[name])
    assert made(torch.rand(2, 3, 32, 32)).shape == (2, len(bands(MODELS[name])), made.features)


def test_pixels_are_the_picture_itself_from_the_top():
    images = torch.rand(2, 3, 32, 32)
    rows = Pixels()(images).unflatten(2, (32, 3))
    torch.testing.assert_close(rows[1, 5, 7], (images[1, :, 5, 7] - 0.5) / 0.5)


def test_the_documents_cnn_is_its_listing_put_right():
    """The listing's forward pass, written again; features of a row are the channels of its four places."""
    torch.manual_seed(0)
    made, images = document_cnn.DocumentCNN(), torch.rand(3, 3, 32, 32)
    x = (images - 0.5) / 0.5
    for block, filters in zip(made.blocks, (32, 64, 128), strict=True):
        assert block[0].weight.shape[0] == filters
        x = torch.max_pool2d(torch.relu(torch.conv2d(x, block[0].weight, block[0].bias, padding=1)), 2, 2)
    assert x.shape == (3, 128, 4, 4)
    found = made(images)
    torch.testing.assert_close(found.unflatten(2, (4, 128)).permute(0, 3, 1, 2), x)


@pytest.mark.parametrize("kind", ["pixels", "seed-cnn"])
def test_what_is_fixed_does_not_follow_the_pictures(kind):
    made, images = encoder(ModelConfig(encoder=kind)), torch.rand(4, 3, 32, 32)
    before = made(images)
    made.fit_input(images / 4)
    assert torch.equal(made(images), before)


def test_the_stem_whitens_patches_and_mirrors_each_filter():
    torch.manual_seed(1)
    smooth = torch.nn.functional.avg_pool2d(
        torch.rand(400, 3, 34, 34).double(), 3, 1
    )  # neighbours alike, as in pictures
    encoder = Encoder(ModelConfig()).double()
    encoder.fit_input(smooth, eps=0)
    normalised = (smooth - encoder.mean) / encoder.std
    torch.testing.assert_close(normalised.mean((0, 2, 3)), torch.zeros(3).double(), atol=1e-12, rtol=0)
    torch.testing.assert_close(normalised.std((0, 2, 3)), torch.ones(3).double(), atol=1e-12, rtol=0)
    out = torch.nn.functional.conv2d(normalised, encoder.stem.weight, stride=2)  # as they were fitted
    out = out.permute(1, 0, 2, 3).flatten(1)
    torch.testing.assert_close(out[:12] @ out[:12].T / out.shape[1], torch.eye(12).double(), atol=1e-9, rtol=0)
    assert torch.equal(out[:12], -out[12:])
    assert not encoder.stem.weight.requires_grad


def test_whitening_survives_pictures_of_one_colour():
    encoder = Encoder(ModelConfig())
    encoder.fit_input(torch.full((10, 3, 32, 32), 0.5))
    assert torch.isfinite(encoder.stem.weight).all()
