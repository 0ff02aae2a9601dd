"""Probabilities are probabilities, of the classes that they are said to be of."""

import pytest
import torch

from cnngru.config import Conv, ModelConfig
from cnngru.nn.classifier import CNNGRU
from cnngru.predict import predict, top

SMALL = ModelConfig(stem_stride=2, convs=(Conv((3, 3), 8, (1, 4)),), hidden=6)


@pytest.fixture(scope="module")
def model() -> CNNGRU:
    torch.manual_seed(0)
    return CNNGRU(SMALL, ["cat", "dog", "ship"]).eval()


def test_predict_gives_the_softmax_of_the_logits(model: CNNGRU) -> None:
    images = torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    probabilities = predict(model, images)
    assert (probabilities.shape, probabilities.dtype) == ((5, 3), torch.float32)
    assert not probabilities.requires_grad
    torch.testing.assert_close(probabilities.sum(1), torch.ones(5))
    logits = model(images / 255)
    torch.testing.assert_close(probabilities, logits.detach().exp() / logits.detach().exp().sum(1, keepdim=True))


def test_top_is_sorted_and_named() -> None:
    probabilities, classes = torch.tensor([0.1, 0.6, 0.3]), ("cat", "dog", "ship")
    assert [name for name, _ in top(probabilities, classes, 2)] == ["dog", "ship"]
    assert top(probabilities, classes) == [
        ("dog", pytest.approx(0.6)),
        ("ship", pytest.approx(0.3)),
        ("cat", pytest.approx(0.1)),
    ]
