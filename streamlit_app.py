"""The app: `streamlit run streamlit_app.py`. Page settings, the pages, and the run picker that they share."""

import streamlit as st

from cnngru.ui import state

st.set_page_config(page_title="CNN + GRU, row by row", page_icon=":material/table_rows:", layout="wide")

page = st.navigation(
    [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/train.py", title="Train", icon=":material/show_chart:"),
        st.Page("pages/predict.py", title="Predict", icon=":material/image_search:"),
        st.Page("pages/gates.py", title="Gates", icon=":material/table_rows:"),
    ]
)
state.run_picker()
page.run()
