"""Continuing a run from one of its moments as a new run, and the family that comes of that."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from cnngru import escaping
from cnngru.config import Config, ConfigError, override
from cnngru.figures import family as figure
from cnngru.runs import family, store, titles
from cnngru.runs.family import Point
from cnngru.runs.store import Run, RunError
from cnngru.schema import number
from cnngru.training.continuing import StateError
from cnngru.ui import mine, roles, run_picker
from cnngru.ui.plot import clicked, plot
from cnngru.ui.train import steer

MORE = {  # settings that only a new run can have otherwise, beside those that can be changed in flight
    "training.batch": ("Batch", "Pictures a step. With another one it begins with a whole epoch, in a new order."),
    "training.weight_decay": ("Weight decay", "AdamW's, on matrices only."),
    "training.seed": ("Seed", "Another one draws another order: it begins with a whole epoch."),
}
FIELDS = steer.FIELDS | MORE


def picked(run: Run) -> float | None:
    """The epoch of the point on its curves that somebody has clicked, None for none."""
    return st.session_state.get(f"picked-{run.name}")


def pick(run: Run, epoch: float) -> None:
    """Called when a point of its curves is clicked."""
    st.session_state[f"picked-{run.name}"] = epoch
    st.session_state.pop(f"point-{run.name}", None)  # the choice follows the click
    st.session_state["picked-now"] = True


def follow() -> None:
    """After a click: draws all of the page anew, as the button below the curves has another label then."""
    if st.session_state.pop("picked-now", False):
        st.rerun()


def button(run: Run) -> None:
    """Continues it from one of its moments, in a popover of its own."""
    points = family.points(run)
    if not points or roles.why_not_start():
        return
    epochs = _epochs_a_step(run)
    start = _nearest(points, picked(run), epochs)
    label = "Continue as a new run" if picked(run) is None else f"Continue from {_called(start, epochs)}"
    with st.popover(label, icon=":material/fork_right:"):
        point = st.selectbox(
            "From",
            points,
            points.index(start),
            lambda point: _called(point, epochs),
            key=f"point-{run.name}",
            help="The moments that are kept. Click a point on the curves to choose the one before it.",
        )
        st.caption(
            "It goes on exactly as this run did, for as long as nothing is changed."
            if point.whole
            else "Of this moment the weights alone are kept: what the optimizer knew is learnt anew."
        )
        config, wrong = _asked(run)
        for message in wrong:
            st.error(escaping.message(message))
        title = st.text_input(
            "Name", f"{run.called[:40]} from {_called(point, epochs)}", max_chars=titles.LONGEST, key=f"fork-{run.name}"
        )
        if st.button("Continue", type="primary", key=f"fork-it-{run.name}", disabled=bool(wrong)):
            _start(run, point, config, title)


def _nearest(points: list[Point], epoch: float | None, epochs: float) -> Point:
    at = points[-1].step if epoch is None else epoch / epochs if epochs else 0
    return family.nearest(points, at) or points[-1]


def _epochs_a_step(run: Run) -> float:
    progress = run.last("progress")
    return progress["epoch"] / progress["step"] if progress and progress["step"] else 0.0


def _called(point: Point, epochs: float) -> str:
    """ "epoch 2", "epoch 0.18 (step 16)"."""
    if not point.step:
        return "the beginning"
    epoch = point.step * epochs
    if abs(epoch - round(epoch)) < 1e-6:
        return f"epoch {round(epoch)}"
    return f"step {point.step:,} (epoch {epoch:.2f})"


def _asked(run: Run) -> tuple[Config, list[str]]:
    """The new run's settings, and what is wrong with what is written."""
    config, wrong = run.now, []
    with st.container(horizontal=True):
        for setting, (label, help) in FIELDS.items():
            part, _, name = setting.partition(".")
            settings: Any = getattr(config, part)
            text = st.text_input(
                label, f"{getattr(settings, name):.15g}", help=help, key=f"fork-{setting}-{run.name}", width=steer.WIDTH
            )
            try:
                config = override(config, setting, number(type(settings), name, text))
            except ConfigError as error:
                wrong.append(str(error))
        first = run.now.training.optimizer
        kinds = ("muon", "adamw", "adam")
        optimizer = st.selectbox(
            "Optimizer", kinds, kinds.index(first), key=f"fork-optimizer-{run.name}", width=steer.WIDTH
        )
    return override(config, "training.optimizer", optimizer), wrong


def _start(run: Run, point: Point, config: Config, title: str) -> None:
    try:
        family.check(run, config)
        name = roles.start(config, begin=lambda folder: family.write(folder, run, point))
        with suppress(RunError):  # it has a name without that
            store.call(name, titles.plain(title))
    except (RunError, StateError) as error:
        st.error(escaping.message(str(error)))
    else:
        mine.started(name)
        run_picker.go_to_run(name)


def parents(run: Run, others: Sequence[Run]) -> list[Run]:
    """What it was continued from, the nearest first: drawn into its charts beside those that are there already."""
    found: list[Run] = []
    origin = family.read(run.folder)
    while origin and (parent := store.find(origin.run)) and parent.name not in [run.name, *(one.name for one in found)]:
        found.append(parent)
        origin = family.read(parent.folder)
    there = [other.name for other in others]
    return [parent for parent in found if parent.name not in there]


def tree(run: Run) -> None:
    """The family as a tree over its steps, with a link to each; nothing for a run without relatives."""
    members = family.family(run, store.all_runs())
    if len(members) < 2:
        return
    with st.expander(f"Family ({len(members)} runs)", icon=":material/account_tree:"):
        branches = [
            figure.Branch(
                name=member.run.name,
                called=member.run.called,
                parent=member.parent,
                start=member.origin.step if member.origin and member.depth else 0,
                end=(member.run.last("progress") or {}).get("step") or (member.origin.step if member.origin else 0),
                accuracy=((member.run.last("finished") or member.run.last("validated")) or {}).get("accuracy"),
                said=_said(member),
            )
            for member in members
        ]
        alt = f"A tree of {len(members)} runs: each is a line over its steps, which leaves its parent's where it began."
        key = f"family-{run.name}"
        plot(figure.tree(branches, run.name), key, alt=alt, on_click=lambda: _go(key, branches))
        st.caption(
            "Each line is a run, over its steps; it leaves its parent's line where it was continued from. Click one."
        )


def _said(member: family.Member) -> str:
    """What was changed, in words."""
    if member.origin is None or not member.depth:
        return ""
    found = family.changes(member.run, member.origin)
    names = {setting: label.lower() for setting, (label, _) in FIELDS.items()}
    return (
        ", ".join(f"{names.get(setting, setting.partition('.')[2])} {value}" for setting, _, value in found)
        or "unchanged"
    )


def _go(key: str, branches: list[figure.Branch]) -> None:
    """Called when a line is clicked: goes to that run."""
    if point := clicked(key):
        st.session_state["go_to_run"] = branches[point["curve"]].name
