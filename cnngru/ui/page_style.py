"""The one style sheet of the app: what Streamlit's settings cannot say, so that a page's content begins at its top.

Streamlit leaves 96 pixels free above a page and sets its title at 44. Kept small: it leans on Streamlit's test ids, and
where one is renamed, pages look as Streamlit makes them.
"""

from __future__ import annotations

import streamlit as st

from cnngru.ui import present

STYLE = """
[data-testid="stMainBlockContainer"] { padding: 0.75rem 3.75rem 3rem; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.6rem; }
[data-testid="stHeader"], [data-testid="stHeader"] * { background: transparent; pointer-events: none; }
[data-testid="stHeader"] :is(button, a, button *, a *) { pointer-events: auto; }
[data-testid="stHeading"] h1 { font-size: 1.5rem; padding: 0; }
[data-testid="stHeading"] h2, [data-testid="stHeading"] h3 { font-size: 1.2rem; padding: 0.5rem 0 0.4rem; }
.st-key-view-line { flex-wrap: nowrap; }
.st-key-run-in-address, .st-key-runs-in-address { display: none; }  /* run_picker.py says what for */
.st-key-title-row { row-gap: 0; }
/* A chart's buttons lie on its own upper edge, not on the line of text above it. */
[data-testid="stFullScreenFrame"]:has([data-testid="stVegaLiteChart"]) [data-testid="stElementToolbar"] { top: 0; }
@media (pointer: coarse) {  /* a finger that begins on a figure scrolls the page */
    .stVegaLiteChart canvas, .stVegaLiteChart svg { touch-action: pan-y; }
}
@media (max-width: 640px) {  /* the button of the sidebar stands at the left there */
    [data-testid="stMainBlockContainer"] { padding: 0.6rem 1rem 3rem; }
    [data-testid="stHeading"] h1 { padding-left: 2.5rem; }
    .st-key-title-row [data-testid="stCaptionContainer"] p {
        overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    }
    .st-key-options button [data-testid="stMarkdownContainer"] { display: none; }  /* the icon stays */
    [data-testid="stLayoutWrapper"]:has(> [class*="st-key-strip"]) { flex: 1 0 100%; }  /* a line of its own */
    [data-testid="stMainBlockContainer"] :is([data-testid="stPopover"], [class*="st-key-pin-"]) button {
        min-height: 2rem; padding-block: 0.1rem;
    }
}
"""
# White on the dark theme's blue, or that blue on the dark background: one of the two cannot be read, whatever the blue.
DARK = """
[data-testid="stBaseButton-primary"] p, [data-testid="stBaseButton-primary"] span,
[data-baseweb="tag"], [data-baseweb="tag"] span, .stMultiSelect span[title] { color: #10181f; }
"""


def apply() -> None:
    """Puts the sheet on the page. Call once a script run."""
    dark = DARK if st.context.theme.type == "dark" else ""
    st.html(f"<style>{STYLE}{dark}{present.STYLE if present.on() else ''}</style>")
