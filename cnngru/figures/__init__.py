"""Plotly figures that people explore. Pure functions: arrays in, a figure out; no streamlit, no torch.

Colours of text, grid and background are left to the theme. Fixed colours appear only on top of a picture or a heatmap.
"""

from cnngru.figures.answers import answer_bars
from cnngru.figures.attribution import attributions, rank_correlations
from cnngru.figures.axes import cell_edges
from cnngru.figures.class_means import class_keeping
from cnngru.figures.decision import knew, knew_of_all
from cnngru.figures.effects import accuracies, cell_effects, two_answers
from cnngru.figures.gate_map import gates, panels
from cnngru.figures.held import boxed
from cnngru.figures.intervention import before_and_after
from cnngru.figures.marks import BEFORE_CELLS, cells
from cnngru.figures.memory import composition, retention
from cnngru.figures.orders import by_keeping, by_mean, by_similarity
from cnngru.figures.over_training import Moment, along, moment, saturated, time_travel
from cnngru.figures.survey import saturation, time_scales
from cnngru.figures.unit_pictures import Driver, unit_card
from cnngru.figures.unit_trace import unit
from cnngru.figures.versus import Side, mean_by_row, pair_orders, versus
from cnngru.figures.waterfall import waterfall

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
    "by_keeping",
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
    "moment",
    "pair_orders",
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
