"""Gates: a picture, the network that reads it, and one view at a time of what its gates did."""

import streamlit as st

from cnngru import escaping
from cnngru.ui import gates, models, run_picker, wording

header = run_picker.title(gates.title())
run = run_picker.chosen_with_model("gates")
model = models.model_or_reason(run)
answer = header.empty()
header.caption(f"**{escaping.markdown(run.called)}** · {wording.about(run)}", width="content")

if run_picker.chosen() is None and run.config.data.name == "rowcue" and "view" not in st.query_params:
    st.caption(wording.ROWCUE)
if run.config.model.cell == "none":
    st.info(
        "This network was trained without recurrence (the control), so it has no gates to show. Choose a run with a "
        "GRU in the sidebar, or train one."
    )
    st.stop()

gates.show(run, model, answer)
