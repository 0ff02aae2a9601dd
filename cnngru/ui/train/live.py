"""A run as it is now: its state in words, progress, figures and curves.

Drawn anew while it trains; the charts are keyed, so they are updated in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from cnngru import escaping
from cnngru.figures import learning_curves
from cnngru.runs import engines, index, queue
from cnngru.runs.store import Run, RunError
from cnngru.ui import curves, run_names, state_words, terms, wording
from cnngru.ui.train import charts, fork, steer, times

BOXES = {"warning": st.warning, "error": st.error}  # what goes as it should is a line of text


def show(runs: Sequence[Run]) -> None:
    """Draws the first of the runs, with the curves of the others beside its own."""
    run = runs[0]
    fork.follow()
    sentence = _queued(run) if run.status == "queued" else state_words.state(run)
    figures, help = _figures(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if sentence.tone in BOXES:
            BOXES[sentence.tone](sentence.text)
        else:
            st.markdown(sentence.text, width="content")
        if figures:
            st.markdown(figures, width="content", help=help)
        if run.live:
            _progress(run)
        steer.buttons(run)
    if run.remark and run.live:  # else the sentence above says it
        st.warning(escaping.message(run.remark))
    if run.damage:
        st.warning(escaping.message(run.damage))
    _notes(run)
    _curves(runs)


def _queued(run: Run) -> state_words.Sentence:
    """How many runs are before it, and about how long they take."""
    runs = index.summaries()
    ahead = queue.before(run, runs)
    try:
        at_once = engines.at_once()
    except RunError:  # its worker says so, in words
        at_once = 1
    return state_words.Sentence(state_words.waiting(len(ahead), queue.seconds(ahead, runs, at_once)), "info")


def _progress(run: Run) -> None:
    progress, data, testing = run.last("progress"), run.last("data"), run.last("testing")
    if testing:
        share = min(testing["done"] / testing["total"], 1.0)
        st.progress(share, f"{wording.percent(share, 0)} of the test")
    elif progress:
        left = f"{wording.duration(progress['seconds_left'])} left"
        pace = progress["images_per_second"]
        speed = "" if pace is None else f" · {pace:,.0f} images/s"
        share = progress["step"] / progress["steps"]
        st.progress(min(share, 1.0), f"{wording.percent(share, 0)} · {left}{speed}")
    elif data and not run.last("started"):
        share = data["done"] / data["total"] if data["total"] else 0.0
        text = escaping.markdown(data["what"], None)
        st.progress(min(share, 1.0), f"{text} · {wording.percent(share, 0)}" if data["total"] else text)


def _figures(run: Run) -> tuple[str, str]:
    """What is known in figures, on one line, and what they are taken from."""
    validated, finished, started = run.events_of("validated"), run.last("finished"), run.last("started")
    progress, said, help = run.last("progress"), [], []
    if finished:
        said.append(f"**{wording.percent(finished['accuracy'])}** on the test")
        help.append(f"Test: {_count(finished['n'])}pictures that training never saw, looked at once, at the end.")
    if validated:
        said.append(f"**{wording.percent(validated[-1]['accuracy'])}** on validation")
        help.append(
            f"Validation: {validated[-1]['n']:,} pictures held out of training, after epoch {validated[-1]['epoch']}."
        )
    if progress:
        said.append(f"{wording.duration((finished or progress)['seconds'])} of training")
    if compared := times.beside_truth(run):
        said.append(compared)
        help.append(times.COMPARED)
    if started:
        said.append(f"{started['parameters']:,} parameters")
        help.append(_parameters(started))
    return " · ".join(said), " ".join(help)


def _count(n: int | None) -> str:
    return "" if n is None else f"{n:,} "


def _parameters(started: dict[str, Any]) -> str:
    own = started.get("recurrent_parameters")  # not in logs from before it was counted
    counted = "" if own is None else f"{own:,} of them are the recurrent layers'. "
    return f"{counted}Trained on {started['device']}."


def _notes(run: Run) -> None:
    """What there is to say of the data, such as a sentence for each picture that was left out."""
    notes = (run.last("started") or {}).get("notes")
    if notes:
        with st.expander(f"Notes ({len(notes)})", icon=":material/warning:"):
            st.markdown("\n".join(f"- {escaping.markdown(note, None)}" for note in notes))


def _pick(run: Run, called: str, name: str, epoch: float) -> None:
    """A click on one of the run's own points chooses where it is continued from: all of the page is drawn anew."""
    if name == called and fork.picked(run) != epoch:
        fork.pick(run, epoch)


def _epochs(run: Run) -> float:
    """Where its curves will end, as far as that is known: so seldom another number that a zoom stays."""
    asked = run.now.training
    if not asked.seconds or not (progress := run.last("progress")) or not progress["seconds"]:
        return asked.epochs
    if not run.live and run.status != "paused":
        return float(progress["epoch"])
    return min(asked.epochs, learning_curves.rounded_up(progress["epoch"] * asked.seconds / progress["seconds"]))


def _curves(runs: Sequence[Run]) -> None:
    called = run_names.called(runs)
    data = learning_curves.table({called[run.name]: run.events for run in runs})
    if data.empty:
        if runs[0].live:
            st.caption("The curves appear here with the first step.")
        return
    names, end = list(called.values()), max(map(_epochs, runs))
    chosen = charts.choose(runs[0])
    if chosen == charts.RATE:
        charts.rate(data, names, end)
    elif chosen == charts.GRADIENTS:
        charts.gradients(runs[0], end)
    elif chosen == charts.GATES:
        charts.gates(runs[0], end)
    elif chosen == charts.CONFUSION:
        charts.confusions(runs[0])
    elif chosen == charts.PICTURES:
        charts.pictures(runs[0])
    else:
        _accuracy_and_loss(runs, called, data, end)


def _accuracy_and_loss(runs: Sequence[Run], called: Mapping[str, str], data: pd.DataFrame, end: float) -> None:
    names = list(called.values())
    words = {setting: label.lower() for setting, (label, _) in steer.FIELDS.items()}
    marked = learning_curves.marks({called[run.name]: run.events for run in runs}, words)
    pick = partial(_pick, runs[0], called[runs[0].name])
    curves.draw(data, names, end, marked=marked, on_click=pick)
    shown = wording.what_curves_show(runs[0])
    st.caption(
        f"{shown} Point at a curve for its values; click a point to continue from there. Ctrl + wheel zooms, a double "
        "click resets.",
        help=terms.explained("cross-entropy"),
    )
