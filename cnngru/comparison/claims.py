"""The claims of the project's source document, each asked of runs: it holds, it does not hold, or it is not settled.

A claim sets two networks side by side that differ in one thing. What is measured is a mean over seeds, and an answer is
given only where the 95 % interval of the difference leaves out zero. Numbers of parameters are exact: one run will do.
Pure, like cnngru/comparison/compare.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Literal

from cnngru.comparison import compare, timing
from cnngru.comparison.compare import DATA, Group
from cnngru.comparison.statistics import Difference, paired, spread, welch
from cnngru.runs.store import Run

Answer = Literal["holds", "does not hold", "not settled"]
ENOUGH = 3  # runs on each side, of different seeds
MATTERS = 0.005  # half a point of accuracy


@dataclass(frozen=True)
class Measure:
    """A figure of a run. times: what it is multiplied with to be read in `unit`; exact: luck has no part in it."""

    of: Callable[[Run], float | None]
    noun: str
    unit: str
    gap: str  # the unit of a difference
    times: float = 1.0
    digits: int = 2
    exact: bool = False
    timed: bool = False  # can be compared only between runs on the same machine, that had it to themselves

    def say(self, value: float, unit: bool = True, signed: bool = False) -> str:
        """A value as it is read: 0.9012 -> "90.12 %"."""
        text = f"{self.times * value:{'+' if signed else ''},.{self.digits}f}".replace("-", "−")
        return f"{text} {self.unit}".rstrip() if unit else text


ACCURACY = Measure(lambda run: compare.row(run).accuracy, "test accuracy", "%", "points", times=100)
SECONDS = Measure(compare.seconds_an_epoch, "seconds an epoch", "s", "s", timed=True)
RECURRENT = Measure(
    lambda run: compare.row(run).recurrent_parameters, "parameters in the recurrent part", "", "", digits=0, exact=True
)


def _shuffled(run: Run) -> float | None:
    return compare.row(run).shuffled


@dataclass(frozen=True)
class Claim:
    """One sentence of ours for what the document says, and what settles it.

    section     of the document
    more, less  settings of the network that the claim says has more of `measure`, and of the one with less; `less`
                None: the first network again, with its rows in a random order (the sequence-order test)
    data        the data sets on which the claim can be asked; none: on any
    free        other settings in which the two networks may differ
    even        both must have as many parameters, to 5 %
    """

    text: str
    section: str
    measure: Measure
    more: Mapping[str, Any]
    less: Mapping[str, Any] | None
    data: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    even: bool = False


@dataclass(frozen=True)
class Finding:
    """What the runs answer to a claim, and why: a sentence with means, spreads, numbers of runs and the interval.

    on  what was compared: "CIFAR-10", or "" where nothing could be
    """

    claim: Claim
    answer: Answer
    why: str
    on: str = ""


GRU, LSTM, RNN, NONE = ({"model.cell": cell} for cell in ("gru", "lstm", "rnn", "none"))
CNN, PIXELS = ({"model.encoder": encoder} for encoder in ("rows", "pixels"))
DOCUMENT = {"model.encoder": "seed-cnn", "training.optimizer": "adam"}  # its network with its own recipe

CLAIMS = (
    Claim(
        "A GRU behind a CNN answers more accurately than the CNN alone.",
        "§ 2.2",
        ACCURACY,
        CNN | GRU,
        CNN | NONE,
        data=("cifar10", "folder"),
    ),
    Claim(
        "It does so even where the CNN alone has as many parameters, in one more convolution.",
        "§ 2.2",
        ACCURACY,
        CNN | GRU,
        CNN | NONE,
        data=("cifar10", "folder"),
        free=("model.convs",),
        even=True,
    ),
    Claim(
        "The document's own network, its CNN with a GRU on top, is more accurate than its CNN alone.",
        "§ 4",
        ACCURACY,
        DOCUMENT | GRU,
        DOCUMENT | NONE,
    ),
    Claim("A GRU does better behind a CNN than on bare rows of pixels.", "§ 2.2", ACCURACY, CNN | GRU, PIXELS | GRU),
    Claim("Gates make a GRU more accurate than a recurrent network without any.", "§ 2.1", ACCURACY, GRU, RNN),
    Claim(
        "A GRU can hold on to what it read many rows before (RowCue cannot be solved otherwise).",
        "§ 2.1, § 6 Q3",
        ACCURACY,
        CNN | GRU,
        CNN | NONE,
        data=("rowcue",),
    ),
    Claim(
        "A GRU uses the order of the rows: when they are shuffled it is less accurate.",
        "§ 2.1, § 6 Q3",
        ACCURACY,
        GRU,
        None,
    ),
    Claim("A GRU has fewer parameters than an LSTM with as many units.", "§ 2.1, § 6 Q1", RECURRENT, LSTM, GRU),
    Claim("A GRU trains faster than an LSTM.", "§ 2.1, § 6 Q1", SECONDS, LSTM, GRU),
    Claim("On a hard task a GRU falls behind an LSTM.", "§ 6 Q1", ACCURACY, LSTM, GRU),
)


def findings(claim: Claim, groups: Sequence[Group]) -> list[Finding]:
    """The answer of every pair of groups that can be asked; one that says what to train where there is none."""
    pictures = [(group, group.config.data) for group in groups]
    asked = [g for g, data in pictures if not data.shuffle_labels and (not claim.data or data.name in claim.data)]
    if claim.less is None:
        found = [_order(claim, group) for group in asked if _is(group, claim.more)]
    else:
        disturbed = timing.overlapping([r for g in groups for r in g.runs]) if claim.measure.timed else ()
        found = [_pair(claim, more, less, disturbed) for more, less in _pairs(claim, asked)]
    return found or [Finding(claim, "not settled", _what_to_train(claim))]


def _is(group: Group, wanted: Mapping[str, Any]) -> bool:
    known = compare.settings(group.config)
    return all(known[name] == value for name, value in wanted.items())


def _pairs(claim: Claim, groups: Sequence[Group]) -> Iterator[tuple[Group, Group]]:
    """The groups of a claim's two networks that are equal in everything else."""
    differ = {**claim.more, **dict.fromkeys(claim.free)}
    for one in groups:
        for other in groups:
            if not (_is(one, claim.more) and _is(other, claim.less or {})):
                continue
            if compare.equal_but_for(one.config, other.config, differ) and (not claim.even or _even(one, other)):
                yield one, other


def _even(one: Group, other: Group) -> bool:
    """Whether their networks have as many parameters, to 5 %."""
    few, many = sorted(compare.row(group.runs[0]).parameters or 0 for group in (one, other))
    return 0 < many <= 1.05 * few


def _pair(claim: Claim, more: Group, less: Group, disturbed: Collection[str]) -> Finding:
    measure, on, left_out = claim.measure, DATA[more.config.data.name], ""
    if measure.timed:
        (more, one), (less, other) = (timing.undisturbed(group, disturbed) for group in (more, less))
        left_out = timing.left_out(one + other)
    if measure.timed and all(group.values(measure.of) for group in (more, less)):
        machine = timing.shared_machine(more, less)
        if machine is None:
            why = (
                f"{more.label} and {less.label} were trained on different devices, or with another precision or number"
            )
            why += f" of threads: their seconds cannot be compared. Train both alike.{left_out}"
            return Finding(claim, "not settled", why, on)
        on += f", {timing.say_machine(machine)}"
        more, less = (timing.on(group, machine) for group in (more, less))
    groups, sides = (more, less), (more.values(measure.of), less.values(measure.of))
    means = " against ".join(f"{g.label} {_mean(measure, v)}" for g, v in zip(groups, sides, strict=True))
    said = f"{measure.noun[0].upper()}{measure.noun[1:]}: {means}"
    if measure.exact and all(sides):
        most, least = (fmean(side) for side in sides)
        share = f"; that is {100 * least / most:.0f} %" if most else ""
        return Finding(claim, "holds" if most > least else "does not hold", f"{said}{share}.", on)
    finding = _settle(claim, said, groups, sides, welch, on)
    return replace(finding, why=finding.why + left_out)


def _order(claim: Claim, group: Group) -> Finding:
    """The sequence-order test: the same networks on the same pictures, so the differences are taken run by run."""
    measure, on = claim.measure, DATA[group.config.data.name]
    whole = group.values(lambda run: measure.of(run) if _shuffled(run) is not None else None)
    mixed = group.values(_shuffled)
    if not whole and group.values(measure.of):
        why = f"{group.label} was trained before this was tested at the end of a run: train it again."
        return Finding(claim, "not settled", why, on)
    said = f"Test accuracy: {group.label} {_mean(measure, whole)}, with shuffled rows {_mean(measure, mixed)}"
    return _settle(claim, said, (group,), (whole, mixed), paired, on)


def _settle(
    claim: Claim,
    said: str,
    groups: Sequence[Group],
    sides: tuple[list[float], list[float]],
    test: Callable[[Sequence[float], Sequence[float]], Difference],
    on: str,
) -> Finding:
    """`said` has the means; the difference follows, and what it comes to."""
    measure = claim.measure
    enough = 1 if measure.exact else ENOUGH
    few = [f"{enough - len(v)} × {g.label}" for g, v in zip(groups, sides, strict=False) if len(v) < enough]
    if not few:
        difference = test(*sides)
        mean, low, high = (
            measure.say(v, unit=False, signed=True) for v in (difference.mean, difference.low, difference.high)
        )
        answer = _answer(difference)
        said += f". Difference {mean} {measure.gap}, 95 % interval {low} to {high}"
        if answer == "not settled":
            said += ": it may be none"
            if measure is ACCURACY and len(groups) == 2 and difference.high < MATTERS:
                said += f", and {groups[0].label} is not half a point ahead"
        return Finding(claim, answer, f"{said}.", on)
    if all(sides):
        lead = measure.say(fmean(sides[0]) - fmean(sides[1]), unit=False, signed=True)
        said += f". Difference {lead} {measure.gap}; fewer than {ENOUGH} runs a side cannot tell it from luck"
    seeds = "" if measure.exact else ", each with another seed,"
    return Finding(claim, "not settled", f"{said}. To settle it, train {' and '.join(few)}{seeds} to the end.", on)


def _answer(difference: Difference) -> Answer:
    if difference.low <= 0 <= difference.high:
        return "not settled"
    return "holds" if difference.mean > 0 else "does not hold"


def _mean(measure: Measure, values: Sequence[float]) -> str:
    """ "90.12 % (sd 0.20, n = 3)"; a number that luck has no part in stands alone."""
    if not values:
        return "not known yet"
    if measure.exact:
        return measure.say(fmean(values))
    deviation = f"sd {measure.say(spread(values), unit=False)}, " if len(values) > 1 else ""
    return f"{measure.say(fmean(values))} ({deviation}n = {len(values)})"


def _what_to_train(claim: Claim) -> str:
    sides = [side for side in (claim.more, claim.less) if side is not None]
    networks = " and ".join(
        compare.network(str(side.get("model.encoder", "rows")), str(side["model.cell"])) for side in sides
    )
    on = f" on {DATA[claim.data[0]]}" if claim.data else ""
    equal = ", equal in all other settings" if len(sides) > 1 else ""
    if claim.even:
        equal = ", with as many parameters"
    times = "once" if claim.measure.exact else f"with {ENOUGH} seeds"
    each = " each" if len(sides) > 1 else ""
    own = " by the document's own recipe" if "training.optimizer" in claim.more else ""
    how = f"{networks}{on}{own} {times}{each}{equal}"
    return f"The chosen runs cannot answer this. To settle it, train {how}, and choose them."
