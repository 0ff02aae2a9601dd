"""A picture on Predict: what the network sees of it, its answers as bars, what it could choose from, how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.pictures import Picture
from cnngru.runs.store import Run
from cnngru.ui import links, models, picture_input, plot, samples, wording
from cnngru.ui.samples import enlarge

if TYPE_CHECKING:
    from cnngru.nn.classifier import CNNGRU

SIDE = 256  # pixels: of a picture on the page
NAMED = 24  # classes, at most, that are named in a line


def show(model: CNNGRU, run: Run, picture: Picture) -> None:
    """What the network sees of the picture beside its answers, and below them all that it can choose from."""
    own = picture.test is None
    if own and run.config.data.name == "rowcue":
        st.info(
            "This network knows nothing but RowCue's ten patterns, so its answers to other pictures mean nothing. For "
            "photos choose a run on CIFAR-10 in the sidebar."
        )
    with st.container(horizontal=True, gap="medium", key="answer"):
        if picture.full is not None:
            st.image(picture.full, caption="your picture", width=SIDE, alt=escaping.plain(picture.name))
        seen = "what the network sees: 32 × 32 pixels" if own else f"in truth: {escaping.markdown(picture.label)}"
        alt = f"{escaping.plain(picture.name)} as 32 by 32 pixels"
        st.image(enlarge(picture.image), caption=seen, width=SIDE, alt=alt)
        with st.container(width="stretch", key="bars"):
            _bars(models.answers(model, picture.image[None])[0], model.classes, picture)
            if picture.note:
                st.caption(picture.note)
    _classes(model.classes)
    if run.config.model.cell != "none":
        chosen = {name: value for name in ("test", "upload") if (value := st.query_params.get(name))}
        links.link("gates", "See its gates", run.name, **chosen)


def show_others(model: CNNGRU, run: Run, chosen: Picture) -> None:
    """The person's other pictures, small, each with its likeliest answer; a click in the row above opens one."""
    others = [picture for picture in picture_input.mine().values() if picture is not chosen]
    if not others:
        return
    st.subheader("Your other pictures", anchor=False)
    found = models.answers(model, np.stack([picture.image for picture in others]))
    with st.container(horizontal=True, gap="small"):
        for picture, answers in zip(others, found, strict=True):
            with st.container(width=150):
                st.image(enlarge(picture.image), width=96, alt=escaping.plain(picture.name))
                best, share = answers[0]
                said = wording.sure(escaping.markdown(best), share, len(model.classes))
                st.caption(f"{escaping.markdown(picture.name)}: {said}")


def how_sure(run: Run) -> None:
    """Why a network that was trained with smoothed labels is right more often than it says."""
    kept = samples.answers(run)
    if not run.config.training.label_smoothing or kept is None:
        return
    shares, labels = kept
    right, said = (shares.argmax(1) == labels).mean(), shares.max(1).mean()
    st.caption(
        f"On its {len(labels):,} test pictures this network was right in {wording.percent(right, 0)}, and "
        f"{wording.percent(said, 0)} sure on average.",
        help="It was trained with smoothed labels: the right class counted for less than 100 %, so it learnt never to "
        "be quite sure. That makes it right more often, and what it says smaller than it could.",
    )


def _classes(names: tuple[str, ...]) -> None:
    """What it can answer, always in sight: it has no way to say that a picture is something else."""
    listed = " · ".join(escaping.markdown(name) for name in names[:NAMED])
    more = f" · and {len(names) - NAMED} more" if len(names) > NAMED else ""
    st.markdown(f"It must choose one of these {len(names)}: {listed}{more}")


def _bars(answers: models.Answers, classes: tuple[str, ...], picture: Picture) -> None:
    best, share = answers[0]
    right = " ✓" if best == picture.label else " ✗" if picture.label else ""
    said = wording.sure(escaping.markdown(best), share, len(classes))
    st.markdown(f"It says {said}{right} · {escaping.markdown(picture.name)}")
    alt = ", ".join(f"{escaping.plain(name)} {wording.percent(p)}" for name, p in answers)
    plot.plot(figures.answer_bars(answers), "bars-chart", alt=alt, modebar=False)
