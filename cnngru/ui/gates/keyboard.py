"""The buttons that Plotly draws into a figure (Play, Pause), by keyboard: as it makes them, only a mouse gets there."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

# Figures come, go and are drawn anew, their buttons with them: so it is the page around them that is watched.
BUTTONS = """
export default function () {
    const page = document.querySelector("[data-testid=stMain]");
    const reach = () => {
        for (const button of page.querySelectorAll(".updatemenu-button:not([tabindex])")) {
            button.setAttribute("tabindex", "0");
            button.setAttribute("role", "button");
        }
    };
    const press = (event) => {
        const button = event.target.closest(".updatemenu-button");
        if (!button || (event.key !== "Enter" && event.key !== " ")) return;
        event.preventDefault();
        button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    };
    const watch = new MutationObserver(reach);
    watch.observe(page, { childList: true, subtree: true });
    page.addEventListener("keydown", press);
    reach();
    return () => {
        watch.disconnect();
        page.removeEventListener("keydown", press);
    };
}
"""


@cache
def _component() -> Any:
    return st.components.v2.component("figure_buttons", js=BUTTONS)


def reach_buttons() -> None:
    """Tab reaches the buttons in the page's figures; Enter and Space press them. Call it last: it takes room."""
    _component()(key="figure-buttons", height=1)
