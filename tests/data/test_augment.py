"""Mirrors and shifts: against torch's own reflecting pad, picture by picture."""

import torch
from torch.nn.functional import pad

from cnngru.data.augment import augment, take_turns


def pictures(n: int = 40, seed: int = 0) -> torch.Tensor:
    return torch.randint(0, 256, (n, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def variants(image: torch.Tensor, flip: bool, shift: int) -> dict[tuple[int, int, bool], torch.Tensor]:
    """Every result that is allowed for one picture: {(rows, columns, mirrored): picture}."""
    padded = pad(image[None].float(), (shift,) * 4, mode="reflect")[0].to(torch.uint8)
    moved = {(y, x): padded[:, y : y + 32, x : x + 32] for y in range(2 * shift + 1) for x in range(2 * shift + 1)}
    # mirrored first and then moved, or the other way round: the set is the same
    return {
        (*place, m): v.flip(2) if m else v for place, v in moved.items() for m in ((False, True) if flip else (False,))
    }


def draws(images: torch.Tensor, flip: bool, shift: int, seed: int = 0) -> list[tuple[int, int, bool]]:
    """Which allowed variant each picture became; fails if it became none."""
    found = []
    generator = seeded(seed)
    mirrored = take_turns(len(images), generator) if flip else None
    for before, after in zip(images, augment(images, generator, mirrored, shift), strict=True):
        matches = [key for key, value in variants(before, flip, shift).items() if torch.equal(value, after)]
        assert len(matches) == 1
        found.append(matches[0])
    return found


def test_each_picture_is_one_of_the_allowed_variants_and_all_of_them_come_up():
    found = draws(pictures(400), flip=True, shift=1)
    assert set(found) == {(y, x, m) for y in range(3) for x in range(3) for m in (False, True)}


def test_rows_columns_and_mirror_are_drawn_evenly_and_apart():
    found = torch.tensor(draws(pictures(600), flip=True, shift=1)).float()
    assert (found.mean(0) - torch.tensor([1.0, 1.0, 0.5])).abs().max() < 0.12
    assert (torch.corrcoef(found.T) - torch.eye(3)).abs().max() < 0.15


def test_the_largest_shift_reflects_without_repeating_the_border():
    assert len({key[:2] for key in draws(pictures(60), flip=False, shift=8)}) > 40


def test_flip_only_and_shift_only():
    assert {key[2] for key in draws(pictures(), flip=True, shift=0)} == {False, True}
    assert {key[2] for key in draws(pictures(), flip=False, shift=2)} == {False}


def test_cutout_covers_one_square_in_the_mean_colour_wherever_its_centre_may_lie():
    images = pictures(400)
    mean = images.float().mean((0, 2, 3)).to(torch.uint8)[:, None, None]
    corners, areas = set(), []
    for before, after in zip(images, augment(images, seeded(), None, 0, cutout=6), strict=True):
        rows, columns = ((before != after).any(0).any(axis).nonzero().flatten() for axis in (1, 0))
        square = (slice(None), slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
        filled = before.clone()
        filled[square] = mean
        assert torch.equal(filled, after)
        corners.add((int(rows.min()), int(columns.min())))
        areas.append((len(rows), len(columns)))
    assert max(areas) == (6, 6)
    assert {area for pair in areas for area in pair} == {3, 4, 5, 6}  # cut off at the border, never by more than half
    assert {row for row, _ in corners} == {column for _, column in corners} == set(range(29))


def test_same_generator_state_same_result_and_the_next_batch_differs():
    images = pictures()
    first, second = seeded(3), seeded(3)
    assert torch.equal(augment(images, first, None, 2), augment(images, second, None, 2))
    assert not torch.equal(augment(images, first, None, 2), augment(images, seeded(3), None, 2))


def test_those_to_be_mirrored_are_and_the_others_are_not():
    images, mirrored = pictures(), take_turns(40, seeded())
    result = augment(images, seeded(), mirrored, 0)
    assert torch.equal(result[mirrored], images[mirrored].flip(3))
    assert torch.equal(result[~mirrored], images[~mirrored])
    assert 5 < int(mirrored.sum()) < 35


def test_nothing_to_vary_gives_the_input_itself_and_draws_nothing():
    images, generator = pictures(), seeded()
    state = generator.get_state()
    assert augment(images, generator, None, 0) is images
    assert torch.equal(generator.get_state(), state)


def test_the_input_is_left_alone_and_type_and_layout_are_kept():
    images = pictures()
    before = images.clone()
    result = augment(images, seeded(), take_turns(len(images), seeded()), 4)
    assert torch.equal(images, before)
    assert (result.dtype, result.shape, result.is_contiguous()) == (torch.uint8, images.shape, True)


def test_an_empty_batch_is_fine():
    assert augment(pictures(0), seeded(), take_turns(0, seeded()), 2).shape == (0, 3, 32, 32)
