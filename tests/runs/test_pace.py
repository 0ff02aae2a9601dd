"""How long a run will take, from runs made here or from figures of other computers."""

import dataclasses
from pathlib import Path

import measured
import pytest

from cnngru.config import override
from cnngru.data import rowcue
from cnngru.presets import preset
from cnngru.runs import machine, pace, speed
from cnngru.runs.run import Run

QUICK = preset("quick", "rowcue")


def trained(config, seconds, step=100, name="mine"):
    events = [{"kind": "progress", "step": step, "seconds": seconds}]
    return Run(name, Path("nowhere"), config, events, "finished")


def seconds(config=QUICK, runs=(), kind="avx2"):
    return pace.estimate(config, pace.pictures(config), 10, runs, kind)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(machine, "cores", lambda: 2)


def test_the_pictures_are_those_that_a_run_gets():
    assert pace.TOTAL["rowcue"] == rowcue.TRAIN
    assert pace.TESTED["rowcue"] == rowcue.TEST
    assert pace.pictures(QUICK) == 20_000
    assert pace.pictures(override(QUICK, "data.pictures", 90_000)) == 90_000
    assert pace.pictures(override(preset("quick"), "data.pictures", 90_000)) == 50_000
    assert pace.pictures(override(preset("quick"), "data.pictures", 500)) == 500
    folder = preset("quick", "folder", "/pictures")
    assert pace.pictures(folder, 300) == 300
    assert pace.pictures(override(folder, "data.pictures", 200), 300) == 200


@pytest.mark.parametrize(
    ("kind", "name", "minutes"),
    [
        ("avx2", "quick", 128 / 60),
        ("avx2", "standard", 30),
        ("avx2", "best", 120),
        ("amx", "standard", 4),
        ("amx", "best", 16),
    ],
)
def test_figures_of_other_computers_agree_with_what_was_measured(kind, name, minutes):
    """README's column "on two CPU cores"."""
    time = seconds(preset(name), kind=kind)
    assert time.known == "elsewhere"
    assert 0.8 * time.low < 60 * minutes < 1.2 * time.high


def test_a_run_with_the_same_settings_says_it_best():
    run = trained(QUICK, seconds=100.0)  # for 100 steps of 500 pictures: 2 ms each
    time = seconds(runs=[run])
    assert time.known == "same"
    learnt, looked_at = 6 * 20_000, 6 * 2_000 + 3 * 5_000
    assert time.low < 0.002 * (learnt + looked_at / 3) + 10 < time.high
    assert time.high < 1.4 * time.low  # one figure: "about …"
    longer = seconds(override(QUICK, "training.epochs", 12), runs=[run])
    assert longer.known == "same"
    assert longer.low > 1.8 * time.low


def test_other_runs_say_how_fast_this_computer_is():
    other = override(QUICK, "model.hidden", 256)
    slow, fast = (seconds(runs=[trained(other, took)]) for took in (1000.0, 100.0))
    assert slow.known == fast.known == "others"
    assert slow.low > 5 * fast.low
    assert seconds(runs=[trained(other, 1000.0)], kind="graphics").known == "others"


def test_runs_that_say_nothing_about_this_computer_are_not_asked():
    assert seconds(runs=[trained(QUICK, 100.0, name="rowcue-quick")]) == seconds()  # comes with the app
    assert seconds(runs=[trained(QUICK, 100.0, step=3)]) == seconds()
    assert seconds(runs=[dataclasses.replace(trained(QUICK, 1.0), events=[])]) == seconds()


def test_nothing_is_known_of_a_graphics_processor_before_the_first_run():
    assert seconds(kind="graphics") is None


def test_less_precise_numbers_are_no_help_to_a_run_that_does_not_use_them():
    exact = override(QUICK, "training.precision", "float32")
    assert seconds(exact, kind="amx").high > 2 * seconds(kind="amx").high
    assert seconds(exact, kind="avx2") == seconds(kind="avx2")


def test_more_cores_take_no_longer(monkeypatch):
    two = seconds()
    monkeypatch.setattr(machine, "cores", lambda: 8)
    assert seconds().low < two.low
    assert seconds().high < two.high
    monkeypatch.setattr(machine, "cores", lambda: 1)
    assert seconds().high > two.high


def test_this_computer_has_a_kind():
    assert pace.processor() in (*pace.SPEEDS, "graphics")
    assert machine.cores() >= 1


def known(config=QUICK, runs=(), **found):
    pc = speed.read(measured.found(**found))
    return pace.estimate(config, pace.pictures(config), 10, runs, "avx2", pc)


def test_a_measurement_of_this_computer_is_better_than_others_and_than_other_runs():
    other = trained(override(QUICK, "model.hidden", 256), 100.0)
    assert known(runs=[other]) == known()
    assert known().known == "measured"
    assert known(quiet=False).known == "busy"
    assert known().high < 1.4 * known().low  # one figure: "about …"
    assert known(runs=[trained(QUICK, 100.0)]).known == "same"
    assert known(device="cuda", runs=[other]).known == "measured"
    assert known(override(QUICK, "training.device", "cuda"), [other]).known == "others"


def test_a_measured_run_takes_its_steps_and_its_looks_and_its_start():
    pc = speed.read(measured.found())
    takes, step = known(), pc.step(QUICK)
    steps = 6 * 20_000 / 500
    assert takes.steps == pytest.approx(steps * step)
    looked_at = (6 * 2_000 + 3 * 5_000) / 3 / 500
    assert takes.middle == pytest.approx((steps + looked_at) * step + 1.2 * 1.5 + 2.5, rel=0.02)


def test_a_time_limit_is_the_most_that_training_takes():
    limited = known(override(QUICK, "training.seconds", 10))
    assert limited.steps == pytest.approx(10)
    assert limited.high < known().low


def test_the_precision_that_a_processor_lacks_is_warned_of(monkeypatch):
    slow, old = override(QUICK, "training.precision", "bfloat16"), speed.read(measured.found())
    assert "about 9 times as long" in pace.warning(slow, old)
    assert pace.warning(QUICK, old) == ""
    assert pace.warning(override(slow, "training.device", "cuda"), old) == ""
    assert pace.warning(slow, speed.read(measured.found(emulated=0))) == ""
    monkeypatch.setattr(pace, "processor", lambda: "avx2")
    assert "about 10 times as long" in pace.warning(slow, None)
    monkeypatch.setattr(pace, "processor", lambda: "amx")
    assert pace.warning(slow, None) == ""
