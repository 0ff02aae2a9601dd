"""What can be done with runs on the Train page: start, stop, compare, look up the settings, delete."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import streamlit as st

from cnngru import escaping, places
from cnngru.config import Config, override
from cnngru.nn.size import size
from cnngru.runs import foretold, index, machine, pace, store, titles
from cnngru.runs.pace import Time
from cnngru.runs.store import Run, RunError
from cnngru.ui import mine, roles, run_labels, run_names, run_picker, undo, wording
from cnngru.ui.train import prospect
from cnngru.ui.train.form import Asked

MOST = 6  # curves that can be told apart beside the run's own


def start_button(asked: Asked) -> None:
    """Starts a run and goes to it; where something is in the way, says what beside the button, which is greyed out.

    A second click on the same button finds it gone: each start gives it a new key.
    """
    count = st.session_state.setdefault("starts", 0)
    with st.container():  # there also when it is empty: else the field below it is taken out and put in again
        takes = None if asked.config is None else _tell_what_will_run(asked, asked.config)
    default = "" if asked.config is None else prospect.name(asked.config, asked.in_folder, datetime.now())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(
            "Name",
            placeholder=default,
            help="What to call the run. It can be left as it is.",
            max_chars=titles.LONGEST,
            key=f"new-title-{count}",
            persist_state="session",
            width=300,
        )
        pressed = st.button(
            "Start",
            type="primary",
            icon=":material/play_arrow:",
            key=f"start-{count}",
            width=160,
            disabled=asked.config is None,
        )
        if asked.why_not:
            st.error("  \n".join(map(escaping.message, asked.why_not)), width="stretch")
    if not pressed or asked.config is None:
        return
    st.session_state["starts"] = count + 1
    try:
        name = roles.start(asked.config)
        foretold.keep(name, takes)
        with suppress(RunError):  # it has a name without that
            store.call(name, titles.plain(title) or default)
    except RunError as error:
        st.error(escaping.message(str(error)))
    else:
        mine.started(name)
        run_picker.go_to_run(name)


def _tell_what_will_run(asked: Asked, config: Config) -> Time | None:
    """One sentence with its time, which is returned; the tooltip says how that is known."""
    count = pace.pictures(config, asked.in_folder)
    takes = pace.here(config, index.summaries(), asked.in_folder, asked.classes)
    sentence = prospect.will_run(config, count, size(config.model, asked.classes).parameters, takes)
    most = roles.capped(config).training.seconds
    ends = f" It ends after {wording.duration(most)} at the latest." if most != config.training.seconds else ""
    st.markdown(f"{sentence}.{ends}", help=prospect.KNOWN_FROM[takes.known] if takes else None)
    if slow := pace.warning(config, machine.kept()):
        st.warning(slow)
    return takes


def compare(run: Run) -> list[Run]:
    """Other runs whose curves are drawn beside this one's: at first those that are pinned and saw the same pictures."""
    others = {other.name: other for other in index.summaries() if other.name != run.name and other.last("progress")}
    if not others:
        return []
    key, called = f"compare-{run.name}", run_names.called(others.values())
    pinned = [name for name, other in others.items() if other.labels.pinned and _same_pictures(run, other)]
    _follow_pins(key, pinned, others)
    picked = st.multiselect(
        "Compare with",
        [*pinned, *(name for name in others if name not in pinned)],
        key=key,
        format_func=called.__getitem__,
        max_selections=MOST,
        placeholder="Other runs, drawn into the same charts",
        persist_state="session",
    )
    return [found for name in picked if (found := store.find(name))]


def _same_pictures(run: Run, other: Run) -> bool:
    return (run.config.data.name, run.config.data.path) == (other.config.data.name, other.config.data.path)


def _follow_pins(key: str, pinned: list[str], there: Collection[str]) -> None:
    """A run that is pinned comes into the choice, once: it can be taken out. One that no longer is goes out of it."""
    followed, chosen = st.session_state.get(f"{key}-pins", []), st.session_state.get(key, [])
    stay = [name for name in chosen if name in there and (name in pinned or name not in followed)]
    new = [name for name in pinned if name not in followed and name not in stay]
    st.session_state[f"{key}-pins"] = pinned
    if (wanted := [*stay, *new][:MOST]) != chosen:
        st.session_state[key] = wanted


def settings_of(run: Run) -> None:
    """Everything the run was asked to do, to read or copy; a visitor is not told where the computer's folders are."""
    config = run.config
    if config.data.path and not roles.is_host():
        config = override(config, "data.path", Path(config.data.path).name)
    with st.popover("Settings", icon=":material/tune:"):
        st.code(config.to_json(), language="json", height=360)


def delete(run: Run) -> None:
    """Deletes the run after a second click; not one that comes with the app, where the pages begin."""
    why_not = run_labels.why_it_stays(run)
    with st.popover("Delete", icon=":material/delete:", disabled=why_not is not None, help=why_not):
        st.markdown(f"Delete **{escaping.markdown(run.called)}** with its curves and weights?")
        pressed = st.button("Delete it", type="primary", key=f"delete-{run.name}")
        if pressed and roles.may_change(run) and run.name not in places.NETWORKS:
            try:
                undo.delete([run], run.called)
            except RunError as error:
                st.error(escaping.message(str(error)))
            else:
                run_picker.go_to_run(None)
