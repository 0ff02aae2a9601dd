"""The two-second measurement: what follows from its times. How long anything takes is not tested."""

import pytest
import torch

from cnngru.config import Config, Conv, ModelConfig, TrainingConfig
from cnngru.nn.effort import KINDS, effort
from cnngru.presets import preset
from cnngru.training import speed

CONFIGS = [preset("quick"), preset("best"), preset("document"), preset("best", "rowcue")]


def test_the_time_of_each_kind_of_work_is_found_again():
    real = (2e-11, 3e-9, 6e-11, 2e-11, 2e-5)
    efforts = [effort(config, pictures) for config in CONFIGS for pictures in (8, 32, 128)]
    seconds = [sum(a * b for a, b in zip(each, real, strict=True)) for each in efforts]
    found = speed.fit(efforts, seconds)
    for config in (preset("standard"), preset("standard", "rowcue"), preset("quick", "rowcue")):
        counts = effort(config)
        expected = sum(a * b for a, b in zip(counts, real, strict=True))
        assert sum(a * b for a, b in zip(counts, found, strict=True)) == pytest.approx(expected, rel=0.02)


def test_no_kind_of_work_takes_less_than_nothing():
    assert speed.fit([(1, 1), (1, 2)], [2.0, 1.0])[1] == 0
    assert all(each >= 0 for each in speed.fit([(1, 3, 0), (2, 1, 0)], [1.0, 9.0]))


@pytest.fixture
def tiny():
    model = ModelConfig(stem_stride=2, convs=(Conv((1, 3), 4, (1, 4)),), hidden=4)
    return Config(model=model, training=TrainingConfig(batch=4))


def test_real_steps_are_measured_on_one_thread_and_on_all(tiny, monkeypatch):
    monkeypatch.setattr(speed, "TOGETHER", 4)
    seen = set()
    take = speed._Steps.take

    def noted(self, pictures):
        seen.add((self.config.training.precision, torch.get_num_threads()))
        return take(self, pictures)

    monkeypatch.setattr(speed._Steps, "take", noted)
    monkeypatch.setattr(
        speed, "choose_precision", lambda training, device: training.precision.replace("auto", "float32")
    )
    before = torch.get_num_threads()
    found = speed.measure([(tiny, (2, 4))])
    assert torch.get_num_threads() == before == found["threads"]
    assert found["device"] in ("cpu", "cuda", "mps")
    assert set(found["seconds"]) == {"float32"}
    assert len(found["seconds"]["float32"]) == len(KINDS)
    assert found["faster"] > 0
    if found["device"] == "cpu":
        assert seen == {("float32", 1), ("bfloat16", 1), ("float32", before)}
        assert found["emulated"] >= 1  # as on a processor without bfloat16


def test_where_others_are_at_work_more_threads_count_for_what_they_mostly_are(tiny, monkeypatch):
    monkeypatch.setattr(speed._Steps, "take", lambda self, pictures: (1.0, 2.0))  # of 4 threads' 8 seconds it had 1
    assert speed._together(tiny, 4, [1.0] * len(KINDS), torch.device("cpu")) == (pytest.approx(3.7), False)
    monkeypatch.setattr(speed._Steps, "take", lambda self, pictures: (8.0, 2.0))
    monkeypatch.setattr(speed, "effort", lambda config, pictures: (6.0, 0, 0, 0, 0))
    assert speed._together(tiny, 4, [1.0] * len(KINDS), torch.device("cpu")) == (3.0, True)
