"""Present mode: a page for a projector, with one figure and large type. `?present=1` in the address, or the key P.

The arrow keys go from view to view, Escape goes back to the page as it is otherwise.
"""

from __future__ import annotations

import streamlit as st

from cnngru.ui import roles
from cnngru.ui.components import component

SCALE = 1.6  # of type and figures, at least; a caption is then 22 pixels high, a tick's label 19
ALONE = "alone"  # key of what is shown: one figure and its caption
STYLE = f"""
html {{ font-size: {16 * SCALE}px !important; }}
[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stExpandSidebarButton"],
.stTabs [role="tablist"], [class*="st-key-pictures"], .st-key-view-line, .st-key-share,
.stTabs [role="tabpanel"] [data-testid="stVerticalBlock"]
    > :not(:has(.st-key-{ALONE})):not(.st-key-{ALONE}):not(.st-key-{ALONE} *) {{ display: none !important; }}
.st-key-{ALONE} [data-testid="stCaptionContainer"] p {{
    overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}}
"""


def on() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get("present") == "1"


def listen() -> None:
    """Hears the keys, keeps the place on a page for the way back to it, and a visitor's word.

    Call once a script run.
    """
    told = {"present": on(), "cookie": roles.cookie()}
    component("page_keys")(
        key="page-keys", data=told, height=1, on_present_change=_follow, on_visitor_change=_heard_who
    )


def _heard_who() -> None:
    """Without a callback the visitor's word would not be kept: see `roles`."""


def _follow() -> None:
    """Called by a key: the address says it from now on, so that a link opens the same."""
    if st.session_state["page-keys"]["present"]:
        st.query_params["present"] = "1"
    else:
        st.query_params.pop("present", None)
