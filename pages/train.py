"""Train: settings for a new run, and the chosen run as it goes."""

import streamlit as st

from cnngru import escaping
from cnngru.runs import index
from cnngru.ui import links, mine, roles, run_labels, run_picker, wording
from cnngru.ui.refresh import while_training
from cnngru.ui.train import files, fork, form, live, manage, steer

header = run_picker.title("Train")
run = run_picker.chosen()
if run is not None:
    header.badge(wording.STATUS_WORDS[run.status], color=wording.STATUS_COLOURS[run.status])
    header.caption(f"**{escaping.markdown(run.called)}** · {wording.about(run)}", width="content")

with st.expander("New run", expanded=run is None, icon=":material/add:"):
    if why_not := roles.why_not_start():
        st.info(why_not)
    else:
        manage.start_button(form.new_run())
if not roles.why_not_start():
    with st.expander("Open a run from a file", icon=":material/folder_open:"):
        files.open_file()

if run is None:
    if roles.why_not_start():
        st.info("Choose a run in the sidebar to see its curves.")
    elif index.summaries():
        st.info("Press **Start**, or choose a run in the sidebar to see its curves.")
    else:
        st.info("No runs yet. RowCue with the quick preset takes a minute or two: a good first run.")
    st.stop()

curves = st.container()
others = manage.compare(run)
with curves:
    while_training(live.show, [run, *others, *fork.parents(run, others)], seconds=1)
fork.tree(run)

run_labels.line(run)
with st.container(horizontal=True, vertical_alignment="center"):
    look = links.LOOK if run.name in mine.names() else {}
    if run.has_model:
        links.link("predict", "Predict with it", **look)
        if run.config.model.cell != "none":
            links.link("gates", "See its gates", **look)
    steer.changes(run)
    fork.button(run)
    manage.settings_of(run)
    files.download(run)
    run_labels.popover(run)
    run_labels.pin_button(run)
    manage.delete(run)
