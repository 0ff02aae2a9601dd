"""Steering a run that is at work, or going on with one that is not: the buttons beside its progress, and what can be
changed while it trains.
"""

from __future__ import annotations

import time

import streamlit as st

from cnngru import escaping
from cnngru.config import ConfigError, DataConfig, TrainingConfig
from cnngru.runs import commands, store
from cnngru.runs.commands import Command
from cnngru.runs.store import Run, RunError
from cnngru.schema import number
from cnngru.ui import roles

PATIENCE = 10  # seconds that a run gets to stop by itself before "End it now" is offered
SPEEDS = {0: "full speed", 100: "0.1 s", 300: "0.3 s", 1000: "1 s", 3000: "3 s"}  # milliseconds before each step
FIELDS = {  # setting -> its name, and what it does
    "training.learning_rate": ("Learning rate", "The peak of the schedule; Muon's rates change by as much."),
    "training.label_smoothing": ("Label smoothing", "The share of the target that is spread over all classes."),
    "data.shift": ("Shift", "Training pictures are moved by up to so many pixels each way."),
    "data.cutout": ("Cutout", "A square of so many pixels a side is covered in each training picture."),
    "training.epochs": ("Epochs", "Passes over the training pictures, in all."),
    "training.seconds": ("Time limit (s)", "Seconds of training, in all; 0 for none."),
    "training.until_accuracy": ("Ends at accuracy", "Of the validation, 0 to 1; 0 for not before the epochs are done."),
    "training.patience": ("Patience", "Epochs without getting better after which it ends; 0 for never."),
}
WIDTH = 150  # pixels of a field


def buttons(run: Run) -> None:
    """Pause, one step and stop while it is at work, resume where it is held or has ended early."""
    if run.status == "stopping":
        _stopping(run)
        return
    st.session_state.pop(f"stopping-{run.name}", None)
    if not run.live and not run.can_resume:
        return
    allowed = roles.may_change(run)
    why_not = None if allowed else roles.NOT_YOURS
    if run.status == "paused" or run.can_resume:
        if st.button(
            "Resume",
            icon=":material/play_arrow:",
            key=f"resume-{run.name}",
            shortcut="k",
            disabled=not allowed,
            help=why_not or "Goes on where it was left.",
        ):
            _resume(run)
    elif run.status == "running" and st.button(
        "Pause",
        icon=":material/pause:",
        key=f"pause-{run.name}",
        shortcut="k",
        disabled=not allowed,
        help=why_not or "Holds it after the step it is in. It keeps its place among the running ones.",
    ):
        _give(run, Command("pause"))
    if run.status in ("running", "paused") and st.button(
        "One step",
        icon=":material/skip_next:",
        key=f"step-{run.name}",
        shortcut="s",
        disabled=not allowed,
        help=why_not or "Takes a single step, and holds it then.",
    ):
        _step(run)
    if run.live and st.button(
        "Stop training",
        icon=":material/stop_circle:",
        key=f"stop-{run.name}",
        disabled=not allowed,
        help=why_not or "Ends it and keeps what it has learnt.",
    ):
        _stop(run, force=False)


def _stopping(run: Run) -> None:
    """Where it has not answered for a while it can be ended."""
    since = st.session_state.setdefault(f"stopping-{run.name}", time.time())
    if time.time() - since > PATIENCE and roles.may_change(run):
        st.caption("It has not answered for a while. Ending it now keeps the curve and the weights saved last.")
        if st.button("End it now", icon=":material/dangerous:", key=f"end-{run.name}"):
            _stop(run, force=True)


def changes(run: Run) -> None:
    """What can be changed while it trains, in a popover of its own: it must not be drawn anew while somebody types."""
    if not run.live and run.status != "paused":
        return
    allowed = roles.may_change(run)
    why_not = None if allowed else roles.NOT_YOURS
    with st.popover("Change", icon=":material/instant_mix:", disabled=not allowed, help=why_not):
        st.caption("Each change holds from the next step on, and is marked on the curves.")
        st.select_slider(
            "A pause before each step",
            list(SPEEDS),
            format_func=SPEEDS.__getitem__,
            key=f"slow-{run.name}",
            on_change=_slow,
            args=(run,),
            help="Slow motion: time to see what each step does.",
        )
        asked, wrong = _fields(run)
        for message in wrong:
            st.error(escaping.message(message))
        if st.button("Change it", type="primary", key=f"change-{run.name}", disabled=bool(wrong) or not asked):
            for setting, value in asked.items():
                _give(run, Command("set", setting, value), rerun=False)
            said = ", ".join(f"{FIELDS[setting][0].lower()} {value:g}" for setting, value in asked.items())
            st.toast(f"Asked for: {said}.", icon=":material/tune:")
        if run.status == "running" and st.button(
            "Pause, and let other runs go first", key=f"pause-away-{run.name}", icon=":material/low_priority:"
        ):
            _give(run, Command("pause", free=True))


def _fields(run: Run) -> tuple[dict[str, float], list[str]]:
    """What is asked for, by setting, where it differs from what holds; and what is wrong with the rest."""
    now, asked, wrong = run.now, {}, []
    with st.container(horizontal=True):
        for setting, (label, help) in FIELDS.items():
            part, _, name = setting.partition(".")
            kind, holds = (DataConfig if part == "data" else TrainingConfig), getattr(getattr(now, part), name)
            text = st.text_input(label, f"{holds:.15g}", help=help, key=f"{setting}-{run.name}", width=WIDTH)
            try:
                value = number(kind, name, text)
            except ConfigError as error:
                wrong.append(str(error))
                continue
            if value != holds:
                asked[setting] = value
    return asked, wrong


def _slow(run: Run) -> None:
    _give(run, Command("slow", value=st.session_state[f"slow-{run.name}"]), rerun=False)


def _step(run: Run) -> None:
    if run.live:
        _give(run, Command("step", value=1))
    else:
        _resume(run, Command("step", value=1))


def _resume(run: Run, first: Command | None = None) -> None:
    if run.live:
        _give(run, Command("resume"))
        return
    try:
        roles.resume(run, first)
    except RunError as error:
        st.error(escaping.message(str(error)))
    else:
        st.rerun()


def _give(run: Run, command: Command, rerun: bool = True) -> None:
    if refused := roles.why_not_give(run, command):
        st.error(refused)
        return
    try:
        commands.give(run.folder, command)
    except OSError as error:
        st.error(f"The run could not be told: its folder cannot be written ({error.strerror}). It goes on as it is.")
        return
    if rerun:
        _until_heard(run)
        st.rerun(scope="fragment")


def _until_heard(run: Run) -> None:
    """A moment for the run to hear of it, so that the page does not show for another second what was before."""
    deadline = time.monotonic() + 0.4
    while time.monotonic() < deadline:
        newer = store.find(run.name)
        if (
            newer is None
            or newer.status != run.status
            or len(newer.events_of("command")) > len(run.events_of("command"))
        ):
            return
        time.sleep(0.03)


def _stop(run: Run, force: bool) -> None:
    try:
        roles.stop(run, force)
    except RunError as error:
        st.error(escaping.message(str(error)))
    else:
        st.rerun(scope="fragment")
