"""All runs in a table: to find one, to sort, and to delete, pin or tag many. Folded away until somebody asks."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from cnngru import escaping, names
from cnngru.runs import index, labels
from cnngru.runs.index import Summary
from cnngru.runs.store import RunError
from cnngru.ui import links, run_labels, undo, wording

CHOSEN = "chosen-runs"  # in session state: names
TICK = 5  # seconds between two looks while a run is at work
ROWS = 420  # pixels: of the table, at most
NOTE = 60  # letters of a note
COMPARED = 12  # runs that are compared at once, at most
COLUMNS = {
    "run": st.column_config.TextColumn("Run", pinned=True, width=180),
    "pin": st.column_config.TextColumn("Pin", width=40, help=run_labels.PIN_HELP),
    "state": st.column_config.TextColumn("State", width=84),
    "accuracy": st.column_config.NumberColumn(
        "Test %", format="%.2f", width=62, help="Accuracy on the test pictures, at the end of the run."
    ),
    "tags": st.column_config.ListColumn("Tags", width=110),
    "data": st.column_config.TextColumn("Pictures", width=76),
    "preset": st.column_config.TextColumn("Preset", width=70),
    "started": st.column_config.DatetimeColumn("Started", format="YYYY-MM-DD HH:mm", width=122),
    "took": st.column_config.NumberColumn("Training", format="compact", width=72, help="How long it has trained."),
    "note": st.column_config.TextColumn("Note", width=260),
}
AT_NEED = {"pin", "tags", "note"}  # shown where a run has one


def show() -> None:
    """The table in an expander that is closed at first; nothing where there are no runs."""
    runs = index.summaries()
    if not runs:
        return
    box = st.expander("All runs", icon=":material/list:", key="all-runs", on_change="rerun")
    if box.open:  # its label is always the same: under another one it would be another, closed box
        with box:
            st.fragment(_all, run_every=TICK if any(run.live for run in runs) else None)()


def _all() -> None:
    try:
        runs = index.summaries()
    except RunError:  # since the page was drawn
        st.rerun()
    shown = _found(runs)
    if not shown:
        st.caption("No run is like that.")
        return
    chosen = _table(shown)
    if len(shown) < len(runs):
        st.caption(f"{len(shown):,} of {len(runs):,} runs.")
    if chosen:
        _act(chosen)
    else:
        st.caption("Choose rows at their left edge to open, compare, pin, tag or delete them; a column’s head sorts.")


def _found(runs: Sequence[Summary]) -> list[Summary]:
    """The runs that are as the fields say."""
    statuses = [status for status in wording.STATUS_WORDS if any(run.status == status for run in runs)]
    tags = sorted({tag for run in runs for tag in run.labels.tags})
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input("Find", placeholder="Name, note, pictures, preset", key="find-runs", width=260)
        wanted = st.multiselect(
            "State", statuses, format_func=wording.STATUS_WORDS.__getitem__, key="find-states", width=220
        )
        tagged = st.multiselect("Tags", tags, key="find-tags", width=220) if tags else []
    words = text.casefold().split()
    return [
        run
        for run in runs
        if (not wanted or run.status in wanted)
        and set(tagged) <= set(run.labels.tags)
        and all(word in _said(run) for word in words)
    ]


def _said(run: Summary) -> str:
    config, noted = run.config, run.labels
    parts = (run.called, run.name, names.DATA[config.data.name], config.preset, names.CELLS[config.model.cell])
    return " ".join((*parts, *noted.tags, noted.note)).casefold()


def _table(runs: Sequence[Summary]) -> list[Summary]:
    """Draws the rows; returns the runs that are chosen.

    The browser knows rows by their numbers. So other rows are another table, in which the same runs are chosen: nobody
    deletes the run that has slipped into the place of the one that was meant.
    """
    listed = "\n".join(run.name for run in runs)
    kept = st.session_state.get(CHOSEN, [])
    rows = [_row(run) for run in runs]
    chosen = st.dataframe(
        pd.DataFrame(rows),
        column_config=COLUMNS,
        column_order=[name for name in COLUMNS if name not in AT_NEED or any(row[name] for row in rows)],
        hide_index=True,
        placeholder="",
        height=min(ROWS, 36 * (len(runs) + 1) + 2),
        key=f"runs-table-{zlib.crc32(listed.encode())}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [at for at, run in enumerate(runs) if run.name in kept]}},
    )
    found = [runs[at] for at in chosen["selection"]["rows"] if at < len(runs)]
    st.session_state[CHOSEN] = [run.name for run in found]
    return found


def _row(run: Summary) -> dict[str, Any]:
    finished, progress = run.last("finished") or {}, run.last("progress") or {}
    accuracy, seconds = finished.get("accuracy"), (finished or progress).get("seconds")
    note = run.labels.note.partition("\n")[0]
    return {
        "pin": "✓" if run.labels.pinned else "",
        "run": escaping.plain(run.called, None),
        "state": _state(run, progress),
        "accuracy": None if accuracy is None else 100 * accuracy,
        "data": names.DATA[run.config.data.name],
        "preset": escaping.plain(run.config.preset),
        "started": datetime.fromtimestamp(run.created_at) if run.created_at else None,
        "took": None if seconds is None else timedelta(seconds=round(min(seconds, 1e9))),
        "tags": list(run.labels.tags),
        "note": escaping.shorten(note, NOTE) + ("" if note == run.labels.note else " …"),
    }


def _state(run: Summary, progress: dict[str, Any]) -> str:
    word = wording.STATUS_WORDS[run.status]
    if run.status == "running" and progress:
        return f"{word} {wording.percent(min(progress['step'] / progress['steps'], 1), 0)}"
    return word


def _act(runs: Sequence[Summary]) -> None:
    """What can be done with the chosen runs."""
    mine = [run for run in runs if run_labels.why_as_it_is(run) is None]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{len(runs):,} chosen**", width="content")
        if len(runs) == 1:
            links.link("train", "Open", runs[0].name)
            run_labels.popover(runs[0])
        elif len(runs) <= COMPARED:
            links.link("compare", "Compare", runs=",".join(run.name for run in runs))
        _pin(mine)
        _tag(mine)
        _delete(runs)
    if others := len(runs) - len(mine):
        st.caption(f"{others} of them {'is' if others == 1 else 'are'} somebody else’s and will stay as they are.")


def _pin(runs: Sequence[Summary]) -> None:
    off = bool(runs) and all(run.labels.pinned for run in runs)
    if st.button(
        "Unpin" if off else "Pin",
        icon=":material/keep_off:" if off else ":material/keep:",
        key="pin-chosen",
        disabled=not runs,
        help=run_labels.PIN_HELP,
    ) and run_labels.give(runs, pinned=not off):
        st.rerun()


def _tag(runs: Sequence[Summary]) -> None:
    with st.popover("Tag", icon=":material/sell:", disabled=not runs):
        add = run_labels.tag_box("Add", [], "add-tags")
        there = sorted({tag for run in runs for tag in run.labels.tags})
        remove = st.multiselect("Take away", there, key="remove-tags", width=run_labels.TAG_WIDTH) if there else []
        if st.button("Save", type="primary", key="tag-chosen", disabled=not (add or remove)):
            for run in runs:
                stay = [tag for tag in run.labels.tags if tag not in remove]
                if not run_labels.give([run], tags=labels.plain_tags([*stay, *add])):
                    return
            st.rerun()


def _delete(runs: Sequence[Summary]) -> None:
    """After a second click; what stays is said before."""
    reasons = {run.name: run_labels.why_it_stays(run) for run in runs}
    gone = [run for run in runs if reasons[run.name] is None]
    why_not = next(iter(reasons.values())) if not gone else None
    with st.popover("Delete", icon=":material/delete:", disabled=not gone, help=why_not):
        called = f"**{escaping.markdown(gone[0].called)}**" if len(gone) == 1 else f"{len(gone):,} runs"
        st.markdown(f"Delete {called} with curves and weights?")
        if len(gone) < len(runs):
            stay = len(runs) - len(gone)
            st.caption(f"{stay} of the chosen stay: they come with the app, are at work, or are somebody else’s.")
        if st.button("Delete", type="primary", key="delete-chosen"):
            try:
                with st.spinner("Deleting …"):
                    undo.delete(gone, gone[0].called if len(gone) == 1 else f"{len(gone):,} runs")
            except RunError as error:
                st.error(escaping.message(str(error)))
            else:
                st.toast("Deleted. Undo is in the sidebar, for ten minutes.", icon=":material/delete:")
                st.rerun()
