"""Changed pictures, pixel by pixel."""

import pytest
import torch

from cnngru.pictures.alter import mask_rows, reverse_rows, swap_rows


@pytest.fixture
def images():
    return torch.rand(3, 3, 32, 32)


def test_masked_rows_have_the_colour_and_the_others_stay(images):
    before = images.clone()
    found = mask_rows(images, 4, 9, (0.1, 0.2, 0.3))
    for y in range(32):
        for channel, value in enumerate((0.1, 0.2, 0.3)):
            expected = torch.full((3, 32), value) if 4 <= y < 9 else before[:, channel, y]
            assert torch.equal(found[:, channel, y], expected)
    assert torch.equal(images, before)


def test_without_a_colour_it_is_each_pictures_own_mean(images):
    found = mask_rows(images, 31, 32)
    for picture in range(3):
        for channel in range(3):
            mean = sum(images[picture, channel].flatten().tolist()) / 1024
            assert found[picture, channel, 31].tolist() == pytest.approx([mean] * 32, abs=1e-6)
    assert torch.equal(found[:, :, :31], images[:, :, :31])


@pytest.mark.parametrize("swapped", [False, True])
def test_swapped_bands_have_changed_places(images, swapped):
    before, bands = images.clone(), ((2, 6), (20, 24))
    found = swap_rows(images, *(bands[::-1] if swapped else bands))
    for y in range(32):
        source = y + 18 if 2 <= y < 6 else y - 18 if 20 <= y < 24 else y
        assert torch.equal(found[:, :, y], before[:, :, source])
    assert torch.equal(images, before)
    assert torch.equal(swap_rows(found, *bands), before)


def test_reversed_rows_are_upside_down(images):
    assert all(torch.equal(reverse_rows(images)[:, :, y], images[:, :, 31 - y]) for y in range(32))


def test_a_band_alone_can_be_reversed(images):
    before = images.clone()
    found = reverse_rows(images, 3, 8)
    for y in range(32):
        assert torch.equal(found[:, :, y], before[:, :, 10 - y if 3 <= y < 8 else y])
    assert torch.equal(images, before)
    with pytest.raises(ValueError, match="no rows 8 to 3"):
        reverse_rows(images, 8, 3)


def test_impossible_bands_are_refused(images):
    for start, end in ((-1, 3), (5, 5), (30, 33)):
        with pytest.raises(ValueError, match=f"no rows {start} to {end}"):
            mask_rows(images, start, end)
    with pytest.raises(ValueError, match="same height"):
        swap_rows(images, (0, 3), (10, 12))
    with pytest.raises(ValueError, match="0–3 and 2–5 overlap"):
        swap_rows(images, (2, 6), (0, 4))
    assert torch.equal(swap_rows(images, (0, 4), (4, 8))[:, :, :4], images[:, :, 4:8])
