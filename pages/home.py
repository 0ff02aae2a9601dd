"""Home: what this is, links to the other pages, and what there is: runs and data."""

import streamlit as st

from cnngru.ui import links, run_picker
from cnngru.ui.home import all_runs, overview, reset, visitors

run_picker.title("CNN + GRU, row by row")
st.markdown(
    "A small network reads a picture from top to bottom. Train it on CIFAR-10 in your browser and watch it learn; try "
    "it on your own pictures; then open it up: its gates say, row by row, what it takes in and what it holds on to."
)

visitors.notice()
others = {name: page for name, page in links.PAGES.items() if name != "home"}
for column, (name, page) in zip(st.columns(len(others)), others.items(), strict=True):
    with column.container(border=True, height="stretch"):
        links.link(name, f"**{page.title}**")
        st.caption(page.purpose)

runs, data = st.columns([2, 1], gap="large")
with runs:
    st.subheader("Runs")
    overview.runs()
    reset.button()
with data:
    st.subheader("Data")
    overview.data()
all_runs.show()
