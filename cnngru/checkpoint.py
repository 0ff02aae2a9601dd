"""A trained model on disk: one safetensors file that says itself what it is.

The weights lie in the tensors; the architecture and the class names lie as JSON in the file's metadata. Nothing in
such a file is run when it is read, so one from a stranger is safe to open.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from cnngru import places
from cnngru.bands import bands
from cnngru.config import PICTURE, ConfigError, ModelConfig
from cnngru.nn.classifier import CNNGRU
from cnngru.schema import from_dict, read_json

FILE = "model.safetensors"
FORMAT = "cnngru-1"
HALF_MAX = torch.finfo(torch.float16).max
LARGEST = 2_000_000_000  # bytes of a file; 2,048 LSTM units in four layers and two directions take 1.5 GB
HEADER = 1_000_000  # bytes of its description; with 100 long class names it takes a tenth
CLASSES, NAME = (2, 256), (1, 1024)  # how few and how many classes, and bytes of a class's name
FLOATS = ("F16", "BF16", "F32", "F64")  # any of them is read as float32
TYPES = {torch.float32: "F32", torch.int64: "I64"}  # the types of a model's tensors, in safetensors' words
NONE = "no such tensor"


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
    """The model in a run's folder, of the run of that name ("cifar10-best"), or in a .safetensors file; in eval mode on
    the CPU, its weights float32.

    Raises CheckpointError when there is none, or it is not ours, cut short, does not fit its own description, or has
    weights or answers that are no numbers. All but these is found in the file's header, before room is made for any
    weight.
    """
    file = places.checkpoint(path)
    if file.is_dir():
        file = file / FILE
    if not file.is_file():
        raise CheckpointError(f"There is no model at {file}. Expected a run's name, its folder, or its {FILE}.")
    if (size := file.stat().st_size) > LARGEST:
        raise CheckpointError(
            f"{file} is no model of this project: {size / 1e9:.1f} GB, where {LARGEST / 1e9:g} are the most."
        )
    try:
        with open(file, "rb") as beginning:
            length = int.from_bytes(beginning.read(8), "little")  # how safetensors begins
        if length > HEADER:
            raise SafetensorError(f"its header would be {length:,} bytes long")
        with safe_open(file, framework="pt", device="cpu") as opened:
            slices = {name: opened.get_slice(name) for name in opened.keys()}  # noqa: SIM118 — it is no dict
            kinds = {name: (part.get_shape(), part.get_dtype()) for name, part in slices.items()}
            model = described(file, opened.metadata() or {}, kinds)
            expected = model.state_dict()
            tensors = {name: opened.get_tensor(name).to(tensor.dtype) for name, tensor in expected.items()}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file} cannot be read as safetensors: damaged or cut short ({error}).") from error
    for name, tensor in tensors.items():
        if not tensor.isfinite().all() or (name.endswith("running_var") and (tensor < 0).any()):
            raise CheckpointError(
                f"{file} has weights that are no numbers: {name}. Use another checkpoint, or train anew."
            )
    model.load_state_dict(tensors, assign=True)
    model.bands = torch.tensor(bands(model.config))  # follows from the settings, so no file has it
    model = model.to(memory_format=torch.channels_last).eval()
    if not _answers(model):
        raise CheckpointError(
            f"{file} answers with no numbers: its weights are too large, or damaged. Use another checkpoint, or train "
            "anew."
        )
    return model


@torch.no_grad()
def _answers(model: CNNGRU) -> bool:
    """Whether it has numbers for answers, to a black picture, a white one and noise."""
    noise = torch.rand(1, 3, PICTURE, PICTURE, generator=torch.Generator().manual_seed(0))
    pictures = torch.cat([torch.zeros_like(noise), torch.ones_like(noise), noise])
    return bool(model(pictures).isfinite().all())


def described(file: Path, metadata: Mapping[str, str], kinds: Mapping[str, tuple[Sequence[int], str]]) -> CNNGRU:
    """The model that a file's header describes, its tensors without any memory.

    kinds are the shapes of the file's tensors and safetensors' words for their types, by name. Raises CheckpointError
    where that is no model of ours, or one with other tensors.
    """
    model = _model(file, metadata)
    expected = model.state_dict()
    for name in [*expected, *kinds]:
        want = _kind(expected[name].shape, TYPES[expected[name].dtype]) if name in expected else NONE
        have = _kind(*kinds[name]) if name in kinds else NONE
        if want != have:
            raise CheckpointError(f"{file} does not fit its description: {name} should be {want}, found {have}.")
    return model


def _model(file: Path, metadata: Mapping[str, str]) -> CNNGRU:
    """The model that the file's metadata describe, its tensors without any memory. Raises CheckpointError."""
    if metadata.get("format") != FORMAT:
        found = metadata.get("format", "none")[:80]
        raise CheckpointError(f"{file} is no model of this project: expected the format {FORMAT}, found {found}.")
    try:
        config = from_dict(ModelConfig, read_json(metadata["model"]), "model")
        classes = read_json(metadata["classes"])
        if not (isinstance(classes, list) and CLASSES[0] <= len(classes) <= CLASSES[1]):
            raise ConfigError(f"expected a list of {CLASSES[0]} to {CLASSES[1]} class names")
        for name in classes:
            if not (isinstance(name, str) and NAME[0] <= len(name.encode()) <= NAME[1]):
                raise ConfigError(f"expected class names of {NAME[0]} to {NAME[1]} bytes")
        if len(set(classes)) < len(classes):
            raise ConfigError("two classes have one name")
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{file} does not say what it is: its description cannot be read ({error}).") from error
    with torch.device("meta"):
        return CNNGRU(config, classes)


def _kind(shape: Sequence[int], dtype: str) -> str:
    """A tensor's shape, and safetensors' word for its type where that is no common floating-point one."""
    return f"{tuple(shape)}{'' if dtype in FLOATS else f' of {dtype}'}"
