"""Gates: one picture beside the gates of the network that reads it, on one axis of pixel rows."""

import streamlit as st

from cnngru.ui import answering, gate_view, state, words

state.title("Gates")
run = state.chosen_with_model()
model = answering.model_or_reason(run)
st.caption(f"Model: **{run.name}** · {words.about(run)}")

if run.config.model.cell == "none":
    st.info(
        "This network was trained without recurrence (the control), so it has no gates to show. Choose a run with a "
        "GRU in the sidebar, or train one."
    )
    st.stop()

picture = gate_view.choose_picture(run)
view = gate_view.choose_view(run.config.model, steps=len(model.bands))
gate_view.show(model, picture, view)
gate_view.how_to_read(run.config.model.cell, view, model.bands)
