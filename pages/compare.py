"""Compare: runs side by side, what they say to the document's claims, and which pictures they get wrong."""

import streamlit as st

from cnngru.ui import comparison, comparison_errors, comparison_standard, comparison_table, state

state.title("Compare")
comparison_standard.offer()
runs = comparison.choose()

comparison.same_pictures(runs)
comparison.ticking(comparison_standard.progress, runs)
comparison_table.views(runs)
comparison.ticking(comparison_table.figures, runs)
comparison.ticking(comparison_table.curves, runs)
comparison_table.settings(runs)

st.subheader("What the document claims, and what these runs answer")
comparison.claims_of(runs)

st.subheader("Which pictures they get wrong")
comparison_errors.show(runs)
