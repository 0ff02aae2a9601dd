"""Confusion matrices side by side, and the pictures of a cell, the surest first, each with a link to its gates.

Which cell is open is held by three select boxes, bound to the address; a click on a matrix sets them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnngru import escaping
from cnngru.comparison.groups import titles
from cnngru.figures import confusion as figures
from cnngru.runs.store import Run
from cnngru.ui import links, plot, samples, wording
from cnngru.ui.compare.choice import remember, remembered
from cnngru.ui.name_box import name_box

SIDE_BY_SIDE, PICTURES = 4, 24  # matrices and pictures of a cell, at most
THUMBNAIL = 96  # pixels
Answers = tuple[np.ndarray, np.ndarray]  # probabilities (N, C), labels (N,)


def show(runs: Sequence[Run]) -> None:
    """The matrices of the runs that have kept their answers, up to four; then the cell that is open."""
    over = [run for run in runs if run.status == "finished"]
    kept = {run.name: answers for run in over if (answers := _answers(run)) is not None}
    if without := [run.called for run in over if run.name not in kept]:
        st.info(
            f"{escaping.message(', '.join(without))}: no answers on the test pictures were kept. Train again with the "
            "same settings to see a confusion matrix: newer runs keep them."
        )
    if not kept:
        if not over:
            st.caption("Confusion matrices appear here when a run has finished.")
        return
    by_name = {run.name: run for run in over if run.name in kept}
    called = titles(runs)
    shown = _which({name: called[name] for name in by_name})
    with st.container(horizontal=True, gap="medium"):
        for name in shown:
            _matrix(by_name[name], kept[name], called[name])
    if len(shown) == 1 or len(_classes(by_name[shown[0]])) > figures.NUMBERS:
        for name in shown:
            st.caption(_worst(by_name[name], kept[name], called[name]))
    st.caption(
        "Numbers are pictures; the colour is their share of the true class, from 0 (dark) to 1 (bright). Click on a "
        "cell for its pictures, or choose it below."
    )
    _cell({name: by_name[name] for name in shown}, kept)


def _which(called: dict[str, str]) -> list[str]:
    """The runs whose matrices are drawn, of those of these names and labels: all, or those chosen where there are more
    than fit."""
    if len(names := list(called)) <= SIDE_BY_SIDE:
        return names
    wanted = [name for name in st.session_state.get("matrices", names[:SIDE_BY_SIDE]) if name in names]
    st.session_state["matrices"] = wanted
    return st.multiselect(
        f"Matrices, up to {SIDE_BY_SIDE}",
        names,
        key="matrices",
        format_func=called.__getitem__,
        max_selections=SIDE_BY_SIDE,
    )


def _classes(run: Run) -> list[str]:
    """The names of its classes; none where its log does not say them."""
    classes = (run.last("started") or {}).get("classes")
    return classes if isinstance(classes, list) and all(isinstance(name, str) for name in classes) else []


def _answers(run: Run) -> Answers | None:
    """A run's answers, None where it has none or they are not about its classes."""
    answers, classes = run.test_answers(), len(_classes(run))
    if answers is None:
        return None
    probabilities, labels = answers
    fit = probabilities.shape[1] == classes and labels.dtype.kind == "u" and len(labels) and labels.max() < classes
    return answers if fit else None


def _matrix(run: Run, answers: Answers, title: str) -> None:
    key, classes = f"confusion-{run.name}", _classes(run)
    of, true, said = (st.session_state.get(box) or st.query_params.get(box) for box in ("of", "true", "said"))
    places = [classes.index(name) for name in (true, said) if name in classes]
    chosen = (places[0], places[1]) if of == run.name and len(places) == 2 else None
    figure = figures.confusion(figures.counts(*answers), classes, title, chosen)
    with st.container(width=figure.layout.width):
        plot.plot(
            figure,
            key,
            alt=f"Confusion matrix of {run.name}: pictures by true class and answer",
            on_click=lambda: _open(run, key),
            modebar=False,
        )


def _worst(run: Run, answers: Answers, title: str) -> str:
    """The commonest wrong answers in a line, for a matrix that is too large to be read by eye."""
    classes = [escaping.markdown(name) for name in _classes(run)]
    pairs = figures.worst_pairs(figures.counts(*answers))
    listed = ", ".join(f"{classes[true]} as {classes[answer]} ({count:,})" for true, answer, count in pairs)
    return f"{escaping.markdown(title)} – most often mistaken: {listed or 'nothing'}."


def _open(run: Run, key: str) -> None:
    """A click: the select boxes name the cell from now on."""
    if click := plot.clicked(key):
        true, answer = (_classes(run)[int(click[axis])] for axis in ("y", "x"))
        st.session_state.update({"of": run.name, "true": true, "said": answer, "cell-clicked": True})


def _cell(runs: dict[str, Run], kept: dict[str, Answers]) -> None:
    """The boxes that say which cell is open, and its pictures."""
    clicked = st.session_state.pop("cell-clicked", False)  # then the boxes have their values already

    def box(label: str, key: str, options: list[str], otherwise: str | None, width: int) -> str | None:
        gone = st.session_state.get(key) not in (None, *options)
        if gone:
            st.session_state[key] = otherwise
        start = None if clicked or gone else remembered(key, otherwise)
        index = options.index(start) if start in options else None
        return name_box(label, options, index, key, width, placeholder="Choose a class")

    with st.container(horizontal=True):
        name = box("Run", "of", list(runs), next(iter(runs)), 320) or next(iter(runs))
        classes = _classes(runs[name])
        true = box("True class", "true", classes, None, 180)
        answer = box("Answer", "said", classes, None, 180)
    remember(of=name, true=true, said=answer)
    if true and answer:
        _pictures(runs[name], kept[name], classes.index(true), classes.index(answer))


def _pictures(run: Run, answers: Answers, true: int, answer: int) -> None:
    """The test pictures of class `true` that were answered as class `answer`."""
    classes, (probabilities, labels) = _classes(run), answers
    places = figures.in_cell(probabilities, labels, true, answer)
    what = f"**{escaping.markdown(classes[true])}** answered **{escaping.markdown(classes[answer])}**"
    if not len(places):
        st.markdown(f"No picture of {what}.")
        return
    more = f"; the {PICTURES} of which it was surest" if len(places) > PICTURES else ", the surest first"
    st.markdown(f"{len(places):,} picture{'s' if len(places) > 1 else ''} of {what}{more}")
    pictures = samples.test_pictures(run.config.data)
    if isinstance(pictures, str):
        st.info(escaping.message(pictures))
        return
    if not np.array_equal(pictures.labels.numpy(), labels):
        st.warning("The test pictures at hand are not those that this run was tested on, so they are not shown.")
        return
    gates = run.has_model and run.config.model.cell != "none"
    with st.container(horizontal=True, gap="small"):
        for place in map(int, places[:PICTURES]):
            with st.container(width=THUMBNAIL + 16, gap=None):
                st.image(
                    samples.enlarge(pictures.picture(place).image),
                    width=THUMBNAIL,
                    alt=f"test picture {place}: {escaping.plain(classes[true])}",
                )
                st.caption(wording.percent(float(probabilities[place, answer])))
                if gates:
                    links.link("gates", "Gates", run.name, test=str(place))
    if not gates:
        st.caption(
            "It has no gates to link to: it was trained without recurrence."
            if run.has_model
            else "Its weights are gone, so there is no link to its gates."
        )
