"""The worker: what it writes down, how it ends, and whose turn it is. Training is faked; no process is started.

Long, because each way to end, to wait and to fail is a test, with the same faked training.
"""

import contextlib
import errno
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import unstarted
from systems import needs_renaming

from cnngru.config import Config, ConfigError
from cnngru.presets import preset
from cnngru.runs import artifacts, commands, keeping, lock, log, store, worker
from cnngru.runs.engines import local
from cnngru.runs.store import RunError
from cnngru.training.events import Event, Failed, Finished, Progress, Started, Testing, Validated

QUICK = preset("quick", "rowcue")
VALIDATED = Validated(10, 1, 0.5, 0.8, 60, 1.0)
FINISHED = Finished(10, 0.6, 0.7, 2, 1.0, 0.4, 0.3, [[0.25, 0.75], [0.5, 0.5]], [1, 0])


class FakeValues:
    def __init__(self, finite: bool) -> None:
        self.finite = finite

    def isfinite(self) -> "FakeValues":
        return self

    def all(self) -> bool:
        return self.finite


class FakeModel:
    """Weights that are, or are not, numbers."""

    def __init__(self, finite: bool = True) -> None:
        self.finite = finite

    def state_dict(self) -> dict[str, FakeValues]:
        return {"fine": FakeValues(True), "weights": FakeValues(self.finite)}


def started(model: FakeModel) -> Started:
    return Started("cpu", "float32", 1, 3, 2, 600, 60, 60, ("a", "b"), 10, 1, model)


def progress(step: int) -> Progress:
    return Progress(step, 10, step / 10, float("nan"), 0.5, 1e-3, 100.0, 1.0, 1.0)


def nothing(note: dict) -> bytes:
    """The state of a faked training."""
    return b"no state"


def yields(*events: Event | BaseException) -> worker.Train:
    """A training that yields these, and raises what is an exception."""

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        for step, event in enumerate(events):
            between(step, nothing)
            if isinstance(event, BaseException):
                raise event
            yield event

    return train


def stops(name: str, *events: Event) -> worker.Train:
    """A training during which a person asks for a stop, before the last of these events; it would go on for ever."""

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        yield from events[:-1]
        commands.request_stop(store.get(name).folder)
        for step in range(100):
            yield events[-1]
            between(step, nothing)
        pytest.fail("it did not stop")

    return train


def save(model: FakeModel, file: Path, half: bool) -> None:
    """Keeps the number of the log's lines at that moment, so that tests can see when it was called."""
    folder = file.parent if file.name == "model.safetensors" else file.parent.parent
    assert half == (folder != file.parent), "snapshots are float16, the model is not"
    file.write_text(str(len(log.read(folder).events)))


def work(name: str, train: worker.Train) -> int:
    return worker.run(name, train=train, save=save)


def kinds(name: str) -> list[str]:
    return [event["kind"] for event in store.get(name).events]


def test_a_run_to_its_end() -> None:
    name = unstarted.create(QUICK)
    assert work(name, yields(started(FakeModel()), progress(5), VALIDATED, FINISHED)) == 0
    run = store.get(name)
    assert kinds(name) == ["queued", "data", "started", "progress", "validated", "finished"]
    assert run.status == "finished"
    assert run.last("progress")["loss"] is None, "NaN is null"
    assert "model" not in run.last("started")
    assert all(event["time"] > 1e9 for event in run.events)
    assert (run.folder / "model.safetensors").read_text() == "5", "kept again, before `finished` was written"


def test_the_weights_of_an_epoch_are_there_before_its_event() -> None:
    name = unstarted.create(QUICK)
    work(name, yields(started(FakeModel()), VALIDATED, Failed(11, "The loss stopped being a number.")))
    assert (store.get(name).folder / "model.safetensors").read_text() == "3"  # queued, data, started


def test_snapshots_at_first_step_by_step_and_then_ever_farther_apart() -> None:
    name = unstarted.create(QUICK)
    work(name, yields(started(FakeModel()), *map(progress, (1, 2, 3, 6, 7, 11, 15, 20, 64, 70)), FINISHED))
    found = store.get(name).snapshots()
    assert [step for step, _ in found] == [0, 1, 6, 20, 64], "at or after 0, 1, 4, 16, 64"
    assert [path.name for _, path in found][1] == "step-0000001.safetensors"
    assert [path.read_text() for _, path in found][:3] == ["2", "3", "6"], "each before its event: queued, data, …"


def test_the_answers_are_there_before_the_last_event(monkeypatch: pytest.MonkeyPatch) -> None:
    name, keep, lines = unstarted.create(QUICK), artifacts.write_answers, []

    def watched(folder: Path, *arrays: object) -> None:
        keep(folder, *arrays)
        lines.append(kinds(name)[-1])

    monkeypatch.setattr(artifacts, "write_answers", watched)
    work(name, yields(started(FakeModel()), progress(5), FINISHED))
    assert lines == ["progress"]
    probabilities, labels = store.get(name).test_answers()
    assert probabilities.tolist() == FINISHED.probabilities
    assert labels.tolist() == FINISHED.labels
    last = store.get(name).last("finished")
    assert (last["reversed"], last["shuffled"]) == (0.4, 0.3)
    assert not {"probabilities", "labels"} & set(last)


def test_a_run_goes_on_without_the_extras_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Snapshots and answers are extras: where only they do not fit on the disk, the run ends as without them."""

    def full(folder: Path, *arrays: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def no_room_for_snapshots(model: FakeModel, file: Path, half: bool) -> None:
        if half:
            full(file)
        save(model, file, half)

    monkeypatch.setattr(artifacts, "write_answers", full)
    name = unstarted.create(QUICK)
    train = yields(started(FakeModel()), progress(1), progress(2), VALIDATED, FINISHED)
    assert worker.run(name, train=train, save=no_room_for_snapshots) == 0
    run = store.get(name)
    assert run.status == "finished"
    assert run.has_model
    assert (run.snapshots(), run.test_answers()) == ([], None)
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(" could not")[0] for line in said] == [
        "The snapshot of step 0",
        "The snapshot of step 1",
        "The answers on the test pictures",
    ]


def test_a_file_that_somebody_is_reading_is_replaced_when_they_have_done(monkeypatch: pytest.MonkeyPatch) -> None:
    name, refused = unstarted.create(QUICK), []
    monkeypatch.setattr(keeping, "IN_THE_WAY", (0.0, 0.0))

    def in_use(model: FakeModel, file: Path, half: bool) -> None:  # as on Windows
        if len(refused) < 2 and not half:
            refused.append(file.name)
            raise PermissionError(13, "The process cannot access the file because it is being used")
        save(model, file, half)

    assert worker.run(name, train=yields(started(FakeModel()), FINISHED), save=in_use) == 0
    assert refused == ["model.safetensors"] * 2
    assert store.get(name).has_model


def test_a_place_for_snapshots_that_is_taken_does_not_end_the_run() -> None:
    name = unstarted.create(QUICK)
    (store.get(name).folder / "snapshots").write_text("a file")
    assert work(name, yields(started(FakeModel()), FINISHED)) == 0
    assert store.get(name).snapshots() == []


def test_without_room_on_the_disk_the_run_waits_says_so_and_goes_on_when_there_is_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, waited = unstarted.create(QUICK), []

    def full(model: FakeModel, file: Path, half: bool) -> None:
        if not half and len(waited) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        save(model, file, half)

    def sleep(seconds: float) -> None:
        run = store.get(name)
        waited.append((run.status, run.waits_for))

    monkeypatch.setattr(keeping, "time", SimpleNamespace(sleep=sleep))
    assert worker.run(name, train=yields(started(FakeModel()), VALIDATED, FINISHED), save=full) == 0
    assert waited == [("running", "No space left on device")] * 3
    run = store.get(name)
    assert (run.status, run.has_model, run.waits_for) == ("finished", True, "")


def test_a_run_that_waits_for_room_can_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a signal: a command would need room on the disk."""
    name = unstarted.create(QUICK)

    def full(model: FakeModel, file: Path, half: bool) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    terminate = SimpleNamespace(sleep=lambda seconds: os.kill(os.getpid(), signal.SIGTERM))
    monkeypatch.setattr(keeping, "time", terminate)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert worker.run(name, train=yields(started(FakeModel()), VALIDATED, FINISHED), save=full) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert store.get(name).status == "stopped"
    assert not store.get(name).last("validated"), "its weights are not there"


def test_a_snapshot_of_weights_that_are_no_numbers_is_not_kept() -> None:
    name = unstarted.create(QUICK)
    work(name, yields(started(FakeModel(finite=False)), progress(1), FINISHED))
    assert store.get(name).snapshots() == []


def test_while_it_works_it_reads_running() -> None:
    name, seen = unstarted.create(QUICK), []

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        seen.append(store.get(name).status)
        yield started(FakeModel())
        seen.append(store.get(name).status)
        yield FINISHED

    work(name, train)
    assert seen == ["running", "running"]


def test_failed_training_is_an_exit_code() -> None:
    name = unstarted.create(QUICK)
    assert work(name, yields(started(FakeModel()), Failed(3, "The loss stopped being a number."))) == 1
    assert store.get(name).last("failed")["reason"] == "The loss stopped being a number."
    assert kinds(name).count("failed") == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConfigError("There are no pictures in the folder."), "There are no pictures in the folder."),
        (
            MemoryError(),
            "The memory ran out. Start again with a smaller batch (it was 500), a smaller network or fewer pictures.",
        ),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "The memory ran out."),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried…"), "The memory ran out."),
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full."),
        (ZeroDivisionError("division by zero\nmore"), "Training broke off: ZeroDivisionError: division by zero ("),
    ],
)
def test_an_error_is_a_sentence_and_its_traceback_goes_to_the_log(
    error: Exception, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = unstarted.create(QUICK)
    assert work(name, yields(started(FakeModel()), progress(4), error)) == 1
    last = store.get(name).events[-1]
    assert last["kind"] == "failed"
    assert last["step"] == 4
    assert last["reason"].startswith(sentence)
    assert "Traceback" not in json.dumps(last)
    assert "\n" not in last["reason"]
    assert "Traceback" in capsys.readouterr().err


def test_training_that_just_ends_has_failed() -> None:
    name = unstarted.create(QUICK)
    assert work(name, yields(started(FakeModel()), progress(1))) == 1
    assert store.get(name).status == "failed"


def test_a_stop_keeps_the_weights() -> None:
    name = unstarted.create(QUICK)
    assert work(name, stops(name, started(FakeModel()), progress(7))) == 0
    run = store.get(name)
    assert run.status == "stopped"
    assert run.has_model
    assert kinds(name) == ["queued", "data", "started", "progress", "stopped"]
    assert run.last("stopped")["step"] == 7
    assert run.last("stopped")["reason"] == "Stopped on request."


def test_a_stop_in_the_middle_of_the_test_keeps_the_weights() -> None:
    name = unstarted.create(QUICK)
    assert work(name, stops(name, started(FakeModel()), progress(10), VALIDATED, Testing(10, 30, 60, 3))) == 0
    run = store.get(name)
    assert (run.status, run.has_model, run.last("stopped")["step"]) == ("stopped", True, 10)


def test_weights_that_are_no_numbers_are_not_kept() -> None:
    name, model = unstarted.create(QUICK), FakeModel()

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        yield started(model)
        yield VALIDATED
        model.finite = False
        yield from stops(name, VALIDATED)(config, data_progress, state, between)

    work(name, train)
    assert store.get(name).status == "stopped"
    assert (store.get(name).folder / "model.safetensors").read_text() == "3", "the good ones were written over"


def test_a_stop_before_the_first_weights() -> None:
    name = unstarted.create(QUICK)

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        commands.request_stop(store.get(name).folder)
        with contextlib.suppress(Exception):  # as a download that tries again would
            data_progress(1, 100, "downloading")
        pytest.fail("it did not stop")
        yield FINISHED

    assert work(name, train) == 0
    assert kinds(name) == ["queued", "data", "stopped"]
    assert store.get(name).last("stopped")["reason"] == "Stopped on request."


def test_a_stop_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    busy, name = running(), unstarted.create(QUICK)
    stop = SimpleNamespace(
        sleep=lambda seconds: commands.request_stop(store.get(name).folder), monotonic=time.monotonic
    )
    monkeypatch.setattr(local, "time", stop)
    assert work(name, yields(RuntimeError("it was not its turn"))) == 0
    assert kinds(name) == ["queued", "stopped"]
    os.close(busy)


def test_a_download_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    name = unstarted.create(QUICK)

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        for done in range(1000):
            data_progress(done, 1000, "downloading")
        for done in range(1000):
            data_progress(done, 0, "unpacking")  # how many there are is not known
        data_progress(1000, 1000, "downloading")
        yield started(FakeModel())
        yield FINISHED

    monkeypatch.setattr(worker, "DATA_EVERY", 1e9)
    work(name, train)
    told = [(event["done"], event["what"]) for event in store.get(name).events_of("data")]
    assert told == [(0, "starting"), (0, "downloading"), (0, "unpacking"), (1000, "downloading")]


@pytest.mark.parametrize("last", ["data", "started", "finished", "failed", "stopped"])
def test_a_run_has_one_turn(last: str) -> None:
    name = unstarted.create(QUICK)
    log.append(store.get(name).folder, unstarted.event(last))
    with pytest.raises(RunError, match="has had its turn"):
        work(name, yields(FINISHED))
    assert kinds(name) == ["queued", last]


def test_a_run_has_one_worker() -> None:
    name, descriptor = unstarted.held(QUICK)
    with pytest.raises(RunError, match="Another worker"):
        work(name, yields(FINISHED))
    os.close(descriptor)


def test_a_run_that_another_worker_has_just_ended_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    name, acquire = unstarted.create(QUICK), lock.acquire

    def after_the_other(path: Path) -> int | None:
        log.append(path.parent, {"kind": "finished"})
        return acquire(path)

    monkeypatch.setattr(lock, "acquire", after_the_other)
    with pytest.raises(RunError, match="has had its turn"):
        work(name, yields(FINISHED))


@needs_renaming
def test_a_folder_that_vanishes_ends_the_run(root: Path) -> None:
    name = unstarted.create(QUICK)

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        yield started(FakeModel())
        os.rename(root / name, root / "elsewhere")
        for step in range(100):
            yield progress(step)
            assert step == 0, "it went on without a folder"

    with pytest.raises(RunError, match="may have been deleted"):
        work(name, train)
    assert not (root / name).exists(), "a deleted run came back"


@needs_renaming
def test_a_snapshot_does_not_bring_a_deleted_run_back(root: Path) -> None:
    name = unstarted.create(QUICK)

    def train(
        config: Config, data_progress: worker.DataProgress, state: None, between: worker.Between
    ) -> Iterator[Event]:
        os.rename(root / name, root / "elsewhere")
        yield started(FakeModel())

    with pytest.raises(RunError, match="may have been deleted"):
        work(name, train)
    assert not (root / name).exists()


@needs_renaming
def test_a_folder_that_vanishes_in_the_queue_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    busy, name = running(), unstarted.create(QUICK)
    folder, elsewhere = store.get(name).folder, store.root() / "elsewhere"

    def vanish(seconds: float) -> None:
        if elsewhere.exists():
            pytest.fail("it waits for a turn that cannot come")
        os.rename(folder, elsewhere)

    monkeypatch.setattr(local, "time", SimpleNamespace(sleep=vanish, monotonic=time.monotonic))
    with pytest.raises(RunError, match="may have been deleted"):
        work(name, yields(FINISHED))
    os.close(busy)


def test_the_command_says_what_it_could_not_write_down(capsys: pytest.CaptureFixture[str]) -> None:
    assert worker.main(["nobody"]) == 1
    assert capsys.readouterr().err == "There is no run named nobody. It may have been deleted.\n"


# Whose turn is it? Runs that live hold their lock, here in this process.


def queued(name: str) -> int:
    return unstarted.held(QUICK, name)[1]


def running(name: str = "busy") -> int:
    descriptor = queued(name)
    log.append(store.get(name).folder, unstarted.event("data"))
    return descriptor


def turns(*names: str) -> list[str]:
    return [name for name in names if local.has_turn(name)]


def test_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100, 200))
    monkeypatch.setattr(log.time, "time", lambda: next(clock))
    with contextlib.ExitStack() as close:
        for name in ("z", "m", "a", "k"):
            close.callback(os.close, queued(name))
        for most, expected in ((1, ["z"]), (2, ["z", "m"]), (9, ["z", "m", "a", "k"])):
            monkeypatch.setenv("CNNGRU_MAX_RUNS", str(most))
            assert turns("z", "m", "a", "k") == expected


def test_what_runs_takes_room_and_what_is_over_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "2")
    with contextlib.ExitStack() as close:
        for name in ("one", "two"):
            close.callback(os.close, running(name))
        close.callback(os.close, queued("next"))
        assert turns("next") == []
        commands.request_stop(store.get("one").folder)
        assert turns("next") == [], "what is stopping still takes room"
        log.append(store.get("one").folder, {"kind": "stopped"})
        assert turns("next") == ["next"]


def test_a_lower_limit_than_what_runs_gives_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    with contextlib.ExitStack() as close:
        for name in ("one", "two"):
            close.callback(os.close, running(name))
        for name in ("three", "four"):
            close.callback(os.close, queued(name))
        assert turns("three", "four") == []


def test_two_workers_never_decide_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, seen = unstarted.create(QUICK), []
    deciding = lock.acquire(root / ".queue.lock")

    def pause(seconds: float) -> None:
        seen.append(store.get(name).begun)
        os.close(deciding)

    monkeypatch.setattr(local, "time", SimpleNamespace(sleep=pause, monotonic=time.monotonic))
    assert work(name, yields(started(FakeModel()), FINISHED)) == 0
    assert seen == [False], "it took its turn while another was deciding"


def test_a_dead_or_stopped_head_does_not_block_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", "1")
    os.close(queued("dead"))
    os.close(running("killed"))
    stopping, last = queued("stopping"), queued("last")
    commands.request_stop(store.get("stopping").folder)
    assert turns("dead", "killed", "stopping", "last") == ["last"]
    os.close(stopping)
    os.close(last)


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "²", "9" * 5000])
def test_a_limit_that_is_no_number_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNGRU_MAX_RUNS", text)
    with pytest.raises(RunError, match="whole number"):
        local.max_runs()


@pytest.mark.parametrize(("cores", "runs"), [(1, 1), (2, 1), (3, 1), (4, 2), (None, 1)])
def test_one_run_for_each_two_cores(cores: int | None, runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "os", SimpleNamespace(environ={}, cpu_count=lambda: cores))
    assert local.max_runs() == runs
