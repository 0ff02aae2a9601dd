"""A person's own pictures: the one uploader of the app, and each file as a picture or a sentence about why not.

They are kept in the session, so that they are there on each page and after going back.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnngru import escaping
from cnngru.pictures import KINDS, Picture, PictureError, read_picture

LARGEST = 20  # MB of a picture
STAYS = "It stays here: a link carries all that you choose, but no picture of your own."
# A file over the limit is refused in the browser: it turns red, with the reason hidden, and Python never hears of it.
TOO_LARGE = """<style>
[data-testid="stFileUploader"]:has([data-testid="stFileChip"][aria-invalid="true"])::after {{
    content: "What is marked red was not taken: a file may have up to {limit} MB. Save it smaller, perhaps as JPEG.";
    display: block;
    margin-top: 0.5rem;
}}
body:has([data-testid="stFileChip"][aria-invalid="true"]) .st-key-answer {{ display: none; }}
</style>"""


@dataclass(frozen=True)
class Refused:
    """A file that is no picture we can read, and why."""

    name: str
    reason: str

    def show(self) -> None:
        """Says so on the page."""
        st.error(f"**{escaping.markdown(self.name)}**: {self.reason}")


def limit() -> int:
    """MB of a picture: the server takes larger files, for ZIPs."""
    return min(LARGEST, st.get_option("server.maxUploadSize"))


def mine() -> dict[str, Picture]:
    """The person's own pictures of this session, by what stands in the address for them; the newest first."""
    return dict(reversed(st.session_state.get("uploads", {}).items()))


def add(upload: str, test: str) -> None:
    """Asks for files. They stay with the person over all pages until the browser's tab is closed or reloaded.

    upload, test    the names in the address of one's own picture and of a test picture: the newest one is chosen
    """
    key = f"files-{upload}-{st.session_state.get('uploaded', 0)}"  # a new one each time: what was taken is in the row
    st.file_uploader(
        "Your pictures",
        key=key,
        accept_multiple_files=True,
        max_upload_size=limit(),
        help=f"{KINDS}, up to {limit()} MB each. They stay in memory until you close or reload the page.",
        on_change=_take,
        args=(key, upload, test),
    )
    st.html(TOO_LARGE.format(limit=limit()))


def _take(key: str, upload: str, test: str) -> None:
    """Called when there are files: reads each, keeps the good ones and the reasons why others are none."""
    read = [_read(file) for file in st.session_state[key]]
    kept = st.session_state.setdefault("uploads", {})
    st.session_state["refused"] = [file for file in read if isinstance(file, Refused)]
    st.session_state["some-taken"] = any(isinstance(file, Picture) for file in read)
    for picture in read:
        if isinstance(picture, Picture):
            count = st.session_state["uploaded"] = st.session_state.get("uploaded", 0) + 1
            kept[f"own-{count}"] = picture
            st.query_params[upload] = f"own-{count}"
            st.query_params.pop(test, None)


def tell_refused() -> bool:
    """Says which of the last files could not be taken. Whether that was all of them: then no answer is one to them."""
    refused = st.session_state.get("refused", ())
    for file in refused:
        file.show()
    return bool(refused) and not st.session_state["some-taken"]


def forget_refused() -> None:
    """Another picture was chosen: what could not be taken has been read."""
    st.session_state.pop("refused", None)


def _read(file: UploadedFile) -> Picture | Refused:
    """A bad file is an answer, not an exception: the others go on."""
    if file.size > LARGEST * 1024 * 1024:  # the browser has seen to that, an honest one
        return Refused(file.name, f"It has more than {LARGEST} MB.")
    try:
        return read_picture(file.getvalue(), file.name)
    except PictureError as error:
        return Refused(file.name, str(error))
