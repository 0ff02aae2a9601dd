"""Predict: one row of pictures, what the network sees of the one that is chosen, and its five likeliest answers."""

import streamlit as st

from cnngru import escaping
from cnngru.ui import models, picture_row, run_picker, wording
from cnngru.ui.predict import answers

header = run_picker.title("Predict")
run = run_picker.chosen_with_model("predict")
model = models.model_or_reason(run)
header.caption(f"**{escaping.markdown(run.called)}** · {wording.about(run)}", width="content")

picture = picture_row.choose(run)
if picture is None:
    st.stop()
answers.show(model, run, picture)
answers.how_sure(run)
answers.show_others(model, run, picture)
