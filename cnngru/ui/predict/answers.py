"""Each picture on Predict in its box: itself, what the network sees of it, the answers as bars, and a note on how its
file was read (`cnngru.pictures.read` words it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.pictures import Picture
from cnngru.runs.store import Run
from cnngru.ui import links, models, wording
from cnngru.ui.picture_input import Refused
from cnngru.ui.samples import enlarge

if TYPE_CHECKING:
    from cnngru.nn.classifier import CNNGRU


def show(model: CNNGRU, run: Run, files: Sequence[Picture | Refused]) -> None:
    """Each file in its own box, in order: a picture with its answers, or the reason why it could not be read."""
    good = [file for file in files if isinstance(file, Picture)]
    if good and run.config.data.name == "rowcue":
        st.info(
            "This network knows nothing but RowCue's ten patterns, so its answers to other pictures mean nothing. For "
            "photos choose a run on CIFAR-10 in the sidebar."
        )
    st.session_state["uploads"] = {str(i): file for i, file in enumerate(files) if isinstance(file, Picture)}
    answers = iter(models.answers(model, np.stack([file.image for file in good])) if good else [])
    for number, file in enumerate(files):
        if isinstance(file, Refused):
            file.show()
            continue
        with st.container(border=True):
            st.markdown(f"**{escaping.markdown(file.name)}**")
            whole, seen, said = st.columns([1, 1, 2])
            if file.full is not None:
                whole.image(file.full, caption="your picture", width="stretch")
            seen.image(enlarge(file.image), caption="what the network sees: 32 × 32 pixels", width="stretch")
            with said:
                _bars(next(answers), key=f"bars-{number}")
                if file.note:
                    st.caption(file.note)
                if run.config.model.cell != "none":
                    links.link("gates", "See its gates", run.name, upload=str(number))


def show_sample(model: CNNGRU, run: Run, sample: Picture) -> None:
    """One sample picture with its true class and the answers."""
    with st.container(border=True):
        seen, said = st.columns([1, 3])
        seen.image(enlarge(sample.image), caption=f"in truth: {escaping.markdown(sample.label)}", width="stretch")
        with said:
            _bars(models.answers(model, sample.image[None])[0], key="bars-sample")
            if run.config.model.cell != "none":
                links.link("gates", "See its gates", run.name, picture=str(st.session_state.get("picture", 1)))


def _bars(answers: models.Answers, key: str) -> None:
    best, share = answers[0]
    st.markdown(
        f"**{escaping.markdown(best)}**, {wording.percent(share)} sure"
        if share >= 0.5
        else f"perhaps **{escaping.markdown(best)}** ({wording.percent(share)})"
    )
    alt = ", ".join(f"{escaping.plain(name)} {wording.percent(p)}" for name, p in answers)
    st.plotly_chart(figures.answer_bars(answers), key=key, config={"displayModeBar": False}, alt=alt)
