"""What the pages share: which run is chosen (kept in the link as ?run=).

Session state holds names and a person's own uploads; results are read from the runs' folders each time.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnngru import escaping, places
from cnngru.runs import store
from cnngru.runs.store import Run, RunError
from cnngru.ui import links, share


def run_picker(page: str) -> None:
    """The sidebar's list of runs, bound to ?run=. Call once a script run, before `page` (its path in the address)."""
    try:
        places.bring_networks()
        names = [run.name for run in store.all_runs()]
    except (RunError, OSError) as error:  # no page has anything to show without the folder of runs
        st.error(escaping.message(str(error)))
        st.stop()
    if "go_to_run" in st.session_state:
        st.session_state["run"] = st.session_state.pop("go_to_run")
    if st.session_state.get("page") != page and (wanted := st.query_params.get("run")):
        st.session_state["run"] = wanted  # a link to a page names its run; left alone, the picker would keep its own
    st.session_state["page"] = page
    if st.session_state.get("run") not in (None, *names):
        st.session_state["run"] = None  # deleted. Never pop the key: the widget would lose touch with the address
    _tell_unknown(st.query_params.get("run"), names)
    with st.sidebar:
        st.selectbox(
            "Run",
            names,
            index=None,
            key="run",
            bind="query-params",
            placeholder="Choose a run" if names else "No runs yet",
            disabled=not names,
            help="The pages show this run. Its name is in the address, so the link can be kept or shared.",
        )


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


def _tell_unknown(wanted: str | None, names: list[str]) -> None:
    if not wanted or wanted in names:
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
    runs = {run.name: run for run in store.all_runs() if run.has_model and not run.config.data.shuffle_labels}
    ours = next((runs[name] for name in (FIRST[page], *places.NETWORKS) if name in runs), None)
    oldest = [*runs.values()][::-1]
    return ours or next((run for run in oldest if run.status == "finished"), oldest[0] if oldest else None)
