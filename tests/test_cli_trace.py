"""`python -m cnngru trace` for every kind of cell: all gates by name, and the means of those that are shares."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cnngru
from cnngru.cli import main
from cnngru.config import Conv, ModelConfig

KINDS = {  # cell and readout -> the columns of means
    ("gru", "last"): ["keep", "reset"],
    ("gru-textbook", "gated"): ["keep", "reset", "output"],
    ("lstm", "last"): ["forget", "input", "output"],
    ("mingru", "last"): ["keep"],
    ("rnn", "last"): [],
}


@pytest.mark.parametrize(("cell", "readout"), KINDS)
def test_all_gates_by_name(cell: str, readout: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    convs = (Conv((3, 3), 8, (1, 4)),)
    config = ModelConfig(stem_stride=2, convs=convs, hidden=6, layers=2, cell=cell, readout=readout)  # type: ignore[arg-type]
    model = cnngru.CNNGRU(config, "abc").eval()
    cnngru.save(model, tmp_path)
    seen = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(seen).save(tmp_path / "a.png")
    out = tmp_path / "trace.npz"
    command = ["trace", str(tmp_path), str(tmp_path / "a.png")]
    assert main([*command, "--out", str(out), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]

    from torch import from_numpy

    _, trace = cnngru.trace(model, from_numpy(seen).permute(2, 0, 1)[None].float() / 255)
    with np.load(out) as kept:
        assert set(kept) == {*trace.gates, "hidden", "bands", "logits", "classes"}
        for name, values in trace.gates.items():
            np.testing.assert_allclose(kept[name], values, atol=1e-6)
    words = KINDS[cell, readout]
    assert [list(step) for step in steps] == [["step", "band", *words]] * len(trace.bands)
    for word in words:
        mean = trace.gates["update" if word == "keep" else word][:, :, 0, 5].mean()
        assert steps[5][word] == pytest.approx(float(mean), abs=1e-5)

    assert main(command) == 0
    _, header, *lines = capsys.readouterr().out.splitlines()
    assert [word for word in header.split() if word in {"keep", "reset", "forget", "input", "output"}] == words
    assert ("no gates" in header) == (not words)
    assert [len(line) for line in lines] == [len(header) if words else 16] * len(trace.bands)
