"""A person's own pictures: the one uploader of the app, and each file as a picture or a sentence about why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnngru import escaping
from cnngru.pictures import KINDS, Picture, PictureError, read_picture

STAYS = "It stays here: a link carries all that you choose, but no picture of your own."
INSTEAD = "instead-of-files"  # key of the container with what a page shows as long as there is no file
# A file over the limit is refused in the browser: it turns red, with the reason hidden, and Python never hears of it.
TOO_LARGE = """<style>
[data-testid="stFileUploader"]:has([data-testid="stFileChip"][aria-invalid="true"])::after {{
    content: "What is marked red was not taken: a file may have up to {limit} MB. Save it smaller, perhaps as JPEG.";
    display: block;
    margin-top: 0.5rem;
}}
body:has([data-testid="stFileChip"][aria-invalid="true"]) .st-key-{instead} {{ display: none; }}
</style>"""


@dataclass(frozen=True)
class Refused:
    """A file that is no picture we can read, and why."""

    name: str
    reason: str

    def show(self) -> None:
        """Says so on the page."""
        st.error(f"**{escaping.markdown(self.name)}**: {self.reason}")


def several(label: str) -> list[Picture | Refused]:
    """Asks for any number of files; what they are, in the order in which they were given."""
    files = _uploader(label, "They stay in memory and are forgotten when you leave.", several=True)
    return [_read(file) for file in files]


def one(label: str, key: str | None = None) -> Picture | Refused | None:
    """Asks for one file; None as long as there is none."""
    return next((_read(file) for file in _uploader(label, key=key)), None)


def _uploader(label: str, more: str = "", key: str | None = None, several: bool = False) -> Sequence[UploadedFile]:
    """Takes any file (what it is decides, not how it is called): one that is refused here is told by us, in words."""
    limit = st.get_option("server.maxUploadSize")
    said = f"{KINDS}, up to {limit} MB{' each' * several}. {more}".strip()
    found = st.file_uploader(label, key=key, accept_multiple_files=several, help=said)
    st.html(TOO_LARGE.format(limit=limit, instead=INSTEAD))
    return found if isinstance(found, list) else [found] if found else []


def _read(file: UploadedFile) -> Picture | Refused:
    """A bad file is an answer, not an exception: the others go on."""
    try:
        return read_picture(file.getvalue(), file.name)
    except PictureError as error:
        return Refused(file.name, str(error))
