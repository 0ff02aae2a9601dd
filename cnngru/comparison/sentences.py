"""Claims and findings in English: numbers are kept, and the sentences that people read are made from them here."""

from __future__ import annotations

from dataclasses import dataclass

from cnngru import names
from cnngru.comparison.claims import ACCURACY, RECURRENT, SECONDS, Claim
from cnngru.comparison.findings import ENOUGH, Finding, Side
from cnngru.comparison.metrics import Machine

MATTERS = 0.005  # half a point of accuracy


@dataclass(frozen=True)
class Quantity:
    """How a measure is read: its noun, its unit and that of a difference, and what it is multiplied with for that."""

    noun: str
    unit: str = ""
    gap: str = ""
    times: float = 1.0
    digits: int = 2

    def say(self, value: float, unit: bool = True, signed: bool = False) -> str:
        """A value as it is read: 0.9012 -> "90.12 %"."""
        text = f"{self.times * value:{'+' if signed else ''},.{self.digits}f}".replace("-", "−")
        return f"{text} {self.unit}".rstrip() if unit else text


CLAIMS = {
    "gru-behind-cnn": "A GRU behind a CNN answers more accurately than the CNN alone.",
    "gru-against-deeper-cnn": "It does so even where the CNN alone has as many parameters, in one more convolution.",
    "document-gru": "The document's own network, its CNN with a GRU on top, is more accurate than its CNN alone.",
    "cnn-before-gru": "A GRU does better behind a CNN than on bare rows of pixels.",
    "gates-against-none": "Gates make a GRU more accurate than a recurrent network without any.",
    "memory-over-rows": "A GRU can hold on to what it read many rows before (RowCue cannot be solved otherwise).",
    "order-of-rows": "A GRU uses the order of the rows: when they are shuffled it is less accurate.",
    "fewer-parameters-than-lstm": "A GRU has fewer parameters than an LSTM with as many units.",
    "faster-than-lstm": "A GRU trains faster than an LSTM.",
    "behind-lstm-on-hard-task": "On a hard task a GRU falls behind an LSTM.",
}
QUANTITIES = {
    ACCURACY.name: Quantity("Test accuracy", "%", "points", times=100),
    SECONDS.name: Quantity("Seconds an epoch", "s", "s"),
    RECURRENT.name: Quantity("Parameters in the recurrent part", digits=0),
}


def sentence(finding: Finding) -> str:
    """A finding with the data set and the machine that it is of: "CIFAR-10. Test accuracy: GRU (quick) 82.79 % …"."""
    if not finding.data:
        return why(finding)
    machine = f", {say_machine(finding.machine)}" if finding.machine else ""
    return f"{names.DATA[finding.data]}{machine}. {why(finding)}"


def why(finding: Finding) -> str:
    """The means, spreads, numbers of runs and the interval; or what keeps it from an answer, and what to train."""
    if not finding.data:
        return _what_to_train(finding.claim)
    one, other = (side.network.label for side in finding.sides)
    match finding.obstacle:
        case "machines":
            said = f"{one} and {other} were trained on different devices, or with another precision or number of "
            said += "threads: their seconds cannot be compared. Train both alike."
        case "untested":
            said = f"{one} was trained before this was tested at the end of a run: train it again."
        case _:
            said = f"{_means(finding)}{_outcome(finding)}"
    return said + _left_out(finding.left_out)


def say_machine(known: Machine) -> str:
    """A machine in words: "cpu, bfloat16, 2 threads"."""
    device, precision, threads = known
    parts = [device, precision, f"{threads} thread{'s' if threads != 1 else ''}" if threads else None]
    return ", ".join(str(part) for part in parts if part)


def _means(finding: Finding) -> str:
    one, other = finding.sides
    second = f" against {other.network.label}" if finding.claim.less is not None else ", with shuffled rows"
    first = f"{QUANTITIES[finding.claim.measure.name].noun}: {one.network.label}"
    return f"{first} {_mean(finding.claim, one)}{second} {_mean(finding.claim, other)}"


def _mean(claim: Claim, side: Side) -> str:
    """ "90.12 % (sd 0.20, n = 3)"; a number that luck has no part in stands alone."""
    quantity = QUANTITIES[claim.measure.name]
    if side.mean is None:
        return "not known yet"
    if claim.measure.exact:
        return quantity.say(side.mean)
    deviation = f"sd {quantity.say(side.sd, unit=False)}, " if side.n > 1 and side.sd is not None else ""
    return f"{quantity.say(side.mean)} ({deviation}n = {side.n})"


def _outcome(finding: Finding) -> str:
    """What follows the means: the difference and what it comes to."""
    claim, difference, (one, other) = finding.claim, finding.difference, finding.sides
    quantity, said = QUANTITIES[claim.measure.name], ""
    if difference is not None:
        mean, low, high = (
            quantity.say(v, unit=False, signed=True) for v in (difference.mean, difference.low, difference.high)
        )
        said = f". Difference {mean} {quantity.gap}, 95 % interval {low} to {high}"
        if finding.answer == "not settled":
            said += ": it may be none"
            if claim.measure is ACCURACY and claim.less is not None and difference.high < MATTERS:
                said += f", and {one.network.label} is not half a point ahead"
        return f"{said}."
    if one.mean is not None and other.mean is not None:
        if claim.measure.exact:
            return f"; that is {100 * other.mean / one.mean:.0f} %." if one.mean else "."
        lead = quantity.say(one.mean - other.mean, unit=False, signed=True)
        said = f". Difference {lead} {quantity.gap}; fewer than {ENOUGH} runs a side cannot tell it from luck"
    enough, seeds = (1, "") if claim.measure.exact else (ENOUGH, ", each with another seed,")
    sides = finding.sides if claim.less is not None else finding.sides[:1]
    few = [f"{enough - side.n} × {side.network.label}" for side in sides if side.n < enough]
    return f"{said}. To settle it, train {' and '.join(few)}{seeds} to the end."


def _left_out(runs: int) -> str:
    """That so many runs do not count, and what to do; "" for none."""
    if not runs:
        return ""
    which, they = ("1 run", "it") if runs == 1 else (f"{runs} runs", "they")
    return (
        f" Left out: {which} that trained while another of the chosen ones did, so that {they} took longer. To count, "
        "train one at a time (CNNGRU_MAX_RUNS=1)."
    )


def _what_to_train(claim: Claim) -> str:
    sides = [side for side in (claim.more, claim.less) if side is not None]
    networks = " and ".join(names.network(side.get("model.encoder", "rows"), side["model.cell"]) for side in sides)
    on = f" on {names.DATA[claim.data[0]]}" if claim.data else ""
    equal = ", equal in all other settings" if len(sides) > 1 else ""
    if claim.even:
        equal = ", with as many parameters"
    times = "once" if claim.measure.exact else f"with {ENOUGH} seeds"
    each = " each" if len(sides) > 1 else ""
    own = " by the document's own recipe" if "training.optimizer" in claim.more else ""
    how = f"{networks}{on}{own} {times}{each}{equal}"
    return f"The chosen runs cannot answer this. To settle it, train {how}, and choose them."
