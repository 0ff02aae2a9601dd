"""The app's pages, and links from one to another that keep the run."""

from __future__ import annotations

import streamlit as st

PAGES = {
    "home": ("Home", ":material/home:"),
    "train": ("Train", ":material/show_chart:"),
    "predict": ("Predict", ":material/image_search:"),
    "gates": ("Gates", ":material/table_rows:"),
    "compare": ("Compare", ":material/compare_arrows:"),
}


def _file(page: str) -> str:
    return f"pages/{page}.py"


def pages() -> list[st.Page]:
    """All pages in the sidebar's order; the first is the one that opens."""
    return [
        st.Page(_file(page), title=title, icon=icon, default=page == "home") for page, (title, icon) in PAGES.items()
    ]


def link(page: str, label: str, run: str | None = None, **params: str) -> None:
    """A link to a page with `run` and other query parameters in its address.

    The run that is picked goes along by itself; naming it again would cost the back button one more press.
    """
    query = {**({"run": run} if run and run != st.session_state.get("run") else {}), **params}
    st.page_link(_file(page), label=label, icon=PAGES[page][1], query_params=query or None)


def link_to_run(name: str) -> None:
    """A link to a run's curves, named after it; of one width, so that lists of them line up."""
    st.page_link(_file("train"), label=name, query_params={"run": name}, width=240)
