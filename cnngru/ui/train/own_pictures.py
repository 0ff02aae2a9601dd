"""One's own pictures in the form: handed over class by class, as a ZIP, or a folder that is there already.

What is handed over is kept as a folder of the app (`cnngru.data.own`) once its button is pressed, and its path in the
session: nothing is written before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from cnngru import escaping
from cnngru.config import ConfigError, DataConfig
from cnngru.data import DataError, folder_check, folder_layout, own
from cnngru.pictures import KINDS
from cnngru.ui import picture_input, roles

WAYS = {"classes": "Class by class", "zip": "As a ZIP", "folder": "A folder of this computer"}
MOST_CLASSES = folder_layout.CLASSES[1]
TELL = 10  # files between two reports of progress
KEPT = "new-own"  # in the session: what was handed over and kept
TAKEN = (
    f"{KINDS}, 3 or more of each class, best some hundreds; {own.MOST:,} in all. What is kept of them is what the "
    "network sees, 32 × 32 pixels, on the computer that the app runs on."
)


@dataclass
class Seen:
    """The folder that is asked for.

    classes, pictures   how many there are; 0 where that is not known
    why_not             sentences: what is in the way of training on it
    """

    path: str = ""
    classes: int = 0
    pictures: int = 0
    why_not: list[str] = field(default_factory=list)


def choose() -> Seen:
    """Draws the fields and returns what they say now."""
    ways = [way for way in WAYS if way != "folder" or roles.may_name_folders()]
    if st.session_state.get("new-way") not in (None, *ways):
        st.session_state["new-way"] = ways[0]
    way = st.segmented_control(
        "Your pictures",
        ways,
        format_func=WAYS.__getitem__,
        default="classes",
        required=True,
        key="new-way",
        persist_state="session",
    )
    if not roles.may_name_folders():
        st.caption("A folder can only be named at the computer that the app runs on: hand the pictures over.")
    elif way == "folder":
        return _folder()
    kept: own.Kept | None = st.session_state.get(KEPT)
    if kept is not None:
        return _show_kept(kept)
    if way == "zip":
        return _zip()
    return _classes()


def _folder() -> Seen:
    """The field for a folder, and what is found there while its path is typed."""
    text = st.text_input(
        "Folder of pictures",
        placeholder="/home/me/pictures",
        help="On the machine that the app runs on. It holds one sub-folder for each class, 2 to 100 of them.",
        live=True,
        key="new-path",
        persist_state="session",
    )
    path = folder_check.path_of(text)
    why_not = roles.why_not_folder(path) if path else "Write the folder of your pictures."
    return Seen(path, why_not=[why_not]) if why_not else _look_and_tell(path)


def _look_and_tell(path: str) -> Seen:
    found = _look(path)
    if isinstance(found, str):
        return Seen(path, why_not=[found])
    for sentence in (folder_check.found(found), *found.notes()):
        st.caption(escaping.message(sentence))
    return Seen(path, len(found.classes), folder_check.learnt_from(found))


@st.cache_data(ttl=10, max_entries=100, show_spinner=False)  # seconds: other fields are typed in meanwhile
def _look(path: str) -> folder_layout.Layout | str:
    """What is found in a folder, or what is wrong with it."""
    try:
        return folder_check.look(DataConfig("folder", path).path)
    except (DataError, ConfigError) as error:
        return str(error)


def _show_kept(kept: own.Kept) -> Seen:
    """What was handed over before; and the way back to other pictures."""
    seen = _look_and_tell(str(kept.folder))
    if seen.why_not:  # without the path, which is the computer's own
        seen.why_not = ['What you gave cannot be read any more. Press "Other pictures" and give it again.']
    if kept.notes:
        with st.expander(f"Left out ({len(kept.notes)})", icon=":material/warning:"):
            st.markdown("\n".join(f"- {escaping.markdown(note, None)}" for note in kept.notes))
    if st.button("Other pictures", icon=":material/restart_alt:", key="new-own-again"):
        del st.session_state[KEPT]
        st.session_state["new-own-count"] = _count() + 1  # the boxes begin empty
        st.rerun()
    return seen


def _count() -> int:
    return st.session_state.get("new-own-count", 0)


def _zip() -> Seen:
    """One file with a folder for each class."""
    limit = st.get_option("server.maxUploadSize")
    file = st.file_uploader(
        "A ZIP with a folder of pictures for each class",
        type="zip",
        help=f"Up to {limit} MB. {TAKEN} train/ and test/ with the classes inside are known, too.",
        key=f"new-zip-{_count()}",
    )
    st.html(picture_input.TOO_LARGE.format(limit=limit))
    if file is None:
        return Seen(why_not=["Give a ZIP that has a folder of pictures for each class."])
    return _keep_button(lambda tell: own.keep_zip(file, tell))


def _classes() -> Seen:
    """A name and a box for each class, and a button for one more."""
    many = st.session_state.setdefault("new-own-classes", 2)
    boxes = [_class(number) for number in range(many)]
    st.html(picture_input.TOO_LARGE.format(limit=picture_input.limit()))
    with st.container(horizontal=True):
        if st.button("One class more", icon=":material/add:", key="new-own-more", disabled=many >= MOST_CLASSES):
            st.session_state["new-own-classes"] = many + 1
            st.rerun()
        if st.button("One class less", icon=":material/remove:", key="new-own-less", disabled=many <= 2):
            st.session_state["new-own-classes"] = many - 1
            st.rerun()
    if any(not files for _, files in boxes):
        return Seen(why_not=["Give each class its name and its pictures."])
    try:
        said = {own.class_name(name).casefold() for name, _ in boxes}
    except DataError as error:
        return Seen(why_not=[str(error)])
    if len(said) < many:
        return Seen(why_not=["Two classes have the same name. Give one of them another."])
    return _keep_button(lambda tell: own.keep({name: _given(files) for name, files in boxes}, tell))


def _given(files: list[UploadedFile]) -> Iterator[tuple[str, bytes]]:
    return ((file.name, file.getvalue()) for file in files)


def _class(number: int) -> tuple[str, list[UploadedFile]]:
    """The name of a class, "" for none yet, and its files."""
    with st.container(horizontal=True, vertical_alignment="top"):
        name = st.text_input(
            f"Class {number + 1}",
            placeholder=("cats", "dogs")[number] if number < 2 else "",
            max_chars=own.LETTERS,
            live=True,
            width=160,
            key=f"new-class-{_count()}-{number}",
            persist_state="session",
        )
        files = st.file_uploader(
            f"Pictures of class {number + 1}",
            accept_multiple_files=True,
            max_upload_size=picture_input.limit(),
            help=TAKEN if number == 0 else None,
            key=f"new-files-{_count()}-{number}",
        )
    return name, files


def _keep_button(keep: Callable[[own.OnFile], own.Kept]) -> Seen:
    """Keeps what was handed over when it is asked for; what is wrong with it stays beside Start until then."""
    said: list[str] = []
    if st.button("Take these pictures", icon=":material/check:", key="new-own-take"):
        if why_not := roles.why_not_hand_over():
            return Seen(why_not=[why_not])
        bar = st.progress(0.0, "Reading the pictures …")

        def tell(done: int, n: int) -> None:
            if done % TELL == 0:
                bar.progress(done / max(n, 1), f"{done:,} of {n:,} files read")

        try:
            st.session_state[KEPT] = keep(tell)
        except DataError as error:
            bar.empty()
            said = [str(error)]
        else:
            st.rerun()
    return Seen(why_not=said or ['Press "Take these pictures" first.'])
