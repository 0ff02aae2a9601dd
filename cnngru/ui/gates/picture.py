"""Which picture the gates page looks at: a sample, a test picture that a link names, or the person's own."""

from __future__ import annotations

import streamlit as st

from cnngru import escaping
from cnngru.pictures import Picture
from cnngru.runs.store import Run
from cnngru.ui import picture_input, samples
from cnngru.ui.gates import controls

TESTED, SAMPLE, OWN = "from the test", "a sample", "my own"


def choose(run: Run) -> Picture:
    """A sample of the run's data set, the test picture of ?test=, or the person's own. Ends the page without one."""
    data = run.config.data
    found = samples.available(data)
    brought = st.session_state.get("uploads", {}).get(st.query_params.get("upload"))
    tested = samples.from_test(data, st.query_params.get("test"))
    if not found and not tested:
        return _own(brought, samples.why_none(data))
    offered = [*([TESTED] if tested else []), *([SAMPLE] if found else []), OWN]
    first = TESTED if tested else OWN if brought else SAMPLE
    source = controls.one_of("Picture", offered, "source" + "-tested" * bool(tested), first=first)
    if source == OWN:
        return _own(brought, "")
    if source == TESTED and tested:
        st.caption(f"Picture {tested.test:,} of the test, counted from 0.")
        return tested
    return samples.choose(found)


def _own(brought: Picture | None, why_no_samples: str) -> Picture:
    match picture_input.one("Your picture"):
        case Picture() as picture:
            st.caption(picture_input.STAYS)
            return picture
        case picture_input.Refused() as refused:
            refused.show()
            st.stop()
    if brought:
        shown = f"Showing **{escaping.markdown(brought.name)}**, brought from Predict. Upload another to replace it."
        st.caption(f"{shown} {picture_input.STAYS}")
        return brought
    st.info(f"{why_no_samples} Upload a picture to see what the gates do while the network reads it.".strip())
    return st.stop()
