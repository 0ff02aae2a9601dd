"""The two locks that say whether a run has a worker, and whose pid may be signalled."""

import os
import sys
from pathlib import Path

import pytest
from systems import needs_links

from cnngru.runs import liveness, lock


def test_a_run_is_alive_from_the_announcement_to_the_workers_end(tmp_path: Path) -> None:
    assert not liveness.alive(tmp_path)
    starting = liveness.announce(tmp_path)
    assert liveness.alive(tmp_path)
    assert not liveness.has_worker(tmp_path)
    worker = liveness.take(tmp_path)
    assert liveness.has_worker(tmp_path)
    os.close(starting)
    assert liveness.alive(tmp_path)
    os.close(worker)
    assert not liveness.alive(tmp_path)
    assert not liveness.has_worker(tmp_path)


def test_a_worker_that_ends_at_once_is_not_awaited_any_more(tmp_path: Path) -> None:
    starting = liveness.announce(tmp_path)
    os.close(liveness.take(tmp_path))
    assert not liveness.alive(tmp_path), "whoever started it has not noticed yet"
    os.close(starting)


@pytest.mark.parametrize("after", [1, 2])
def test_a_worker_that_takes_over_between_two_looks_is_seen(
    after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, look, looks = liveness.announce(tmp_path), lock.held, []

    def taken_over_after(path: Path) -> bool:
        seen = look(path)
        looks.append(path.name)
        if len(looks) == after:
            assert liveness.take(tmp_path) is not None
            os.close(starting)
        return seen

    monkeypatch.setattr(lock, "held", taken_over_after)
    assert liveness.alive(tmp_path)


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert not liveness.alive(tmp_path)
    assert not liveness.alive(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_one_run_has_one_worker_and_its_pid_stays(tmp_path: Path) -> None:
    first = liveness.take(tmp_path)
    assert liveness.take(tmp_path) is None
    assert liveness.worker_pid(tmp_path) == os.getpid()
    os.close(first)
    assert liveness.worker_pid(tmp_path) is None, "it may be another program's by now"


@pytest.mark.parametrize("text", ["", "0\n", "1\n", "-1\n", "-12\n", "x\n", "\xff", "9" * 5000])
def test_what_is_no_pid_is_not_signalled(text: str, tmp_path: Path) -> None:
    """To kill -1, 0 or 1 would end all that one has, this process's own group, or the machine."""
    held = liveness.take(tmp_path)
    (tmp_path / "lock").write_text(text, encoding="latin-1")
    assert liveness.worker_pid(tmp_path) is None
    os.close(held)


@needs_links
def test_a_link_is_not_locked(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("precious")
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        liveness.take(tmp_path)
    assert (tmp_path / "elsewhere").read_text() == "precious"


def test_a_lock_is_not_handed_down_to_programs_that_are_started(tmp_path: Path) -> None:
    held = liveness.take(tmp_path)
    assert not os.get_inheritable(held)
    os.close(held)


def test_a_system_without_locks_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    with pytest.raises(OSError, match="no file locks"):
        lock.acquire(tmp_path / "lock")
    assert not lock.held(tmp_path / "lock")
