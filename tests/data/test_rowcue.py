"""RowCue: what is drawn is what the labels say, and nothing that short views can see gives the rank of a cue away."""

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import torch

from cnngru import data
from cnngru.config import PICTURE, DataConfig, preset
from cnngru.data import rowcue


@pytest.fixture(scope="module")
def drawn() -> rowcue.RowCue:
    return rowcue.generate(6000, seed=1)


def find_cues(image: np.ndarray, rows: list[int]) -> list[tuple[int, int]]:
    """[(first row, class)] of the cues in a picture (3, 32, 32), by comparing the places in `rows` with every patch."""
    views = np.lib.stride_tricks.sliding_window_view(image.astype(np.int16), (3, rowcue.HEIGHT, rowcue.WIDTH))[0]
    far = np.abs(views[rows, :, None] - rowcue._patches()).max((-3, -2, -1))  # (rows, columns, classes)
    return sorted((rows[y], int(c)) for y, _, c in zip(*np.nonzero(far <= 32), strict=True))


def test_the_topmost_cue_is_the_answer_and_bands_say_where_the_cues_are(drawn):
    for image, label, bands in zip(drawn.images[:100].numpy(), drawn.labels, drawn.bands, strict=False):
        found = find_cues(image, list(range(30)))  # everywhere: there is nothing else
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
    assert (drawn.labels.dtype, drawn.bands.dtype, drawn.bands.shape) == (torch.uint8, torch.int64, (6000, 3, 2))
    assert len(set(rowcue.CLASSES)) == 10
    assert "blue checks" in rowcue.CLASSES


def test_the_ten_cues_differ_in_many_pixels():
    patches = rowcue._patches()
    for one, other in itertools.combinations(patches, 2):
        assert (np.abs(one - other).max(0) > 64).mean() > 0.3  # more than twice the noise on a cue


def test_answers_are_balanced_and_all_that_could_betray_them_is_drawn_apart(drawn):
    assert drawn.labels.bincount().tolist() == [600] * 10
    together = torch.zeros(10, 10)  # how often a class lies below an answer
    for image, answer, bands in zip(drawn.images[:600].numpy(), drawn.labels.tolist(), drawn.bands, strict=False):
        for _, below in find_cues(image, bands[1:, 0].tolist()):
            together[answer, below] += 1
    assert together.diagonal().sum() == 0
    expected = together.sum(1, keepdim=True) / 9
    assert ((together - expected) ** 2 / expected).fill_diagonal_(
        0
    ).sum() < 130  # chi², 80 degrees of freedom: p < 1e-3
    rows = torch.stack([drawn.bands[drawn.labels == c, 0, 0].bincount(minlength=32) for c in range(10)]).float()
    rows = rows[:, rows.sum(0) > 0]
    expected = rows.mean(0, keepdim=True)
    assert ((rows - expected) ** 2 / expected).sum() < 85  # 45 degrees of freedom


def test_all_places_come_up_equally_often(drawn):
    counts = Counter(tuple(rows) for rows in drawn.bands[:, :, 0].tolist())
    assert set(counts) == set(rowcue.PLACES)
    assert max(abs(count - 300) for count in counts.values()) < 5 * 300**0.5


def best_guess_without_memory(reach: int, stride: int, places=rowcue.PLACES) -> Fraction:
    """Accuracy of the best guesser that sees all views of `reach` rows, one each `stride` rows and padded at the edges,
    but not in which order they come.

    A cue is known to it by all that the views with a row of it show: where the cue lies in the view, where other cues
    do, and where the picture ends. It is told apart from the other cues in no other way: the classes are exchangeable.
    """
    first = -((reach - 2) // 2) if stride == 2 else -(reach // 2 - 1)  # the 2×2 stem is not padded, 3×3 kernels are
    starts = range(first, PICTURE - 2 + 1 + first, stride)
    correct: Counter[tuple] = (
        Counter()
    )  # (what is seen of all cues, what is seen of one of them): how often it is the top
    for rows in places:
        cue_at = {y + i: (rank, i) for rank, y in enumerate(rows) for i in range(rowcue.HEIGHT)}
        seen = []
        for rank in range(rowcue.CUES):
            views = []
            for start in starts:
                view = [("edge",) if not 0 <= y < PICTURE else cue_at.get(y) for y in range(start, start + reach)]
                if any(v and v[0] == rank for v in view):
                    views.append(tuple(v if not v or v[0] == "edge" else (v[0] == rank, v[1]) for v in view))
            seen.append(tuple(views))
        together = tuple(sorted(map(repr, seen)))
        correct[together, repr(seen[0])] += 1
    best: dict[tuple, Fraction] = {}
    for (together, top), count in correct.items():  # among cues that look the same, it can only pick one at random
        best[together] = max(best.get(together, Fraction(0)), Fraction(count, together.count(top)))
    return sum(best.values(), Fraction(0)) / len(places)


@pytest.mark.parametrize(("reach", "stride"), [(2, 1), (4, 1), (2, 2), (6, 2)])  # 2×2 stem, and none or one 3×3 kernel
def test_without_memory_nothing_beats_a_guess_among_the_cues(reach, stride):
    assert best_guess_without_memory(reach, stride) == Fraction(1, 3)


def test_a_taller_view_needs_no_memory():
    """The limit that the module states: such encoders can compare neighbours, so RowCue shows nothing about them."""
    assert best_guess_without_memory(10, 2) == 1


def test_odd_distances_or_no_margin_would_betray_the_rank():
    """The guesser of these tests does find leaks: here the ones that PLACES avoids."""
    anywhere = tuple(
        rows
        for rows in itertools.combinations(range(30), 3)
        if all(b - a >= rowcue.HEIGHT + rowcue.GAP for a, b in itertools.pairwise(rows))
    )
    inside = tuple(rows for rows in anywhere if rows[0] >= rowcue.MARGIN and rows[-1] <= 29 - rowcue.MARGIN)
    assert best_guess_without_memory(6, 2, inside) > Fraction(2, 5)
    assert best_guess_without_memory(6, 2, anywhere) > Fraction(1, 2)


def test_the_same_seed_gives_the_same_pictures_and_another_one_others():
    first, again, other = (rowcue.generate(50, seed) for seed in (3, 3, 4))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)


def test_generated_data_never_changes():
    """A shipped model was trained on these: another generator would be another data set."""
    few = rowcue.generate(4, seed=0)
    assert few.labels.tolist() == [2, 0, 1, 3]
    assert int(few.images.long().sum()) == 1_524_930


def test_load_splits_into_independent_streams():
    dataset = data.load(DataConfig("rowcue", pictures=5000, validation=0.2))  # as many as in the test
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (5000, 1000, 5000)
    assert dataset.classes == rowcue.CLASSES
    pictures = torch.cat([s.images for s in (dataset.train, dataset.validation, dataset.test)]).numpy()
    assert len({p.tobytes() for p in pictures}) == 11_000


def test_the_preset_makes_20000_training_pictures():
    dataset = data.load(preset("quick", "rowcue").data)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (20_000, 2_000, 5_000)
