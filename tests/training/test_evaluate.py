"""Evaluation: one views_of at the pictures, rows in other orders, averages over views."""

import math

import pytest
import torch
from torch import nn

from cnngru.config import Conv, DataConfig, ModelConfig
from cnngru.data import Split
from cnngru.nn.classifier import CNNGRU
from cnngru.training.evaluate import evaluate, views_of

CONVS = (Conv((3, 3), 8, (1, 2)), Conv((1, 3), 8, (1, 2)))


@torch.no_grad()
def network(**settings) -> CNNGRU:
    """Random weights, but no favourite among the classes: the mean answer is taken off."""
    torch.manual_seed(0)
    model = CNNGRU(ModelConfig(stem_stride=2, convs=CONVS, hidden=12, **settings), "abcd").eval()
    model.head.bias -= model(SPLIT.images.float() / 255).mean(0)
    return model


def pictures(n: int = 130) -> Split:
    random = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (n, 3, 32, 32), generator=random).to(torch.uint8)
    return Split(images, torch.randint(0, 4, (n,), generator=random).to(torch.uint8))


SPLIT = pictures()


def test_probabilities_are_the_softmax_of_the_answers_in_the_order_of_the_pictures():
    model = network()
    result = evaluate(model, SPLIT, batch=50)
    with torch.no_grad():
        expected = model(SPLIT.images.float() / 255).softmax(1)
    assert result.probabilities.shape == (130, 4)
    torch.testing.assert_close(result.probabilities, expected)
    right = int((result.probabilities.argmax(1) == SPLIT.labels).sum())
    assert result.accuracy == right / 130
    assert result.loss == pytest.approx(-expected[range(130), SPLIT.labels.long()].log().mean().item(), rel=1e-5)
    assert math.isnan(result.reversed)
    assert math.isnan(result.shuffled)


class Told(nn.Module):
    """An encoder whose row t has the feature t, and a head that answers the feature of the row it reads last."""

    ROWS = 4

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.bands = torch.zeros(self.ROWS, 2)
        self.encoded = 0

    def encoder(self, images: torch.Tensor) -> torch.Tensor:
        self.encoded += len(images)
        return torch.arange(self.ROWS).float().expand(len(images), -1)[..., None]  # (B, T, 1)

    def classify(self, features: torch.Tensor) -> torch.Tensor:
        return nn.functional.one_hot(features[:, -1, 0].long(), self.ROWS).float()


def test_the_order_test_turns_the_rows_around_and_mixes_them_for_each_picture():
    model, n = Told(), 2000
    last = Split(torch.zeros(n, 3, 32, 32, dtype=torch.uint8), torch.full((n,), 3, dtype=torch.uint8))
    first = Split(last.images, torch.zeros(n, dtype=torch.uint8))
    right, wrong = (evaluate(model, split, orders=True) for split in (last, first))
    assert model.encoded == 2 * n, "one views_of at each picture"
    assert (right.accuracy, right.reversed) == (1, 0)
    assert (wrong.accuracy, wrong.reversed) == (0, 1)
    for result in (right, wrong):  # each of four rows comes last as often: within 4 standard deviations
        assert abs(result.shuffled - 1 / 4) < 4 * (0.25 * 0.75 / n) ** 0.5
    assert evaluate(model, last, orders=True, batch=77).shuffled == right.shuffled, "the batch must not matter"


def test_without_recurrence_the_order_makes_no_difference():
    result = evaluate(network(cell="none"), SPLIT, orders=True)
    assert result.accuracy == result.reversed == result.shuffled


@pytest.mark.parametrize("readout", ["last", "mean"])
def test_with_recurrence_it_does(readout):
    model = network(readout=readout)
    result = evaluate(model, SPLIT, orders=True)
    assert len({result.accuracy, result.reversed, result.shuffled}) > 1
    with torch.no_grad():
        upside_down = model.classify(model.encoder(SPLIT.images.float() / 255).flip(1))
    assert result.reversed == int((upside_down.argmax(1) == SPLIT.labels).sum()) / 130


def test_the_six_views_and_their_weights():
    image = torch.rand(2, 3, 32, 32)
    views = views_of(image, DataConfig())
    assert [weight for weight, _ in views] == [0.25, 0.25, 0.125, 0.125, 0.125, 0.125]
    shown = [view for _, view in views]
    assert torch.equal(shown[0], image)
    assert torch.equal(shown[2][:, :, 1:, 1:], image[:, :, :-1, :-1]), "to the lower right"
    assert torch.equal(shown[4][:, :, :-1, :-1], image[:, :, 1:, 1:]), "to the upper left"
    assert torch.equal(shown[2][:, :, 0, 1:], image[:, :, 1, :-1]), "reflected at the border"
    for plain, mirrored in zip(shown[::2], shown[1::2], strict=True):
        assert torch.equal(mirrored, plain.flip(3))


@pytest.mark.parametrize(
    ("flip", "shift", "weights"),
    [(True, 0, [0.5, 0.5]), (False, 2, [0.5, 0.25, 0.25]), (False, 0, [1.0])],
)
def test_what_training_did_not_vary_is_not_varied_here(flip, shift, weights):
    views = views_of(SPLIT.images[:2].float(), DataConfig(flip=flip, shift=shift))
    assert [weight for weight, _ in views] == weights
    if not flip:
        assert not any(torch.equal(view, views[0][1].flip(3)) for _, view in views)


def test_views_average_the_logits():
    model, vary = network(), DataConfig()
    result = evaluate(model, SPLIT, batch=60, views=vary)
    with torch.no_grad():
        logits = sum(weight * model(view) for weight, view in views_of(SPLIT.images.float() / 255, vary))
    torch.testing.assert_close(result.probabilities, logits.softmax(1))
    assert result.accuracy == int((logits.argmax(1) == SPLIT.labels).sum()) / 130
    assert not torch.equal(result.probabilities, evaluate(model, SPLIT).probabilities)
