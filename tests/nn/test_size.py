"""What is said of a network's size before it is made is true of the network that is made."""

import dataclasses

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from cnngru.cells import CELLS
from cnngru.config import ConfigError
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.size import size
from cnngru.presets import PRESETS, preset


def variants():
    for name in PRESETS:
        for data in ("cifar10", "rowcue"):
            model = preset(name, data).model
            for encoder in ("rows", "pixels", "seed-cnn"):
                for cell in (*CELLS, "none"):
                    for changes in ({}, {"layers": 2, "bidirectional": True}, {"readout": "gated"}):
                        try:
                            yield dataclasses.replace(
                                model, encoder=encoder, cell=cell, **{"bidirectional": False, **changes}
                            )
                        except ConfigError:  # settings that do not go together
                            continue


def test_the_parameters_are_those_of_the_network():
    for model in dict.fromkeys(variants()):
        with torch.device("meta"):
            made = CNNGRU(model, [str(i) for i in range(7)])
        assert size(model, 7).parameters == made.parameter_count, model


@pytest.mark.parametrize("cell", ["gru-textbook", "none"])  # PyTorch's own layers are not counted there
@pytest.mark.parametrize("name", PRESETS)
def test_the_work_is_that_of_a_reading(name, cell):
    model = dataclasses.replace(preset(name).model, cell=cell, readout="mean")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        CNNGRU(model, [str(i) for i in range(10)])(torch.zeros(1, 3, 32, 32))
    assert counter.get_total_flops() / 2 == pytest.approx(size(model, 10).work, rel=0.03)
