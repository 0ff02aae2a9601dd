"""What the pages share: which run is chosen (kept in the link as ?run=).

Session state holds names and a person's own uploads; results are read from the runs' folders each time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnngru import escaping, places
from cnngru.runs import index, store
from cnngru.runs.store import Run, RunError
from cnngru.ui import links, mine, run_names, share, undo

OWN = "★ "  # before a run that one has started oneself
PICKER_HELP = (
    "The pages show this run. Behind its name stand its accuracy on the test and how many pictures it learnt from; "
    f"{OWN}marks those that you have started. Its name is in the address, so the link can be kept or shared."
)


def run_picker(page: str) -> None:
    """The sidebar's list of runs, bound to ?run=. Call once a script run, before `page` (its path in the address)."""
    try:
        places.bring_networks()
        runs = {run.name: run for run in index.summaries()}
    except (RunError, OSError) as error:  # no page has anything to show without the folder of runs
        st.error(escaping.message(str(error)))
        st.stop()
    if "go_to_run" in st.session_state:
        st.session_state["run"] = st.session_state.pop("go_to_run")
    wanted = st.query_params.get("run")
    if st.session_state.get("page") != page and wanted:
        st.session_state["run"] = wanted  # a link to a page names its run; left alone, the picker would keep its own
    if page != "train" and st.session_state.get("run"):
        st.session_state["run"] = mine.left_train(st.session_state["run"])  # one's own is offered, not imposed
    st.session_state["page"] = page
    if st.session_state.get("run") not in (None, *runs):
        st.session_state["run"] = None  # deleted. Never pop the key: the widget would lose touch with the address
    _tell_unknown(wanted, runs)
    with st.sidebar:
        _pick(runs)
        undo.offer()
    mine.offer(page)


def _pick(runs: Mapping[str, Run]) -> None:
    """The list: one's own runs first, each with its accuracy and pictures. Runs by name, in the order of the rest.

    An address has to say a run's name, and a box bound to it says there what it lists. So the box that is bound is
    hidden, and the one that is seen changes it.
    """
    with st.container(key="run-in-address"):
        st.selectbox("In the address", list(runs), index=None, key="run", bind="query-params")
    own = [name for name in reversed(mine.names()) if name in runs]
    labels = escaping.numbered({name: run_names.label(run, OWN * (name in own)) for name, run in runs.items()})
    st.session_state["picked"] = st.session_state["run"]
    st.selectbox(
        "Run",
        [*own, *(name for name in runs if name not in own)],
        index=None,
        format_func=labels.__getitem__,
        key="picked",
        on_change=_picked,
        placeholder="Choose a run" if runs else "No runs yet",
        disabled=not runs,
        help=PICKER_HELP,
    )


def _picked() -> None:
    st.session_state["run"] = st.session_state["picked"]
    mine.asked_for(st.session_state["run"])


def title(text: str) -> DeltaGenerator:
    """Draws a page's title; every page begins with it. Returns the rest of its row, for what the page says at once.

    Until st.navigation has been called once in a server's life, Streamlit takes a pages/ folder for its older kind of
    app: a link such as /train?run=… opened first runs that page alone, without streamlit_app.py and its run picker. The
    page then makes that call and starts over, and this time all of the app runs.
    """
    if "run" not in st.session_state:
        st.navigation(links.pages())
        st.rerun()
    row = st.container(horizontal=True, vertical_alignment="center", gap="medium", key="title-row")
    row.title(text, anchor=False, width="content")
    with row:
        share.button()
    return row


def _tell_unknown(wanted: str | None, runs: Collection[str]) -> None:
    if not wanted or wanted in runs:
        return
    try:
        store.get(wanted)
    except RunError as error:
        st.warning(
            f"{escaping.message(str(error))} Choose one in the sidebar, or start a new one under Train.",
            icon=":material/link_off:",
        )


def go_to_run(name: str | None) -> None:
    """Chooses another run (None: none) and draws the page anew."""
    st.session_state["go_to_run"] = name
    st.rerun()


def chosen() -> Run | None:
    """The run picked in the sidebar, as its folder is now; None when there is none."""
    return store.find(st.session_state.get("run") or "")


FIRST = {"gates": "rowcue-quick", "predict": "cifar10-best"}  # by page: the story is visible in RowCue


def chosen_with_model(page: str) -> Run | None:
    """The run whose model a page shows: the one picked, else one that comes along with the app.

    Never somebody's newest: what a page opens with does not change because a person trains. Where none of ours is in
    the folder it is the oldest finished run that has weights; a control with shuffled labels, which has learnt nothing,
    has to be picked. The picked run is returned even when it has no weights: the page then says so.
    """
    picked = chosen()
    if picked is not None:
        return picked
    runs = {run.name: run for run in index.summaries() if run.has_model and not run.config.data.shuffle_labels}
    ours = next((runs[name] for name in (FIRST[page], *places.NETWORKS) if name in runs), None)
    oldest = [*runs.values()][::-1]
    first = ours or next((run for run in oldest if run.status == "finished"), oldest[0] if oldest else None)
    return store.find(first.name) if first else None
