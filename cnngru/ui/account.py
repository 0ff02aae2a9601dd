"""Logging in and out, in the sidebar, where Streamlit's [auth] is set up; nothing else."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import Error

from cnngru import escaping
from cnngru.ui import visitor


def offer() -> None:
    """A button for each provider, or who has logged in and the way out."""
    if not visitor.has_login():
        return
    with st.sidebar:
        if visitor.person():
            who = str(st.user.get("name") or st.user.get("email") or "a person without a name")
            st.caption(f"Logged in as {escaping.markdown(who)}: the runs that you start are yours in every browser.")
            st.button("Log out", icon=":material/logout:", key="log-out", on_click=st.logout)
            return
        for provider in _providers():
            label = f"Log in with {escaping.markdown(provider)}" if provider else "Log in"
            st.button(label, icon=":material/login:", key=f"log-in-{provider}", on_click=_log_in, args=(provider,))


def _providers() -> list[str]:
    """The names of the providers that [auth] has sections for; [""] where it has one without a name."""
    return [name for name, value in st.secrets["auth"].items() if hasattr(value, "items")] or [""]


def _log_in(provider: str) -> None:
    try:
        st.login(provider or None)
    except Error as error:  # Authlib is missing, or the section is not whole
        st.error(escaping.message(str(error)))
