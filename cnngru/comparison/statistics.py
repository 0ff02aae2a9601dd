"""What a handful of runs says about a difference: its mean and the interval in which it lies with 95 % confidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev, variance


@dataclass(frozen=True)
class Difference:
    """A mean difference and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def spread(values: Sequence[float]) -> float:
    """The standard deviation of a sample; 0 for one value."""
    return stdev(values) if len(values) > 1 else 0.0


def welch(left: Sequence[float], right: Sequence[float]) -> Difference:
    """mean(left) − mean(right), independent samples of two or more whose variances may differ (Welch 1947).

    As scipy.stats.ttest_ind has it, which has no interval for samples without any spread; here it is one point.
    """
    parts = [variance(values) / len(values) for values in (left, right)]
    total = sum(parts)
    if not total:
        return _around(fmean(left) - fmean(right), 0.0)
    freedom = total**2 / sum(p**2 / (len(v) - 1) for p, v in zip(parts, (left, right), strict=True))
    return _around(fmean(left) - fmean(right), t_quantile(freedom) * math.sqrt(total))


def paired(left: Sequence[float], right: Sequence[float]) -> Difference:
    """The mean of left − right, taken pair by pair, two pairs or more (Student 1908)."""
    gaps = [a - b for a, b in zip(left, right, strict=True)]
    return _around(fmean(gaps), t_quantile(len(gaps) - 1) * stdev(gaps) / math.sqrt(len(gaps)))


def _around(mean: float, half: float) -> Difference:
    return Difference(mean, mean - half, mean + half)


def t_quantile(freedom: float, confidence: float = 0.95) -> float:
    """t with P(|T| ≤ t) = confidence for Student's T with `freedom` degrees of freedom."""
    from scipy.special import stdtrit  # scipy.stats.t.ppf itself; that module takes a second to import, this a tenth

    return float(stdtrit(freedom, (1 + confidence) / 2))
