"""Train: settings for a new run, and the chosen run as it goes."""

import streamlit as st

from cnngru.config import ConfigError
from cnngru.runs import store
from cnngru.ui import live, manage, settings, state, words

st.title("Train")
run = state.chosen()

with st.expander("New run", expanded=run is None, icon=":material/add:"):
    try:
        config = settings.new_run()
    except ConfigError as error:
        st.error(str(error))
    else:
        manage.start_button(config)

if run is None:
    if store.all_runs():
        st.info("Press **Start**, or choose a run in the sidebar to see its curves.")
    else:
        st.info("No runs yet. RowCue with the quick preset takes a minute or two: a good first run.")
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(run.name, width="content")
    st.badge(words.STATUS_WORDS[run.status], color=words.STATUS_COLOURS[run.status])
st.caption(words.about(run))
others = manage.compare(run)
live.show(run.name, others)

with st.container(horizontal=True):
    if run.has_model:
        st.page_link(
            "pages/predict.py", label="Predict with it", icon=":material/image_search:", query_params={"run": run.name}
        )
        if run.config.model.cell == "gru":
            st.page_link(
                "pages/gates.py", label="See its gates", icon=":material/table_rows:", query_params={"run": run.name}
            )
    manage.settings_of(run)
    manage.delete(run)
