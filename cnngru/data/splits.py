"""Which pictures are held out, seeded and in the same proportion from every class; and labels shuffled as a control."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from cnngru.data import DataError, Dataset, Split


def take(split: Split, places: Tensor) -> Split:
    """The pictures at `places` (M,) int64, copied."""
    return Split(split.images.index_select(0, places), split.labels[places])  # 3 times as fast as images[places]


def limit(split: Split, pictures: int, seed: int) -> Split:
    """At most `pictures` of them, chosen at random (0 = all), in their old order."""
    if not 0 < pictures < len(split):
        return split
    chosen = torch.randperm(len(split), generator=torch.Generator().manual_seed(seed))[:pictures]
    return take(split, chosen.sort().values)


def hold_out(split: Split, share: float, seed: int) -> tuple[Split, Split]:
    """(kept, held): the rest, and `share` (0..1) of each class, at least one picture of a class that has two.

    Raises DataError when that is none.
    """
    generator = torch.Generator().manual_seed(seed)
    held = torch.zeros(len(split), dtype=torch.bool)
    for label in split.labels.unique():
        members = (split.labels == label).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        count = round(share * len(members))
        held[members[: max(count, 1) if len(members) > 1 else 0]] = True
    if not held.any():
        raise DataError(
            f"{len(split)} pictures are too few to hold any out: no class has two. Use more pictures, or all of them."
        )
    return take(split, (~held).nonzero().flatten()), take(split, held.nonzero().flatten())


def shuffle_labels(dataset: Dataset, seed: int) -> Dataset:
    """The training pictures with each other's labels at random, the validation pictures likewise; the test stays true.

    What is learnt from these says nothing about the test pictures: an accuracy above chance there would be a leak.
    Zhang et al. 2017 (arXiv:1611.03530) train on such labels to see what a network learns by heart.
    """
    generator = torch.Generator().manual_seed(seed)
    train, validation = (
        Split(split.images, split.labels[torch.randperm(len(split), generator=generator)])
        for split in (dataset.train, dataset.validation)
    )
    return dataclasses.replace(dataset, train=train, validation=validation)
