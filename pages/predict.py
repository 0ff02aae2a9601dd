"""Predict: pictures in, what the network sees of them, and its five likeliest answers."""

import streamlit as st

from cnngru import escaping
from cnngru.ui import models, picture_input, run_picker, samples, wording
from cnngru.ui.predict import answers

header = run_picker.title("Predict")
run = run_picker.chosen_with_model("predict")
model = models.model_or_reason(run)

header.caption(f"**{run.name}** · {wording.about(run)}", width="content")
with st.expander("What it can answer", icon=":material/category:"):
    st.markdown(" · ".join(escaping.markdown(name) for name in model.classes))

files = picture_input.several("Pictures")
if files:
    answers.show(model, run, files)
else:
    with st.container(key=picture_input.INSTEAD):
        st.subheader("Or try a sample")
        found = samples.available(run.config.data)
        if found:
            answers.show_sample(model, run, samples.choose(found))
        else:
            st.info(samples.why_none(run.config.data))
