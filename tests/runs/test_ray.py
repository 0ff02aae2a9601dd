"""The cluster engine with a cluster that is made up: the queue, what is said of a run, and what it costs to look.

tests/runs/test_ray_cluster.py has a real one.

Long, because each way in which a job can end, or a cluster can be silent, is a test.
"""

import json
import os
import socket
import sys
import threading
import time

import fake_worker
import pytest
import unstarted
from systems import needs_pipes

from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs import cluster, clustered, commands, engine_note, engines, liveness, log, ray_client, store, worker
from cnngru.runs.cluster import Cluster
from cnngru.runs.engines import local, ray_jobs, ray_queue
from cnngru.runs.engines.ray_jobs import RayEngine
from cnngru.runs.ray_client import Job
from cnngru.runs.store import RunError
from cnngru.ui import state_words

QUICK = override(override(preset("quick", "rowcue"), "training.epochs", 1), "data.seed", 0)


class MadeUp:
    """A cluster's job server: `jobs` is what it has, and what a test changes."""

    def __init__(self, *cpus: float):
        self.all: dict[str, Job] = {}
        self.commands: dict[str, str] = {}
        self.up = list(cpus)
        self.asked = 0
        self.stopped: list[str] = []
        self.problem: Exception | None = None
        self.silent = threading.Event()  # cleared: whoever asks waits
        self.silent.set()

    def jobs(self):
        self.asked += 1
        self.silent.wait()
        if self.problem:
            raise self.problem
        return dict(self.all)

    def cpus(self):
        return self.up

    def submit(self, job, command, cpus):
        if self.problem:
            raise self.problem
        if job in self.all:
            raise RuntimeError(f"Job with submission_id {job} already exists.")
        self.all[job], self.commands[job] = Job("PENDING"), command

    def stop(self, job):
        self.stopped.append(job)

    def forget(self, job):
        del self.all[job]

    def say(self, name, status, message=""):
        """What becomes of a run's job."""
        self.all[note(name).job] = Job(status, message)


@pytest.fixture
def made_up(monkeypatch):
    there = MadeUp(4.0, 2.0)
    asked = Cluster("http://head:8265", lambda _: there)
    monkeypatch.setenv("CNNGRU_ENGINE", "ray")
    monkeypatch.setenv("CNNGRU_RAY_ADDRESS", "http://head:8265")
    monkeypatch.setattr(cluster, "current", lambda: asked)
    monkeypatch.setattr(cluster, "FRESH", 0.0)
    monkeypatch.setattr(ray_queue, "tend_soon", lambda at_once=False: at_once and ray_queue.tend())
    yield there
    there.silent.set()


def note(name):
    return engine_note.read(store.root() / name)


def status(name):
    return store.get(name).status


def handed_over():
    """The runs that are, in their order."""
    noted = {note(run.name).job: run.name for run in store.all_runs() if note(run.name).submitted}
    return [noted[job] for job in cluster.current().look(time.monotonic()).jobs if job in noted]


def start(*names):
    return [engines.choose().start(QUICK, name) for name in names]


# --- which engine ---


def test_runs_start_on_this_machine_unless_a_cluster_is_named(monkeypatch):
    monkeypatch.delenv("CNNGRU_ENGINE", raising=False)
    assert isinstance(engines.choose().new, local.LocalEngine)
    monkeypatch.setenv("CNNGRU_ENGINE", "ray")
    assert isinstance(engines.choose().new, RayEngine)
    monkeypatch.setenv("CNNGRU_ENGINE", "slurm")
    with pytest.raises(RunError, match="CNNGRU_ENGINE must be local or ray; it is 'slurm'"):
        engines.choose()


def test_without_ray_one_is_told_what_to_install(monkeypatch, root):
    monkeypatch.setenv("CNNGRU_ENGINE", "ray")
    monkeypatch.setenv("CNNGRU_RAY_ADDRESS", "http://127.0.0.1:1")
    monkeypatch.setenv("RAY_API_SERVER_ADDRESS", "")
    monkeypatch.setitem(sys.modules, "ray.job_submission", None)
    with pytest.raises(RunError, match=r"pip install -r requirements-ray\.txt\. Nothing was started\."):
        engines.choose().start(QUICK)
    assert not root.exists()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("CNNGRU_MAX_RUNS", "many", "CNNGRU_MAX_RUNS"),
        ("CNNGRU_RAY_CPUS", "0", "whole number from 1"),
        ("CNNGRU_RAY_CPUS", "8", "no computer of the cluster has more than 4"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_made(variable, value, told, made_up, monkeypatch, root):
    monkeypatch.setenv(variable, value)
    with pytest.raises(RunError, match=told):
        start("a")
    assert not root.exists()


def test_a_cluster_that_is_down_starts_nothing(made_up, root):
    made_up.problem = ConnectionError("Failed to connect.")
    with pytest.raises(
        RunError, match=r"The cluster at http://head:8265 does not answer: Failed to connect\. Is it up"
    ):
        start("a")
    assert not root.exists()


def test_an_address_that_is_none_is_told(monkeypatch):
    told = Cluster("ray://head:10001").look().problem
    assert "CNNGRU_RAY_ADDRESS must be" in told
    assert "ray://head:10001" in told


# --- the queue ---


@pytest.mark.parametrize(
    ("cpus", "of_a_run", "wished", "most"),
    [
        ([4.0, 2.0], None, None, 3),
        ([4.0, 3.0], "3", None, 2),
        ([1.0, 1.0], None, None, 2),  # what fits
        ([64.0] * 4, None, None, 24),
        ([64.0] * 4, None, "90", 24),
        ([4.0, 2.0], None, "1", 1),
        ([], None, None, 0),
    ],
)
def test_how_many_jobs_there_may_be(cpus, of_a_run, wished, most, monkeypatch):
    for variable, value in (("CNNGRU_RAY_CPUS", of_a_run), ("CNNGRU_MAX_RUNS", wished)):
        if value:
            monkeypatch.setenv(variable, value)
    assert ray_queue.at_once(cluster.View(cpus=tuple(cpus))) == most


def test_more_runs_than_there_is_room_for_wait_in_their_folders(made_up):
    start("d", "c", "b", "a")
    assert handed_over() == ["d", "c", "b"]
    assert {status(name) for name in "abcd"} == {"queued"}
    made_up.say("c", "RUNNING")
    ray_queue.tend()
    assert handed_over() == ["d", "c", "b"]
    made_up.say("b", "SUCCEEDED")
    log.append(store.root() / "b", {"kind": "finished"})
    ray_queue.tend()
    assert handed_over() == ["d", "c", "a"]  # the one that is over is forgotten in the cluster
    assert (status("b"), note("b").over) == ("finished", "")


def test_jobs_of_other_folders_count(made_up):
    made_up.all = {f"cnngru-other-{number}": Job("RUNNING") for number in range(2)} | {"somebodys": Job("RUNNING")}
    start("a", "b")
    assert handed_over() == ["a"]


def test_the_place_of_a_worker_that_ends_goes_to_the_next(made_up, monkeypatch):
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    start("a", "b")
    made_up.say("a", "RUNNING")
    log.append(store.root() / "a", {"kind": "finished"})
    monkeypatch.setenv(engine_note.JOB, note("a").job)
    ray_jobs.hand_on()
    assert note("b").submitted


def test_a_worker_that_ends_waits_for_a_slow_cluster(made_up, monkeypatch):
    """Nobody else may look."""
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    start("a", "b")
    made_up.say("a", "RUNNING")
    log.append(store.root() / "a", {"kind": "finished"})
    monkeypatch.setenv(engine_note.JOB, note("a").job)
    monkeypatch.setattr(cluster, "PATIENCE", 0.0)
    made_up.silent.clear()
    threading.Timer(0.2, made_up.silent.set).start()
    ray_jobs.hand_on()
    assert note("b").submitted


def test_a_worker_of_this_machine_hands_nothing_on(made_up, monkeypatch):
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    start("a", "b")
    made_up.say("a", "SUCCEEDED")
    ray_jobs.hand_on()
    assert not note("b").submitted


def test_whoever_hands_over_may_die_before_they_have_noted_it(made_up, monkeypatch):
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    monkeypatch.setattr(ray_queue.engine_note, "write", _fails_after(1, engine_note.write))
    start("a")
    assert len(made_up.all) == 1
    assert note("a").submitted is None


def _fails_after(times, write):
    left = [times]

    def written(folder, noted):
        if not left[0]:
            raise OSError("the power went")
        left[0] -= 1
        write(folder, noted)

    return written


def test_what_is_handed_over_twice_is_one_job(made_up):
    start("a")
    folder, first = store.root() / "a", note("a")
    engine_note.write(folder, engine_note.Note(**{**vars(first), "submitted": None}))
    ray_queue._hand_over(folder, first, 2.0)
    assert len(made_up.all) == 1
    assert note("a").submitted
    engine_note.write(folder, engine_note.Note(**{**vars(first), "submitted": None}))
    ray_queue.tend()
    assert len(made_up.all) == 1
    assert note("a").submitted


def test_what_the_cluster_refuses_is_told(made_up, monkeypatch):
    def refuses(*_):
        raise RuntimeError("Request failed with status code 400: Traceback:\n  File …\nValueError: no such thing.\n.")

    monkeypatch.setattr(made_up, "submit", refuses)
    start("a")
    run = store.get("a")
    assert (run.status, run.remark) == (
        "interrupted",
        "The cluster at http://head:8265 does not take it: ValueError: no such thing.",
    )


def test_what_may_pass_is_tried_again(made_up, monkeypatch):
    def fails(*_):
        raise RuntimeError("Request failed with status code 500: No available agent to submit job.")

    with monkeypatch.context() as patched:
        patched.setattr(made_up, "submit", fails)
        start("a")
        run = store.get("a")
        assert (run.status, "No available agent" in run.remark) == ("queued", True)
    ray_queue.tend()
    assert handed_over() == ["a"]
    assert store.get("a").remark == ""


def test_a_run_waits_for_a_cluster_that_went_away_before_it_was_handed_over(made_up, monkeypatch):
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    start("a", "b")
    made_up.problem = ConnectionError("gone")
    ray_queue.tend()
    run = store.get("b")
    assert run.status == "queued"
    assert "is handed over once that has passed" in run.remark
    made_up.problem = None
    made_up.all.clear()  # it was started anew
    ray_queue.tend()
    assert (status("a"), note("b").submitted is not None) == ("interrupted", True)


def test_this_machines_queue_does_not_count_runs_of_a_cluster(made_up, monkeypatch):
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    start("a")
    log.append(store.root() / "a", unstarted.event("data"))
    made_up.say("a", "RUNNING")
    name, descriptor = unstarted.held(QUICK, "own")
    assert status("a") == "running"
    assert local.has_turn(name)
    os.close(descriptor)


# --- what is said of a run ---


def test_a_run_is_alive_as_long_as_its_job(made_up):
    start("a")
    assert status("a") == "queued"
    made_up.say("a", "RUNNING")
    log.append(store.root() / "a", unstarted.event("data"))
    assert status("a") == "running"
    made_up.say("a", "FAILED", "Job supervisor actor died: The actor died unexpectedly")
    run = store.get("a")
    assert (run.status, run.remark) == (
        "interrupted",
        "The computer that worked on it left the cluster, or was switched off.",
    )
    assert state_words.state(run).text.startswith(f"Interrupted. {run.remark} ")
    ray_queue.tend()
    assert made_up.all == {}
    made_up.problem = ConnectionError("gone")
    assert store.get("a").remark == run.remark, "it is noted in the folder"


def test_a_worker_that_dies_at_once_says_what_the_cluster_must_have(made_up):
    start("a")
    made_up.say("a", "FAILED", "Job entrypoint command failed with exit code 127, last available logs: …")
    assert "at the same path" in store.get("a").remark


def test_a_job_that_the_cluster_does_not_know_is_interrupted(made_up):
    start("a")
    made_up.all.clear()
    run = store.get("a")
    assert run.status == "interrupted"
    assert "started anew" in run.remark


def test_a_job_that_waits_for_too_long_is_given_up(made_up, monkeypatch):
    start("a")
    monkeypatch.setenv("CNNGRU_RAY_PENDING", "100")
    engine_note.write(store.root() / "a", engine_note.Note(**{**vars(note("a")), "submitted": time.time() - 101}))
    run = store.get("a")
    assert (run.status, "within 100 seconds" in run.remark) == ("interrupted", True)
    ray_queue.tend()
    assert made_up.stopped == [note("a").job]
    monkeypatch.setenv(engine_note.JOB, note("a").job)
    assert liveness.take(run.folder) is None, "should it begin after all, it finds that it was given up"


def test_a_silent_cluster_is_believed_for_a_while(made_up, monkeypatch):
    start("a")
    made_up.say("a", "RUNNING")
    log.append(store.root() / "a", unstarted.event("data"))
    assert status("a") == "running"
    made_up.problem = ConnectionError("gone")
    run = store.get("a")
    assert run.status == "running"
    assert "counts as at work" in run.remark
    long_ago = time.time() - clustered.UNREACHABLE - 1
    os.utime(run.folder / log.FILE, (long_ago, long_ago))
    assert status("a") == "running", "the cluster itself was heard of just now"
    monkeypatch.setattr(cluster.current(), "_view", cluster.View(problem="It does not answer."))
    run = store.get("a")
    assert (run.status, "counts as interrupted" in run.remark) == ("interrupted", True)
    ray_queue.tend()
    assert note("a").over is None, "nothing is noted for good while nobody knows"
    made_up.problem = None
    monkeypatch.setattr(cluster, "RETRY", 0.0)
    assert status("a") == "running"


def test_another_cluster_is_not_asked_and_not_taken_for_the_runs_own(made_up):
    start("a")
    made_up.all.clear()
    engine_note.write(
        store.root() / "a", engine_note.Note(**{**vars(note("a")), "address": "http://127.0.0.1:1/strangers"})
    )
    run = store.get("a")
    assert run.status == "queued"  # its log has just grown
    assert "The run is with the cluster at http://127.0.0.1:1/strangers" in run.remark


def test_pages_that_look_at_once_ask_once(made_up, monkeypatch):
    monkeypatch.setattr(cluster, "FRESH", 60.0)
    start("a", "b", "c")
    before = made_up.asked
    for _ in range(50):
        store.all_runs()
    assert made_up.asked - before <= 2, "once more for the job that was handed over last"


def test_a_cluster_that_hangs_holds_nobody_up(made_up, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.05)
    start("a")
    made_up.silent.clear()
    monkeypatch.setattr(cluster, "STALE", 0.0)
    run = store.get("a")
    assert run.status == "queued"
    assert "does not answer" in run.remark
    monkeypatch.setattr(cluster, "PATIENCE", 1000.0)
    assert status("a") == "queued", "who looks again does not wait for the same answer"
    made_up.silent.set()
    cluster.current().look(time.monotonic())
    assert store.get("a").remark == ""


def test_a_server_that_never_answers_is_left(monkeypatch):
    pytest.importorskip("ray.job_submission", reason="needs Ray: pip install -r requirements-ray.txt")
    monkeypatch.setenv("RAY_API_SERVER_ADDRESS", "http://127.0.0.1:1")  # Ray's client would go there
    monkeypatch.setattr(ray_client, "TIMEOUT", (5.0, 0.1))
    monkeypatch.setattr(cluster, "PATIENCE", 1000.0)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        asked = Cluster(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        problem = asked.look().problem
    assert problem.startswith(f"The cluster at {asked.address} does not answer: ")
    assert "timed out" in problem.lower()


# --- the note ---


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"engine": "ray", "address": 1, "job": "j", "asked": 0}',
        '{"engine": "ray", "address": "a", "job": "j", "asked": "soon"}',
        '{"engine": "ray", "address": "a", "job": "j", "asked": NaN}',
        '{"engine": "ray", "address": "a", "job": "j", "asked": 0, "command": "rm"}',
        "[" * 100_000,
        "x" * 20_000,
    ],
)
def test_a_note_that_is_none_is_none(text, tmp_path):
    (tmp_path / engine_note.FILE).write_text(text)
    assert engine_note.read(tmp_path) is None


@needs_pipes
def test_a_pipe_in_its_place_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / engine_note.FILE)
    assert engine_note.read(tmp_path) is None


def test_a_note_says_the_engine_the_address_and_the_job(made_up):
    start("a")
    said = json.loads((store.root() / "a" / engine_note.FILE).read_text())
    assert (said["engine"], said["address"]) == ("ray", "http://head:8265")
    assert said["job"] in made_up.all
    assert [file.name for file in (store.root() / "a").glob("*.part")] == []


# --- stopping ---


def test_a_run_that_waits_is_stopped_at_once(made_up, monkeypatch):
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    start("a", "b", "c")
    engines.choose().stop("b")
    assert (status("b"), note("b").over) == ("stopped", "")
    made_up.say("a", "RUNNING")
    log.append(store.root() / "a", unstarted.event("data"))
    made_up.say("a", "SUCCEEDED")
    ray_queue.tend()
    assert not note("b").submitted
    assert note("c").submitted


def test_a_job_that_waits_is_crossed_out_and_leaves_the_run_alone(made_up, monkeypatch):
    start("a")
    monkeypatch.setattr(ray_queue, "tend_soon", lambda at_once=False: None)
    engines.choose().stop("a")
    assert (status("a"), note("a").over) == ("stopped", "")
    assert made_up.stopped == [note("a").job]
    monkeypatch.setenv(engine_note.JOB, note("a").job)  # Ray starts it all the same, when there is room
    with pytest.raises(RunError):
        worker.run("a", fake_worker.train, fake_worker.save)
    assert store.get("a").events[-1]["kind"] == "stopped"


def test_a_run_at_work_is_asked_to_stop_and_ended_by_force(made_up):
    start("a")
    made_up.say("a", "RUNNING")
    log.append(store.root() / "a", unstarted.event("data"))
    engines.choose().stop("a")
    assert commands.stop_requested(store.root() / "a")
    assert (status("a"), made_up.stopped) == ("stopping", [])
    RayEngine(grace=0.0).stop("a", force=True)
    assert made_up.stopped == [note("a").job]


def test_a_run_is_stopped_by_the_engine_that_has_it(made_up, monkeypatch):
    start("a")
    monkeypatch.setenv("CNNGRU_ENGINE", "local")
    engines.choose().stop("a")
    assert status("a") == "stopped"
    name, descriptor = unstarted.held(QUICK, "own")
    monkeypatch.setenv("CNNGRU_ENGINE", "ray")
    engines.choose().stop(name)
    assert status(name) == "stopping"
    os.close(descriptor)


def test_no_process_of_this_machine_is_taken_for_a_clusters_worker(made_up):
    start("a")
    held = liveness.lock.acquire(store.root() / "a" / liveness.LOCK)
    os.write(held, f"{os.getpid()}\n".encode())
    assert liveness.worker_pid(store.root() / "a") is None
    os.close(held)


# --- the worker ---


def work(name, monkeypatch):
    """What its job does."""
    monkeypatch.setenv(engine_note.JOB, note(name).job)
    try:
        return worker.main([name], fake_worker.train, fake_worker.save)
    finally:
        monkeypatch.delenv(engine_note.JOB)


def test_a_job_works_without_waiting_for_this_machines_queue(made_up, monkeypatch):
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    _, descriptor = unstarted.held(QUICK, "own")
    log.append(store.root() / "own", unstarted.event("data"))  # has its turn
    start("a", "b")
    assert work("a", monkeypatch) == 0
    assert status("a") == "finished"
    assert note("b").submitted, "its last act"
    os.close(descriptor)


def test_one_job_has_the_run_whatever_its_lock_says(made_up, monkeypatch, capsys):
    monkeypatch.setattr(liveness, "LEFT_BEHIND", 0.0)
    start("a")
    left = liveness.lock.acquire(store.root() / "a" / liveness.LOCK)  # by a computer that is gone
    monkeypatch.setenv(engine_note.JOB, "cnngru-a-00000000-1")
    assert worker.main(["a"], fake_worker.train, fake_worker.save) == 1
    assert "Another worker has the run a." in capsys.readouterr().err
    assert work("a", monkeypatch) == 0
    assert status("a") == "finished"
    os.close(left)


def test_the_shell_gets_the_worker_with_paths_that_hold_everywhere(made_up, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", "my runs")
    monkeypatch.chdir(tmp_path)
    start("a")
    [told] = made_up.commands.values()
    assert f"'CNNGRU_CHECKPOINTS={tmp_path}/my runs'" in told
    assert f"CNNGRU_JOB={note('a').job}" in told
    assert f"{sys.executable} -m cnngru.runs.worker a >> '{tmp_path}/my runs/a/worker.log'" in told
    assert "MALLOC_TRIM_THRESHOLD_=" in told


def test_a_look_leaves_the_queue_to_a_thread(monkeypatch):
    begun = threading.Event()
    monkeypatch.setattr(ray_queue, "tend", lambda **_: begun.set())
    monkeypatch.setattr(ray_queue, "_tended", -1e9)
    folder = store.root() / "a"
    folder.mkdir(parents=True)
    engine_note.write(folder, engine_note.Note("ray", "http://head:8265", "cnngru-a-1-1", 0.0))
    assert liveness.alive(folder)
    assert begun.wait(60)


def test_a_run_whose_note_cannot_be_written_is_not_started(made_up, monkeypatch, root):
    monkeypatch.setattr(engine_note, "write", _fails_after(0, engine_note.write))
    with pytest.raises(RunError, match="Nothing was started"):
        start("a")
    assert list(root.iterdir()) == []


# --- going on ---


def lost(made_up, name):
    """A run whose computer was switched off, and its job."""
    start(name)
    log.append(store.root() / name, unstarted.event("data"))
    made_up.say(name, "FAILED", "actor died")
    assert status(name) == "interrupted"
    return note(name).job


def test_a_lost_run_goes_on_as_another_job(made_up, monkeypatch):
    first = lost(made_up, "a")
    engines.choose().resume("a")
    assert status("a") == "queued"
    assert note("a").job == first[:-1] + "2"
    assert [job for job, now in made_up.all.items() if not now.over] == [note("a").job]
    with pytest.raises(RunError, match="somebody works on it already"):
        engines.choose().resume("a")
    assert work("a", monkeypatch) == 0
    assert status("a") == "finished"
    with pytest.raises(RunError, match="finished"):
        engines.choose().resume("a")


def test_two_that_resume_a_run_at_once_mean_one_job(made_up):
    first = lost(made_up, "a")
    notes = [ray_jobs._note_next("a", note("a")) for _ in range(2)]
    assert notes[0].job == notes[1].job != first


def test_a_job_that_was_given_up_writes_nothing_more(made_up, monkeypatch, capsys):
    """Its computer could not be reached for a while, and it was resumed elsewhere meanwhile."""
    start("a")
    first = note("a").job

    def train(config, progress, *_):
        progress(1, 1, "reading")
        made_up.say("a", "FAILED", "actor died")
        with monkeypatch.context() as elsewhere:
            elsewhere.delenv(engine_note.JOB)
            engines.choose().resume("a")
        progress(1, 1, "building")
        yield "nothing comes of it"

    monkeypatch.setenv(engine_note.JOB, first)
    assert worker.main(["a"], train, fake_worker.save) == 1
    monkeypatch.delenv(engine_note.JOB)
    assert "is another worker's by now" in capsys.readouterr().err
    assert [event["kind"] for event in store.get("a").events] == ["queued", "data", "data", "queued"]
    assert status("a") == "queued"


def test_a_clusters_run_goes_on_here_and_one_of_here_in_the_cluster(made_up, monkeypatch):
    first = lost(made_up, "a")
    monkeypatch.setenv("CNNGRU_ENGINE", "local")
    resumed = []
    monkeypatch.setattr(local.LocalEngine, "resume", lambda _, name, first: resumed.append(name))
    engines.choose().resume("a")
    assert (resumed, note("a")) == (["a"], None)
    monkeypatch.setenv(engine_note.JOB, first)
    assert not engine_note.has(store.root() / "a")
    monkeypatch.delenv(engine_note.JOB)
    monkeypatch.setenv("CNNGRU_ENGINE", "ray")
    assert status("a") == "interrupted"
    engines.choose().resume("a")
    assert status("a") == "queued"


def test_a_run_that_was_paused_and_gave_its_place_away_has_nothing_to_explain(made_up):
    start("a")
    made_up.say("a", "SUCCEEDED", "Job finished successfully.")
    assert store.get("a").remark == ""


def test_a_wish_to_stop_from_before_it_was_resumed_is_past(made_up):
    lost(made_up, "a")
    commands.request_stop(store.root() / "a")
    engines.choose().resume("a")
    ray_queue.tend()
    assert status("a") == "queued"
    engines.choose().stop("a")
    assert status("a") == "stopped"
