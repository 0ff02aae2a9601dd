"""What every view of the gates page looks at: a model that has read a picture, what it says, and where to look.

A view is a module of views/ with one function

    def show(scene: Scene) -> None

named in VIEWS (`cnngru/ui/gates/__init__.py`): that one line gives it a tab. It is called when its tab is open, below
one sentence on what it shows, and draws its figure at once, from `cnngru.figures`, put on the page by `figure_box`: the
figure has to be on the first screen. Controls that most people leave alone go behind the Options button
(`scene.options`).

Its own controls have a `key` and bind="query-params", so that the page's whole state is in its address. Keys are short
words that nothing else on the page uses: run, source, source-tested, picture, test, upload, layer, direction, as, view,
sort, panels, unit and step are taken, and for each figure its key with -as. What a person must do next or cannot have
is said by st.info and a return; a view never raises for a kind of cell. Nothing that depends on the picture is written
to a global or a shared cache.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cnngru import escaping, figures
from cnngru.cells import CELLS, CellSpec
from cnngru.pictures import Picture
from cnngru.runs import store
from cnngru.runs.store import Run
from cnngru.ui import wording
from cnngru.ui.gates.options import Options, keep_or_write, layer_and_direction

if TYPE_CHECKING:
    from torch import Tensor

    from cnngru.explain.trace import Trace
    from cnngru.nn.classifier import CNNGRU


@dataclass(frozen=True)
class Scene:
    """One model reading one picture, and what of it to look at.

    run         whose model this is
    model       the model, in eval mode, shared with other people: never change it
    picture     the picture
    layer       from 0
    direction   0 top to bottom, 1 bottom to top
    write       speak of write = 1 − keep instead of keep; only ever true for cells with an update gate
    model_code  Python that gives the model: cnngru.load("…")
    logits      (1, C) float32
    trace       of this one picture: B = 1
    options     what of the view waits behind a button: its controls are drawn there
    """

    run: Run
    model: CNNGRU
    picture: Picture
    layer: int
    direction: int
    write: bool
    model_code: str
    logits: Tensor = field(repr=False)
    trace: Trace = field(repr=False)
    options: Options = field(repr=False, compare=False)

    @property
    def spec(self) -> CellSpec:
        """What is special about the network's recurrent cell."""
        return CELLS[self.model.config.cell]

    @property
    def classes(self) -> tuple[str, ...]:
        """C class names, in the order of the logits; not safe for Markdown: `escaping.markdown` makes them so."""
        return self.model.classes

    @property
    def steps(self) -> int:
        """T."""
        return self.trace.hidden.shape[3]

    @property
    def units(self) -> int:
        """H, of one layer and direction."""
        return self.trace.hidden.shape[4]

    @cached_property
    def bands(self) -> np.ndarray:
        """(T, 2) pixel rows [start, end) that each step has seen."""
        return self.trace.bands.numpy()

    @cached_property
    def images(self) -> Tensor:
        """(1, 3, 32, 32) float in 0..1: what the model was called with."""
        return as_images(self.picture.image)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """(C,) float32 in 0..1."""
        return self.logits.softmax(dim=1)[0].numpy()

    @cached_property
    def ranking(self) -> list[int]:
        """Places of the classes, the likeliest first: ranking[0] is the answer, ranking[1] the runner-up."""
        return np.argsort(-self.probabilities, kind="stable").tolist()

    def word(self, name: str) -> str:
        """What a gate is called here: "write" for "keep" where that is the convention chosen."""
        return "write" if self.write and name == "keep" else name

    @property
    def keeping(self) -> str:
        """The gate that keeps, by its word here: keep, write or forget; "" for a plain RNN."""
        return self.word(self.spec.keep_word)

    @cached_property
    def panels(self) -> dict[str, np.ndarray]:
        """(T, H) each, by their words here: the gates and states of the layer and direction looked at."""
        return self.panels_of(self.trace)

    def panels_of(self, trace: Trace) -> dict[str, np.ndarray]:
        """The same of another trace."""
        return figures.panels(trace, self.layer, self.direction, write=self.write)

    def panels_code(self, trace: str = "trace") -> str:
        """Python that gives the same. trace: the name of one."""
        return f"figures.panels({trace}, layer, direction{', write=True' * self.write})"

    @property
    def true(self) -> int | None:
        """The place of the picture's true class, None where it is not known."""
        label = self.picture.label
        return self.classes.index(label) if label in self.classes else None

    @property
    def code(self) -> str:
        """Python that gives model, images, logits, trace, layer, direction, picture, bands and cue as they are here.

        What a figure adds goes on from there. `figure_box` puts the imports of both on top, `cnngru` and `figures` too.
        """
        return (
            f"model = {self.model_code}\n"
            f"{self.picture.code}\n"
            "images = image[None] / 255\n"
            "logits, trace = cnngru.trace(model, images)\n"
            f"layer, direction = {self.layer}, {self.direction}\n"
            "picture, bands = image.permute(1, 2, 0).numpy(), trace.bands.numpy()\n"
            f"cue = {self.picture.cue}\n"
        )

    def analysis_code(self, variable: str, analysis: str) -> str:
        """Python that gives a result on the run's test pictures; analysis: its name in `cnngru.runs.analyses`."""
        return (
            "from cnngru.runs import analyses, store\n"
            f"{variable} = analyses.load_or_compute(store.get({self.run.name!r}), analyses.{analysis})\n"
        )

    @property
    def survey_code(self) -> str:
        """Python that gives the run's `survey`."""
        return self.analysis_code("survey", "SURVEY")

    def with_model(self, model: CNNGRU, model_code: str) -> Scene:
        """The same picture read by another model of the same shape, such as a snapshot, which `model_code` gives."""
        return _read(replace(self, model=model, model_code=model_code))

    def with_picture(self, picture: Picture) -> Scene:
        """Another picture, read by the same model."""
        return _read(replace(self, picture=picture))


def as_images(picture: np.ndarray) -> Tensor:
    """(32, 32, 3) uint8 -> (1, 3, 32, 32) float in 0..1."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].float() / 255


def _read(scene: Scene) -> Scene:
    """The scene with its picture read by its model."""
    import cnngru

    logits, trace = cnngru.trace(scene.model, as_images(scene.picture.image))
    return replace(scene, logits=logits, trace=trace)


def model_code_of(run: Run, file: str = "") -> str:
    """Python that gives a run's newest model, or the one in `file` of its folder."""
    place = f"{run.name}/{file}" if file else run.name
    if os.environ.get("CNNGRU_CHECKPOINTS"):
        return f"cnngru.load({str(store.root() / place)!r})"
    return f"cnngru.load({'checkpoints/' + place!r})"


def read(run: Run, model: CNNGRU, picture: Picture, options: Options) -> Scene:
    """Has the model read the picture, and asks, among the options, where to look."""
    import cnngru

    layer, direction = layer_and_direction(model.config, options)
    write = keep_or_write(model.config, options) == "write"
    logits, trace = cnngru.trace(model, as_images(picture.image))
    return Scene(run, model, picture, layer, direction, write, model_code_of(run), logits, trace, options)


def answer(scene: Scene) -> str:
    """What the network says to the picture, and what is true, in a line; safe for Markdown."""
    best = scene.ranking[0]
    name, share = escaping.markdown(scene.classes[best]), float(scene.probabilities[best])
    text = f"It says {wording.sure(name, share, len(scene.classes))}"
    if label := scene.picture.label:
        text += f" · in truth **{escaping.markdown(label)}** " + ("✓" if label == scene.classes[best] else "✗")
    return f"{text} · {escaping.markdown(scene.picture.name)}"
