"""Units: what every unit of a layer does over all test pictures, and the map with only those that are chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnngru import escaping, figures
from cnngru.explain.survey import Survey
from cnngru.ui import jobs, plot
from cnngru.ui.gates import controls
from cnngru.ui.gates.figure_box import by_cell, clicked, figure_box
from cnngru.ui.gates.scene import Scene
from cnngru.ui.gates.views.units import class_means, unit_pictures

CHOSEN, GATE, DOTS, MAP = "pop-units", "pop-gate", "saturation", "pop-map"


def show(scene: Scene) -> None:
    """Saturation, the map of the chosen units, time scales, classes, and the card of one unit."""
    survey = jobs.survey(scene.run, "survey-units")
    if survey is None:
        return
    if survey.keeping is None:
        st.info(
            f"A {scene.spec.name} has no gates: nothing can be saturated, there is no time scale that a gate sets, and "
            "no class for which it keeps more. What there is are its units' states: the map, and the card of each unit."
        )
    else:
        _saturation(scene, survey)
    chosen = _chosen(scene)
    _map(scene, chosen)
    if survey.keeping is not None:
        _time_scales(scene, survey, chosen)
        class_means.show(scene, survey, chosen)
    unit_pictures.show(scene, survey)
    st.caption(
        f"From all {survey.n:,} test pictures, {scene.steps} steps each; {scene.units} units of a layer and direction."
    )


def _saturation(scene: Scene, survey: Survey) -> None:
    gates = list(scene.trace.shares)
    word = gates[0]
    if len(gates) > 1:
        word = scene.options.one_of("Gate", gates, GATE, format_func=scene.word)
    name = scene.word(word)
    low, high = (shares[scene.layer, scene.direction] for shares in survey.saturated(name))
    figure_box(
        scene,
        figures.saturation(low, high, name=name, chosen=_read(scene)),
        f"A ring is a unit: to the right its {name} gate is nearly always near 0, to the top nearly always near 1, at "
        "the bottom left in between; a click on one, or a box around some, leaves them alone on the maps below. A gate "
        "that never moves may still matter: do not conclude that its unit does nothing.",
        {"unit": np.arange(scene.units), f"{name} < 0.1": low, f"{name} > 0.9": high},
        f"{scene.survey_code}low, high = (shares[layer, direction] for shares in survey.saturated({name!r}))\n"
        f"figure = figures.saturation(low, high, name={name!r}, chosen={_read(scene)!r})\n",
        DOTS,
        alt=f"How often each unit's {name} gate is nearly 0 and nearly 1",
        on_click=_choose,
        on_box=_choose_several,
        width=700,
    )


def _choose() -> None:
    """Called by a click on a dot: its unit alone stays on the maps, and is opened."""
    if (click := plot.clicked(DOTS)) and click["curve"] == 0:
        unit = int(click["point"])
        st.session_state.update({CHOSEN: controls.write_units([unit]), "unit": unit})


def _choose_several() -> None:
    """Called when a box is drawn: writes the units inside into the text box."""
    if (box := plot.boxed(DOTS)) and box["points"]:
        st.session_state[CHOSEN] = controls.write_units(sorted({int(unit) for unit in box["points"]}))


def _chosen(scene: Scene) -> tuple[int, ...]:
    """The text box for units, and the button that empties it; () means all units."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Units on the maps (empty: all)",
            key=CHOSEN,
            bind="query-params",
            width=320,
            placeholder="such as 3, 17, 20–31",
            help="Counted from 0, as in the tensors.",
        )
        st.button("All units", on_click=_all, disabled=not st.session_state.get(CHOSEN), key="pop-all")
    try:
        return controls.read_units(st.session_state.get(CHOSEN) or "", scene.units) or ()
    except ValueError as error:
        st.warning(f"{escaping.message(str(error))} All units are shown.")
        return ()


def _all() -> None:
    st.session_state[CHOSEN] = ""


def _read(scene: Scene) -> tuple[int, ...]:
    """The units in the text box, before it is drawn: at first they are only in the address."""
    text = st.session_state.get(CHOSEN, st.query_params.get(CHOSEN)) or ""
    try:
        return controls.read_units(text, scene.units) or ()
    except ValueError:
        return ()


def _map(scene: Scene, chosen: Sequence[int]) -> None:
    panels, first = scene.panels, scene.spec.keep_word or "hidden"
    order = [int(unit) for unit in figures.by_keeping(panels) if not chosen or unit in chosen]
    what = f"{len(order)} of {scene.units} units" if chosen else f"all {scene.units} units"
    figure_box(
        scene,
        figures.gate_map(scene.picture.image, panels, scene.bands, order=order, cue=scene.picture.cue),
        f"What {what} did on the picture above, sorted by their mean {first} on it; click a cell to open its unit's "
        "card. One picture is not the population: a unit may do something else on the next one.",
        {
            **by_cell(scene.steps, order),
            **{name: values[:, order].ravel() for name, values in panels.items()},
        },
        f"panels = {scene.panels_code()}\norder = figures.by_keeping(panels)\n"
        + (f"order = [int(unit) for unit in order if unit in {tuple(chosen)}]\n" if chosen else "")
        + "figure = figures.gate_map(picture, panels, bands, order=order, cue=cue)\n",
        MAP,
        alt=f"The picture, and heatmaps by row of {what}: {', '.join(panels)}",
        on_click=lambda: _open(order),
    )


def _open(order: list[int]) -> None:
    if cell := clicked(MAP):
        st.session_state["unit"] = order[cell[1]]


def _time_scales(scene: Scene, survey: Survey, chosen: Sequence[int]) -> None:
    keeping = survey.keeping
    assert keeping is not None
    half_life = keeping.half_life[scene.layer, scene.direction]
    begun = keeping.initial_half_life[scene.layer, scene.direction].ravel()
    long = int((half_life > scene.steps).sum())
    st.markdown(
        f"##### Time scales\n{long} of {scene.units} units hold on for longer than the {scene.steps} steps of a "
        f"picture; the middle one loses half after {np.median(half_life):.2f} rows, before training after "
        f"{np.median(begun):.2f}."
    )
    figure_box(
        scene,
        figures.time_scales(half_life, begun, scene.steps, chosen=chosen),
        f"Each tick at the bottom is a unit, at the number of rows after which half of its state is gone (at its "
        f"{'forget' if keeping.gate == 'forget' else 'keep'} gate's geometric mean); the curves show how thickly they "
        "lie, now (filled) and with random weights (dashed). A long time scale says that a unit could remember, not "
        "that it holds something worth it.",
        {
            "when": np.repeat(["now", "with random weights"], [len(half_life), len(begun)]),
            "unit": np.concatenate((np.arange(scene.units), np.arange(len(begun)) % scene.units)),
            "half-life in rows": np.concatenate((half_life, begun)),
        },
        f"{scene.survey_code}half_life = survey.keeping.half_life[layer, direction]\n"
        "begun = survey.keeping.initial_half_life[layer, direction].ravel()\n"
        f"figure = figures.time_scales(half_life, begun, {scene.steps}, chosen={tuple(chosen)})\n",
        "scales",
        alt="The half-life of every unit in rows, on a logarithmic axis, now and before training",
    )
