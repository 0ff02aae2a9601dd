"""Learning curves, in Altair: what ticks. Plain events in, a chart out; no streamlit.

Given the same runs, the chart's specification does not change while data are appended: the page can then update it in
place (no flicker, zoom kept). So no domain here comes from the values: epochs are in the settings, and the seconds that
a run will take are an estimate, rounded up (`end`) so that it seldom changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import altair as alt
import pandas as pd

from cnngru.figures.bins import MEANS, SPANS, binned

TRAINING, VALIDATION = "training", "validation"
Quantity = Literal["accuracy", "loss"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
Against = Literal["epochs", "seconds"]
VALUES = (*MEANS, *(f"{name}_{end}" for name in SPANS for end in ("low", "high")))
COLUMNS = {"run": "str", "part": "str"} | dict.fromkeys(VALUES, "float64")
HEIGHT, LEGEND = 360, 30  # pixels: of a chart, and of each name in its legend, which would else be taken from the plot
ROOM = 1.02  # so that dots at the end and at the top are drawn whole
POINTS = 150  # of a training curve, at most
ENDINGS = ("finished", "stopped", "failed")  # events after which nothing comes
PICKED = "picked"
ROUND = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)  # where an axis of seconds may end, times a power of ten


def table(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """One row a point of a curve.

    runs    events by run name, as in events.jsonl: "progress" gives the training curve, "validated" the validation one
    Returns run, part ("training" or "validation"), epoch (passes completed), seconds (of training), loss (nats),
    accuracy (per cent), and of both the least and the greatest of a point: loss_low, loss_high, …; a loss that was not
    a number is missing. A training point is a 150th of the run.
    """
    rows = [{"run": name, **row} for name, events in runs.items() for row in binned(name, events, POINTS)]
    points = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    for column in ("accuracy", "accuracy_low", "accuracy_high"):
        points[column] *= 100
    return points


def marks(runs: Mapping[str, Sequence[Mapping[str, Any]]], words: Mapping[str, str]) -> pd.DataFrame:
    """One row for each moment at which somebody stepped in: what was changed in flight, pauses, and interruptions.

    words   names of settings, "training.learning_rate" -> "learning rate"; others are called as they are
    Returns run, epoch, seconds, label. There is always one row at least, which nobody sees: a layer without any would
    be another chart.
    """
    rows: list[tuple[str, float, float, str]] = []
    for name, events in runs.items():
        epochs, seconds = 0.0, 0.0  # of one step; where the run is
        for event in events:
            if event["kind"] == "progress":
                epochs, seconds = event["epoch"] / max(event["step"], 1), event["seconds"]
            elif label := _label(event, words):
                rows.append((name, (event.get("step") or 0) * epochs, seconds, label))
    return pd.DataFrame(rows or [("", 0.0, 0.0, "")], columns=["run", "epoch", "seconds", "label"])


def _label(event: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """What a line says of an event, "" for one without a line."""
    if event["kind"] == "resumed" and event["step"]:
        return "went on"
    if event["kind"] != "command":
        return ""
    if event["do"] == "pause":
        return "paused"
    if event["do"] == "set" and "after" in event:
        return f"{words.get(event['setting'], event['setting'])} {event['after']:g}"
    return ""


def end(runs: Sequence[Sequence[Mapping[str, Any]]]) -> float:
    """Where an axis of seconds ends: what the longest of the runs (events of each) takes or will take, rounded up."""
    longest = 1.0
    for events in runs:
        newest = next((event for event in reversed(events) if event["kind"] == "progress"), None)
        if newest:
            left = 0.0 if events[-1]["kind"] in ENDINGS else newest.get("seconds_left") or 0.0
            longest = max(longest, newest["seconds"] + left)
    return rounded_up(longest)


def rounded_up(number: float) -> float:
    """The next round number, so that an axis that ends there seldom changes."""
    number = max(number, 1.0)
    power = 10 ** math.floor(math.log10(number))
    return float(power * next(step for step in ROUND if number <= step * power))


def curve(
    data: pd.DataFrame,
    quantity: Quantity,
    names: Sequence[str],
    end: float,
    against: Against = "epochs",
    series: str = "run",
    marked: pd.DataFrame | None = None,
    clicks: bool = False,
) -> alt.LayerChart:
    """One quantity over epochs or seconds; training dashed and validation solid with dots (not by colour alone).

    data    as from `table`
    names   of the series, in the legend's order; a legend of names appears when there are two or more
    end     of the x axis: the epochs of the longest run, or seconds as from `end`
    series  the column by which lines are coloured: "run", or another one, added, that puts several runs together
    marked  as from `marks`: each becomes a labelled line across the chart
    clicks  whether a click on a point is told, as the selection PICKED
    """
    title, form = {"loss": ("loss (cross-entropy)", ".3f"), "accuracy": ("accuracy (%)", ".1f")}[quantity]
    column, of_x, x_form = {
        "epochs": ("epoch", "epoch (passes over the training pictures)", ".2f"),
        "seconds": ("seconds", "seconds of training", ",.0f"),
    }[against]
    x = alt.X(
        f"{column}:Q",
        title=of_x,
        scale=alt.Scale(domain=[0, end * ROOM], nice=False),
        axis=alt.Axis(tickMinStep=1, tickCount=min(math.ceil(end), 10 if against == "epochs" else 6)),
    )
    y = alt.Y(
        f"{quantity}:Q",
        title=title,
        scale=alt.Scale(domain=[0, 100 * ROOM]) if quantity == "accuracy" else alt.Scale(zero=True),
    )
    several = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=320) if len(names) > 1 else None
    colour = alt.Color(f"{series}:N", scale=alt.Scale(domain=list(names)), legend=several)
    dash = alt.StrokeDash(
        "part:N",
        scale=alt.Scale(domain=[TRAINING, VALIDATION], range=[[3, 3], [1, 0]]),
        legend=alt.Legend(title=None, orient="top", symbolStrokeWidth=2, symbolSize=400),
    )
    tooltip = [
        alt.Tooltip("run:N"),
        alt.Tooltip("part:N"),
        alt.Tooltip(f"{column}:Q", format=x_form),
        alt.Tooltip(f"{quantity}:Q", title=title, format=form),
    ]
    base = alt.Chart(data).encode(x=x, y=y, color=colour)
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=dash, detail="run:N").properties(name="lines")
    # Not filtered: of a layer without values, as before the first validation, Vega complains.
    seen = alt.condition(alt.datum.part == VALIDATION, alt.value(1), alt.value(0))
    dots = base.mark_point(filled=True, size=50).encode(opacity=seen)
    hover = base.mark_point(size=200, opacity=0).encode(tooltip=tooltip)
    if clicks:
        hover = hover.add_params(alt.selection_point(PICKED, fields=["run", "epoch"], on="click", clear=False))
    # Names of our own: Altair makes them from the data, and a new name would undo the zoom. Zooming needs Ctrl (or a
    # pinch), so that scrolling the page does not stop at a chart.
    zoom = alt.selection_interval("zoom", bind="scales", zoom="wheel![event.ctrlKey || event.metaKey]")
    # What a point of many steps puts together, from its least to its greatest value.
    around = (
        base.mark_area(opacity=0.15)
        .encode(y=alt.Y(f"{quantity}_low:Q", title=title), y2=f"{quantity}_high:Q", detail=["run:N", "part:N"])
        .properties(name="around")
    )
    chart = around + lines + dots + hover
    if marked is not None:
        chart += _marked(marked, x)
    return chart.add_params(zoom).properties(height=HEIGHT + (LEGEND * len(names) if several else 0))


def _marked(marked: pd.DataFrame, x: alt.X) -> alt.LayerChart:
    """Upright lines where somebody stepped in, each with its words."""
    seen = alt.condition(alt.datum.label != "", alt.value(0.7), alt.value(0))
    base = alt.Chart(marked).encode(
        x=x, opacity=seen, tooltip=[alt.Tooltip("run:N"), alt.Tooltip("label:N", title="here")]
    )
    rules = base.mark_rule(strokeDash=[2, 2], color="gray", clip=True)
    words = base.mark_text(
        align="left", baseline="bottom", dx=4, dy=-3, angle=90, color="gray", clip=True, limit=HEIGHT - 40
    ).encode(y=alt.value(8), text="label:N")
    return rules + words
