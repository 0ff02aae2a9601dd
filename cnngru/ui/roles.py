"""Who may do what, with CNNGRU_ROLE=class: visitors start, watch and explore; what others have made is left to them.

A visitor is whoever opens the app from another computer, known by a browser's own secret word: page_keys.js makes it
and keeps it in a cookie, the run's folder has its hash. Whoever sits at the computer that the app runs on may do
everything. Without the setting everybody may.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress

import streamlit as st

from cnngru.runs import owners, store
from cnngru.runs.store import Run
from cnngru.ui import share

SETTING = "CNNGRU_ROLE"
COOKIE = "cnngru_visitor"
LETTERS = 64  # of a word that a browser may send
NOT_YOURS = "Only who has started it can, and whoever sits at the computer that the app runs on."
PASSED_ON = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")  # by a server in between, on the same computer maybe


def in_class() -> bool:
    """Whether the app is open to a class."""
    return os.environ.get(SETTING) == "class"


def is_host() -> bool:
    """Whether this page is open on the computer that the app runs on, by whichever of its addresses."""
    address = st.context.ip_address  # Streamlit says None for this computer
    local = address in (None, "::ffff:127.0.0.1") or address == share.network_address()
    return local and not any(name in st.context.headers for name in PASSED_ON)


def is_visitor() -> bool:
    """Whether what is others' is to be left alone, and the computer's folders too."""
    return in_class() and not is_host()


def may_change(run: Run) -> bool:
    """Whether this browser may stop, rename and delete the run."""
    if not is_visitor():
        return True
    me = _me()
    return bool(me) and owners.read(run.folder) == me


def own(name: str) -> None:
    """Notes down that this browser has started the run. Where that fails only the host can stop it."""
    if in_class() and (me := _me()):
        with suppress(OSError):
            owners.write(store.root() / name, me)


def _me() -> str:
    """A hash of the browser's word: whoever reads a run's folder cannot pass for its owner. "" before it has one."""
    sent = st.session_state.get("page-keys") or {}
    word = str(sent.get("visitor") or st.context.cookies.get(COOKIE) or "")
    return hashlib.sha256(word.encode(errors="replace")).hexdigest()[:32] if 16 <= len(word) <= LETTERS else ""
