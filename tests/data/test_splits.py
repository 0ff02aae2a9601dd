"""Shuffled labels: a control is only one if it moves all labels that are learnt from, and none that are tested on."""

import dataclasses

import pytest
import torch

from cnngru import data
from cnngru.config import DataConfig

TRUE = DataConfig("rowcue", pictures=2000, seed=3)
SHUFFLED = dataclasses.replace(TRUE, shuffle_labels=True)


@pytest.fixture(scope="module")
def both() -> tuple[data.Dataset, data.Dataset]:
    return data.load(TRUE), data.load(SHUFFLED)


@pytest.mark.parametrize("split", ["train", "validation"])
def test_labels_are_given_around_and_none_is_lost(both: tuple[data.Dataset, data.Dataset], split: str) -> None:
    true, shuffled = (getattr(dataset, split) for dataset in both)
    assert torch.equal(shuffled.images, true.images)
    assert shuffled.labels.dtype == true.labels.dtype
    assert torch.equal(shuffled.labels.sort().values, true.labels.sort().values)


def test_labels_agree_with_the_true_ones_as_often_as_by_chance(both: tuple[data.Dataset, data.Dataset]) -> None:
    same = (both[0].train.labels == both[1].train.labels).float().mean().item()
    assert abs(same - 0.1) < 4 * (0.1 * 0.9 / 2000) ** 0.5  # 4 standard deviations of 2,000 guesses


def test_the_test_pictures_keep_their_labels(both: tuple[data.Dataset, data.Dataset]) -> None:
    true, shuffled = (dataset.test for dataset in both)
    assert torch.equal(shuffled.images, true.images)
    assert torch.equal(shuffled.labels, true.labels)


def test_the_seed_of_the_data_decides(both: tuple[data.Dataset, data.Dataset]) -> None:
    labels = both[1].train.labels
    assert torch.equal(data.load(SHUFFLED).train.labels, labels)
    from cnngru.data.splits import shuffle_labels

    assert not torch.equal(shuffle_labels(both[0], seed=4).train.labels, labels)
