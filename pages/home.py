"""Home: what this is, what there is (data and runs), and the doors."""

import streamlit as st

from cnngru.ui import links, run_picker
from cnngru.ui.home import overview

run_picker.title("CNN + GRU, row by row")
st.markdown(
    "A small network reads a picture from top to bottom. Train it on CIFAR-10 in your browser and watch it learn; try "
    "it on your own pictures; then open it up: its gates say, row by row, what it takes in and what it holds on to."
)

doors = {
    "train": "Choose pictures and settings, press Start, watch the curves.",
    "predict": "Upload pictures, see what the network sees and says.",
    "gates": "See both gates beside the picture, row for row.",
    "compare": "Set networks side by side: what is a GRU worth?",
}
for column, (page, text) in zip(st.columns(len(doors)), doors.items(), strict=True):
    with column.container(border=True, height="stretch"):
        links.link(page, f"**{page.capitalize()}**")
        st.caption(text)

runs, data = st.columns([2, 1], gap="large")
with runs:
    st.subheader("Runs")
    overview.runs()
with data:
    st.subheader("Data")
    overview.data()
