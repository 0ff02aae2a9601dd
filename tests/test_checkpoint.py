"""Models on disk: they come back equal, and a file that is not one is told apart in words.

Long, because each lie of a header is a test, with one forger of files.
"""

import dataclasses
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from cnngru import checkpoint
from cnngru.checkpoint import CheckpointError
from cnngru.config import Conv, ModelConfig
from cnngru.nn.classifier import CNNGRU

PROJECT = Path(__file__).parents[1]
CONFIG = ModelConfig(stem_stride=2, convs=(Conv((3, 3), 4, (2, 2)),), hidden=5, layers=2, bidirectional=True)


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = CNNGRU(CONFIG, ("cat", "Dörte", "猫"))
    model.encoder.fit_input(torch.rand(20, 3, 32, 32))
    model(torch.rand(8, 3, 32, 32))  # moves the running statistics
    return model.eval()


def test_comes_back_equal_from_folder_and_file(model, tmp_path):
    path = checkpoint.save(model, tmp_path)
    images = torch.rand(3, 3, 32, 32)
    for place in (tmp_path, path, str(path)):
        again = checkpoint.load(place)
        assert again.config == CONFIG
        assert again.classes == ("cat", "Dörte", "猫")
        assert not again.training
        assert torch.equal(again(images), model(images))
    assert [p.name for p in tmp_path.iterdir()] == [checkpoint.FILE]


def test_half_a_size_comes_back_as_float32_and_nearly_equal(model, tmp_path):
    whole = checkpoint.save(model, tmp_path)
    half = checkpoint.save(model, tmp_path, "step-0000004.safetensors", half=True)
    assert half == tmp_path / "step-0000004.safetensors"
    weights = sum(tensor.numel() for tensor in model.state_dict().values() if tensor.is_floating_point())
    assert whole.stat().st_size - half.stat().st_size > 1.9 * weights
    again = checkpoint.load(half)
    images = torch.rand(3, 3, 32, 32)
    for name, tensor in again.state_dict().items():
        old = model.state_dict()[name]
        assert tensor.dtype == old.dtype
        torch.testing.assert_close(tensor, old, rtol=1 / 2000, atol=3e-8)
    torch.testing.assert_close(again(images), model(images), rtol=0, atol=2e-3)
    assert not torch.equal(again(images), model(images)), "nothing was rounded: is it float16 at all?"


def test_what_float16_cannot_hold_stays_as_it_is(model, tmp_path):
    variances = model.encoder.blocks[0][2].running_var
    variances[1] = 1e6
    assert torch.equal(
        checkpoint.load(checkpoint.save(model, tmp_path, half=True)).encoder.blocks[0][2].running_var, variances
    )


def test_loading_leaves_the_callers_random_state_alone(model, tmp_path):
    checkpoint.save(model, tmp_path)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    checkpoint.load(tmp_path)
    assert torch.equal(torch.rand(3), expected)


def test_a_failed_save_keeps_the_old_model(model, tmp_path, monkeypatch):
    path = checkpoint.save(model, tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(checkpoint, "to_bytes", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save(model, tmp_path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [checkpoint.FILE]


def explain(path) -> str:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(path)
    text = str(caught.value)
    assert checkpoint.FILE in text
    assert "Traceback" not in text
    return text


def test_no_file(tmp_path):
    assert "There is no model" in explain(tmp_path)
    assert "There is no model" in explain(tmp_path / "nowhere" / checkpoint.FILE)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_cut_short(model, tmp_path, keep):
    path = checkpoint.save(model, tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    assert "cut short" in explain(tmp_path)


def test_another_kind_of_file(tmp_path):
    (tmp_path / checkpoint.FILE).write_text("PK not a model")
    assert "cannot be read as safetensors" in explain(tmp_path)


def test_not_ours(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / checkpoint.FILE, {"format": "pt"})
    assert "expected the format cnngru-1, found pt" in explain(tmp_path)
    save_file({"weight": torch.zeros(2)}, tmp_path / checkpoint.FILE)
    assert "found none" in explain(tmp_path)


def rewrite(network, folder, tensors=None, **metadata):
    """Saves the model with some of its tensors or of its description replaced."""
    from safetensors import safe_open

    path = checkpoint.save(network, folder)
    with safe_open(path, framework="pt") as file:
        old_metadata, old = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    save_file(tensors(old) if tensors else old, path, {**old_metadata, **metadata})


def test_wrong_shapes(model, tmp_path):
    rewrite(model, tmp_path, lambda old: {**old, "head.bias": torch.zeros(4)})
    assert "head.bias should be (3,), found (4,)" in explain(tmp_path)
    rewrite(model, tmp_path, lambda old: {k: v for k, v in old.items() if k != "head.bias"})
    assert "head.bias should be (3,), found no such tensor" in explain(tmp_path)
    rewrite(model, tmp_path, lambda old: {**old, "extra": torch.zeros(1)})
    assert "extra should be no such tensor, found (1,)" in explain(tmp_path)


DEEP = "[" * 100_000
MORE_BAD = [DEEP, f'{{"hidden": {DEEP}}}', '{"hidden": NaN}', '{"keep_bias": 1e999}', '{"hidden": 5, "hidden": 5}']
MORE_BAD += [json.dumps({"convs": [{"kernel": [1, 1], "channels": 1024}] * 10_000})]


@pytest.mark.parametrize("bad", ["{", "[]", json.dumps({"hidden": "many"}), json.dumps({"hidden": 10**9}), *MORE_BAD])
def test_a_description_that_cannot_be_used(model, tmp_path, bad):
    rewrite(model, tmp_path, model=bad)
    assert "does not say what it is" in explain(tmp_path)


MANY = json.dumps([str(i) for i in range(257)])


@pytest.mark.parametrize(
    "bad",
    [
        "3",
        '["one"]',
        "[1, 2]",
        "{",
        '["a", "a"]',
        '["a", ""]',
        f'["a", "{"w" * 1025}"]',
        MANY,
        DEEP,
        r'["\ud800", "a"]',
    ],
)
def test_class_names_that_cannot_be_used(model, tmp_path, bad):
    rewrite(model, tmp_path, classes=bad)
    assert "does not say what it is" in explain(tmp_path)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("half", [False, True])
def test_weights_that_are_no_numbers_are_refused_by_name(model, tmp_path, bad, half):
    model.head.weight.data[1, 2] = bad
    checkpoint.save(model, tmp_path, half=half)
    assert "weights that are no numbers: head.weight" in explain(tmp_path)


def test_what_is_no_number_once_it_is_float32_is_refused(model, tmp_path):
    rewrite(model, tmp_path, lambda old: {**old, "head.bias": torch.tensor([0, 1, 1e300], dtype=torch.float64)})
    assert "no numbers: head.bias" in explain(tmp_path)


def test_a_variance_below_zero_would_answer_with_no_numbers(model, tmp_path):
    model.encoder.blocks[0][2].running_var[0] = -1
    checkpoint.save(model, tmp_path)
    assert "no numbers: encoder.blocks.0.2.running_var" in explain(tmp_path)


@pytest.mark.parametrize(
    ("dtype", "found"),
    [(torch.int32, "I32"), (torch.uint8, "U8"), (torch.bool, "BOOL"), (torch.float8_e5m2, "F8_E5M2")],
)
def test_weights_of_another_kind_of_number_are_refused(model, tmp_path, dtype, found):
    rewrite(model, tmp_path, lambda old: {**old, "head.bias": torch.zeros(3).to(dtype)})
    assert f"head.bias should be (3,), found (3,) of {found}" in explain(tmp_path)
    rewrite(model, tmp_path, lambda old: {name: torch.zeros(value.shape, dtype=dtype) for name, value in old.items()})
    assert f"of {found}" in explain(tmp_path)


def test_a_counter_that_is_no_whole_number_is_refused(model, tmp_path):
    counter = "encoder.blocks.0.2.num_batches_tracked"
    rewrite(model, tmp_path, lambda old: {**old, counter: torch.tensor(1.0)})
    assert f"{counter} should be () of I64, found ()" in explain(tmp_path)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_floating_point_weights_are_read_as_float32(model, tmp_path, dtype):
    bias = torch.tensor([0.5, -0.25, 2.0])
    rewrite(model, tmp_path, lambda old: {**old, "head.bias": bias.to(dtype)})
    again = checkpoint.load(tmp_path).head.bias
    assert again.dtype == torch.float32
    assert torch.equal(again, bias)


def craft(folder, header, body=b""):
    """A safetensors file with any header at all."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    (folder / checkpoint.FILE).write_bytes(len(text).to_bytes(8, "little") + text + body)


def described(config, classes=("a", "b")):
    """The header's entry that says what a file is."""
    return {
        "__metadata__": {
            "format": checkpoint.FORMAT,
            "model": json.dumps(dataclasses.asdict(config)),
            "classes": json.dumps(classes),
        }
    }


@pytest.mark.parametrize(
    "header",
    [
        b'{"__metadata__":' + b"[" * 200_000,
        b'{"head.bias":' + b'{"a":' * 100_000,
        b"{" + b" " * 2_000_000 + b"}",
        b"\xff\xfe",
        b"[]",
        b'{"head.bias": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 0]}}',
        b'{"head.bias": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}',
        b'{"head.bias": {"dtype": "F32", "shape": [200], "data_offsets": [0, 800]}}',
    ],
)
def test_headers_that_cannot_be_read(tmp_path, header):
    craft(tmp_path, header)
    assert "cannot be read as safetensors" in explain(tmp_path)


def test_a_file_of_gigabytes_is_not_read(tmp_path):
    craft(tmp_path, described(CONFIG))
    os.truncate(tmp_path / checkpoint.FILE, checkpoint.LARGEST + 10**8)  # with a hole: it takes no disk
    assert "2.1 GB, where 2 are the most" in explain(tmp_path)


MEASURE = """
import resource, sys, time
import torch
from cnngru import checkpoint
from cnngru.nn import classifier
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # MiB
before, began = peak(), time.process_time()
try:
    checkpoint.load(sys.argv[1])
except checkpoint.CheckpointError as error:
    print(peak() - before, time.process_time() - began, error, sep="\\n")
"""


def test_what_has_no_weights_gets_no_memory_for_them(tmp_path):
    """Its 2,048 units in four layers and two directions would take 1.2 GB and half a minute to draw."""
    pytest.importorskip("resource", reason="needs POSIX's own count of a process's memory")
    craft(tmp_path, described(dataclasses.replace(CONFIG, hidden=2048, layers=4)))
    out = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    megabytes, seconds, message = out.split("\n", 2)
    assert "found no such tensor" in message
    assert int(megabytes) < 100
    assert float(seconds) < 5
