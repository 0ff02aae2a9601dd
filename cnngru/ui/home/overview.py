"""The home page's state of things: which pictures are here, and which runs. Imports no torch."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from cnngru import escaping
from cnngru.runs import index, store
from cnngru.ui import links, roles, wording

SHOWN = 6  # runs listed; the sidebar has them all
CIFAR10 = {
    "ready": (":material/check_circle:", "on this machine, ready to train on."),
    "absent": (":material/cloud_download:", "not on this machine yet. It is 170 MB, downloaded once."),
    "damaged": (":material/error:", "on this machine, but files are missing or cut short. Download them again."),
}


def runs() -> None:
    """The newest runs, shuffled controls last, each with its state and a link; ticks while one of them is alive."""
    alive = any(run.live for run in index.summaries())
    st.fragment(_runs, run_every=2 if alive else None)()


def _runs() -> None:
    try:
        found = index.summaries()
    except store.RunError:  # since the page was drawn
        st.rerun()  # all of it: the run picker says what is wrong
    if not found:
        st.info("No runs yet. Open **Train**, keep the settings as they are, and press **Start**.")
        return
    counts = Counter(run.status for run in found)
    st.caption(
        f"{counts['running']} training, {counts['queued']} waiting, {counts['finished']} finished; {len(found)} in all"
    )
    for run in sorted(found, key=lambda run: run.config.data.shuffle_labels and not run.live)[:SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            links.link_to_run(run.name, run.called)
            st.badge(wording.STATUS_WORDS[run.status], color=wording.STATUS_COLOURS[run.status])
            accuracy = (run.last("finished") or {}).get("accuracy")
            result = "" if accuracy is None else f"test {wording.percent(accuracy)}"
            st.caption(" · ".join(part for part in (result, wording.ago(run.created_at)) if part), width="content")


def data() -> None:
    """CIFAR-10 with its download, and RowCue."""
    from cnngru.data import cifar10

    status = cifar10.status()
    if status == "unreadable":
        st.markdown(f":material/error: {escaping.message(cifar10.unreadable())}")
    else:
        icon, text = CIFAR10[status]
        st.markdown(f"{icon} **CIFAR-10** is {text}")
    missing = status in ("absent", "damaged") and roles.why_not_start() is None
    if missing and st.button("Download CIFAR-10", icon=":material/download:"):
        _download()
    st.markdown(":material/check_circle: **RowCue** is always ready: it is generated in a second, without a network.")
    st.markdown(":material/folder: **Your own pictures**: hand them over under Train, class by class.")


def _download() -> None:
    from cnngru.data import DataError, cifar10

    bar = st.progress(0.0, "Asking for the archive …")

    def tick(done: int, total: int, what: str) -> None:
        how_far = f" · {wording.size(done)} of {wording.size(total)}" if total else ""
        bar.progress(min(done / total, 1.0) if total else 0.0, escaping.message(what) + how_far)

    try:
        cifar10.fetch(progress=tick)
    except DataError as error:
        bar.empty()
        st.error(escaping.message(str(error)))
    else:
        st.rerun()
