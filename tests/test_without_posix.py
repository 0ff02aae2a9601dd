"""The app where nothing is that only POSIX has: what there is of Windows on other systems. See without_posix.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from systems import WINDOWS

PROJECT = Path(__file__).parents[1]
TESTS = PROJECT / "tests"
FAKE_WORKER = TESTS / "runs" / "fake_worker.py"

IMPORTS = """
import without_posix
names = without_posix.import_everything()  # for the libraries: what they need is their affair
without_posix.forget_the_package()
without_posix.take_away()
assert without_posix.import_everything() == names
print(len(names))
"""

PAGES = """
import sys, without_posix
from streamlit.testing.v1 import AppTest
without_posix.import_everything()
without_posix.forget_the_package()
without_posix.take_away()
for page in sys.argv[1:]:
    test = AppTest.from_file("streamlit_app.py", default_timeout=60)
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception, [error.value for error in test.exception]
    assert "going" in test.sidebar.selectbox(key="run").options
    print(page)
"""

RUNS = """
import sys, time
from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs import store
from cnngru.runs.engines.local import LocalEngine
import os
assert not hasattr(os, "killpg")

config = override(preset("quick", "rowcue"), "training.epochs", 1)
endless = override(override(config, "training.epochs", 1000), "data.seed", 10)  # milliseconds a step
hanging = override(config, "data.seed", 10_000_000)
engine = LocalEngine(tuple(sys.argv[1:]), grace=0.5)
seen = set()

def until(name, what):
    deadline = time.monotonic() + 60
    while not what(run := store.get(name)):
        seen.add(run.status)
        assert time.monotonic() < deadline and run.status != "failed", run.events[-1]
        time.sleep(0.02)

name = engine.start(config)
until(name, lambda run: run.status == "finished")
name = engine.start(endless)
until(name, lambda run: run.last("progress"))
waiting = engine.start(config, "waiting")
time.sleep(0.5)
assert store.get(waiting).status == "queued"
engine.stop(name)
until(name, lambda run: run.status == "stopped")
until(waiting, lambda run: run.status == "finished")
assert "interrupted" not in seen
name = engine.start(hanging)
until(name, lambda run: run.last("started"))
engine.stop(name, force=True)
until(name, lambda run: run.status == "interrupted")
for run in store.all_runs():
    store.delete(run.name)
print("all deleted")
"""


def python(*words: str | Path, **environment: str) -> str:
    path = os.pathsep.join((str(TESTS), str(PROJECT)))
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_everything_can_be_imported() -> None:
    assert int(python("-c", IMPORTS)) > 100


@pytest.mark.parametrize(
    "path", sorted([PROJECT / "streamlit_app.py", *PROJECT.glob("pages/*.py")]), ids=lambda p: p.stem
)
def test_a_page_names_nothing_that_only_posix_has(path: Path) -> None:
    import without_posix

    source = path.read_text(encoding="utf-8")
    compile(source, str(path), "exec")
    assert not [name for name in (*without_posix.MODULES, *without_posix.OF_SIGNAL) if f"import {name}" in source]


def test_pages_are_drawn_with_a_run_that_trains(checkpoints: Path, tmp_path: Path) -> None:
    import unstarted

    from cnngru.presets import preset

    _, held = unstarted.held(preset("quick", "rowcue"), "going")
    pages = ["home", "train", "compare"]
    assert python("-c", PAGES, *pages, CNNGRU_DATA=str(tmp_path)).split() == pages
    os.close(held)


def test_runs_start_queue_stop_and_are_killed(checkpoints: Path, tmp_path: Path) -> None:
    (tmp_path / "runs.py").write_text(RUNS)
    taskkill = tmp_path / "taskkill"  # Windows's: /F /T /PID N
    taskkill.write_text('#!/bin/sh\necho "$@" >> "$0.log"\nexec kill -9 "$4"\n')
    taskkill.chmod(0o755)
    worker = (sys.executable, TESTS / "without_posix.py", FAKE_WORKER)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    said = python(TESTS / "without_posix.py", tmp_path / "runs.py", *worker, PATH=path, CNNGRU_MAX_RUNS="1")
    assert said == "all deleted\n"
    if not WINDOWS:  # there it was the system's own
        assert (tmp_path / "taskkill.log").read_text().startswith("/F /T /PID ")
    assert list(checkpoints.glob("[a-z]*")) == []
