"""Compare: two pictures, classes or networks, A | B | A − B of one gate on fixed scales; the controls among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.figures.gate_map import STATES
from cnngru.figures.versus import APART, AS_IS, IN_A
from cnngru.ui import wording
from cnngru.ui.gates import controls
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene
from cnngru.ui.gates.views.compare import classes, partners
from cnngru.ui.gates.views.compare.partners import Pair

KEY = "pair"
PICTURE, CLASSES = "another picture", "two classes"
PAIRS: dict[str, Callable[[Scene], Pair | None]] = {
    PICTURE: partners.with_picture,
    "another run": partners.with_run,
    "untrained": partners.with_untrained,
    "shuffled labels": partners.with_shuffled,
}


def show(scene: Scene) -> None:
    """Asks what to compare with, then draws the pair."""
    partner = controls.one_of(
        "Compare with",
        [PICTURE, CLASSES, *list(PAIRS)[1:]],
        "beside",
        wrap=True,
        label_visibility="collapsed",
        help="The last two are controls: a network that has learnt nothing, and one that was taught nonsense.",
    )
    if partner == CLASSES:
        classes.show(scene)
        return
    pair = PAIRS[partner](scene)
    if pair is None:
        return
    for note in pair.notes:
        st.info(note)
    _draw(pair)


def _draw(pair: Pair) -> None:
    a, b = pair.a, pair.b
    alike = partners.alike(a, b)
    names = _gate(pair)
    by = _sort(a) if pair.same_units and alike else IN_A
    left, right = (
        figures.panels(each.trace, each.layer, each.direction)[name] for each, name in zip((a, b), names, strict=True)
    )
    flip = a.write and names[0] == "keep"  # then B's too, be it an LSTM's forget gate
    orders = figures.pair_orders(left, right, by, same_units=pair.same_units and alike)
    drawn = [1 - values if flip else values for values in (left, right)]
    name = a.word(names[0])
    edge = _edge(name, drawn)
    sides = [
        figures.Side(values, each.bands, order, each.picture.image, each.picture.cue)
        for values, each, order in zip(drawn, (a, b), orders, strict=True)
    ]
    if not alike:
        st.info(why_not(a, b))
    figure_box(
        a,
        figures.versus(*sides, name=name, edge=edge),
        _how_to_read(pair, alike, by, edge),
        _table(sides, name, alike),
        _code(pair, names, by, alike, edge),
        KEY,
        alt=f"{name} by row and unit of A, of B{', and A − B' if alike else ''}, and the means by row",
    )
    st.markdown(_summary(pair, name, names, drawn))


def _gate(pair: Pair) -> tuple[str, str]:
    """What to draw, by its words in A and in B."""
    matching = partners.matching(*(list(figures.panels(each.trace)) for each in (pair.a, pair.b)))
    names = list(matching)
    name = names[0]
    if len(names) > 1:
        name = pair.a.options.one_of(
            "Gate or state",
            names,
            "pair-gate",
            format_func=pair.a.word,
            help="What both sides have.",
        )
    return name, matching[name]


def _sort(scene: Scene) -> str:
    return scene.options.one_of(
        "Sort units by",
        [IN_A, APART, AS_IS],
        "pair-sort",
        help="The same order on both sides. difference: the largest mean of A − B first.",
    )


def _edge(name: str, drawn: list[np.ndarray]) -> float:
    """Of the scale with two sides: 1, but for a cell state and what is linear, which leave −1..1."""
    largest = max(float(np.abs(values).max()) for values in drawn)
    return largest if largest > 1 + 1e-6 else 1.0


def _summary(pair: Pair, name: str, names: tuple[str, str], drawn: list[np.ndarray]) -> str:
    """Who A and B are, what they answer, and the means that can always be compared."""
    lines = []
    for letter, each, who in (("A", pair.a, pair.who[0]), ("B", pair.b, pair.who[1])):
        best = each.ranking[0]
        share = wording.percent(float(each.probabilities[best]))
        lines.append(f"**{letter}**: {who}; says **{escaping.markdown(each.classes[best])}** ({share})")
    means = [float(figures.mean_by_row(name, values).mean()) for values in drawn]
    what = f"|{name}|" if name in STATES else name
    of_b = f" ({'1 − ' if name == 'write' else ''}{names[1]} in B)" if names[1] != names[0] else ""
    apart = f"{means[0] - means[1]:+.3f}".replace("-", "−")
    lines.append(f"mean {what}{of_b} over rows and units: A {means[0]:.3f}, B {means[1]:.3f}, A − B {apart}")
    return "  \n".join(lines)


def why_not(a: Scene, b: Scene) -> str:
    """Why there is no A − B, and what can be compared all the same."""
    reasons = []
    if a.steps != b.steps:
        reasons.append(f"A reads {a.steps} rows and B {b.steps}")
    elif not np.array_equal(a.bands, b.bands):
        reasons.append("their steps have seen different pixel rows")
    if a.units != b.units:
        reasons.append(f"A has {a.units} units here and B {b.units}")
    return (
        f"There is no A − B cell by cell, for {' and '.join(reasons)}: no cell of one is that of the other. What can "
        "be compared is how much each side does on average at a height of the picture: the two lines at the right."
    )


def _how_to_read(pair: Pair, alike: bool, by: str, edge: float) -> str:
    if not alike:
        return (
            "Each side is drawn at the height of the picture where its steps read, its units sorted by its own mean. "
            "Compare the lines at the right and not single columns: they are different units."
        )
    if not pair.same_units:
        return (
            "Two networks have no units in common, so each is sorted by its own mean and A − B takes the k-th of one "
            "from the k-th of the other. Do not conclude from a column that a unit changed: only how the units are "
            "spread can be compared."
        )
    order = "as they are" if by == AS_IS else f"sorted by their {by}"
    scales = "scales that stay the same for every pair" if edge == 1 else "one scale, as wide as these values"
    return (
        f"A, B and A − B of the same units, {order}, on {scales}. A difference here need not be one that the answer "
        "depends on."
    )


def _table(sides: list[figures.Side], name: str, alike: bool) -> dict[str, np.ndarray]:
    """One line a cell of A | B | A − B as drawn; without A − B one line a cell of each side."""
    a, b = sides
    left, right = (side.values[:, side.order] for side in sides)
    if not alike:
        shapes, bands = [values.shape for values in (left, right)], np.concatenate([side.bands for side in sides])
        units = np.repeat([units for _, units in shapes], [steps for steps, _ in shapes])  # of each step of each side
        return {
            "side": np.repeat(["A", "B"], [values.size for values in (left, right)]),
            "step": np.concatenate([np.arange(1, steps + 1) for steps, _ in shapes]).repeat(units),
            "first row": bands[:, 0].repeat(units),
            "last row": (bands[:, 1] - 1).repeat(units),
            "unit": np.concatenate([np.tile(side.order, len(side.bands)) for side in sides]),
            name: np.concatenate([values.ravel() for values in (left, right)]),
        }
    steps, units = left.shape
    return {
        "step": np.repeat(np.arange(1, steps + 1), units),
        "unit of A": np.tile(a.order, steps),
        "unit of B": np.tile(b.order, steps),
        f"{name} in A": left.ravel(),
        f"{name} in B": right.ravel(),
        "A − B": (left - right).ravel(),
    }


def _code(pair: Pair, names: tuple[str, str], by: str, alike: bool, edge: float) -> str:
    name, same = pair.a.word(names[0]), "" if pair.same_units and alike else ", same_units=False"
    other = "picture" if pair.image == "image" else f"{pair.image}.permute(1, 2, 0).numpy()"
    return (
        f"{pair.code}a = figures.panels(trace, layer, direction)[{names[0]!r}]\n"
        f"b = figures.panels(other_trace, {pair.b.layer}, {pair.b.direction})[{names[1]!r}]\n"
        f"in_a, in_b = figures.pair_orders(a, b, {by!r}{same})\n"
        + "a, b = 1 - a, 1 - b  # write\n"
        * (name == "write")
        + "figure = figures.versus(\n"
        "    figures.Side(a, bands, in_a, picture, cue),\n"
        f"    figures.Side(b, other_trace.bands.numpy(), in_b, {other}, {pair.b.picture.cue}),\n"
        f"    name={name!r},\n"
        f"    edge={edge!r},\n"
        ")\n"
    )
