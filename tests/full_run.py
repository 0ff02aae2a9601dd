"""A finished run that has all that one can have, for tests that give it away; no engine has started it."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path

import numpy as np
import torch
import unstarted
from safetensors.torch import save as tensors_to_bytes

import cnngru
from cnngru.config import Config, Conv, ModelConfig
from cnngru.presets import preset
from cnngru.runs import archive, artifacts, log, store, titles

Members = dict[str, bytes]  # of a ZIP, by name

TINY = ModelConfig(stem_stride=2, convs=(Conv((3, 3), 8, (1, 4)),), hidden=6)
CONFIG = dataclasses.replace(preset("quick", "rowcue"), model=TINY)
CLASSES = ("a", "b", "c")


def make(name: str = "mine", config: Config = CONFIG) -> Path:
    """A finished run's folder with all that one can have."""
    folder = store.root() / unstarted.create(config, name)
    for event in unstarted.EVENTS[1:7]:
        log.append(folder, event)
    torch.manual_seed(0)
    model = cnngru.CNNGRU(config.model, CLASSES)
    cnngru.save(model, folder)
    for place, file in (("snapshots", "step-0000004.safetensors"), ("states", "now-0000010.safetensors")):
        (folder / place).mkdir()
        if place == "snapshots":
            cnngru.save(model, folder / place, file, half=True)
        else:
            (folder / place / file).write_bytes(tensors_to_bytes({"moment": torch.ones(4)}, {"note": "{}"}))
    artifacts.write_answers(folder, np.full((5, 3), 1 / 3), [0, 1, 2, 0, 1])
    titles.write(folder, "Ärger mit Kühen")
    (folder / "parent.json").write_text('{"run": "theirs", "step": 64}')
    for odd in ("owner.txt", "worker.log", "lock", "survey.npz"):
        (folder / odd).write_text("of this computer")
    (folder / "commands").mkdir()
    (folder / "commands" / "stop").touch()
    return folder


def packed(name: str = "mine", with_states: bool = False) -> io.BytesIO:
    out = io.BytesIO()
    archive.write(store.get(name), out, with_states)
    return out


def files_in(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def zipped(members: Members) -> bytes:
    """As any program packs them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def unzipped(file: io.BytesIO) -> Members:
    with zipfile.ZipFile(file) as given:
        return {name: given.read(name) for name in given.namelist()}


def rezipped(file: io.BytesIO, changed: Members) -> io.BytesIO:
    """Some of its members changed."""
    return io.BytesIO(zipped(unzipped(file) | changed))
