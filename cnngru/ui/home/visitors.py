"""What visitors may do, said to the host while nobody has chosen it and other computers can reach the app."""

from __future__ import annotations

import streamlit as st

from cnngru import escaping, server_settings
from cnngru.ui import roles


def notice() -> None:
    """The same sentences as in the terminal."""
    settings = roles.settings()
    if roles.is_open() and not settings.chosen and roles.is_host():
        st.info(escaping.message(server_settings.said(settings)), icon=":material/group:")
