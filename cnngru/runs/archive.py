"""A run as one file that can be given away: a ZIP with a folder of the run's name, which unpacking.py opens elsewhere.

    NAME/config.json         paths of this computer left out of it
    NAME/events.jsonl        to the last whole line
    NAME/model.safetensors   and snapshots/, as they are
    NAME/test.safetensors    test.npz, in a format in which nothing can hide
    NAME/title.txt, …        what people have written (not whether it is pinned), and the run that it was forked from
    NAME/states/             on wish: what a training goes on from, several times as large as the weights

What says whose it is and who works on it stays where it is: owner, lock, commands, the worker's output. What can be
computed again (survey.npz) is not packed either. Imports no torch.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from cnngru.config import Config
from cnngru.runs import artifacts, files, labels, log, titles
from cnngru.runs.run import CONFIG, Run

MODEL = "model.safetensors"
ANSWERS = "test.safetensors"
# What is text, and how many bytes of it.
TEXTS = {CONFIG: 64_000, log.FILE: log.MOST, titles.FILE: 1_000, labels.FILE: labels.MOST, "parent.json": 10_000}
SNAPSHOT = re.compile(r"snapshots/step-[0-9]{7,12}\.safetensors")
STATE = re.compile(r"states/(now|step)-[0-9]{7,12}\.safetensors")
ELSEWHERE = "(on another computer)"  # before the name of a folder of pictures; there is no such folder
PIECE = 1_000_000  # bytes that are copied at a time


def write(run: Run, out: IO[bytes], with_states: bool = False) -> None:
    """Packs the run into a file that is open for writing, piece by piece; a run that goes on is packed as it is now.

    The same files give the same bytes. Raises OSError.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in TEXTS:
            if files.is_plain(run.folder / name):
                _add(archive, run, name, _text(run, name))
        for file in _tensor_files(run, with_states):
            with file.open("rb") as source, archive.open(_entry(run, file), "w") as target:
                shutil.copyfileobj(source, target, PIECE)
        if (answers := _answers(run.folder)) is not None:
            _add(archive, run, ANSWERS, answers, dated=artifacts.ANSWERS)


def size(run: Run, with_states: bool = False) -> int:
    """Bytes of what would be packed, before it is made smaller."""
    texts = [run.folder / name for name in (*TEXTS, artifacts.ANSWERS)]
    return sum(file.stat().st_size for file in (*texts, *_tensor_files(run, with_states)) if files.is_plain(file))


def portable(config: Config) -> Config:
    """The config without paths of this computer, which mean nothing elsewhere and are nobody's business there.

    CIFAR-10 is looked for where it usually is; of a folder of pictures the name remains, at a place that no computer
    has, so that a run from a stranger cannot have a folder of this one read.
    """
    data = config.data
    if not data.path:
        return config
    path = ""
    if data.name == "folder":
        last = [part for part in re.split(r"[/\\]", data.path) if part][-1:]
        path = "/".join((ELSEWHERE, *last))
    return dataclasses.replace(config, data=dataclasses.replace(data, path=path))


def unpinned(folder: Path) -> bytes:
    """A run's note and tags as a file has them, without its pin: everybody chooses their own baselines."""
    found = dataclasses.replace(labels.read(folder), pinned=False)
    return (json.dumps(dataclasses.asdict(found), ensure_ascii=False) + "\n").encode()


def _text(run: Run, name: str) -> bytes:
    """What is packed of one of the run's texts. Raises OSError."""
    data = files.read(run.folder / name, max(TEXTS[name], 100_000))
    if name == log.FILE:
        return data[: data.rfind(b"\n") + 1]
    if name == labels.FILE:
        return unpinned(run.folder)
    if name == CONFIG and (shared := portable(run.config)) != run.config:
        return shared.to_json().encode()
    return data


def _tensor_files(run: Run, with_states: bool) -> Iterator[Path]:
    if run.has_model:
        yield run.folder / MODEL
    yield from (file for _, file in run.snapshots())
    place = run.folder / "states"
    if with_states and not place.is_symlink():
        for file in sorted(place.glob("*")):
            if STATE.fullmatch(f"states/{file.name}") and files.is_plain(file):
                yield file


def _answers(folder: Path) -> bytes | None:
    found = artifacts.answers(folder)
    if found is None:
        return None
    import numpy as np
    from safetensors.numpy import save

    return save({"probabilities": found[0].astype(np.float16), "labels": found[1].astype(np.uint8)})


def _entry(run: Run, file: Path, name: str = "") -> zipfile.ZipInfo:
    """How a file of the run's folder is listed, with its own date."""
    name = name or file.relative_to(run.folder).as_posix()
    entry = zipfile.ZipInfo.from_file(file, f"{run.name}/{name}", strict_timestamps=False)
    entry.external_attr = 0o100644 << 16
    entry.compress_type = (
        zipfile.ZIP_STORED if name.endswith(".safetensors") else zipfile.ZIP_DEFLATED
    )  # weights: noise
    return entry


def _add(archive: zipfile.ZipFile, run: Run, name: str, data: bytes, dated: str = "") -> None:
    entry = _entry(run, run.folder / (dated or name), name)
    entry.file_size = len(data)
    archive.writestr(entry, data)
