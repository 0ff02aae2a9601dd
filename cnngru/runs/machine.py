"""How fast this computer trains: measured in two seconds, and kept in a small file beside the runs.

The file can be thrown away at any time. Its name says the computer (processor, cores, threads, torch, and the variables
that hold a processor to what an older one has), so that another computer on the same folder, or another torch, has a
file of its own. A process of its own measures, `python -m cnngru.runs.machine`, so that no page waits for torch.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from cnngru import places
from cnngru.presets import preset
from cnngru.runs import files, lock, store
from cnngru.runs.speed import Speed, read
from cnngru.schema import ConfigError, read_json

VERSION = 1  # of the file
LARGEST = 8192  # bytes of it; it has some 700
HELD_BY = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")
AGAIN = 600  # seconds until another try, where one failed or was disturbed
GIVES_WAY = 10  # as nice counts: beside trainings on all cores it gets a tenth of one
PATIENCE = 120  # seconds that the command line waits
SWITCH = "CNNGRU_MEASURE"  # "off": measure nothing

# What is tried: together they have filters and rows of all kinds, and each step takes a few hundredths of a second.
STEPS = (
    (preset("quick"), (8, 128)),
    (preset("best"), (8, 32)),
    (preset("document"), (8, 128)),
    (preset("best", "rowcue"), (8, 128)),
)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def identity() -> dict[str, Any]:
    """All by which a measurement may differ."""
    held = {name: os.environ[name] for name in HELD_BY if name in os.environ}
    return {"version": VERSION, "cores": cores(), "held": held, **_hardware()}


@cache
def _hardware() -> dict[str, str]:
    """What stays as long as this process lives."""
    name = flags = ""
    with suppress(OSError):  # no Linux
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in reversed(lines))}
        name, flags = said.get("model name", ""), said.get("flags", said.get("Features", ""))
    graphics = ""
    with suppress(OSError):
        graphics = Path("/proc/driver/nvidia/version").read_text(encoding="utf-8", errors="replace")
    torch = ""
    with suppress(importlib.metadata.PackageNotFoundError):
        torch = importlib.metadata.version("torch")
    name = name or platform.processor() or platform.machine()
    return {"processor": name, "flags": flags, "graphics": graphics, "torch": torch}


def kept() -> Speed | None:
    """What was measured of this computer as it is now; None where nothing was, or the file is damaged."""
    try:
        said = read_json(files.read(_file(), LARGEST))
    except (OSError, ConfigError, store.RunError):
        return None
    return read(said) if isinstance(said, dict) and said.get("identity") == identity() else None


def under_way() -> bool:
    """Whether this computer is being measured; begins with it where that is due."""
    if os.environ.get(SWITCH) == "off":
        return False
    found = kept()
    if found is not None and (found.quiet or time.time() - found.time < AGAIN):
        return False
    return _child.begin()


def wait() -> Speed | None:
    """What was measured of this computer, after measuring it where nothing was. None where that cannot be done."""
    if kept() is None and under_way():
        with suppress(subprocess.TimeoutExpired):
            _child.wait()
    return kept()


class _Child:
    """The process that measures. One at a time, whatever sessions and pages ask for it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.began = -math.inf
        self.lock = threading.Lock()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def due(self) -> bool:
        return time.monotonic() - self.began > AGAIN

    def begin(self) -> bool:
        """Starts it, unless it is at work or was tried a short time ago. Returns whether it is at work."""
        with self.lock:
            if self.alive() or not self.due():
                return self.alive()
            self.began = time.monotonic()
            with suppress(OSError, store.RunError):  # without it there is a guess all the same
                self.process = _spawn()
            return self.alive()

    def wait(self) -> None:
        if self.process is not None:
            self.process.wait(PATIENCE)


_child = _Child()


def _spawn() -> subprocess.Popen[bytes]:
    from cnngru.runs.engines.local import ALLOCATOR, ON_WINDOWS  # a worker's memory, or it would be slower than one

    path = os.pathsep.join(filter(None, [str(places.PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    told = {"CNNGRU_CHECKPOINTS": str(store.root().absolute()), "PYTHONPATH": path}
    return subprocess.Popen(
        [sys.executable, "-m", "cnngru.runs.machine"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**ALLOCATOR, **os.environ, **told},
        start_new_session=True,
        creationflags=ON_WINDOWS,
    )


def _file() -> Path:
    said = json.dumps(identity(), sort_keys=True)
    return store.root() / f".speed-{hashlib.sha256(said.encode()).hexdigest()[:16]}.json"


def keep(measured: Mapping[str, Any]) -> None:
    """Writes down what was measured. Raises OSError."""
    file = _file()
    beside = file.with_name(f"{file.name}.{os.getpid()}.part")
    beside.write_text(json.dumps({"identity": identity(), **measured}), encoding="utf-8")
    os.replace(beside, file)


def measure() -> dict[str, Any]:
    """What `Speed` says, measured in this process, which has not loaded torch yet."""
    began = time.perf_counter()
    from cnngru.training import speed

    start = time.perf_counter() - began
    return {**speed.measure(STEPS), "start": start, "time": time.time()}


def _give_way() -> None:
    """Whatever else is at work on this computer comes first."""
    if hasattr(os, "nice"):
        os.nice(GIVES_WAY)
    with suppress(OSError):  # Linux shares the processor among sessions before it looks at who in them is nice
        Path("/proc/self/autogroup").write_text(str(GIVES_WAY), encoding="ascii")


def main() -> int:
    """Measures, unless another process is at it. Raises OSError where the result cannot be kept."""
    _give_way()
    store.root().mkdir(parents=True, exist_ok=True)
    held = lock.acquire(store.root() / ".speed.lock")
    if held is None:
        return 1
    try:
        keep(measure())
    finally:
        os.close(held)
    return 0


if __name__ == "__main__":
    sys.exit(main())
