"""A view's Options: the button that opens them, the controls behind it, and a note of what differs from the default.

The figure comes first; what only some people want to set waits behind one button. So that nobody takes a figure for the
default one which is not, the line beside the button names each option that was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from cnngru.cells import CELLS
from cnngru.config import ModelConfig
from cnngru.ui.gates import controls
from cnngru.ui.gates.controls import DIRECTIONS

T = TypeVar("T")


class Options:
    """One line on the page: what the view shows, at its right the button. Draw in `place` what stands behind it."""

    def __init__(self, says: str) -> None:
        """says: one sentence on what the view shows, for somebody who sees it for the first time."""
        self._says, self._changed, self._defaults = says, list[str](), dict[str, Any]()
        with st.container(horizontal=True, vertical_alignment="center", key="view-line", gap="small"):
            self._line = st.empty()
            self.place = st.popover("Options", icon=":material/tune:", key="options")

    def one_of(
        self,
        label: str,
        options: Sequence[T],
        key: str,
        *,
        first: T | None = None,
        format_func: Callable[[Any], str] = str,
        **settings: Any,
    ) -> T:
        """A switch behind the button, as `controls.one_of`."""
        with self.place:
            chosen = controls.one_of(label, options, key, first=first, format_func=format_func, **settings)
        default = options[0] if first is None else first
        self.note(f"{label.lower()}: {format_func(chosen)}", key, chosen, default)
        return chosen

    def note(self, said: str, key: str, value: object, default: object) -> None:
        """Tells of an option drawn in `place`, and how it is put back. said: how it is called once it was changed."""
        self._defaults[key] = default
        if value != default:
            self._changed.append(said)

    def finish(self) -> None:
        """Writes the line. Call it when all options have been drawn."""
        changed = f" :orange-badge[:material/tune: changed: {'; '.join(self._changed)}]" if self._changed else ""
        self._line.markdown(f"{self._says}{changed}")
        self.place.button(
            "Back to the defaults",
            icon=":material/undo:",
            key="options-back",
            on_click=st.session_state.update,
            args=(self._defaults,),
            disabled=not self._changed,
        )


def layer_and_direction(model: ModelConfig, options: Options) -> tuple[int, int]:
    """Where to look, counted from 0: asked where the model has more than one."""
    layer, direction = 0, 0
    if model.layers > 1:
        layer = options.one_of("Layer", range(model.layers), "layer", format_func=lambda i: str(i + 1))
    if model.bidirectional:
        direction = options.one_of("Direction", list(DIRECTIONS), "direction", format_func=DIRECTIONS.__getitem__)
    return layer, direction


def keep_or_write(model: ModelConfig, options: Options) -> str:
    """What the update gate is spoken of as: "keep", or what is chosen where the cell has one."""
    if not CELLS[model.cell].mixture:
        return "keep"
    return options.one_of(
        "Update gate as",
        ["keep", "write"],
        "as",
        help="keep = PyTorch's z, the share of the old state that stays. write = 1 − keep, as in some textbooks.",
    )
