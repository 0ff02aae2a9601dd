"""Play and Pause under a figure: they go through its frames in the browser, without the server."""

from __future__ import annotations

from typing import Any

ACCENT = "#2784cb"  # read on white and on black


def play_buttons(milliseconds: int, x: float = 0, y: float = 0, below: int = 0) -> dict[str, Any]:
    """Layout: the two buttons. milliseconds: for each frame; below: pixels under y."""
    play = {"frame": {"duration": milliseconds, "redraw": True}, "transition": {"duration": 0}, "fromcurrent": True}
    stop = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate"}
    buttons = [
        {"label": "▶ Play", "method": "animate", "args": [None, {**play, "mode": "immediate"}]},
        {"label": "❚❚ Pause", "method": "animate", "args": [[None], stop]},
    ]
    menu = {
        "type": "buttons",
        "direction": "right",
        "buttons": buttons,
        "showactive": False,
        "x": x,
        "xanchor": "left",
        "y": y,
        "yanchor": "top",
        "pad": {"t": below},
        "bgcolor": "rgba(0,0,0,0)",
        "bordercolor": ACCENT,
        "font": {"color": ACCENT},
    }
    return {"updatemenus": [menu]}
