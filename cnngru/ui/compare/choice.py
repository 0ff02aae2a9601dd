"""The Compare page's parts: which runs, what ticks while they train, and what they say to the document's claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnngru import names
from cnngru.comparison import claims, groups, measured, sentences
from cnngru.comparison.findings import Answer, findings
from cnngru.comparison.settings import differing
from cnngru.runs import store
from cnngru.runs.store import Run, RunError
from cnngru.ui import wording

TICK = 2  # seconds
NO_BREAK = "\N{NO-BREAK SPACE}"
ANSWERS: dict[Answer, tuple[str, Literal["green", "red", "gray"]]] = {
    "holds": (":material/check_circle:", "green"),
    "does not hold": (":material/cancel:", "red"),
    "not settled": (":material/help:", "gray"),
}


def choose() -> list[Run]:
    """The runs to compare: the multiselect, bound to ?runs=a&runs=b. Ends the page where there are none."""
    offered = [run for run in store.all_runs() if run.status == "finished" or run.live or run.last("progress")]
    by_name = {run.name: run for run in offered}
    if not offered:
        st.info("There are no runs to compare yet. Run the standard comparison, or train some under **Train**.")
        st.stop()
    wanted = _wanted(list(by_name))
    if wanted is not None:
        st.session_state["runs"] = wanted
    picked = st.multiselect(
        "Runs",
        list(by_name),
        default=[n for n in before("runs", sensible(offered)) if n in by_name] if wanted is None else None,
        key="runs",
        bind="query-params",
        placeholder="Choose runs",
        help="Finished runs and those that still train. The choice is in the address, so the link can be shared.",
    )
    remember(runs=picked)
    if not picked:
        st.info("Choose two or more runs to compare them.")
        st.stop()
    return [by_name[name] for name in picked]


def before(key: str, otherwise: Any) -> Any:
    """What a choice was before its page was left for the gates of a picture, or `otherwise`.

    Going back from there passes through an address of this page that has the picture's number (?test=) and nothing of
    ours: Streamlit changes the query before the path. What was chosen is shown there too.
    """
    return st.session_state.get("compare-before", {}).get(key, otherwise) if "test" in st.query_params else otherwise


def remember(**choices: Any) -> None:
    """Keeps what is chosen, for `before`."""
    st.session_state["compare-before"] = {**st.session_state.get("compare-before", {}), **choices}


def these(names: Sequence[str]) -> None:
    """Chooses other runs and draws the page anew."""
    st.session_state["compare-these"] = list(names)
    st.rerun()


def _wanted(names: Sequence[str]) -> list[str] | None:
    """What the choice has to be changed to before it is drawn, None to leave it. Links to what is no run are told."""
    asked = st.query_params.get_all("runs")
    listed = list(dict.fromkeys(name for text in asked for name in text.split(",") if name))
    if any("," in text for text in asked):  # ?runs=a,b, as a person writes it
        st.query_params["runs"] = listed
        st.rerun()
    for name in listed:
        if name not in names:
            _tell_missing(name)
    asked_for = st.session_state.pop("compare-these", None)
    chosen = asked_for or st.session_state.get("runs")
    if chosen is None or (asked_for is None and set(chosen) <= set(names)):
        return None
    return [name for name in chosen if name in names]  # the others are deleted


def _tell_missing(name: str) -> None:
    try:
        name = store.get(name).name
        why = f"The run {name} ended before its first step: there is nothing to compare."
    except RunError as error:
        why = str(error)
    st.warning(wording.plain(why), icon=":material/link_off:")


def sensible(runs: Sequence[Run]) -> list[str]:
    """Where a comparison may start: the preset that has been trained with most cells, CIFAR-10 first; all its seeds.

    Of equal settings the newest run counts. The first runs, up to six, where none is finished.
    """
    found: dict[tuple[bool, str, str], dict[tuple[str, int], Run]] = {}
    for run in runs:  # the newest first
        data, seed = run.config.data, run.config.training.seed
        if run.status == "finished" and not data.shuffle_labels:
            kind = (data.name == "cifar10", data.name, run.config.preset)
            found.setdefault(kind, {}).setdefault((groups.label(run.config), seed), run)
    networks = {kind: len({label for label, _ in members}) for kind, members in found.items()}
    best = max(networks, key=lambda kind: (kind[0], networks[kind]), default=None)
    if best is None:
        return [run.name for run in runs[:6]]
    chosen = sorted(found[best].values(), key=lambda run: run.config.training.seed)
    return [run.name for run in sorted(chosen, key=lambda run: list(names.CELLS).index(run.config.model.cell))]


def same_pictures(runs: Sequence[Run]) -> None:
    """Says so where the runs were not trained on the same pictures."""
    data = differing([run.config for run in runs])
    if trained_on := data.get("data.name"):
        listed = " and ".join(dict.fromkeys(names.DATA[name] for name in trained_on))
        st.warning(
            f"These runs learned from different pictures ({listed}): their accuracies and seconds do not compare. "
            "Claims are asked for each data set by itself."
        )


def ticking(draw: Callable[[Sequence[Run]], None], runs: Sequence[Run]) -> None:
    """Draws `runs` as they are now, each two seconds as long as one of them is alive."""
    alive = any(run.live for run in runs)
    st.fragment(_tick, run_every=TICK if alive else None)(draw, [run.name for run in runs], _states(runs))


def _tick(draw: Callable[[Sequence[Run]], None], names: Sequence[str], states: Mapping[str, str]) -> None:
    runs = []
    for name in names:
        try:
            runs.append(store.get(name))
        except RunError:  # deleted meanwhile, perhaps in another window
            continue
    if _states(runs) != states:
        st.rerun()  # the whole page, once: there is a new result, or one run less
    draw(runs)


def _states(runs: Sequence[Run]) -> dict[str, str]:
    return {run.name: run.status for run in runs}


def claims_of(runs: Sequence[Run]) -> None:
    """The claims of the source document, each with what the chosen runs answer and what the project measured."""
    compared = groups.groups(runs)
    st.caption(
        "The article that this project set out from praises GRU networks for pictures. § is its section; the sentences "
        "and the measurements are ours."
    )
    for claim in claims.CLAIMS:
        with st.container(border=True):
            st.markdown(f"**{claim.text}** :gray[{claim.section.replace(' ', NO_BREAK)}]")
            for finding in findings(claim, compared):
                _answer(finding.answer).markdown(wording.plain(sentences.sentence(finding)))
            for known in measured.of(claim):
                _answer(known.answer).caption(f"Measured by the project: {wording.plain(sentences.sentence(known))}")
    st.caption(
        "n counts finished runs with different seeds; sd is their standard deviation. There is an answer where each "
        "side has three and the 95 % interval of the difference leaves out zero (Welch’s t; pairs for shuffled rows)."
    )
    st.caption(f"The project’s own measurements are of: {wording.plain('; '.join(measured.machines()))}.")


def _answer(answer: Answer) -> DeltaGenerator:
    """A row that begins with the answer; returns the place for its reason."""
    badge, why = st.columns([1, 5])
    icon, colour = ANSWERS[answer]
    badge.badge(answer, icon=icon, color=colour)
    return why
