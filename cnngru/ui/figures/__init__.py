"""Plotly figures that people explore. Pure functions: arrays in, a figure out; no streamlit, no torch.

Colours of text, grid and background are left to the theme. Fixed colours appear only on top of a picture or a heatmap.
"""

from cnngru.ui.figures.answers import answer_bars
from cnngru.ui.figures.gate_map import cell_edges, gates

__all__ = ["answer_bars", "cell_edges", "gates"]
