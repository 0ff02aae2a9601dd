"""What a step has seen, against the network itself and against figures worked out by hand."""

import pytest

from cnngru.bands import bands
from cnngru.config import Conv, ModelConfig
from cnngru.nn.classifier import CNNGRU
from cnngru.presets import PRESETS, preset

NETWORKS = {
    "tall": ModelConfig(convs=(Conv((7, 3), 4, (2, 2)), Conv((5, 1), 4, (4, 1)))),
    "narrow": ModelConfig(stem_stride=2, convs=(Conv((1, 3), 4),)),
    "pixels": ModelConfig(encoder="pixels"),
    **{name: model for name, (model, _) in PRESETS.items()},
    **{f"rowcue {name}": preset(name, "rowcue").model for name in PRESETS},
}


@pytest.mark.parametrize("name", NETWORKS)
def test_they_are_the_networks_own(name: str) -> None:
    assert [list(band) for band in bands(NETWORKS[name])] == CNNGRU(NETWORKS[name], "ab").bands.tolist()


def test_figures_worked_out_by_hand() -> None:
    assert bands(ModelConfig(encoder="pixels")) == [(y, y + 1) for y in range(32)]
    assert bands(preset("quick", "rowcue").model) == [(2 * t, 2 * t + 2) for t in range(16)]
    # three times 3x3 and halved: reaches 1 + 2 + 4 pixels up and 1 + 2 + 4 down of the 8 that it stands for
    assert bands(preset("document").model) == [(0, 15), (1, 23), (9, 31), (17, 32)]
