"""Plotly figures that people explore. Pure functions: arrays in, a figure out; no streamlit, no torch.

Colours of text, grid and background are left to the theme. Fixed colours appear only on top of a picture or a heatmap.
"""

from cnngru.figures.answers import answer_bars
from cnngru.figures.attribution import attributions, rank_correlations
from cnngru.figures.axes import cell_edges
from cnngru.figures.class_means import class_means
from cnngru.figures.decision import decision_by_row, decision_over_test
from cnngru.figures.effects import accuracies, cell_effects, two_answers
from cnngru.figures.gate_map import gate_map, panels
from cnngru.figures.intervention import before_and_after
from cnngru.figures.marks import BEFORE_CELLS
from cnngru.figures.memory import composition, retention
from cnngru.figures.orders import by_keeping, by_mean, by_similarity
from cnngru.figures.over_training import Moment, course_over_training, moment, over_training, saturated
from cnngru.figures.selection import cells_in_box
from cnngru.figures.survey import saturation, time_scales
from cnngru.figures.unit_pictures import Driver, drivers, unit_pictures
from cnngru.figures.unit_trace import unit_trace
from cnngru.figures.versus import Side, mean_by_row, pair_orders, versus
from cnngru.figures.waterfall import waterfall

__all__ = [
    "BEFORE_CELLS",
    "Driver",
    "Moment",
    "Side",
    "accuracies",
    "answer_bars",
    "attributions",
    "before_and_after",
    "by_keeping",
    "by_mean",
    "by_similarity",
    "cell_edges",
    "cell_effects",
    "cells_in_box",
    "class_means",
    "composition",
    "course_over_training",
    "decision_by_row",
    "decision_over_test",
    "drivers",
    "gate_map",
    "mean_by_row",
    "moment",
    "over_training",
    "pair_orders",
    "panels",
    "rank_correlations",
    "retention",
    "saturated",
    "saturation",
    "time_scales",
    "two_answers",
    "unit_pictures",
    "unit_trace",
    "versus",
    "waterfall",
]
