"""What a person notes of a run, on a page: its name, a note, tags, its pin; and who may change or delete it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from cnngru import escaping, places
from cnngru.runs import index, labels, store, titles
from cnngru.runs.labels import Labels
from cnngru.runs.store import Run, RunError
from cnngru.ui import roles

COMES_ALONG = "It comes with the app."
PIN_HELP = "A pinned run is a baseline: its curves are drawn beside those of every other run on the same pictures."
TAG_WIDTH = 320  # pixels


def why_it_stays(run: Run) -> str | None:
    """Why the run cannot be deleted here, None where it can."""
    if run.name in places.NETWORKS:
        return COMES_ALONG
    return why_as_it_is(run) or ("Stop it first." if run.live else None)


def why_as_it_is(run: Run) -> str | None:
    """Why nothing can be noted of the run here, None where something can."""
    return None if roles.may_change(run) else roles.NOT_YOURS


def line(run: Run) -> None:
    """What is noted of the run: its pin, its tags, its note; nothing where there is nothing."""
    noted = labels.read(run.folder)
    if noted.pinned or noted.tags:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if noted.pinned:
                st.badge("pinned", icon=":material/keep:", color="blue")
            for tag in noted.tags:
                # st.badge would escape once more what is escaped already
                st.markdown(f":gray-badge[:material/sell: {escaping.markdown(tag)}]", width="content")
    if noted.note:
        st.markdown(_lines(noted.note))


def _lines(note: str) -> str:
    """A note as Markdown that shows it as it was written, spaces at the beginnings of its lines too."""
    return escaping.message(re.sub(r"(?m)^ +", lambda found: "\N{NO-BREAK SPACE}" * len(found[0]), note))


def pin_button(run: Run) -> None:
    """Pins the run, or takes the pin out."""
    pinned, why_not = labels.read(run.folder).pinned, why_as_it_is(run)
    if st.button(
        "Unpin" if pinned else "Pin",
        icon=":material/keep_off:" if pinned else ":material/keep:",
        key=f"pin-{run.name}",
        disabled=why_not is not None,
        help=why_not or PIN_HELP,
    ) and give([run], pinned=not pinned):
        st.rerun()


def popover(run: Run) -> None:
    """Another name, a note and tags for the run; its address stays as it is."""
    why_not = why_as_it_is(run)
    with st.popover("Name and notes", icon=":material/edit:", disabled=why_not is not None, help=why_not):
        if why_not is None:
            form(run)


def form(run: Run) -> None:
    """The fields, and Save."""
    noted, ours = labels.read(run.folder), run.name in places.NETWORKS
    title = st.text_input(
        "Name of the run",
        run.called,
        max_chars=titles.LONGEST,
        key=f"title-{run.name}",
        disabled=ours,
        help=COMES_ALONG if ours else None,
    )
    note = st.text_area("Note", noted.note, max_chars=labels.LONGEST_NOTE, height=120, key=f"note-{run.name}")
    tags = tag_box("Tags", noted.tags, f"tags-{run.name}")
    if st.button("Save", type="primary", key=f"save-{run.name}", disabled=not titles.plain(title)):
        if not ours and titles.plain(title) != run.called and not _called(run, title):
            return
        wanted = Labels(labels.plain_note(note), labels.plain_tags(tags), noted.pinned)
        if wanted == noted or give([run], note=wanted.note, tags=wanted.tags):
            st.rerun()


def tag_box(label: str, chosen: Sequence[str], key: str) -> list[str]:
    """A box of tags: those of all runs are offered, others can be written."""
    known = sorted({tag for run in index.summaries() for tag in run.labels.tags} | set(chosen))
    return st.multiselect(
        label,
        known,
        default=list(chosen),
        key=key,
        accept_new_options=True,
        max_selections=labels.MOST_TAGS,
        placeholder="Choose or write",
        width=TAG_WIDTH,
    )


def _called(run: Run, title: str) -> bool:
    try:
        store.call(run.name, title)
    except RunError as error:
        st.error(escaping.message(str(error)))
        return False
    return True


def give(runs: Sequence[Run], **changed: object) -> bool:
    """Gives those of them that may be changed these labels. Whether that went well: else it is said."""
    try:
        for run in filter(roles.may_change, runs):
            labels.give(run.name, **changed)
    except RunError as error:
        st.error(escaping.message(str(error)))
        return False
    return True
