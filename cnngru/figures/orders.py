"""In which order units stand side by side: places 0..H−1, each once. The same values give the same order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial.distance import cdist


def by_mean(values: np.ndarray) -> np.ndarray:
    """(T, H) -> (H,): the unit with the largest mean first; equal ones as they are."""
    return np.argsort(-values.mean(axis=0), kind="stable")


def by_keeping(panels: Mapping[str, np.ndarray]) -> np.ndarray:
    """(T, H) each, by the words of `panels` -> (H,): the unit that keeps most first, by the mean of the first panel.

    That is the gate that keeps, or a plain RNN's state; write is 1 − keep, so its smallest mean comes first.
    """
    return by_mean(next(iter(_as_keep(panels).values())))


def by_similarity(panels: Mapping[str, np.ndarray]) -> np.ndarray:
    """(T, H) each -> (H,): units that did the same down the rows stand together.

    A chain: it begins at the unit with the largest mean in the first panel and goes on, each time, to the nearest one
    left (Euclidean distance of all their values). That is the greedy path of the travelling salesman (Rosenkrantz et
    al. 1977): no shortest one, so the last few are those that fitted nowhere.
    """
    traces = np.concatenate(list(_as_keep(panels).values())).T.astype(np.float64)  # (H, panels·T)
    distances = cdist(traces, traces)  # (H, H)
    here = int(by_keeping(panels)[0])
    chain, left = [here], np.ones(len(traces), bool)
    left[here] = False
    while left.any():
        here = int(np.where(left, distances[here], np.inf).argmin())
        chain.append(here)
        left[here] = False
    return np.array(chain)


def _as_keep(panels: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """With keep for write, so that both words give the same order."""
    return {word: 1 - values if word == "write" else values for word, values in panels.items()}
