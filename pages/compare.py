"""Compare: runs side by side, what they say to the document's claims, and which pictures they get wrong."""

import streamlit as st

from cnngru.ui import run_picker
from cnngru.ui.compare import choice, confusion, plan, table

run_picker.title("Compare")
plan.offer()
runs = choice.choose()

choice.same_pictures(runs)
choice.ticking(plan.progress, runs)
table.views(runs)
choice.ticking(table.figures, runs)
choice.ticking(table.curves, runs)
table.settings(runs)

st.subheader("What the document claims, and what these runs answer")
choice.claims_of(runs)

st.subheader("Which pictures they get wrong")
confusion.show(runs)
