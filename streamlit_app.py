"""The app: `streamlit run streamlit_app.py`. Page settings, the pages, and the run picker that they share."""

import streamlit as st

from cnngru.ui import links, page_style, present, run_picker

st.set_page_config(page_title="CNN + GRU, row by row", page_icon="🚪", layout="wide")
page_style.apply()
present.listen()

page = st.navigation(links.pages())
run_picker.run_picker(page.url_path)
page.run()
