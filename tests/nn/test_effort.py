"""What a step computes, counted from the settings: held to the network itself."""

import pytest

from cnngru.config import override
from cnngru.nn.classifier import CNNGRU
from cnngru.nn.effort import KINDS, OF_PICTURES, _filters, _gates, effort
from cnngru.nn.size import encoder
from cnngru.presets import preset
from cnngru.training.optim import Muon, optimizers


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn", "mingru", "gru-textbook", "none"])
@pytest.mark.parametrize(("name", "data"), [("best", "cifar10"), ("document", "cifar10"), ("quick", "rowcue")])
def test_the_matrices_are_those_that_muon_moves(name, data, cell):
    config = override(override(preset(name, data), "model.cell", cell), "training.optimizer", "muon")
    [muon] = [each for each in optimizers(CNNGRU(config.model, "ab"), config.training) if isinstance(each, Muon)]
    moved = []
    for group in muon.param_groups:
        for weight in group["params"]:
            flat = weight.flatten(1)
            moved += [tuple(block.shape) for block in flat.split(group["block"] or len(flat))]
    counted = [*_filters(config.model), *_gates(config.model, encoder(config.model)[1])]
    assert sorted(counted) == sorted(moved)


def test_pictures_count_for_what_is_done_with_each_and_not_for_the_rest():
    config = preset("quick")
    one, many = effort(config, 1), effort(config, 100)
    assert len(one) == len(KINDS)
    assert many[:OF_PICTURES] == pytest.approx([100 * each for each in one[:OF_PICTURES]])
    assert many[OF_PICTURES:] == one[OF_PICTURES:]
    assert effort(config) == effort(config, config.training.batch)


def test_without_muon_and_without_recurrence_there_is_less():
    config = preset("quick")
    plain = effort(override(config, "training.optimizer", "adamw"))
    assert plain[KINDS.index("orthogonal")] == 0
    bare = effort(override(config, "model.cell", "none"))
    at = KINDS.index("recurrence")
    assert 0 < bare[at] < effort(config)[at] / 10
    pixels = effort(override(config, "model.encoder", "pixels"))
    assert pixels[KINDS.index("convolutions")] == 0
    assert pixels[KINDS.index("values")] > 0
