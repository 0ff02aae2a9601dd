"""A network as a file that other programs run: ONNX, or a program of torch.export; neither needs this project.

Input `images`: (B, 3, 32, 32) float32 in 0..1, any B; normalisation is part of the network. Outputs `logits` and
`probabilities`, (B, C); on wish also every gate of `cnngru.explain.trace` by its name, and `hidden`, (L, D, B, T, H)
each: L layers, D directions, T rows, H units. Beside them lie the classes' names and the pixel rows of each row.
"""

from __future__ import annotations

import copy
import io
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from cnngru.config import PICTURE
from cnngru.explain.trace import trace
from cnngru.export import ExportError, need
from cnngru.nn.classifier import CNNGRU

Outputs = tuple[Tensor, ...]


class Answers(nn.Module):
    """images -> logits, probabilities."""

    def __init__(self, model: CNNGRU) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Outputs:
        logits = self.model(images)
        return logits, logits.softmax(1)


class AnswersAndGates(Answers):
    """images -> logits, probabilities, the gates in the order of their names in a trace, the states."""

    def forward(self, images: Tensor) -> Outputs:
        logits, found = trace(self.model, images)
        return logits, logits.softmax(1), *found.gates.values(), found.hidden


def output_names(model: CNNGRU, gates: bool) -> list[str]:
    """Of the file's outputs, in their order. Raises ExportError where gates are asked for and there are none."""
    if not gates:
        return ["logits", "probabilities"]
    if not model.layers:
        raise ExportError("This network has no recurrent layer, so it has no gates: export it without --gates.")
    _, found = trace(model, torch.zeros(1, 3, PICTURE, PICTURE))
    return ["logits", "probabilities", *found.gates, "hidden"]


def to_program(model: CNNGRU, gates: bool = False) -> bytes:
    """A .pt2 file: `torch.export.load(file).module()(images)` gives the outputs in their order.

    Its extra file "about.json" has what stands beside.
    """
    names = output_names(model, gates)
    program = _exported(model, gates)
    file = io.BytesIO()
    with _quiet():
        torch.export.save(
            program, file, extra_files={"about.json": json.dumps(_about(model, names), ensure_ascii=False)}
        )
    return file.getvalue()


def to_onnx(model: CNNGRU, gates: bool = False) -> bytes:
    """An .onnx file, whose metadata say what stands beside. Raises ExportError where onnx is not installed."""
    need("ONNX", "onnx", "onnxscript")
    names = output_names(model, gates)
    with _quiet():
        made = torch.onnx.export(
            _exported(model, gates),
            input_names=["images"],
            output_names=names,
            dynamo=True,
            verbose=False,
            external_data=False,
        )
        assert made is not None
        for name, value in _about(model, names).items():
            made.model.metadata_props[name] = json.dumps(value, ensure_ascii=False)
        return made.model_proto.SerializeToString()


def _about(model: CNNGRU, names: list[str]) -> dict[str, list[str] | list[list[int]]]:
    return {"classes": list(model.classes), "bands": model.bands.tolist(), "outputs": names}


def _exported(model: CNNGRU, gates: bool) -> ExportedProgram:
    model = copy.deepcopy(model).cpu().float().eval().requires_grad_(False)
    wrapped = (AnswersAndGates if gates else Answers)(model)
    two = torch.zeros(2, 3, PICTURE, PICTURE)  # with one, the batch would be taken for fixed
    with _quiet():
        program = torch.export.export(wrapped, (two,), dynamic_shapes={"images": {0: Dim("batch")}})
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # where this computer keeps the code
    return program


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch's exporter tells its own developers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
