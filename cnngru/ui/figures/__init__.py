"""Plotly figures that people explore. Pure functions: arrays in, a figure out; no streamlit, no torch.

Colours of text, grid and background are left to the theme. Fixed colours appear only on top of a picture or a heatmap.
"""

from cnngru.ui.figures.answers import answer_bars
from cnngru.ui.figures.attribution import attributions, rank_correlations
from cnngru.ui.figures.class_map import class_keeping
from cnngru.ui.figures.effects import accuracies, cell_effects, two_answers
from cnngru.ui.figures.gate_map import gates, panels
from cnngru.ui.figures.held import boxed
from cnngru.ui.figures.intervention import before_and_after
from cnngru.ui.figures.knowing import knew, knew_of_all
from cnngru.ui.figures.memory import composition, retention
from cnngru.ui.figures.orders import by_mean, by_similarity
from cnngru.ui.figures.population import saturation, time_scales
from cnngru.ui.figures.rows import BEFORE_CELLS, cell_edges, cells
from cnngru.ui.figures.travel import Moment, along, saturated, time_travel
from cnngru.ui.figures.unit_card import Driver, unit_card
from cnngru.ui.figures.unit_trace import unit
from cnngru.ui.figures.versus import Side, mean_by_row, versus
from cnngru.ui.figures.waterfall import waterfall

__all__ = [
    "BEFORE_CELLS",
    "Driver",
    "Moment",
    "Side",
    "accuracies",
    "along",
    "answer_bars",
    "attributions",
    "before_and_after",
    "boxed",
    "by_mean",
    "by_similarity",
    "cell_edges",
    "cell_effects",
    "cells",
    "class_keeping",
    "composition",
    "gates",
    "knew",
    "knew_of_all",
    "mean_by_row",
    "panels",
    "rank_correlations",
    "retention",
    "saturated",
    "saturation",
    "time_scales",
    "time_travel",
    "two_answers",
    "unit",
    "unit_card",
    "versus",
    "waterfall",
]
