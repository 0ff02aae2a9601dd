"""What runs answer to a claim: it holds, it does not hold, or it is not settled; with the numbers that say so.

What is measured is a mean over seeds, and an answer is given only where the 95 % interval of the difference leaves out
zero. Numbers of parameters are exact: one run will do. Pure: runs in, values out; sentences.py has the words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

from cnngru.comparison import metrics, timing
from cnngru.comparison.claims import Claim
from cnngru.comparison.groups import Group, Network
from cnngru.comparison.metrics import Machine
from cnngru.comparison.settings import equal_but_for, settings
from cnngru.comparison.statistics import Difference, paired, spread, welch
from cnngru.runs.store import Run

Answer = Literal["holds", "does not hold", "not settled"]
ENOUGH = 3  # runs on each side, of different seeds


@dataclass(frozen=True)
class Side:
    """One of the two networks of a claim: over `n` seeds the mean of what is measured, and its standard deviation."""

    network: Network
    n: int = 0
    mean: float | None = None
    sd: float | None = None


@dataclass(frozen=True)
class Finding:
    """What runs answer to a claim, in numbers.

    data        the data set that it was asked on; "": no two groups could be compared
    sides       the network that should have more, and the one with less (or the same, with shuffled rows)
    difference  of the sides' means; None for exact numbers, and where there are too few runs
    machine     of both sides, where seconds are compared
    left_out    how many runs were disturbed by another, so that their seconds do not count
    obstacle    why groups could not be compared though there are runs: they trained on different machines, or before
                the sequence-order test was part of a run
    """

    claim: Claim
    answer: Answer
    data: str = ""
    sides: tuple[Side, ...] = ()
    difference: Difference | None = None
    machine: Machine | None = None
    left_out: int = 0
    obstacle: Literal["", "machines", "untested"] = ""


def findings(claim: Claim, groups: Sequence[Group]) -> list[Finding]:
    """The answer of every pair of groups that can be asked; one without data where there is none."""
    pictures = [(group, group.config.data) for group in groups]
    asked = [g for g, data in pictures if not data.shuffle_labels and (not claim.data or data.name in claim.data)]
    if claim.less is None:
        found = [_order(claim, group) for group in asked if _is(group, claim.more)]
    else:
        disturbed = timing.overlapping([r for g in groups for r in g.runs]) if claim.measure.timed else ()
        found = [_pair(claim, more, less, disturbed) for more, less in _pairs(claim, asked)]
    return found or [Finding(claim, "not settled")]


def _is(group: Group, wanted: Mapping[str, Any]) -> bool:
    known = settings(group.config)
    return all(known[name] == value for name, value in wanted.items())


def _pairs(claim: Claim, groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    """The groups of a claim's two networks that are equal in everything else."""
    differ = {*claim.more, *claim.free}
    for one in groups:
        for other in groups:
            if not (_is(one, claim.more) and _is(other, claim.less or {})):
                continue
            if equal_but_for(one.config, other.config, differ) and (not claim.even or _even(one, other)):
                yield one, other


def _even(one: Group, other: Group) -> bool:
    """Whether their networks have as many parameters, to 5 %."""
    few, many = sorted(metrics.of(group.runs[0]).parameters or 0 for group in (one, other))
    return 0 < many <= 1.05 * few


def _pair(claim: Claim, more: Group, less: Group, disturbed: Collection[str]) -> Finding:
    measure, data, machine, left_out = claim.measure, more.config.data.name, None, 0
    if measure.timed:
        left_out = sum(run.status == "finished" and run.name in disturbed for run in (*more.runs, *less.runs))
        more, less = (group.only(lambda run: run.name not in disturbed) for group in (more, less))
        if more.values(measure.of) and less.values(measure.of):
            machine = timing.shared_machine(more, less)
            if machine is None:
                sides = (Side(more.network), Side(less.network))
                return Finding(claim, "not settled", data, sides, left_out=left_out, obstacle="machines")
            more, less = (group.only(lambda run: metrics.machine(run) == machine) for group in (more, less))
    one, other = more.values(measure.of), less.values(measure.of)
    sides = (_side(more.network, one), _side(less.network, other))
    if measure.exact:
        known = bool(one and other)
        answer: Answer = "not settled" if not known else "holds" if fmean(one) > fmean(other) else "does not hold"
        return Finding(claim, answer, data, sides)
    difference = welch(one, other) if min(len(one), len(other)) >= ENOUGH else None
    return Finding(claim, _answer(difference), data, sides, difference, machine, left_out)


def _order(claim: Claim, group: Group) -> Finding:
    """The sequence-order test: the same networks on the same pictures, so the differences are taken run by run."""

    def tested(run: Run) -> bool:
        return claim.measure.of(run) is not None and metrics.of(run).shuffled is not None

    data, network, both = group.config.data.name, group.network, group.only(tested)
    if group.values(claim.measure.of) and not both.values(claim.measure.of):
        return Finding(claim, "not settled", data, (Side(network), Side(network)), obstacle="untested")
    whole, shuffled = both.values(claim.measure.of), both.values(lambda run: metrics.of(run).shuffled)
    difference = paired(whole, shuffled) if len(whole) >= ENOUGH else None
    return Finding(claim, _answer(difference), data, (_side(network, whole), _side(network, shuffled)), difference)


def _side(network: Network, values: Sequence[float]) -> Side:
    return Side(network, len(values), fmean(values), spread(values)) if values else Side(network)


def _answer(difference: Difference | None) -> Answer:
    if difference is None or difference.low <= 0 <= difference.high:
        return "not settled"
    return "holds" if difference.mean > 0 else "does not hold"
