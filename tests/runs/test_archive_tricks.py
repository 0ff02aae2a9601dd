"""What a stranger may hand over as a run: each trick is told in a sentence, and nothing of it is kept."""

import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from full_run import Members, files_in, make, packed, unzipped, zipped
from safetensors.torch import save as tensors_to_bytes

from cnngru.runs import store, unpacking
from cnngru.runs.store import RunError

Trick = Callable[[Members], bytes]  # from the members of a good file: the bytes of a bad one
CONFIG, LOG, TITLE = "mine/config.json", "mine/events.jsonl", "mine/title.txt"
MODEL, ANSWERS, STATE = "mine/model.safetensors", "mine/test.safetensors", "mine/states/now-0000001.safetensors"
LINK = stat.S_IFLNK | 0o777


def put(name: str, data: bytes) -> Trick:
    """Other bytes in a file."""
    return lambda members: zipped({**members, name: data})


def without(part: str) -> Trick:
    return lambda members: zipped({name: data for name, data in members.items() if part not in name})


def listed(name: str, data: bytes = b"x", mode: int = 0, method: int = zipfile.ZIP_STORED) -> Trick:
    """One member more, as no honest program would list it."""

    def trick(members: Members) -> bytes:
        out = io.BytesIO(zipped({other: data for other, data in members.items() if other != name or name == CONFIG}))
        with zipfile.ZipFile(out, "a") as made:
            entry = zipfile.ZipInfo("placeholder")
            entry.filename = entry.orig_filename = name
            entry.external_attr, entry.compress_type = mode << 16, method
            made.writestr(entry, data)
        return out.getvalue()

    return trick


def in_the_list(name: str, at: int, value: bytes) -> Trick:
    """Bytes of a file's entry in the list, changed."""

    def trick(members: Members) -> bytes:
        data = bytearray(zipped(members))
        entry = data.rindex(name.encode()) - 46  # the list comes last
        data[entry + at : entry + at + len(value)] = value
        return bytes(data)

    return trick


def declared(name: str, size: int) -> Trick:
    return in_the_list(name, 24, struct.pack("<I", size))


def header(change: Callable[[dict[str, Any]], object]) -> Trick:
    """The weights' own description of themselves, changed."""

    def trick(members: Members) -> bytes:
        data = members[MODEL]
        length = int.from_bytes(data[:8], "little")
        described = json.loads(data[8 : 8 + length])
        change(described)
        text = json.dumps(described).encode()
        return put(MODEL, struct.pack("<Q", len(text)) + text + data[8 + length :])(members)

    return trick


def bias(**said: object) -> Trick:
    return header(lambda described: described["head.bias"].update(said))


def all_at_0(described: dict[str, Any]) -> None:
    for name, tensor in described.items():
        if name != "__metadata__":
            first, end = tensor["data_offsets"]
            tensor["data_offsets"] = [0, end - first]


def another_network(members: Members) -> bytes:
    config = json.loads(members[CONFIG])
    config["model"]["keep_bias"] = 2.0  # its tensors have the same shapes
    return put(CONFIG, json.dumps(config).encode())(members)


def tensors(name: str, **given: torch.Tensor) -> Trick:
    return put(name, tensors_to_bytes(given))


def in_each_other(members: Members) -> bytes:
    """Many files that are the same bytes: each small, all together without end."""
    name = "mine/snapshots/step-{:07}.safetensors"
    data = zipped({**members, LOG: os.urandom(500_000), **{name.format(i): b"" for i in range(9)}})
    out = bytearray(data)
    log = out.rindex(LOG.encode()) - 46
    for i in range(9):
        entry = out.rindex(name.format(i).encode()) - 46
        out[entry + 16 : entry + 28], out[entry + 42 : entry + 46] = out[log + 16 : log + 28], out[log + 42 : log + 46]
    return bytes(out)


HALVES = {"probabilities": torch.ones(2, 3).half()}
TRICKS: dict[str, tuple[Trick, str]] = {
    "no zip": (lambda members: b"hello", "no ZIP"),
    "empty": (lambda members: b"", "no ZIP"),
    "cut short": (lambda members: zipped(members)[:-200], "no ZIP"),
    "nothing in it": (lambda members: zipped({}), "no run in it"),
    "no config": (without("config"), "no run in it"),
    "a way up": (listed("mine/../../evil.txt"), "no part of a run"),
    "a way up in front": (listed("../evil.txt"), "leads elsewhere"),
    "an absolute path": (listed("/etc/evil.txt"), "leads elsewhere"),
    "a drive": (listed("C:/evil.txt"), "leads elsewhere"),
    "backslashes": (listed("mine\\title.txt"), "leads elsewhere"),
    "backslashes inside": (listed("mine/snapshots\\step-0000001.safetensors"), "no part of a run"),
    "a NUL in a name": (listed("mine/parent.json\0.exe"), "leads elsewhere"),
    "an odd name": (listed("mine/run.sh"), "no part of a run"),
    "a lock": (listed("mine/lock"), "no part of a run"),
    "a command": (listed("mine/commands/stop"), "no part of a run"),
    "an owner": (listed("mine/owner.txt"), "no part of a run"),
    "an npz": (listed("mine/test.npz"), "no part of a run"),
    "a pickle": (listed("mine/model.pt"), "no part of a run"),
    "another case": (listed("mine/CONFIG.JSON"), "no part of a run"),
    "digits of another script": (listed("mine/snapshots/step-٠٠٠٠٠٠١.safetensors"), "no part of a run"),
    "two runs": (listed("yours/config.json"), "several folders"),
    "the same twice": (listed(CONFIG), "twice"),
    "a link": (listed(TITLE, b"/etc/passwd", LINK), "link"),
    "a linked folder": (listed("mine/states/", b"/etc", LINK), "link"),
    "a pipe": (listed(TITLE, b"", stat.S_IFIFO), "link"),
    "another packing": (listed(TITLE, method=zipfile.ZIP_LZMA), "packed in a way"),
    "a password": (in_the_list(CONFIG, 8, b"\1"), "password"),
    "too many files": (
        lambda members: zipped(members | {f"mine/snapshots/step-{i:07}.safetensors": b"" for i in range(1001)}),
        "1,000 at most",
    ),
    "a list without end": (
        lambda members: zipped(members | {f"mine/{i:0100}": b"" for i in range(2000)}),
        "more files than a run has",
    ),
    "files in each other": (in_each_other, "lie in each other"),
    "a large config": (put(CONFIG, b" " * 64_001), "64,000 are the most"),
    "a bomb of a log": (put(LOG, b"\n" * 65_000_000), "64,000,000 are the most"),
    "a small bomb": (put(LOG, b"\n" * 30_000_000), "30,000,000 bytes, from"),
    "a size that is too large": (declared(CONFIG, 60_000), "another size|damaged"),
    "a size that is too small": (declared(LOG, 100), "another size|damaged"),
    "no JSON": (put(CONFIG, b"{"), "settings cannot be read"),
    "half a letter": (put(CONFIG, b'{"preset": "\\ud800"}'), "settings cannot be read"),
    "a huge network": (put(CONFIG, b'{"model": {"hidden": 9999999}}'), "settings cannot be read"),
    "a parent without end": (put("mine/parent.json", b"[" * 5_000), "forked from"),
    "tags that are none": (listed("mine/labels.json", b"[]"), "note and tags"),
    "a title of bytes": (put(TITLE, b"\xff\xfe"), "no text"),
    "a long title": (put(TITLE, b"a" * 1001), "1,000 are the most"),
    "no weights": (put(MODEL, b"not tensors"), "damaged"),
    "a long header": (put(MODEL, struct.pack("<Q", 90_000_000) + b"{}"), "90,000,000 bytes long"),
    "weights cut short": (lambda members: put(MODEL, members[MODEL][:-4])(members), "for them"),
    "weights and a program": (lambda members: put(MODEL, members[MODEL] + b"#!/bin/sh")(members), "for them"),
    "tensors in each other": (header(all_at_0), "overlap"),
    "a shape that lies": (bias(shape=[2**39]), "does not fit its shape"),
    "a negative shape": (bias(shape=[-3]), "no tensor has"),
    "an unknown type": (bias(dtype="PICKLE"), "no tensor has"),
    "a type that is none": (bias(dtype=["F32"]), "no tensor has"),
    "a tensor of text": (header(lambda described: described.update({"head.bias": "three"})), "not described"),
    "notes that are none": (header(lambda described: described.update(__metadata__=3)), "notes"),
    "a tensor too many": (
        header(lambda described: described.update(more={"dtype": "F32", "shape": [0], "data_offsets": [0, 0]})),
        "no such tensor",
    ),
    "a tensor too few": (header(lambda described: described.pop("head.bias")), "overlap|for them"),
    "weights of nothing": (tensors(MODEL, a=torch.ones(2)), "no model of this project"),
    "weights of another network": (another_network, "another network"),
    "answers that are weights": (tensors(ANSWERS, a=torch.ones(2)), "other arrays"),
    "answers too few": (tensors(ANSWERS, labels=torch.ones(3, dtype=torch.uint8), **HALVES), "other arrays"),
    "answers of no class": (tensors(ANSWERS, labels=torch.full((2,), 3, dtype=torch.uint8), **HALVES), "no answers"),
    "a state that is none": (listed(STATE, b"state"), "damaged"),
}


@pytest.mark.parametrize("kind", TRICKS)
def test_tricks_are_told_in_a_sentence_and_nothing_is_kept(
    kind: str, elsewhere: Callable[[], Path], tmp_path: Path
) -> None:
    make()
    members = unzipped(packed())
    root = elsewhere()
    assert unpacking.unpack(io.BytesIO(zipped(members))) == "mine", "packed by another program it is a run"
    before = files_in(tmp_path)
    trick, said = TRICKS[kind]
    with pytest.raises(RunError, match=said) as refused:
        unpacking.unpack(io.BytesIO(trick(members)))
    assert "Nothing was kept" in str(refused.value)
    assert files_in(tmp_path) == before
    assert os.listdir(root) == ["mine"]


def test_bytes_are_counted_while_they_come_out(elsewhere: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where Python's reader should go on beyond what the list says."""
    make()
    file = packed()
    elsewhere()
    honest = zipfile.ZipExtFile.read

    def endless(self: zipfile.ZipExtFile, n: int = -1) -> bytes:
        return honest(self, n) or (b"x" * n if self.name.endswith(LOG) else b"")

    monkeypatch.setattr(zipfile.ZipExtFile, "read", endless)
    with pytest.raises(RunError, match="another size"):
        unpacking.unpack(file)
    assert os.listdir(store.root()) == []
