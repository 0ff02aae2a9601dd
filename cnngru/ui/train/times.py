"""How long each preset takes on this computer, below the choice of one, and a run's forecast beside the truth.

Where this computer has not been measured yet, that begins when the form is first drawn, in a process of its own; the
line is looked at each second until it is known, and then all that the form says of times is drawn anew.
"""

from __future__ import annotations

import streamlit as st

from cnngru.presets import PRESETS, preset
from cnngru.runs import foretold, index, machine, pace
from cnngru.runs.spoken import span
from cnngru.runs.store import Run
from cnngru.ui import wording
from cnngru.ui.train import prospect

COMPARED = "Forecast: what was said before it was started, from the start to the end of the test, pauses left out."


def of_presets(data: str, in_folder: int = 0, classes: int = 10) -> None:
    """One line, for the data set that is chosen.

    in_folder   how many pictures one's own folder has, 0 where that is not known
    """
    measuring = machine.under_way()
    st.fragment(_line, run_every=1 if measuring else None)(data, in_folder, classes, measuring)


def _line(data: str, in_folder: int, classes: int, measuring: bool) -> None:
    if measuring and not machine.under_way():
        st.rerun()  # the sentence above Start is known better now
    runs = index.summaries()
    path = "pictures" if data == "folder" else ""  # whichever: they are counted already
    takes = {name: pace.here(preset(name, data, path), runs, in_folder, classes) for name in PRESETS}
    said = prospect.presets(takes)
    asked = "This computer is being measured, for two seconds of its time …" if measuring else ""
    st.caption("  \n".join(filter(None, (said, asked))))


def beside_truth(run: Run) -> str:
    """What a run was forecast and takes: "forecast about 2 minutes, now 2 min 20 sec"; "" where nothing was."""
    told = foretold.compare(run)
    if told is None:
        return ""
    forecast, took = span(told.forecast, told.forecast), wording.duration(told.now)
    return f"forecast {forecast}, {'took' if told.over else 'now'} {took}"
