"""A run as a file, on the Train page: taken away as a ZIP, as a table or as a script, and opened from one."""

from __future__ import annotations

import io
from functools import partial

import streamlit as st

from cnngru import escaping
from cnngru.export.curves import to_csv
from cnngru.runs import archive, store, unpacking
from cnngru.runs.store import Run, RunError
from cnngru.ui import mine, roles, run_picker

LIMIT = 200  # MB of a file, both ways
LOADABLE = ("cifar10", "rowcue")  # pictures that a script can have by itself


def download(run: Run) -> None:
    """What can be taken away of a run. Nothing is packed before its button is pressed."""
    with st.popover("Download", icon=":material/download:"):
        if archive.size(run) > LIMIT * 1_000_000:
            st.caption(
                f"All of it is more than {LIMIT} MB. At the computer that the app runs on: "
                f"`python -m cnngru runs export {run.name}`"
            )
        else:
            _button(run, "The run, to open elsewhere (ZIP)", "zip", partial(_packed, run.name), "application/zip")
        _button(run, "Its curves (CSV)", "csv", partial(_table, run.name), "text/csv")
        if run.config.data.name in LOADABLE:
            _button(run, "Its network and recipe (Python)", "py", partial(_script, run.name), "text/x-python")


def _button(run: Run, label: str, end: str, make: partial[bytes], kind: str) -> None:
    st.download_button(
        label,
        make,
        f"{run.name}.{end}",
        kind,
        key=f"download-{end}-{run.name}",
        on_click="ignore",
        type="tertiary",
    )


def _packed(name: str) -> bytes:
    out = io.BytesIO()
    archive.write(store.get(name), out)
    return out.getvalue()


def _table(name: str) -> bytes:
    return to_csv(store.get(name).events).encode()


def _script(name: str) -> bytes:
    from cnngru.export.script import script  # it reads the sources of what trains, which load torch

    run = store.get(name)
    return script(run.config, run.name, run.title, run.last("finished")).encode()


def open_file() -> None:
    """A run from a file that "Download" has made, here or elsewhere; what is wrong with another is told."""
    count = st.session_state.setdefault("run-files", 0)
    limit = min(LIMIT, st.get_option("server.maxUploadSize"))
    file = st.file_uploader(
        "A run's file",
        type="zip",
        max_upload_size=limit,
        help=f'The ZIP that "Download" makes beside a run\'s curves, here or on another computer; up to {limit} MB.',
        key=f"run-file-{count}",
    )
    if not st.button("Open it", icon=":material/folder_open:", key="open-run-file", disabled=file is None) or not file:
        return
    try:
        name = roles.bring(lambda: unpacking.unpack(file))
    except RunError as error:
        st.error(escaping.message(str(error)))
        return
    st.session_state["run-files"] = count + 1  # the box is empty again
    mine.started(name)
    run_picker.go_to_run(name)
