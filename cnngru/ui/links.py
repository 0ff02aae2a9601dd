"""The app's pages, and links from one to another that keep the run."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from cnngru import escaping


class Page(NamedTuple):
    """A page as the menu names it; `purpose` is one sentence on what it is for."""

    title: str
    icon: str
    purpose: str


PAGES = {
    "home": Page("Home", ":material/home:", "See which pictures and runs there are, and go on from there."),
    "train": Page("Train", ":material/show_chart:", "Choose pictures and settings, press Start, watch the curves."),
    "predict": Page("Predict", ":material/image_search:", "Upload pictures, see what the network sees and says."),
    "gates": Page("Gates", ":material/table_rows:", "See both gates beside the picture, row for row."),
    "compare": Page("Compare", ":material/compare_arrows:", "Set networks side by side: what is a GRU worth?"),
}


NO_HELP = ""  # else a link takes its page's: that belongs in the menu, not at each of 24 pictures


def _file(page: str) -> str:
    return f"pages/{page}.py"


def pages() -> list[st.Page]:
    """All pages in the sidebar's order; the first is the one that opens."""
    return [
        st.Page(_file(name), title=page.title, icon=page.icon, default=name == "home", help=page.purpose)
        for name, page in PAGES.items()
    ]


LOOK = {"look": "own"}  # in an address: the run that one has started oneself is asked for, on other pages too (mine.py)


def link(page: str, label: str, run: str | None = None, **params: str) -> None:
    """A link to a page with `run` and other query parameters in its address.

    The run that is picked goes along by itself; naming it again would cost the back button one more press.
    """
    query = {**({"run": run} if run and run != st.session_state.get("run") else {}), **params}
    st.page_link(_file(page), label=label, icon=PAGES[page].icon, query_params=query or None, help=NO_HELP)


def link_to_run(name: str, called: str) -> None:
    """A link to a run's curves, by what it is called; of one width, so that lists of them line up."""
    st.page_link(_file("train"), label=escaping.markdown(called), query_params={"run": name}, width=240, help=NO_HELP)
