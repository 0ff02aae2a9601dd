"""The standard comparison on the Compare page: what it would train, the button that queues it, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cnngru import escaping, names
from cnngru.comparison import metrics, plan
from cnngru.config import Config
from cnngru.data import cifar10
from cnngru.runs import index
from cnngru.runs.store import Run, RunError
from cnngru.ui import roles
from cnngru.ui.compare import choice


def offer() -> None:
    """The comparison's two settings, what it would train and how long that takes, and the button."""
    with st.expander("Run the standard comparison", icon=":material/playlist_play:"):
        st.markdown(
            "Trains the networks that the document’s claims are about, as many at once as this machine allows: the "
            "quick preset with each recurrence and with none, on photos also with as many parameters in one more "
            "convolution, its GRU on bare pixels, and the document’s own network, with and without its GRU."
        )
        with st.container(horizontal=True, gap="medium"):
            data = st.segmented_control(
                "Pictures",
                ["cifar10", "rowcue"],
                default="cifar10",
                required=True,
                format_func=names.DATA.__getitem__,
                key="standard-data",
            )
            seeds = st.segmented_control(
                "Seeds each",
                [1, 3],
                default=1,
                required=True,
                key="standard-seeds",
                help="One shows where things stand. With three, differences can be told from luck.",
            )
        if why_not := roles.why_not_start():
            st.info(why_not)
        else:
            _button([roles.capped(config) for config in plan.configs(data, seeds)])


def _button(configs: Sequence[Config]) -> None:
    runs = index.summaries()
    found = [plan.existing(config, runs) for config in configs]
    missing = [config for config, run in zip(configs, found, strict=True) if run is None]
    st.caption(_plan(len(configs), missing))
    words_on_it = f"Start {len(missing)} run{'s' if len(missing) > 1 else ''}" if missing else "Show them"
    if not st.button(words_on_it, type="primary", icon=":material/playlist_play:", key="compare-start"):
        return  # a second click finds all runs on their way, and shows them
    chosen: list[str] = []
    taken = {run.name for run in runs}
    for config, run in zip(configs, found, strict=True):
        try:
            name = run.name if run else roles.start(config, plan.free_name(config, taken))
        except RunError as error:
            st.error(f"{escaping.message(str(error))} {len(chosen)} runs are chosen below.")
            break
        chosen.append(name)
        taken.add(name)
    else:
        choice.choose_others(chosen)


def _plan(runs: int, missing: Sequence[Config]) -> str:
    if not missing:
        return f"All {runs} runs are there already or on their way: nothing has to be trained."
    there = runs - len(missing)
    known = f" {there} of them {'is' if there == 1 else 'are'} there already and will be taken." if there else ""
    load = ""
    if missing[0].data.name == "cifar10" and cifar10.status() != "ready":
        why = escaping.message(cifar10.unreadable())
        load = f" {why or 'CIFAR-10 is not on this machine yet: the first run downloads it (170 MB, once).'}"
    time = _roughly(plan.minutes(missing))
    return (
        f"{runs} runs.{known} Training takes roughly {time} on two cores, less on a newer processor.{load} "
        "You can leave meanwhile."
    )


def _roughly(minutes: float) -> str:
    """Minutes as one says them without a clock: "10 minutes", "half an hour", "an hour and a half", "3 hours"."""
    named = {30: "half an hour", 45: "three quarters of an hour", 60: "an hour", 90: "an hour and a half"}
    nearest = min((*range(5, 30, 5), *named, *range(120, 6000, 60)), key=lambda known: abs(known - minutes))
    return named.get(nearest) or (f"{nearest} minutes" if nearest < 60 else f"{nearest // 60} hours")


def progress(runs: Sequence[Run]) -> None:
    """How far the chosen runs are, and the button that stops them all; nothing when all are over."""
    live = [run for run in runs if run.live]
    if not live:
        return
    done = sum(metrics.share_done(run) for run in runs) / len(runs)
    training = [run.called for run in live if run.status != "queued"]
    now = f"training {escaping.message(', '.join(training))}" if training else "about to start"
    waiting = sum(run.status == "queued" for run in live)
    waits = f" · {waiting} waiting" if waiting else ""
    st.progress(min(done, 1.0), f"{len(runs) - len(live)} of {len(runs)} over · {now}{waits}")
    if all(run.status == "stopping" for run in live):
        st.caption("Stopping. What has been learnt so far is kept.")
    elif st.button(
        f"Stop {'all ' + str(len(live)) if len(live) > 1 else 'it'}",
        icon=":material/stop_circle:",
        key="stop-all",
        disabled=not all(map(roles.may_change, live)),
    ):
        # Those that wait go first: else the next one starts when one is stopped.
        for run in sorted(live, key=lambda run: run.status != "queued"):
            try:
                roles.stop(run)
            except RunError as error:
                st.error(escaping.message(str(error)))
        st.rerun(scope="fragment")
