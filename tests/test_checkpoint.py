"""Models on disk: they come back equal, and a file that is not one is told apart in words."""

import json

import pytest
import torch
from safetensors.torch import save_file

from cnngru import checkpoint
from cnngru.checkpoint import CheckpointError
from cnngru.config import Conv, ModelConfig
from cnngru.nn.classifier import CNNGRU

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


@pytest.mark.parametrize("bad", ["{", "[]", json.dumps({"hidden": "many"}), json.dumps({"hidden": 10**9})])
def test_a_description_that_cannot_be_used(model, tmp_path, bad):
    rewrite(model, tmp_path, model=bad)
    assert "does not say what it is" in explain(tmp_path)


@pytest.mark.parametrize("bad", ["3", '["one"]', "[1, 2]", "{"])
def test_class_names_that_cannot_be_used(model, tmp_path, bad):
    rewrite(model, tmp_path, classes=bad)
    assert "does not say what it is" in explain(tmp_path)
