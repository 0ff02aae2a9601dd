"""Intervals against published tables and values worked out by hand."""

import pytest

from cnngru.comparison.statistics import paired, spread, t_quantile, welch


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (10, 2.2281), (30, 2.0423), (120, 1.9799)]
)
def test_quantiles_are_those_of_the_tables(freedom, t):
    assert t_quantile(freedom) == pytest.approx(t, abs=6e-5)


def test_a_higher_confidence_asks_for_more():
    assert t_quantile(10, 0.99) == pytest.approx(3.1693, abs=6e-5)


@pytest.mark.parametrize(
    ("left", "right", "half"),
    [
        ([1, 2, 3], [6, 7, 8], 2.7764 * (2 / 3) ** 0.5),  # equal variances: 4 degrees of freedom, as in Student's test
        ([5, 5, 5], [6, 7, 8], 4.3027 * (1 / 3) ** 0.5),  # one side without any: 2, those of the other
    ],
)
def test_welch_is_wide_where_a_side_is_small_or_uneven(left, right, half):
    difference = welch(left, right)
    assert difference.mean == pytest.approx(sum(left) / len(left) - 7)
    assert difference.high - difference.mean == pytest.approx(half, rel=1e-4)
    assert difference.mean - difference.low == pytest.approx(half, rel=1e-4)


def test_pairs_share_what_is_common_to_them():
    difference = paired([10, 20, 30], [9, 18, 29])
    assert difference.mean == pytest.approx(4 / 3)
    assert difference.high - difference.mean == pytest.approx(4.3027 * (1 / 3) ** 0.5 / 3**0.5, rel=1e-4)


def test_samples_without_any_spread_have_an_interval_of_one_point():
    difference = welch([1, 1, 1], [1, 1, 1])
    assert (difference.low, difference.high) == (0, 0)
    assert spread([5]) == 0


@pytest.mark.parametrize(("freedom", "t"), [(2, 4.302652729911), (4, 2.776445105198), (1000, 1.962339080830)])
def test_quantiles_are_exact_in_the_range_that_is_promised(freedom, t):
    assert t_quantile(freedom) == pytest.approx(t, abs=1e-9)
    assert t_quantile(100_000) == pytest.approx(1.959987707, abs=1e-8)
