"""The app: `streamlit run streamlit_app.py`. Page settings, the pages, who may do what, and the run picker."""

import streamlit as st

from cnngru.ui import account, links, page_style, present, roles, run_picker

st.set_page_config(page_title="CNN + GRU, row by row", page_icon="🚪", layout="wide")
page_style.apply()

page = st.navigation(links.pages())
roles.check()
present.listen()
run_picker.run_picker(page.url_path)
account.offer()
page.run()
