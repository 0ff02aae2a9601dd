"""What was measured of this computer: kept, and measured anew where it is another one or the file is damaged."""

import json
import time

import measured
import pytest

from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs import lock, machine, speed

QUICK = preset("quick")


@pytest.fixture(autouse=True)
def no_process(root, monkeypatch):
    """Nothing is measured; returns what was begun."""
    root.mkdir()
    begun = []

    class Process:
        over = False

        def poll(self):
            return 0 if self.over else None

        def wait(self, timeout):
            machine.keep(measured.found())
            self.over = True

    def spawn():
        begun.append(Process())
        return begun[-1]

    monkeypatch.setenv(machine.SWITCH, "on")
    monkeypatch.setattr(machine, "_spawn", spawn)
    monkeypatch.setattr(machine, "_child", machine._Child())
    return begun


def test_what_is_kept_is_found_again(root):
    assert machine.kept() is None
    machine.keep(measured.found())
    here = machine.kept()
    assert (here.device, here.threads, here.faster) == ("cpu", 2, 1.9)
    assert [file.name[:7] for file in root.iterdir()] == [".speed-"]  # one file, nothing beside it


@pytest.mark.parametrize(
    ("name", "value"), [("ATEN_CPU_CAPABILITY", "avx2"), ("ONEDNN_MAX_CPU_ISA", "AVX2"), ("OMP_NUM_THREADS", "1")]
)
def test_a_processor_that_is_held_to_less_is_another_one(monkeypatch, name, value):
    monkeypatch.delenv(name, raising=False)
    machine.keep(measured.found())
    monkeypatch.setenv(name, value)
    assert machine.kept() is None
    machine.keep(measured.found(faster=1.0))
    monkeypatch.delenv(name)
    assert machine.kept().faster == 1.9  # and what was measured of the other is still there


@pytest.mark.parametrize("what", ["torch", "processor", "flags", "graphics"])
def test_another_torch_or_processor_is_measured_anew(monkeypatch, what):
    machine.keep(measured.found())
    now = machine._hardware()
    monkeypatch.setattr(machine, "_hardware", lambda: {**now, what: "another"})
    assert machine.kept() is None
    monkeypatch.setattr(machine, "_hardware", lambda: now)
    monkeypatch.setattr(machine, "cores", lambda: 77)
    assert machine.kept() is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda said: "{",
        lambda said: "",
        lambda said: "[]",
        lambda said: json.dumps({**said, "identity": {}}),
        lambda said: json.dumps({**said, "threads": 0}),
        lambda said: json.dumps({**said, "faster": "fast"}),
        lambda said: json.dumps({**said, "faster": -1}),
        lambda said: json.dumps({**said, "start": float("nan")}),
        lambda said: json.dumps({**said, "seconds": {"float32": [1, 2]}}),
        lambda said: json.dumps({**said, "seconds": {"float32": [0, 0, 0, 0, 0]}}),
        lambda said: json.dumps({**said, "seconds": {}}),
        lambda said: json.dumps({**said, "seconds": 3}),
        lambda said: json.dumps({name: value for name, value in said.items() if name != "quiet"}),
        lambda said: json.dumps({**said, "more": "x" * 10_000}),
    ],
)
def test_a_damaged_file_is_measured_anew(root, no_process, damage):
    machine.keep(measured.found())
    [file] = root.iterdir()
    file.write_text(damage(json.loads(file.read_text())))
    assert machine.kept() is None
    assert machine.wait() is not None
    assert len(no_process) == 1


def test_one_process_measures_whoever_asks(no_process):
    assert machine.under_way()
    assert machine.under_way()
    assert len(no_process) == 1
    machine.keep(measured.found())
    assert not machine.under_way()


def test_where_it_fails_it_is_not_tried_at_each_look(no_process):
    assert machine.under_way()
    no_process[0].over = True
    assert not machine.under_way()
    assert len(no_process) == 1


def test_what_other_work_disturbed_is_measured_again_later(no_process):
    machine.keep(measured.found(quiet=False))
    assert not machine.under_way()
    machine.keep(measured.found(quiet=False, time=time.time() - machine.AGAIN - 1))
    assert machine.under_way()
    assert machine.kept() is not None  # until then that is what there is


def test_it_can_be_switched_off(monkeypatch, no_process):
    monkeypatch.setenv(machine.SWITCH, "off")
    assert not machine.under_way()
    assert machine.wait() is None
    assert not no_process


def test_the_process_keeps_what_it_has_measured(root, monkeypatch):
    monkeypatch.setattr(machine, "_give_way", lambda: None)
    monkeypatch.setattr(machine, "measure", measured.found)
    held = lock.acquire(root / ".speed.lock")
    assert machine.main() == 1  # another is at it
    assert machine.kept() is None
    machine.os.close(held)
    assert machine.main() == 0
    assert machine.kept() is not None


def test_a_step_takes_longer_emulated_and_on_fewer_threads():
    pc = speed.read(measured.found())
    plain = pc.step(QUICK)
    assert pc.step(override(QUICK, "training.precision", "float32")) == plain
    assert 5 * plain < pc.step(override(QUICK, "training.precision", "bfloat16")) < 9 * plain
    assert pc.step(override(QUICK, "training.threads", 1)) == pytest.approx(1.9 * plain)
    assert pc.step(override(QUICK, "training.device", "cpu")) == plain
    assert pc.step(override(QUICK, "training.device", "cuda")) is None


def test_a_processor_with_bfloat16_has_times_for_both():
    both = {"float32": [4e-11, 2e-9, 7e-11, 2e-11, 2e-5], "bfloat16": [2e-11, 1e-9, 3e-11, 2e-11, 2e-5]}
    pc = speed.read(measured.found(precision="bfloat16", seconds=both, emulated=0))
    quick = pc.step(QUICK)
    assert pc.step(override(QUICK, "training.precision", "bfloat16")) == quick
    assert pc.step(override(QUICK, "training.precision", "float32")) > 1.5 * quick
