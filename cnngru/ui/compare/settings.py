"""The settings in which the chosen runs differ, and those in which they agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from cnngru import escaping
from cnngru.comparison.groups import groups, titles
from cnngru.comparison.settings import agreeing, differing
from cnngru.config import Conv
from cnngru.runs.store import Run
from cnngru.ui.compare import table

SETTINGS = {  # whose names in the config say too little by themselves
    "data.name": "data set",
    "data.seed": "seed of the pictures",
    "training.seed": "seed of the weights",
    "model.cell": "recurrence",
}


def show(runs: Sequence[Run]) -> None:
    """The settings in which the runs differ, a row a run; those in which they agree, folded away."""
    called = titles(runs)
    if table.together(runs):  # then a row for all seeds
        called = {group.runs[0].name: group.label for group in groups(runs)}
        runs = [run for run in runs if run.name in called]
    configs = [run.config for run in runs]
    apart, alike = differing(configs), agreeing(configs)
    if apart:
        st.subheader("What differs")
        data = pd.DataFrame({_plain_name(name): list(map(_say, values)) for name, values in apart.items()})
        data.insert(0, "Network", [called[run.name] for run in runs])
        config = {"Network": st.column_config.TextColumn("Network", pinned=True, width=table.NAMES)}
        st.dataframe(data, column_config=config, hide_index=True, placeholder="–", height="content", key="differing")
    elif len(runs) > 1:
        st.caption("These runs have the same settings, all of them.")
    if len(runs) > 1:
        with st.expander(f"{len(alike)} settings are the same in all", icon=":material/equal:"):
            st.markdown("\n".join(f"- {_plain_name(n)}: {escaping.message(_say(v))}" for n, v in alike.items()))


def _plain_name(setting: str) -> str:
    return SETTINGS.get(setting, setting.partition(".")[2].replace("_", " "))


def _say(value: Any) -> str:
    """A setting's value as it is read; one without effect is a dash."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return " → ".join(_conv(part) for part in value)
        case float():
            return f"{value:g}"
        case _:
            return escaping.plain(str(value), None)


def _conv(conv: Conv) -> str:
    """ "3×3/64" for kernel and channels, with " pool 2×2" where it pools."""
    pool = f" pool {conv.pool[0]}×{conv.pool[1]}" if conv.pool != (1, 1) else ""
    return f"{conv.kernel[0]}×{conv.kernel[1]}/{conv.channels}{pool}"
