"""The link to what a page shows, as text, as a QR code for a phone, and to be copied."""

from __future__ import annotations

import socket
from urllib.parse import urlencode, urlsplit, urlunsplit

import segno
import streamlit as st

from cnngru.ui.components import component

LOCAL = ("localhost", "127.0.0.1", "::1")
ONLY_HERE = (
    "Only this computer opens this link. So that others can, start the app with `--server.address 0.0.0.0`, and share "
    "what stands here then."
)


def button() -> None:
    """The button, and behind it the link to the page as it is now."""
    with st.popover(":material/share:", help="A link to what is shown, and a QR code of it.", key="share"):
        address = link()
        code = _code(address)
        component("share")(key="share-link", data={"link": address, "code": code}, height="content")
        if not code:
            st.caption("This link is too long for a QR code: copy it.")
        if urlsplit(address).hostname in LOCAL:
            st.caption(ONLY_HERE)


def link() -> str:
    """The page's address as visitors reach it: on the computer that the app runs on it may be open as localhost."""
    parts = urlsplit(st.context.url or "http://localhost:8501/")
    host = parts.hostname or "localhost"
    if host in LOCAL and st.get_option("server.address") not in LOCAL:  # the server hears the network too
        host = network_address() or host
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, f"[{host}]{port}" if ":" in host else f"{host}{port}", parts.path, query(), ""))


def query() -> str:
    """What the address says after "?"; without present mode, which is for whoever presents."""
    pairs = [(key, value) for key in st.query_params if key != "present" for value in st.query_params.get_all(key)]
    return urlencode(pairs)


def network_address() -> str | None:
    """This computer's address in its network; no packet is sent. None where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's (RFC 5737)
        except OSError:
            return None
        return str(probe.getsockname()[0])


@st.cache_data(max_entries=64, show_spinner=False)
def _code(address: str) -> str:
    """The QR code as an address that holds its picture: black on white in either theme, so that any camera reads it.

    "" for a link that is too long for one (2,331 bytes).
    """
    try:
        code = segno.make(address, error="m", micro=False)
    except segno.DataOverflowError:
        return ""
    return code.svg_data_uri(scale=4, border=4, light="white")
