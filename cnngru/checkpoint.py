"""A trained model on disk: one safetensors file that says itself what it is.

The weights lie in the tensors; the architecture and the class names lie as JSON in the file's metadata. Nothing in
such a file is run when it is read, so one from a stranger is safe to open.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from cnngru.config import ConfigError, ModelConfig, from_dict
from cnngru.nn.classifier import CNNGRU

FILE = "model.safetensors"
FORMAT = "cnngru-1"
HALF_MAX = torch.finfo(torch.float16).max


class CheckpointError(ValueError):
    """A file that cannot be used as a model. The message names the file, what was expected and what was found."""


def save(model: CNNGRU, folder: str | os.PathLike[str], name: str = FILE, half: bool = False) -> Path:
    """Writes folder/`name`, whole or not at all, and returns its path.

    half    float16 weights: half the size, for many snapshots of one training. `load` gives float32 back, each weight
            within 1 part in 2,000 of what it was (below 0.00006: within 3e-8)
    """
    tensors = {key: _stored(tensor, half) for key, tensor in model.state_dict().items()}
    metadata = {
        "format": FORMAT,
        "model": json.dumps(dataclasses.asdict(model.config)),
        "classes": json.dumps(model.classes, ensure_ascii=False),
    }
    path = Path(folder) / name
    handle, beside = tempfile.mkstemp(dir=folder, prefix=name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(to_bytes(tensors, metadata))
        os.chmod(beside, 0o644)  # mkstemp keeps others out; a model is for sharing
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return path


def _stored(tensor: Tensor, half: bool) -> Tensor:
    """On the CPU, contiguous; as float16 where that is asked for and can hold the values."""
    tensor = tensor.detach().cpu().contiguous()
    if half and tensor.is_floating_point() and not (tensor.abs() > HALF_MAX).any():
        return tensor.half()
    return tensor


def load(path: str | os.PathLike[str]) -> CNNGRU:
    """The model in a run's folder, or in a .safetensors file, in eval mode on the CPU, its weights float32.

    Raises CheckpointError when there is none, or it is not ours, cut short, or does not fit its own description.
    """
    file = Path(path)
    if file.is_dir():
        file = file / FILE
    if not file.is_file():
        raise CheckpointError(f"There is no model at {file}. Expected a run's folder, or its {FILE}.")
    try:
        with safe_open(file, framework="pt", device="cpu") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 — it is no dict
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} cannot be read as safetensors: damaged or cut short ({error}).") from error
    if metadata.get("format") != FORMAT:
        found = metadata.get("format", "none")
        raise CheckpointError(f"{file} is no model of this project: expected the format {FORMAT}, found {found}.")
    try:
        config = from_dict(ModelConfig, json.loads(metadata["model"]), "model")
        classes = json.loads(metadata["classes"])
        if not (isinstance(classes, list) and len(classes) >= 2 and all(isinstance(name, str) for name in classes)):
            raise ConfigError("expected a list of at least two class names.")
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{file} does not say what it is: its description cannot be read ({error}).") from error
    with torch.random.fork_rng(devices=[]):  # the weights drawn here are thrown away; the caller's random state is not
        model = CNNGRU(config, classes)
    expected = model.state_dict()
    for name in [*expected, *tensors]:
        want = tuple(expected[name].shape) if name in expected else "no such tensor"
        have = tuple(tensors[name].shape) if name in tensors else "no such tensor"
        if want != have:
            raise CheckpointError(f"{file} does not fit its description: {name} should be {want}, found {have}.")
    model.load_state_dict(tensors)
    return model.eval()
