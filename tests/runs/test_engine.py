"""The local engine with real processes: what survives which death, and how many work at once.

Most start tests/runs/fake_worker.py in place of a training, see there; one trains in earnest.

Long, because each death is a test, and all need the same real processes.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
import unstarted
from systems import needs_signals

from cnngru import places
from cnngru.config import Config, override
from cnngru.presets import preset
from cnngru.runs import commands, liveness, lock, store
from cnngru.runs.engines.local import LocalEngine
from cnngru.runs.store import Run, RunError

pytestmark = needs_signals  # of Windows, tests/test_without_posix.py has the main cases
FAKE = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))
PATIENCE = 60.0  # seconds after which a test gives up


def job(epochs: int = 1, milliseconds: int = 1) -> Config:
    """A fake training of ten steps an epoch."""
    return override(override(preset("quick", "rowcue"), "training.epochs", epochs), "data.seed", milliseconds)


ENDLESS = job(epochs=1000, milliseconds=10)
HANGING = job(milliseconds=10_000_000)


def until(what: Callable[[], object]) -> None:
    """Looks again and again until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def pid(name: str) -> int:
    """The worker's, once it has written it down."""
    file = store.root() / name / "lock"
    until(lambda: file.exists() and file.read_text().endswith("\n"))
    return int(file.read_text())


def is_process(number: int) -> bool:
    """Also true of a zombie."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def status(name: str) -> str:
    return store.get(name).status


def training(name: str) -> None:
    until(lambda: store.get(name).last("progress"))


def span(run: Run) -> tuple[float, float]:
    """From its turn to its end, in unix seconds."""
    return run.events_of("data")[0]["time"], run.events[-1]["time"]


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    yield LocalEngine(FAKE, grace=0.5)
    for run in store.all_runs():  # whatever a failed test has left
        if run.live:
            with suppress(ProcessLookupError):
                os.killpg(pid(run.name), signal.SIGKILL)


def test_a_run_finishes_and_leaves_no_zombie(engine: LocalEngine) -> None:
    name = engine.start(job(epochs=2))
    worker = pid(name)
    run = store.wait(name, PATIENCE)
    assert run.status == "finished"
    assert run.has_model
    assert len(run.events_of("progress")) == 20
    assert (run.folder / "worker.log").read_text() == ""
    until(lambda: not is_process(worker))
    engine.stop(name)
    assert not commands.stop_requested(run.folder), "a run that is over stays as it is"


def test_a_new_run_is_live_from_its_first_moment(engine: LocalEngine) -> None:
    assert store.get(engine.start(job())).status != "interrupted"


# A worker that needs a while to come up, as on a machine that starts many at once.
SLOW = (sys.executable, "-c", "import sys, time; time.sleep(0.7); exec(open(sys.argv.pop(1)).read())", FAKE[1])


def test_a_new_run_is_never_interrupted_before_its_worker_is_up(root: Path) -> None:
    name, seen = LocalEngine(SLOW).start(job()), []
    until(lambda: seen.append(status(name)) or seen[-1] == "finished")
    assert [now for now, next_one in pairwise([*seen, ""]) if now != next_one] in (
        ["queued", "running", "finished"],
        ["queued", "finished"],  # it was over between two looks
    )
    assert not (root / name / liveness.STARTING).exists()


def test_a_worker_that_never_comes_up_leaves_an_interrupted_run(root: Path) -> None:
    name = LocalEngine((sys.executable, "-c", "raise SystemExit('broken')")).start(job())
    until(lambda: status(name) == "interrupted")
    assert "broken" in (root / name / "worker.log").read_text()
    store.delete(name)


def test_a_program_that_starts_a_run_ends_once_the_worker_is_up() -> None:
    """It is what keeps the run from reading "interrupted" until then; and it does not wait for longer."""
    code = "import sys; from cnngru.runs.engines.local import LocalEngine; from cnngru.config import Config\n"
    code += "print(LocalEngine(tuple(sys.argv[2:])).start(Config.from_json(sys.argv[1])))"
    command = [sys.executable, "-c", code, ENDLESS.to_json(), *SLOW]
    done = subprocess.run(command, capture_output=True, text=True, cwd=places.HOME, check=True)
    assert done.stderr == ""
    name = done.stdout.strip()
    assert status(name) in ("queued", "running")
    LocalEngine(FAKE, grace=PATIENCE).stop(name, force=True)
    assert status(name) == "stopped"


# A server in its own process, which tells the names of the runs that it starts and then serves for ever.
SERVER = """
import sys, time
from cnngru.config import Config
from cnngru.runs.engines.local import LocalEngine
engine = LocalEngine(tuple(sys.argv[3:]))
for _ in range(int(sys.argv[1])):
    print(engine.start(Config.from_json(sys.argv[2])), flush=True)
time.sleep(1000)
"""


def server(runs: int, config: Config) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SERVER, str(runs), config.to_json(), *FAKE]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=places.HOME, start_new_session=True)


def names(server: "subprocess.Popen[str]", runs: int) -> list[str]:
    assert server.stdout is not None
    return [server.stdout.readline().strip() for _ in range(runs)]


def end(server: "subprocess.Popen[str]") -> None:
    """Kills it with all of its process group, as closing a terminal would."""
    os.killpg(server.pid, signal.SIGKILL)
    server.communicate()


def test_killing_the_server_does_not_hurt_a_run(engine: LocalEngine) -> None:
    home = server(1, job(epochs=3, milliseconds=30))
    [name] = names(home, 1)
    training(name)
    end(home)
    assert status(name) == "running"
    run = store.wait(name, PATIENCE)
    assert run.status == "finished"
    assert len(run.events_of("progress")) == 30


def test_another_server_can_stop_it(engine: LocalEngine) -> None:
    home = server(1, ENDLESS)
    [name] = names(home, 1)
    training(name)
    end(home)
    engine.stop(name)
    assert store.wait(name, PATIENCE).status == "stopped"


@pytest.mark.parametrize("at", ["queued", "running", "stopping"])
def test_killing_the_worker_reads_interrupted(at: str, engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    busy = engine.start(ENDLESS)
    training(busy)
    name = engine.start(HANGING) if at == "queued" else busy
    worker = pid(name)
    if at == "stopping":
        os.kill(worker, signal.SIGSTOP)
        engine.stop(name)
    assert status(name) == at
    os.kill(worker, signal.SIGKILL)
    until(lambda: not is_process(worker))
    assert status(name) == "interrupted"
    if at == "queued":
        engine.stop(busy)
        store.wait(busy, PATIENCE)
    after = engine.start(job())
    assert store.wait(after, PATIENCE).status == "finished", "it blocks the queue"


def test_sigterm_is_a_stop(engine: LocalEngine) -> None:
    name = engine.start(ENDLESS)
    training(name)
    os.kill(pid(name), signal.SIGTERM)
    run = store.wait(name, PATIENCE)
    assert run.status == "stopped"
    assert run.has_model


def test_force_ends_what_does_not_listen(engine: LocalEngine) -> None:
    name = engine.start(HANGING)
    until(lambda: store.get(name).last("started"))
    worker = pid(name)
    engine.stop(name)
    assert status(name) == "stopping"
    engine.stop(name, force=True)
    assert status(name) == "interrupted"
    until(lambda: not is_process(worker))


def test_force_lets_a_worker_that_listens_keep_its_weights(engine: LocalEngine) -> None:
    name = engine.start(ENDLESS)
    training(name)
    LocalEngine(FAKE, grace=PATIENCE).stop(name, force=True)
    assert status(name) == "stopped"
    assert store.get(name).has_model


def test_force_signals_nobody_once_the_lock_is_free(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "killpg", lambda *_: pytest.fail("a pid that may be another program's was signalled"))
    name, descriptor = unstarted.held(job())
    held = lock.held
    monkeypatch.setattr(lock, "held", lambda path: held(path) and os.close(descriptor) is None)  # dies after one look
    engine.stop(name, force=True)


def test_two_servers_share_one_limit(monkeypatch: pytest.MonkeyPatch, engine: LocalEngine) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "2")
    homes = [server(3, job(milliseconds=30)) for _ in range(2)]
    started = [name for home in homes for name in names(home, 3)]
    runs = [store.wait(name, PATIENCE) for name in started]
    for home in homes:
        end(home)
    assert len(set(started)) == 6
    assert [run.status for run in runs] == ["finished"] * 6
    assert all(len(run.events_of("started")) == 1 for run in runs), "one was started twice"
    spans = [span(run) for run in runs]
    together = [sum(start <= moment < stop for start, stop in spans) for moment, _ in spans]
    assert max(together) == 2, f"at once: {together}"


def test_the_oldest_queued_goes_first_and_one_can_be_stopped(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    busy = engine.start(ENDLESS, "busy")
    training(busy)
    for name in ("zebra", "mouse", "ant"):  # not in the order of their names
        engine.start(job(), name)
    for name in ("zebra", "mouse", "ant"):
        pid(name)
        assert status(name) == "queued"
    engine.stop("mouse")
    assert store.wait("mouse", PATIENCE).status == "stopped"
    assert not store.get("mouse").begun
    assert status("busy") == "running"
    engine.stop("busy")
    turns = [span(store.wait(name, PATIENCE)) for name in ("busy", "zebra", "ant")]
    assert all(before[1] <= after[0] for before, after in pairwise(turns))


def test_a_deleted_folder_ends_the_worker(engine: LocalEngine, root: Path) -> None:
    name = engine.start(ENDLESS)
    training(name)
    worker = pid(name)
    os.rename(root / name, root / ".gone")  # as a file manager does; the log can still be read there
    until(lambda: not is_process(worker))
    assert f"There is no run named {name}. It may have been deleted." in (root / ".gone" / "worker.log").read_text()
    assert not (root / name).exists()


def test_a_full_disk_holds_the_worker_with_whole_lines_until_it_is_ended(root: Path) -> None:
    limited = ("/bin/sh", "-c", 'ulimit -f 4; exec "$@"', "sh", *FAKE)  # no file may pass 4 blocks
    engine = LocalEngine(limited)
    name = engine.start(ENDLESS)
    until(lambda: store.get(name).waits_for)
    assert store.get(name).status == "running"
    engine.stop(name, force=True)
    run = store.wait(name, PATIENCE)
    assert run.status in ("stopped", "interrupted")  # the last line has found room, or not
    assert (root / name / "events.jsonl").read_bytes().endswith(b"}\n")


def test_a_worker_that_cannot_start_leaves_nothing(root: Path) -> None:
    with pytest.raises(RunError, match="could not be started"):
        LocalEngine(("/no/such/program",)).start(job())
    assert list(root.iterdir()) == []


def test_a_wrong_limit_is_told_at_once(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "many")
    with pytest.raises(RunError, match="CNNGRU_MAX_RUNS"):
        engine.start(job())
    assert not root.exists()


def test_a_real_training_from_another_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", "here")  # relative to where the person is
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    config = preset("quick", "rowcue")
    for setting, value in (("data.pictures", 600), ("training.epochs", 1), ("training.batch", 100)):
        config = override(config, setting, value)
    name = LocalEngine().start(config)
    run = store.wait(name, 3 * PATIENCE)
    assert run.status == "finished", (run.folder / "worker.log").read_text()
    assert [event["epoch"] for event in run.events_of("validated")] == [1]
    assert run.last("finished")["n"] == run.last("started")["test"]

    import cnngru

    assert cnngru.load(run.folder).classes == tuple(run.last("started")["classes"])
