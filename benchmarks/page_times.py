"""How long a person waits, in a real Chromium: `python -m benchmarks.page_times [--repeats 5]`.

First page: from the server's first healthy answer to the home page's heading on the screen, a new server each time.
First loss: from pressing Start on the Train page (CIFAR-10, quick) to the first point of the curve on the screen: the
worker starts, imports torch, reads the data and takes its first step. Needs CIFAR-10 on disk ($CNNGRU_DATA).
"""

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.machine import describe
from cnngru.data import cifar10
from cnngru.runs import engines, store

LIMIT = 120  # seconds after which a wait is given up


@contextmanager
def server() -> Iterator[str]:
    """The app's address, from the moment on that it says it is healthy."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true"]
    process = subprocess.Popen([*command, "--server.port", str(port)], stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=5)
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def first_page(browser: Browser) -> float:
    """Seconds until the home page stands."""
    with server() as address:
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for(timeout=LIMIT * 1000)
        seconds = time.perf_counter() - began
        page.close()
    return seconds


def first_loss(browser: Browser) -> float:
    """Seconds until the first point of the curve stands. The run is stopped and deleted."""
    try:
        with server() as address:
            page = browser.new_page()
            page.goto(f"{address}/train")
            start = page.get_by_role("button", name="Start")
            start.wait_for(timeout=LIMIT * 1000)
            began = time.perf_counter()
            start.click()
            page.locator("[data-testid=stVegaLiteChart]").first.wait_for(timeout=LIMIT * 1000)
            seconds = time.perf_counter() - began
            page.close()
        return seconds
    finally:  # the run would outlive the server
        for run in store.all_runs():
            engines.choose().stop(run.name, force=True)
            store.wait(run.name, LIMIT)
            store.delete(run.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each (default 5)")
    repeats = parser.parse_args().repeats
    print(f"{describe()}\nmedian of {repeats} (min–max), seconds\n\n| wait | seconds |\n|---|---|")
    with tempfile.TemporaryDirectory() as runs, sync_playwright() as playwright:
        os.environ["CNNGRU_CHECKPOINTS"] = str(Path(runs) / "checkpoints")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        waits = {"server up to first page": first_page}
        if cifar10.status() == "ready":
            waits["Start to first loss point, CIFAR-10 quick"] = first_loss
        else:
            print("(first loss point: not measured, CIFAR-10 is not at $CNNGRU_DATA)", file=sys.stderr)
        for what, measure in waits.items():
            seconds = [measure(browser) for _ in range(repeats)]
            print(f"| {what} | {statistics.median(seconds):.1f} ({min(seconds):.1f}–{max(seconds):.1f}) |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
