"""Predict: pictures in, what the network sees of them, and its five likeliest answers."""

import streamlit as st

from cnngru.ui import answering, pictures, samples, state, words

state.title("Predict")
run = state.chosen_with_model()
model = answering.model_or_reason(run)

st.caption(f"Model: **{run.name}** · {words.about(run)} · {len(model.classes)} classes")
with st.expander("What it can answer", icon=":material/category:"):
    st.markdown(" · ".join(words.plain(name) for name in model.classes))

files = st.file_uploader(
    "Pictures",
    type=pictures.KINDS,
    accept_multiple_files=True,
    help="PNG, JPEG, WebP, GIF or BMP, up to 20 MB each. They stay in memory and are forgotten when you leave.",
)
if files:
    answering.show(model, run, pictures.read_all(files))
else:
    st.subheader("Or try a sample")
    found = samples.available(run.config.data)
    if found:
        answering.show_sample(model, run, samples.choose(found))
    else:
        st.info(samples.why_none(run.config.data))
