"""The cluster engine with a real cluster: two nodes on this machine, each at a loopback address of its own.

Most runs are tests/runs/fake_worker.py's; one trains in earnest.

Long, because the cluster is started once for all that is asked of it.
"""

import importlib.util
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnngru import places
from cnngru.config import Config, override
from cnngru.presets import preset
from cnngru.runs import cluster, engine_note, engines, store
from cnngru.runs.commands import Command
from cnngru.runs.engines import ray_queue
from cnngru.runs.engines.ray_jobs import RayEngine

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None, reason="needs Ray: pip install -r requirements-ray.txt"
    ),
    pytest.mark.skipif(sys.platform != "linux", reason="needs several loopback addresses, and Ray's nodes: Linux"),
]
PATIENCE = 90.0  # seconds after which a test gives up
CPUS = 4  # of a node, as it says: the fakes only sleep
REAL = ray_queue.WORKER
FAKE = (sys.executable, str(Path(__file__).with_name("fake_job.py")))


def until(what: Callable[[], object]) -> None:
    """Looks again and again until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def job(epochs: int = 1, milliseconds: int = 1) -> Config:
    """A fake training of ten steps an epoch."""
    return override(override(preset("quick", "rowcue"), "training.epochs", epochs), "data.seed", milliseconds)


ENDLESS = job(epochs=1000, milliseconds=50)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Room:
    """A room's computers: the head, and others that come and go."""

    def __init__(self, port: int):
        self.folder, self.port = "", port
        self.open()

    def open(self) -> None:
        from ray.cluster_utils import Cluster

        self.folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # short: sockets lie in it
        # Notices a lost node within two seconds rather than twenty.
        quick = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 300, "health_check_failure_threshold": 5}
        head = {
            "include_dashboard": True,
            "dashboard_host": "127.0.0.1",
            "dashboard_port": self.port,
            "dashboard_agent_listen_port": free_port(),
            "temp_dir": self.folder,
            "_system_config": quick,
        }
        self.cluster = Cluster(initialize_head=True, head_node_args=head | self._node(2))

    def _node(self, number: int) -> dict[str, object]:
        # 127.0.0.1 itself is replaced by the machine's address in the network, where the head does not listen.
        return {"num_cpus": CPUS, "node_ip_address": f"127.0.0.{number}", "object_store_memory": 80 * 2**20}

    def add(self):
        return self.cluster.add_node(**self._node(3))

    def lose(self, node) -> None:
        """As when somebody pulls the plug."""
        self.cluster.remove_node(node, allow_graceful=False)

    def close(self) -> None:
        self.cluster.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where the head's job server is. Only who has the token is let in: Ray listens at all of a machine's addresses."""
    from ray._private.authentication_test_utils import reset_auth_token_state

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patched.setenv("RAY_AUTH_MODE", "token")
        patched.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        patched.setenv("RAY_API_SERVER_ADDRESS", "")  # is set by our client; put back at the end
        patched.delenv("RAY_ADDRESS", raising=False)
        number = free_port()
        patched.setenv("CNNGRU_ENGINE", "ray")
        patched.setenv("CNNGRU_RAY_ADDRESS", f"http://127.0.0.1:{number}")
        patched.setenv("CNNGRU_RAY_CPUS", "1")
        reset_auth_token_state()  # another file's test may have been a client before, without a token
        yield number
    reset_auth_token_state()


@pytest.fixture(scope="module")
def room(port: int) -> Iterator[Room]:
    room = Room(port)
    yield room
    room.close()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, room: Room) -> Iterator[None]:
    monkeypatch.setattr(ray_queue, "WORKER", FAKE)
    until(lambda: not cluster.current().look(time.monotonic()).problem)
    yield
    for run in store.all_runs():
        RayEngine().stop(run.name)
    until(lambda: all(found.over for found in cluster.current().look(time.monotonic()).jobs.values()))


def start(*names: str, config: Config = ENDLESS) -> list[str]:
    return [engines.choose().start(config, name) for name in names]


def status(name: str) -> str:
    return store.get(name).status


def training(*names: str) -> bool:
    return all(store.get(name).last("progress") for name in names)


def node_of(*names: str) -> dict[str, str]:
    """Which node works on each of the runs."""
    jobs = {job.submission_id: job.driver_node_id for job in cluster.current().client().ray.list_jobs()}
    return {name: jobs[engine_note.read(store.root() / name).job] for name in names}


def test_eight_runs_are_spread_over_the_nodes_and_those_of_a_lost_one_go_on_at_the_other(
    room: Room, fake: None
) -> None:
    other = room.add()
    until(lambda: cluster.current().look(time.monotonic()).cpus == (CPUS, CPUS))
    names = start(*(f"run-{number}" for number in range(8)))
    until(lambda: training(*names))
    where = node_of(*names)
    assert sorted(Counter(where.values()).values()) == [CPUS, CPUS]
    lost = [name for name in names if where[name] == other.node_id]
    kept = [name for name in names if name not in lost]
    room.lose(other)
    until(lambda: all(status(name) == "interrupted" for name in lost))
    assert {status(name) for name in kept} == {"running"}
    assert "left the cluster" in store.get(lost[0]).remark
    for name in kept:
        engines.choose().stop(name)
    steps = {name: len(store.get(name).events) for name in lost}
    for name in lost:
        engines.choose().resume(name)
    until(lambda: all(store.get(name).last("resumed") and status(name) == "running" for name in lost))
    until(lambda: all(len(store.get(name).events) > steps[name] + 3 for name in lost))
    assert set(node_of(*lost).values()) == set(where.values()) - {other.node_id}
    assert {status(name) for name in kept} == {"stopped"}


def test_a_job_that_waits_is_cancelled_and_the_run_stays_stopped(
    fake: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CNNGRU_RAY_CPUS", str(CPUS // 2))
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "3")  # one more than there is room for: it waits in the cluster
    names = start("run-0", "run-1")
    until(lambda: training(*names))
    start("late")
    jobs = cluster.current().look
    mine = engine_note.read(store.root() / "late").job
    until(lambda: mine in jobs(time.monotonic()).jobs)
    assert jobs(time.monotonic()).jobs[mine].status == "PENDING"
    engines.choose().stop("late")
    assert status("late") == "stopped"
    events = store.get("late").events
    engines.choose().stop(names[0])
    until(lambda: jobs(time.monotonic()).jobs[mine].over)  # only now there was room for it to begin and end
    assert store.get("late").events == events


def test_runs_follow_one_another_while_nobody_looks(fake: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    names = start("a", "b", "c", config=job())
    logs = [store.root() / name / "events.jsonl" for name in names]
    until(lambda: all('"finished"' in log.read_text() for log in logs))
    begun = [store.get(name).events_of("data")[0]["time"] for name in names]
    assert begun == sorted(begun)


def test_the_command_line_works_with_it(fake: None) -> None:
    def cnngru(*words: str) -> str:
        command = [sys.executable, "-m", "cnngru", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=places.HOME, check=True).stdout

    start("a")
    until(lambda: training("a"))
    assert " running " in cnngru("runs", "list")
    assert cnngru("runs", "stop", "a") == "a is asked to stop.\n"
    until(lambda: status("a") == "stopped")
    assert store.get("a").has_model
    assert "stopped" in cnngru("runs", "show", "a")


def test_a_real_training_is_lost_with_its_node_and_ends_at_the_other(
    room: Room, fake: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CNNGRU_RAY_CPUS", str(CPUS))
    start("fake")
    until(lambda: training("fake"))  # the head is full
    other = room.add()
    monkeypatch.setattr(ray_queue, "WORKER", REAL)
    first = engine_note.read(store.root() / "fake").job

    def over() -> bool:
        found = cluster.current().look(time.monotonic()).jobs.get(first)
        return found is None or found.over

    config = preset("quick", "rowcue")
    for setting, value in (("data.pictures", 600), ("training.epochs", 1000), ("training.threads", 1)):
        config = override(config, setting, value)
    start("real", config=config)
    until(lambda: training("real"))
    room.lose(other)
    until(lambda: status("real") == "interrupted")
    engines.choose().stop("fake")
    until(over)  # its last act was to hand on what waits, to a fake like itself
    epoch = int(store.get("real").last("progress")["epoch"]) + 2
    engines.choose().resume("real", Command("set", "training.epochs", epoch))
    run = store.wait("real", 2 * PATIENCE)
    assert run.status == "finished", (run.folder / "worker.log").read_text() + run.remark
    assert run.last("resumed")
    assert [event["epoch"] for event in run.events_of("validated")] == list(range(1, epoch + 1))


def test_a_cluster_that_is_started_anew_leaves_interrupted_runs(room: Room, fake: None) -> None:
    start("a")
    until(lambda: training("a"))
    room.close()
    run = store.get("a")
    assert (run.status, "counts as at work" in run.remark) == ("running", True)
    room.open()
    until(lambda: status("a") == "interrupted")
    assert "started anew" in store.get("a").remark
