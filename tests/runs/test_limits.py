"""How much visitors may have of the computer. Runs at work are ones whose lock this process holds."""

import os
from dataclasses import replace

import pytest
import unstarted

from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs import limits, liveness, owners, store
from cnngru.server_settings import Settings

CONFIG = preset("quick", "rowcue")


@pytest.fixture
def at_work(checkpoints):
    """at_work("me", "me", "") makes runs at work of these owners, and returns all runs."""
    held = []

    def make(*of):
        for owner in of:
            name = unstarted.create(CONFIG, f"run-{len(held)}")
            if owner:
                owners.write(store.root() / name, owner)
            held.append(liveness.take(store.root() / name))
        return store.all_runs()

    yield make
    for descriptor in held:
        os.close(descriptor)


def ended(name, owner="", megabytes=0.0):
    unstarted.create(CONFIG, name)
    (store.root() / name / "model.safetensors").write_bytes(b"\0" * int(megabytes * 1e6))
    if owner:
        owners.write(store.root() / name, owner)


def test_a_person_has_so_many_at_work_and_no_more(at_work):
    settings = Settings(runs_a_person=2)
    ended("over", "me")  # does not count
    assert limits.too_many("me", at_work("me", "you"), settings) is None
    runs = at_work("me")
    assert "2 runs of yours" in limits.too_many("me", runs, settings)
    assert limits.too_many("you", runs, settings) is None
    assert limits.too_many("me", runs, Settings(runs_a_person=0)) is None


def test_all_visitors_together_have_so_many_but_a_hosts_do_not_count(at_work):
    settings = Settings(runs_a_person=0, runs_in_all=2)
    assert limits.too_many("me", at_work("you", "", ""), settings) is None
    assert "2 runs are at work" in limits.too_many("me", at_work("she"), settings)
    assert limits.too_many("me", store.all_runs(), Settings(runs_in_all=0)) is None


@pytest.mark.parametrize(("asked", "capped"), [(0, 90), (60, 60), (90, 90), (1000, 90)])
def test_a_run_has_so_many_minutes(asked, capped):
    config = override(CONFIG, "training.seconds", asked)
    assert limits.capped(config, Settings(minutes_a_run=1.5)) == override(config, "training.seconds", capped)
    assert limits.capped(config, Settings()) == config


def test_a_run_asks_for_so_much_memory():
    settings = Settings(largest_batch=500, most_pictures=30_000)
    assert limits.too_large(CONFIG, settings) is None
    batch = override(CONFIG, "training.batch", 501)
    pictures = override(CONFIG, "data.pictures", 30_001)
    assert "500" in limits.too_large(batch, settings)
    assert "30,000" in limits.too_large(pictures, settings)
    for config in (batch, pictures):
        assert limits.too_large(config, Settings(largest_batch=0, most_pictures=0)) is None


def test_every_preset_fits_what_visitors_may_have_by_default():
    for name in ("quick", "standard", "best", "document"):
        for data in ("cifar10", "rowcue"):
            assert limits.too_large(preset(name, data), Settings()) is None


def test_a_full_disk_is_told_with_what_one_could_delete(checkpoints):
    for name, owner, megabytes in (("big", "me", 3), ("small", "me", 1), ("hers", "you", 9)):
        ended(name, owner, megabytes)
    runs, settings = store.all_runs(), Settings(runs_gb=0.013)
    told = limits.no_room("me", runs, store.root(), settings)
    assert "big (3 MB), small (1 MB)" in told
    assert "hers" not in told
    assert "ask whoever runs the app" in limits.no_room("she", runs, store.root(), settings)
    assert limits.no_room("me", runs, store.root(), replace(settings, runs_gb=0.0)) is None
    assert limits.no_room("me", runs, store.root(), replace(settings, runs_gb=0.014)) is None
    store.put_aside("big")  # its room is still taken
    assert limits.no_room("me", store.all_runs(), store.root(), settings)


def test_sizes_follow_no_link_and_mind_no_gap(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"12345")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "out").symlink_to("/etc/passwd")
    assert limits.size(tmp_path) == 5
    assert limits.size(tmp_path / "none") == 0
