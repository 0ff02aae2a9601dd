"""Changed pictures, pixel by pixel."""

import pytest
import torch

from cnngru.pictures.alter import mask_rows, reverse_rows, swap_rows


@pytest.fixture
def images():
    return torch.rand(3, 3, 32, 32)


@pytest.mark.parametrize(("start", "end"), [(4, 9), (31, 32)])
def test_masked_rows_have_each_pictures_own_mean_and_the_others_stay(images, start, end):
    before = images.clone()
    found = mask_rows(images, start, end)
    for picture in range(3):
        for channel in range(3):
            mean = sum(before[picture, channel].flatten().tolist()) / 1024
            for y in range(start, end):
                assert found[picture, channel, y].tolist() == pytest.approx([mean] * 32, abs=1e-6)
    kept = [y for y in range(32) if not start <= y < end]
    assert torch.equal(found[:, :, kept], before[:, :, kept])
    assert torch.equal(images, before)


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
