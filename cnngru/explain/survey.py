"""What a whole set of pictures shows of a network's gates: plain numbers, to be drawn or kept. numpy, no torch.

`cnngru.explain.survey_pass.survey` makes one; this says what is in it, and what follows from it.

L layers, D directions (0 downward, 1 upward), T rows in picture order (row 0 = top), H units, C classes, N pictures.
Gates go by their names in a trace; update is KEEP, PyTorch's z, and write = 1 − keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from cnngru.cells import WORDS

LOW, HIGH = 0.1, 0.9  # a gate below or above is saturated: nearly shut, nearly open
GATES = {word: gate for gate, word in WORDS.items()} | {"write": "update"}  # where the word is not the gate's name
OF_MEAN, BY_UNIT, ONE = "of their mean", "unit by unit", "of the unit"  # what η² can be of


@dataclass(frozen=True)
class Extremes:
    """The pictures that drive each unit's state h furthest one way: (L, D, H, K), the furthest first.

    picture     its place in the split; K different ones for each unit
    row         the row at which the state got there
    state       h
    """

    picture: np.ndarray
    row: np.ndarray
    state: np.ndarray


@dataclass(frozen=True)
class Keeping:
    """The gate that keeps the old state: how long, and for which classes more than for others.

    gate                "update", or the LSTM's "forget"
    log_mean            (L, D, H) mean of ln keep over rows and pictures: the logarithm of the geometric mean, ≤ 0.
                        A keep below 6e-8 counts as that
    initial_half_life   (L, D, S, H) half-lives in rows of S networks that have not learned anything
    class_difference    (L, D, C, T, H) the class's mean keep − the mean keep of all pictures; nan: no such picture
    variance            (L, D, T, H) of keep over the pictures, divided by N
    variance_of_mean    (L, D, T) likewise of the mean keep of all units
    class_counts        (C,) pictures of each class
    """

    gate: str
    log_mean: np.ndarray
    initial_half_life: np.ndarray
    class_difference: np.ndarray
    variance: np.ndarray
    variance_of_mean: np.ndarray
    class_counts: np.ndarray

    @property
    def half_life(self) -> np.ndarray:
        """(L, D, H): after so many rows half of a unit's state is left, at its geometric mean keep (`half_life`)."""
        return half_life(self.log_mean)

    @property
    def class_difference_of_mean(self) -> np.ndarray:
        """(L, D, C, T): how much more all units together keep on pictures of a class than on average."""
        return self.class_difference.mean(-1)

    @property
    def eta_squared_of_mean(self) -> np.ndarray:
        """(L, D, T): η² of the mean keep of all units, which `class_difference_of_mean` shows."""
        return _share(self._between(self.class_difference_of_mean), self.variance_of_mean)

    @property
    def selectivity(self) -> np.ndarray:
        """(L, D, H) in 0..1: η² of a unit over all its rows, the share of keep's variance that the class accounts for.

        Between-class over total sum of squares (Fisher 1925), both added up over the rows before they are divided; 0
        where keep does not vary at all. Labels at random would give `eta_squared_by_chance` on average.
        """
        return _share(self._between(self.class_difference).sum(2), self.variance.sum(2))

    def eta_squared_by_row(self, units: Sequence[int] | np.ndarray) -> np.ndarray:
        """(L, D, T): η² of each row over these units: both sums of squares are added up before they are divided."""
        chosen = np.asarray(units, int)
        between = self._between(self.class_difference[..., chosen])
        return _share(between.sum(-1), self.variance[..., chosen].sum(-1))

    def by_class(
        self, word: str, layer: int, direction: int, units: Sequence[int] = ()
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """For which classes some units keep more: difference (C, T), and η² (T,) each by what it is of.

        word    "write": the difference of write = 1 − keep; any other: of the gate that keeps
        units   whose mean is looked at; all of them where none is named
        """
        at, chosen = (layer, direction), list(units) or list(range(self.class_difference.shape[-1]))
        difference = self.class_difference[at][..., chosen].mean(-1)
        eta = {ONE if len(chosen) == 1 else BY_UNIT: self.eta_squared_by_row(chosen)[at]}
        if not units and len(chosen) > 1:
            eta = {OF_MEAN: self.eta_squared_of_mean[at]} | eta
        return -difference if word == "write" else difference, eta

    @property
    def eta_squared_by_chance(self) -> float:
        """(C − 1) / (N − 1), with the C classes that have pictures."""
        return float((np.count_nonzero(self.class_counts) - 1) / max(1, self.class_counts.sum() - 1))

    def _between(self, difference: np.ndarray) -> np.ndarray:
        """Variance between classes: their differences (L, D, C, …), squared and weighed by their pictures."""
        weights = (self.class_counts / self.class_counts.sum()).reshape(-1, *[1] * (difference.ndim - 3))
        return (weights * np.nan_to_num(difference.astype(np.float64)) ** 2).sum(2)


@dataclass(frozen=True)
class Survey:
    """One network, one split.

    n           pictures
    classes     C names
    bands       (T, 2) the pixel rows [start, end) that each row's features have seen
    mean        by gate, (L, D, T, H): over the pictures
    low, high   by gate, (L, D, H): the share of all rows and pictures where the gate is < 0.1, and > 0.9. These three
                of gates in 0..1 only: a plain RNN has none
    keeping     of the gate that keeps; None for a plain RNN
    most, least the pictures and rows of each unit's largest and smallest state
    own         (T,) accuracy had reading stopped after t + 1 rows, by the network's own head. Like the next two in the
                order of reading: a network that reads both ways has then read t + 1 rows from each end
    probe       (T,) accuracy of a linear probe for each row, fitted on other pictures; nan for fewer than two pictures
    probed      pictures that the probe was fitted and judged on: all, as long as their states fit into memory
    locked      (2, T) pictures whose answer did not change any more after t + 1 rows: [0] wrong answers, [1] right ones
    """

    n: int
    classes: tuple[str, ...]
    bands: np.ndarray
    mean: dict[str, np.ndarray]
    low: dict[str, np.ndarray]
    high: dict[str, np.ndarray]
    keeping: Keeping | None
    most: Extremes
    least: Extremes
    own: np.ndarray
    probe: np.ndarray
    probed: int
    locked: np.ndarray

    def unit_means(self, word: str) -> np.ndarray:
        """(L, D, H): each unit's mean over rows and pictures of a gate, by its word ("keep", "write", "reset", …)."""
        means = self.mean[GATES.get(word, word)].mean(2)
        return 1 - means if word == "write" else means

    def saturated(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        """(L, D, H) twice: the shares of all rows and pictures where a gate, by its word, is < 0.1, and > 0.9."""
        gate = GATES.get(word, word)
        return (self.high[gate], self.low[gate]) if word == "write" else (self.low[gate], self.high[gate])

    def class_means(self, word: str, layer: int, direction: int, place: int) -> np.ndarray:
        """(T, H): the mean over the pictures of one class of keep, write or forget, the gate that keeps.

        nan where there is no such picture. Raises ValueError for a plain RNN.
        """
        if self.keeping is None:
            raise ValueError("A plain RNN has no gate that keeps.")
        at = (layer, direction)
        means = self.mean[self.keeping.gate][at] + self.keeping.class_difference[at][place]
        return 1 - means if word == "write" else means

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it as arrays with flat names ("mean.update", "keeping.log_mean"), for an .npz; no pickles needed."""
        return dict(_flat(self))

    @staticmethod
    def from_arrays(arrays: Mapping[str, np.ndarray]) -> Survey:
        """The survey that `arrays` came from. Raises KeyError where one is missing."""
        by_gate = {
            part: {name.partition(".")[2]: arrays[name] for name in arrays if name.startswith(f"{part}.")}
            for part in ("mean", "low", "high")
        }
        keeping = None
        if "keeping.gate" in arrays:
            of_gate = {field.name: arrays[f"keeping.{field.name}"] for field in fields(Keeping) if field.name != "gate"}
            keeping = Keeping(str(arrays["keeping.gate"]), **of_gate)
        most, least = (
            Extremes(**{field.name: arrays[f"{part}.{field.name}"] for field in fields(Extremes)})
            for part in ("most", "least")
        )
        return Survey(
            n=int(arrays["n"]),
            classes=tuple(map(str, arrays["classes"])),
            bands=arrays["bands"],
            mean=by_gate["mean"],
            low=by_gate["low"],
            high=by_gate["high"],
            keeping=keeping,
            most=most,
            least=least,
            own=arrays["own"],
            probe=arrays["probe"],
            probed=int(arrays["probed"]),
            locked=arrays["locked"],
        )


def half_life(log_mean_keep: np.ndarray) -> np.ndarray:
    """Rows after which half is left: ln ½ / (mean of ln keep); inf where nothing is ever lost.

    Tallec & Ollivier 2018 (arXiv:1804.11188): a gate that stays at one value forgets over 1 / (1 − keep) rows.
    """
    with np.errstate(divide="ignore"):
        return np.log(2) / np.abs(log_mean_keep)


def density(half_lives: np.ndarray, at: np.ndarray, width: float = 0.08) -> np.ndarray:
    """How thickly half-lives (M,) lie around `at` (P,), both in rows: (P,) units per factor of ten.

    A Gaussian kernel on log10, `width` its standard deviation: for a logarithmic axis, on which the area below it is 1,
    less what is infinite.
    """
    from scipy.stats import norm  # takes half a second to import, and few ask

    return norm.pdf(np.log10(at)[:, None], np.log10(half_lives), width).mean(1)  # infinite ones are nowhere near


def _flat(part: Survey | Keeping | Extremes, prefix: str = "") -> list[tuple[str, np.ndarray]]:
    found: list[tuple[str, np.ndarray]] = []
    for field in fields(part):
        name, value = prefix + field.name, getattr(part, field.name)
        match value:
            case Keeping() | Extremes():
                found += _flat(value, f"{name}.")
            case dict():
                found += [(f"{name}.{gate}", each) for gate, each in value.items()]
            case None:
                pass
            case _:
                found.append((name, np.asarray(value)))
    return found


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(whole.shape), where=whole > 0)
