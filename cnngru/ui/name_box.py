"""A select box of names that a folder or a checkpoint gave, bound to the link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cnngru import escaping

LETTER = 8  # pixels


def name_box(label: str, names: Sequence[str], index: int | None, key: str, width: int, **settings: Any) -> str | None:
    """The name that is chosen, as it was given. Long ones are listed short, and so stand in the link.

    index       of the name that is chosen at first, None for none
    settings    placeholder and the like, as st.selectbox takes them
    """
    called = escaping.distinct(names, width // LETTER)
    wanted = st.query_params.get(key)
    if key not in st.session_state and wanted in called and wanted not in called.values():
        st.session_state[key] = wanted  # a link with the whole name
    return st.selectbox(
        label,
        names,
        index,
        format_func=lambda name: called.get(name, name),
        key=key,
        bind="query-params",
        width=width,
        **settings,
    )
