"""The app's own parts in the browser: a JavaScript module and a style sheet each, as `st.components.v2` takes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent


@cache
def component(name: str) -> Any:
    """The component that NAME.js and NAME.css, where there is one, make. Call what comes back to put it on a page.

    The script finds an element of the class "root"; beside that one Streamlit keeps the style sheet.
    """
    script, style = (HERE / f"{name}.{ending}" for ending in ("js", "css"))
    css = style.read_text(encoding="utf-8") if style.exists() else None
    return st.components.v2.component(
        name, html='<div class="root"></div>', css=css, js=script.read_text(encoding="utf-8")
    )
