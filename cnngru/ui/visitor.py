"""Who opens a page: whoever sits at this computer, a person who has logged in, or a browser with a word of its own.

What they may do, `roles` says. A browser's word is a secret: page_keys.js makes it and keeps it in a cookie, no link
carries it, and the run's folder has a hash of it. Who has logged in, where Streamlit's [auth] is set up, is known by
that instead, in every browser.
"""

from __future__ import annotations

import hashlib
import re

import streamlit as st

from cnngru.ui import this_computer

COOKIE = "cnngru_visitor"
WORD = re.compile(r"[0-9a-f]{32,64}")  # a browser's: 128 bits, at least


def is_here() -> bool:
    """Whether the connection comes from this computer, by whichever of its addresses, and straight from a browser."""
    headers, address = st.context.headers, st.context.ip_address  # Streamlit says None for 127.0.0.1 and ::1
    if str(st.get_option("server.address")).startswith("unix:"):  # has no addresses: a server in between listens
        return False
    if this_computer.passed_on(headers) or not (address is None or this_computer.has_address(address)):
        return False
    return this_computer.has_name(headers.get("Host") or "localhost")


def has_login() -> bool:
    """Whether people can log in: Streamlit's [auth] is set up."""
    return "is_logged_in" in st.user


def person() -> str:
    """A hash of who has logged in, the same in each browser; "" for nobody."""
    if st.user.get("is_logged_in") is not True:
        return ""
    who = st.user.get("sub") or st.user.get("email")  # an address may change hands, so that is second
    return _hash(f"login\n{st.user.get('iss')}\n{who}") if who else ""


def known_word() -> str:
    """The word that came with the connection, as a cookie."""
    word = str(st.context.cookies.get(COOKIE) or "")
    return word if WORD.fullmatch(word) else ""


def me() -> str:
    """A hash of who this is: whoever reads a run's folder cannot pass for its owner. "" before it has said so."""
    said = str((st.session_state.get("page-keys") or {}).get("visitor") or "")
    word = said if WORD.fullmatch(said) else known_word()
    return person() or (_hash(word) if word else "")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
