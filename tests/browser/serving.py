"""The app's server as a process on 127.0.0.1, and settings for runs that a test can wait for."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnngru.config import Config, override
from cnngru.presets import preset

PROJECT = Path(__file__).parents[2]
LEAVES = 10  # seconds for a server to end: it waits for its connections, and a browser may not let go of one
PATIENCE = 100  # seconds for anything: two shared cores and a cold torch


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """`python -m cnngru app` on a free port, with this environment; yields its address. Output: server.log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", folder / "server.log"
    command = [sys.executable, "-m", "cnngru", "app", "--server.headless", "true"]
    with log.open("ab") as output:
        server = subprocess.Popen(
            [*command, "--server.port", str(port)], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(f"{url}/_stcore/health"):
            assert server.poll() is None, f"the server ended: {log.read_text()}"
            assert time.monotonic() < deadline, f"the server did not come up: {log.read_text()}"
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=LEAVES)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


def rowcue(epochs: int, pictures: int, batch: int = 100) -> Config:
    """A quick RowCue run on one thread."""
    config = override(preset("quick", "rowcue"), "training.epochs", epochs)
    for setting, value in {"data.pictures": pictures, "training.batch": batch, "training.threads": 1}.items():
        config = override(config, setting, value)
    return config
