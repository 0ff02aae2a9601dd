"""Home: what this is, what there is (data and runs), and three doors."""

import streamlit as st

from cnngru.ui import overview

st.title("A CNN + GRU that reads pictures row by row")
st.markdown(
    "Train a small network on CIFAR-10 in your browser and watch it learn. Try it on your own pictures. Then open it "
    "up: its reset and update gates say, row by row, what it takes in and what it holds on to."
)

doors = [
    (
        "pages/train.py",
        "Train",
        ":material/show_chart:",
        "Choose pictures and settings, press Start, watch the curves.",
    ),
    ("pages/predict.py", "Predict", ":material/image_search:", "Upload pictures, see what the network sees and says."),
    ("pages/gates.py", "Gates", ":material/table_rows:", "See both gates beside the picture, row for row."),
]
for column, (page, label, icon, text) in zip(st.columns(3), doors, strict=True):
    with column.container(border=True, height="stretch"):
        st.page_link(page, label=f"**{label}**", icon=icon, query_params=overview.link(), width="stretch")
        st.caption(text)

runs, data = st.columns([3, 2], gap="large")
with runs:
    st.subheader("Runs")
    overview.runs()
with data:
    st.subheader("Data")
    overview.data()
