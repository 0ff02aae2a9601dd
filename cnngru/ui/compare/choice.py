"""Which runs the Compare page is about: the choice in the address, and where a first visit starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnngru import escaping, names
from cnngru.comparison.groups import label
from cnngru.comparison.settings import differing
from cnngru.runs import index, store
from cnngru.runs.index import Summary
from cnngru.runs.store import Run, RunError
from cnngru.ui import run_names


def choose() -> list[Run]:
    """The runs to compare: the multiselect, bound to ?runs=a&runs=b. Ends the page where there are none.

    An address has to say names and a box bound to it says there what it lists: so the one that is bound is hidden, and
    the one that is seen, which says titles, changes it (as in run_picker.py).
    """
    offered = [run for run in index.summaries() if run.status == "finished" or run.live or run.last("progress")]
    by_name = {run.name: run for run in sorted(offered, key=lambda run: not run.labels.pinned)}
    if not offered:
        st.info("There are no runs to compare yet. Run the standard comparison, or train some under **Train**.")
        st.stop()
    wanted = _wanted(list(by_name))
    if wanted is not None:
        st.session_state["runs"] = wanted
    with st.container(key="runs-in-address"):
        st.multiselect(
            "In the address",
            list(by_name),
            default=[n for n in remembered("runs", _start(offered)) if n in by_name] if wanted is None else None,
            key="runs",
            bind="query-params",
        )
    called = run_names.called(by_name.values())
    st.session_state["picked-runs"] = picked = st.session_state["runs"]
    st.multiselect(
        "Runs",
        list(by_name),
        key="picked-runs",
        format_func=called.__getitem__,
        on_change=_picked,
        placeholder="Choose runs",
        help="Finished runs and those that still train, pinned ones first. The choice is in the address, so the link "
        "can be shared.",
    )
    remember(runs=picked)
    if not picked:
        st.info("Choose two or more runs to compare them.")
        st.stop()
    return [run for name in picked if (run := store.find(name))]


def _picked() -> None:
    st.session_state["runs"] = st.session_state["picked-runs"]


def _start(offered: Sequence[Summary]) -> list[str]:
    """Where a first visit starts: with the pinned runs that saw the same pictures, then as `first_choice` says."""
    chosen = first_choice(offered)
    seen = {(run.config.data.name, run.config.data.path) for run in offered if run.name in chosen}
    pinned = [run for run in offered if run.labels.pinned and run.name not in chosen]
    return [*(run.name for run in pinned if (run.config.data.name, run.config.data.path) in seen), *chosen]


def remember(**choices: Any) -> None:
    """Keeps what is chosen, for `remembered`."""
    st.session_state["compare-remembered"] = {**st.session_state.get("compare-remembered", {}), **choices}


def remembered(key: str, otherwise: Any) -> Any:
    """What a choice was before the page was left for the gates of a picture, or `otherwise`.

    Going back from there passes through an address of this page that has the picture's number (?test=) and nothing of
    ours: Streamlit changes the query before the path. What was chosen is shown there too.
    """
    left_for_gates = "test" in st.query_params
    return st.session_state.get("compare-remembered", {}).get(key, otherwise) if left_for_gates else otherwise


def choose_others(runs: Sequence[str]) -> None:
    """Chooses the runs of these names and draws the page anew."""
    st.session_state["compare-others"] = list(runs)
    st.rerun()


def _wanted(offered: Sequence[str]) -> list[str] | None:
    """What the choice has to be changed to before it is drawn, None to leave it. Links to what is no run are told."""
    asked = st.query_params.get_all("runs")
    listed = list(dict.fromkeys(name for text in asked for name in text.split(",") if name))
    if any("," in text for text in asked):  # ?runs=a,b, as a person writes it
        st.query_params["runs"] = listed
        st.rerun()
    for name in listed:
        if name not in offered:
            _tell_missing(name)
    asked_for = st.session_state.pop("compare-others", None)
    chosen = asked_for or st.session_state.get("runs")
    if chosen is None or (asked_for is None and set(chosen) <= set(offered)):
        return None
    return [name for name in chosen if name in offered]  # the others are deleted


def _tell_missing(name: str) -> None:
    try:
        name = store.get(name).name
        why = f"The run {name} ended before its first step: there is nothing to compare."
    except RunError as error:
        why = str(error)
    st.warning(escaping.message(why), icon=":material/link_off:")


OURS = ("cifar10-quick-gru", "cifar10-quick-lstm", "cifar10-quick-none")  # alike in pictures and epochs


def first_choice(runs: Sequence[Run]) -> list[str]:
    """Where a comparison may start: the three networks that come along for it, whatever has been trained since.

    Without them: the finished runs alike in pictures, preset and epochs that show most networks, CIFAR-10 first, all
    their seeds; of equal settings the oldest. The first runs, up to six, where none is finished.
    """
    finished = {run.name: run for run in reversed(runs) if run.status == "finished"}  # the oldest first
    if all(name in finished for name in OURS):
        return list(OURS)
    found: dict[tuple[Any, ...], dict[tuple[str, int], Run]] = {}
    for run in finished.values():
        data, training = run.config.data, run.config.training
        if not data.shuffle_labels:
            kind = (data.name == "cifar10", data.name, data.path, data.pictures, run.config.preset, training.epochs)
            found.setdefault(kind, {}).setdefault((label(run.config), training.seed), run)
    networks = {kind: len({label for label, _ in members}) for kind, members in found.items()}
    best = max(networks, key=lambda kind: (kind[0], networks[kind]), default=None)
    if best is None:
        return [run.name for run in runs[:6]]
    chosen = sorted(found[best].values(), key=lambda run: run.config.training.seed)
    return [run.name for run in sorted(chosen, key=lambda run: list(names.CELLS).index(run.config.model.cell))]


def warn_of_different_pictures(runs: Sequence[Run]) -> None:
    """Says so where the runs were not trained on the same pictures."""
    data = differing([run.config for run in runs])
    if trained_on := data.get("data.name"):
        listed = " and ".join(dict.fromkeys(names.DATA[name] for name in trained_on))
        st.warning(
            f"These runs learned from different pictures ({listed}): their accuracies and seconds do not compare. "
            "Claims are asked for each data set by itself."
        )
