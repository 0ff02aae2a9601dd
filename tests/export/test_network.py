"""Exported networks answer as ours do, in other programs."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from every_kind import KINDS, made

import cnngru
from cnngru import data as pictures
from cnngru import places
from cnngru.config import DataConfig
from cnngru.data import rowcue
from cnngru.export import ExportError, network

PROJECT = Path(__file__).parents[2]
EQUAL = 1e-4


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return rowcue.generate(7, 3).images.float() / 255


def expected(model: cnngru.CNNGRU, images: torch.Tensor, gates: bool) -> dict[str, np.ndarray]:
    with torch.no_grad():
        logits = model(images)
    found = {"logits": logits, "probabilities": logits.softmax(1)}
    if gates:
        _, trace = cnngru.trace(model, images)
        found |= {**trace.gates, "hidden": trace.hidden}
    return {name: value.numpy() for name, value in found.items()}


def run_onnx(data: bytes, images: torch.Tensor) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"images": images.numpy()}), strict=True))


def close(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> None:
    assert list(found) == list(wanted)
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=0, atol=EQUAL, err_msg=name)


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_answers_as_ours(kind: str, images: torch.Tensor) -> None:
    model = made(kind)
    gates = bool(model.layers)
    data = network.to_onnx(model, gates)
    for part in (images[:1], images):  # whatever the batch
        close(run_onnx(data, part), expected(model, part, gates))


@pytest.mark.parametrize("kind", KINDS)
def test_a_program_answers_as_ours(kind: str, images: torch.Tensor) -> None:
    model = made(kind)
    gates = bool(model.layers)
    program = torch.export.load(io.BytesIO(network.to_program(model, gates))).module()
    for part in (images[:1], images):
        wanted = expected(model, part, gates)
        close(dict(zip(wanted, [value.numpy() for value in program(part)], strict=True)), wanted)


@pytest.mark.parametrize("name", places.NETWORKS)
def test_shipped_networks_answer_as_ours(name: str) -> None:
    model = cnngru.load(places.SHIPPED / name)
    images = rowcue.generate(64, 5).images.float() / 255
    close(run_onnx(network.to_onnx(model), images), expected(model, images, False))


@pytest.mark.cifar10
def test_the_best_network_answers_as_ours_on_photos_with_its_gates() -> None:
    model = cnngru.load(places.SHIPPED / "cifar10-best")
    images = pictures.test_pictures(DataConfig("cifar10")).images[:1000].float() / 255
    found, wanted = run_onnx(network.to_onnx(model, gates=True), images), expected(model, images, True)
    close(found, wanted)
    assert (found["logits"].argmax(1) == wanted["logits"].argmax(1)).all()


def test_the_file_says_what_it_is_and_nothing_of_this_computer() -> None:
    model = made("gru")
    data = network.to_onnx(model, gates=True)
    said = {entry.key: json.loads(entry.value) for entry in onnx.load_from_string(data).metadata_props}
    assert said["classes"] == ["a", "b", "ç"]
    assert said["bands"] == model.bands.tolist()
    assert said["outputs"] == ["logits", "probabilities", "reset", "update", "candidate", "hidden"]
    for file in (data, network.to_program(model)):
        assert str(PROJECT).encode() not in file
        assert b"site-packages" not in file
    onnx.checker.check_model(data, full_check=True)


def test_a_program_needs_nothing_of_this_project(tmp_path: Path) -> None:
    (tmp_path / "a.pt2").write_bytes(network.to_program(made("gru-textbook"), gates=True))
    code = (
        "import sys, torch, json; about = {'about.json': ''}; "
        "program = torch.export.load('a.pt2', extra_files=about).module(); "
        "print(tuple(program(torch.rand(3, 3, 32, 32))[0].shape), json.loads(about['about.json'])['classes'], "
        "'cnngru' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert said.stdout == "(3, 3) ['a', 'b', 'ç'] False\n", said.stderr


def test_the_model_itself_is_left_as_it_was() -> None:
    model = made("gru")
    network.to_program(model)
    assert all(p.requires_grad for name, p in model.named_parameters() if name.startswith("layers"))


def test_a_network_without_gates_says_so() -> None:
    with pytest.raises(ExportError, match="no gates"):
        network.to_onnx(made("no recurrence"), gates=True)


def test_all_kinds_are_tried() -> None:
    assert {options.get("cell", "gru") for options in KINDS.values()} == {*cnngru.cells.CELLS, "none"}
