"""RowCue: what is drawn is what the labels say, and whoever reads the mean of short views cannot tell the order."""

import itertools
from collections import Counter

import numpy as np
import pytest
import torch

from cnngru import data
from cnngru.bands import bands as seen_by
from cnngru.config import DataConfig
from cnngru.data import rowcue
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import PRESETS, preset


@pytest.fixture(scope="module")
def drawn() -> rowcue.RowCue:
    return rowcue.generate(6000, seed=1)


def find_cues(image: np.ndarray, rows: list[int]) -> list[tuple[int, int]]:
    """[(first row, class)] of the cues in a picture (3, 32, 32), by comparing the places in `rows` with every patch."""
    views = np.lib.stride_tricks.sliding_window_view(image.astype(np.int16), (3, rowcue.HEIGHT, rowcue.WIDTH))[0]
    far = np.abs(views[rows, :, None] - rowcue._patches()).max((-3, -2, -1))  # (rows, columns, classes)
    return sorted((rows[y], int(c)) for y, _, c in zip(*np.nonzero(far <= 32), strict=True))


def test_the_topmost_cue_is_the_answer_and_bands_say_where_the_cues_are(drawn):
    for image, label, bands in zip(drawn.images[:100].numpy(), drawn.labels, drawn.cue_rows, strict=False):
        found = find_cues(image, list(range(29)))  # everywhere: there is nothing else
        assert [y for y, _ in found] == bands[:, 0].tolist()
        assert found[0][1] == label
        assert len({c for _, c in found}) == rowcue.CUES
        assert (bands[:, 1] - bands[:, 0]).tolist() == [rowcue.HEIGHT] * rowcue.CUES


def test_shapes_types_and_names(drawn):
    assert (drawn.images.dtype, drawn.images.shape, drawn.images.is_contiguous()) == (
        torch.uint8,
        (6000, 3, 32, 32),
        True,
    )
    assert (drawn.labels.dtype, drawn.cue_rows.dtype, drawn.cue_rows.shape) == (torch.uint8, torch.int64, (6000, 3, 2))
    assert len(set(rowcue.CLASSES)) == 10
    assert "blue checks" in rowcue.CLASSES


def test_the_ten_cues_differ_in_many_pixels():
    patches = rowcue._patches()
    for one, other in itertools.combinations(patches, 2):
        assert (np.abs(one - other).max(0) > 64).mean() > 0.3  # more than twice the noise on a cue


def test_answers_are_balanced_and_all_that_could_betray_them_is_drawn_apart(drawn):
    assert drawn.labels.bincount().tolist() == [600] * 10
    together = torch.zeros(10, 10)  # how often a class lies below an answer
    for image, answer, bands in zip(drawn.images[:600].numpy(), drawn.labels.tolist(), drawn.cue_rows, strict=False):
        for _, below in find_cues(image, bands[1:, 0].tolist()):
            together[answer, below] += 1
    assert together.diagonal().sum() == 0
    expected = together.sum(1, keepdim=True) / 9
    assert ((together - expected) ** 2 / expected).fill_diagonal_(
        0
    ).sum() < 130  # chi², 80 degrees of freedom: p < 1e-3
    rows = torch.stack([drawn.cue_rows[drawn.labels == c, 0, 0].bincount(minlength=32) for c in range(10)]).float()
    rows = rows[:, rows.sum(0) > 0]
    expected = rows.mean(0, keepdim=True)
    assert ((rows - expected) ** 2 / expected).sum() < 85  # 45 degrees of freedom


def test_all_places_come_up_equally_often(drawn):
    counts = Counter(tuple(rows) for rows in drawn.cue_rows[:, :, 0].tolist())
    assert set(counts) == set(itertools.combinations(range(0, 32, 4), 3))
    expected = len(drawn.cue_rows) / len(counts)
    assert max(abs(count - expected) for count in counts.values()) < 5 * expected**0.5


OWN = [name for name in PRESETS if name != "document"]  # the document's encoder stays what it is on any data


@pytest.mark.parametrize("name", OWN)
def test_no_step_of_a_presets_encoder_sees_two_bands(name):
    seen = torch.tensor(seen_by(preset(name, "rowcue").model))
    assert torch.equal(seen[:, 0] // rowcue.HEIGHT, (seen[:, 1] - 1) // rowcue.HEIGHT)


def moved_mean(name: str, data: str, drawn: rowcue.RowCue) -> float:
    """How much the mean over a random encoder's row features changes when the bands of pictures are moved about."""
    torch.manual_seed(0)
    encoder = CNNGRU(preset(name, data).model, rowcue.CLASSES).eval().encoder
    encoder.fit_input(drawn.images[:200].float() / 255)
    images = drawn.images[:8].float() / 255
    order = torch.randperm(rowcue.BANDS)
    moved = images.view(8, 3, rowcue.BANDS, rowcue.HEIGHT, 32)[:, :, order].reshape(images.shape)
    before, after = encoder(images), encoder(moved)  # (8, T, F)
    assert (before - after).abs().max() > 0.5  # the rows themselves do change
    return (before.mean(1) - after.mean(1)).abs().max().item()


@pytest.mark.parametrize("name", OWN)
def test_the_mean_over_row_features_stays_when_bands_are_moved_about(drawn, name):
    """So without recurrence the answer cannot be told from the distractors: moving bands changes which is on top."""
    assert moved_mean(name, "rowcue", drawn) < 1e-5


@pytest.mark.parametrize("name", OWN)
def test_taller_views_do_notice(drawn, name):
    """The limit that the module states: they cross bands, so RowCue says nothing about them."""
    assert moved_mean(name, "cifar10", drawn) > 1e-2


def test_the_same_seed_gives_the_same_pictures_and_another_one_others():
    first, again, other = (rowcue.generate(50, seed) for seed in (3, 3, 4))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)


def test_generated_data_never_changes():
    """A shipped model was trained on these: another generator would be another data set."""
    few = rowcue.generate(4, seed=0)
    assert few.labels.tolist() == [2, 0, 1, 3]
    assert int(few.images.long().sum()) == 1_504_605


def test_load_splits_into_independent_streams():
    dataset = data.load(DataConfig("rowcue", pictures=5000, validation=0.2))  # as many as in the test
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (5000, 1000, 5000)
    assert dataset.classes == rowcue.CLASSES
    pictures = torch.cat([s.images for s in (dataset.train, dataset.validation, dataset.test)]).numpy()
    assert len({p.tobytes() for p in pictures}) == 11_000


def test_the_preset_makes_20000_training_pictures():
    dataset = data.load(preset("quick", "rowcue").data)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (20_000, 2_000, 5_000)
