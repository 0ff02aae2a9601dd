"""Compare: runs side by side, what they say to the document's claims, and which pictures they get wrong."""

import streamlit as st

from cnngru.ui import run_picker
from cnngru.ui.compare import choice, claims, confusion, curves, plan, settings, table
from cnngru.ui.refresh import while_training

run_picker.title("Compare")
plan.offer()
runs = choice.choose()

choice.warn_of_different_pictures(runs)
while_training(plan.progress, runs)
with st.container(horizontal=True, gap="medium"):
    table.rows_switch(runs)
    curves.axis_switch()
while_training(table.show, runs)
while_training(curves.show, runs)
settings.show(runs)

st.subheader("What the document claims, and what these runs answer")
claims.show(runs)

st.subheader("Which pictures they get wrong")
confusion.show(runs)
