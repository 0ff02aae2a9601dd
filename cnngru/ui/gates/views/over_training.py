"""While it learned: the same picture, read by the network as it was at each moment of its training that was kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

import cnngru
from cnngru import escaping, figures
from cnngru.figures import Moment
from cnngru.runs import store
from cnngru.runs.store import Run
from cnngru.ui import links, models, state_words, wording
from cnngru.ui.gates.figure_box import figure_box
from cnngru.ui.gates.scene import Scene, model_code_of

UNTRAINED, LAST = "untrained", "last"
TICK = 2  # seconds between two looks into the folder of a run that is followed
Marks = tuple[tuple[str, int], ...]


def show(scene: Scene) -> None:
    """A slider of the moments, or the latest one of a run that is followed; the figure that plays them; and curves."""
    marks = _marks(scene.run)
    scenes = _read_all(scene)
    names = list(scenes)
    chosen = _choose(scene.run, names, marks)
    moments = {name: _moment(at) for name, at in scenes.items()}
    answers = _answers_to_follow(scene, moments[names[-1]])
    st.markdown(_what_happened(scene, moments, chosen))
    at, both = scenes[chosen], scene.model.config.bidirectional
    code = _code(scene, scenes)
    figure_box(
        at,
        figures.over_training(
            scene.picture.image,
            moments,
            scene.bands,
            scene.classes,
            chosen=chosen,
            both=both,
            cue=scene.picture.cue,
        ),
        how_to_read(scene),
        _table(moments, scene.classes),
        f"{code}figure = figures.over_training(picture, moments, bands, model.classes, chosen={chosen!r}, "
        f"both={both}, cue=cue)\n",
        "time",
        alt=f"The picture, heatmaps of the gates and the ribbon of the answer at the moment {chosen}",
    )
    if not scene.run.snapshots():
        _say_why_none(scene.run)
    figure_box(
        at,
        figures.course_over_training(moments, scene.classes, chosen=chosen, answers=answers),
        "Above: how likely the classes were at each moment; below: the share of this picture's rows and units at which "
        "a gate was nearly shut (< 0.1) or nearly open (> 0.9). One picture is shown, so do not conclude how saturated "
        "the gates are in general."
        if scene.trace.shares
        else "How likely the classes were at each moment, after the last row. One picture is shown, so do not conclude "
        "how good the network was.",
        _course(moments, scene.classes),
        f"{code}figure = figures.course_over_training(moments, model.classes, chosen={chosen!r}, answers={answers})\n",
        "course",
        alt="Probabilities of the answer, and how saturated the gates are, at each moment of training",
    )


def how_to_read(scene: Scene) -> str:
    """What the figure shows, and what it does not."""
    colours = "bright is 1, dark is 0" if scene.trace.shares else "blue is 1, white 0, red −1"
    config, ends = scene.model.config, ""
    if config.bidirectional:
        ends = ", its rows counted from each end"
        ends += " of the top layer (those below it have read the whole picture)" * (config.layers > 1)
    return (
        "The maps have a row for each step and a column for each unit, the same unit at the same place at all moments; "
        f"{colours}, and the ribbon is the answer after each row{ends}. That training changed something does not mean "
        "that the answers became better by it."
    )


def moments_of(run: Run) -> dict[str, Path | None]:
    """Files of weights by the moment's name, in the order of time; None for the control, an untrained network.

    The newest weights are the last ones, but for a run that has kept a snapshot since (weights are saved after epochs).
    """
    newest = run.folder / "model.safetensors"
    steps = (event["step"] for event in reversed(run.events) if event["kind"] in _SAVES)
    saved = next((step for step in steps if step is not None), None)
    earlier = [(step, file) for step, file in run.snapshots() if saved is None or step < saved]
    later = [(step, file) for step, file in run.snapshots() if saved is not None and step > saved]
    found: dict[str, Path | None] = {} if earlier and earlier[0][0] == 0 else {UNTRAINED: None}
    found |= {f"step {step}" if step else UNTRAINED: file for step, file in earlier}
    found[f"step {saved}" if saved is not None and (run.live or later) else LAST] = newest
    return found | {f"step {step}": file for step, file in later}


_SAVES = ("validated", "finished", "stopped")


def _read_all(scene: Scene) -> dict[str, Scene]:
    """The picture, read at each moment; those that cannot be read are left out, with a warning."""
    found, run = {}, scene.run
    for name, file in moments_of(run).items():
        try:
            if file is None:
                control = f"untrained({model_code_of(run)})"
                found[name] = scene.with_model(models.untrained(run), control)
            elif file.parent == run.folder:
                found[name] = scene
            else:
                model = models.load_file(file)
                if (model.config, model.classes) != (scene.model.config, scene.model.classes):
                    raise cnngru.CheckpointError(f"{file} is another kind of network.")
                found[name] = scene.with_model(model, model_code_of(run, f"{file.parent.name}/{file.name}"))
        except (cnngru.CheckpointError, OSError) as error:
            st.warning(f"The moment {name} is left out: {escaping.message(str(error))}")
    return found


def _choose(run: Run, names: list[str], marks: Marks) -> str:
    """The moment of the slider; of a run in progress the latest one, if it is followed."""
    if run.live:
        follow = st.toggle(
            "Follow latest",
            key="follow",
            bind="query-params",
            help="Shows the newest weights as soon as they are kept, for as long as training goes on.",
        )
        st.fragment(_watch, run_every=TICK if follow else None)(run.name, marks, follow)
        if follow:
            return names[-1]
    if len(names) == 1:  # none of the others could be read: nothing to choose from
        return names[0]
    return st.select_slider(
        "Moment of training",
        names,
        names[-1],
        key="moment",
        bind="query-params",
        width=480,
        help="Steps of training. Play in the figure goes through all moments.",
    )


def _watch(name: str, marks: Marks, follow: bool) -> None:
    """How far training is; draws the page anew once there are other weights, or it has ended."""
    run = store.find(name)
    if run is None or (follow and (not run.live or _marks(run) != marks)):
        st.rerun()
    st.caption(state_words.state(run).text)


def _marks(run: Run) -> Marks:
    """The files of weights there are, and when each was written."""
    found = []
    for file in (path for path in moments_of(run).values() if path is not None):
        try:
            found.append((file.name, file.stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


def _say_why_none(run: Run) -> None:
    st.info(
        f"**{run.name}** has no snapshots: it was trained before runs kept them, or they were deleted. "
        "So there are two moments: an untrained network of the same kind, as a control, and the newest weights. To see "
        "what comes between, train with the same settings again: runs keep their weights after steps 0, 1, 4, 16, 64, …"
    )
    links.link("train", "Go to Train", run.name)


def _moment(scene: Scene) -> Moment:
    from cnngru.explain.decision import by_row

    probabilities = by_row(scene.model, scene.trace)[0].numpy()
    return figures.moment(scene.trace, probabilities, scene.layer, scene.direction, write=scene.write)


def _answers_to_follow(scene: Scene, latest: Moment) -> list[int]:
    """The classes whose course is drawn: the latest answer, the truth, else the runner-up."""
    ranking = np.argsort(-latest.probabilities[-1], kind="stable").tolist()
    second = scene.true if scene.true not in (None, ranking[0]) else ranking[1]
    return [ranking[0], second]


def _what_happened(scene: Scene, moments: dict[str, Moment], chosen: str) -> str:
    """The answer at a moment, and since when the latest one has led."""
    answers = {name: int(moment.probabilities[-1].argmax()) for name, moment in moments.items()}
    latest, here = list(answers.values())[-1], answers[chosen]
    share = wording.percent(float(moments[chosen].probabilities[-1, here]))
    text = f"At this moment, **{chosen}**, it says **{escaping.markdown(scene.classes[here])}** ({share})."
    since = next(iter(answers))
    for name, before in zip(list(answers)[1:], answers.values(), strict=False):
        since = name if before != latest else since
    name = escaping.markdown(scene.classes[latest])
    if since == UNTRAINED:  # it had to answer something
        return f"{text} Its latest answer is **{name}**, and was so at all moments: also, by chance, before training."
    if since == list(answers)[-1]:
        return f"{text} Its latest answer, **{name}**, is new at **{since}**."
    return f"{text} Its latest answer, **{name}**, stands since **{since}**."


def _code(scene: Scene, scenes: dict[str, Scene]) -> str:
    """Python that gives the moments."""
    networks = "".join(f"    {name!r}: {at.model_code},\n" for name, at in scenes.items())
    imported = "from cnngru.explain.untrained import untrained\n" * ("untrained(" in networks)
    return (
        f"{imported}from cnngru.explain.decision import by_row\nnetworks = {{\n{networks}}}\n"
        "moments = {}\n"
        "for name, network in networks.items():\n"
        "    _, seen = cnngru.trace(network, images)\n"
        "    probabilities = by_row(network, seen)[0].numpy()\n"
        f"    moments[name] = figures.moment(seen, probabilities, layer, direction, write={scene.write})\n"
    )


def _table(moments: dict[str, Moment], classes: tuple[str, ...]) -> dict[str, np.ndarray]:
    """One line a moment, what of it ("keep unit 3", "p(cat)"), and step (of the answer: rows read)."""
    columns: dict[str, list[np.ndarray]] = {"moment": [], "of": [], "step": [], "value": []}
    for name, moment in moments.items():
        for gate, values in moment.panels.items():
            _lines(columns, name, [f"{gate} unit {unit}" for unit in range(values.shape[1])], values)
        _lines(columns, name, [f"p({each})" for each in classes], moment.probabilities)
    return {name: np.concatenate(values) for name, values in columns.items()}


def _lines(columns: dict[str, list[np.ndarray]], moment: str, parts: list[str], values: np.ndarray) -> None:
    """Adds values (T, P), one line each."""
    steps = len(values)
    columns["moment"].append(np.full(values.size, moment, object))
    columns["of"].append(np.tile(np.array(parts, object), steps))
    columns["step"].append(np.arange(1, steps + 1).repeat(len(parts)))
    columns["value"].append(values.ravel())


def _course(moments: dict[str, Moment], classes: tuple[str, ...]) -> dict[str, list[float] | list[str]]:
    """One line a moment: probabilities of all classes, and how saturated the gates were."""
    shares = {f"p({name})": [float(m.probabilities[-1, i]) for m in moments.values()] for i, name in enumerate(classes)}
    saturated: dict[str, list[float]] = {}
    for gate, (low, high) in figures.saturated(moments).items():
        saturated |= {f"{gate} < 0.1": low, f"{gate} > 0.9": high}
    return {"moment": list(moments), **shares, **saturated}
