"""The examples run as their own text says, and what they print is true."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def test_the_gates_example(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.gates", str(tmp_path / "figures")]
    printed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    left, right = re.search(r"add up to the margin: (\S+) = (\S+)\.", printed).groups()
    assert left == right
    first, last = map(int, re.search(r"lies in pixel rows (\d+)–(\d+)", printed).groups())
    found = re.search(r"occlusion: most at step \d+, pixel rows (\d+)–(\d+)", printed)
    assert first <= int(found[1]) <= int(found[2]) <= last
    pages = sorted(path.name for path in (tmp_path / "figures").glob("*.html"))
    assert pages == ["composition.html", "gates.html", "knew.html", "mattered.html", "waterfall.html"]
