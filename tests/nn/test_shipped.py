"""The shipped networks stay what they were: a change of the code must not change what a checkpoint says.

Retrained one? Then write down its new logits: `python -m pytest tests/nn/test_shipped.py` shows them.
"""

from pathlib import Path

import pytest
import torch

import cnngru
from benchmarks import faithfulness
from cnngru.data import rowcue
from cnngru.explain.untrained import untrained
from cnngru.runs import analyses, store

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
LOGITS = {  # of the picture below, from the code that trained each
    "cifar10-best": [2.1497, -0.9479, 0.8551, -0.6766, 0.655, -0.9364, -0.6038, -0.8692, 0.0576, -0.655],
    "cifar10-best-shuffled": [0.0241, 0.0183, 0.016, 0.023, 0.0102, 0.0249, 0.0096, -0.0094, -0.0076, -0.0142],
    "cifar10-quick-gru": [1.1425, -0.4677, -0.0759, -0.0552, 0.4083, -0.7286, -0.5582, -0.869, 1.1048, -0.292],
    "cifar10-quick-lstm": [0.8559, -0.7725, 0.0637, -0.5453, 0.752, -0.8279, -0.8538, -0.3074, 1.5239, -0.4345],
    "cifar10-quick-lstm-shuffled": [
        *(0.0065, -0.0011, -0.0029, -0.0267, -0.0373),
        *(-0.0483, -0.0575, -0.037, -0.0659, -0.0532),
    ],
    "cifar10-quick-none": [1.627, -0.2788, 0.7333, -0.1005, 0.6402, -0.575, -0.228, -0.8001, 1.4836, -0.8392],
    "cifar10-quick-shuffled": [0.0028, 0.0085, -0.0013, 0.0108, -0.0115, -0.0197, -0.0265, -0.0034, -0.007, -0.0013],
    "rowcue-quick": [-0.5006, -0.4766, -0.3374, -0.1284, 0.5153, 1.563, 0.388, -0.1188, -0.1974, 0.1501],
    "rowcue-quick-shuffled": [1.5609, 0.8281, -0.9971, -1.2415, -0.442, 0.0527, -0.1357, 0.376, 0.1527, 1.7035],
}


@pytest.mark.parametrize("name", LOGITS)
def test_a_shipped_network_says_what_it_always_said(name):
    picture = torch.linspace(0, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
    logits = cnngru.load(CHECKPOINTS / name)(picture)[0]
    torch.testing.assert_close(logits, torch.tensor(LOGITS[name]), atol=2e-3, rtol=0)


@pytest.mark.parametrize("name", [name for name in LOGITS if "shuffled" not in name and "none" not in name])
def test_its_survey_is_of_these_weights_and_it_has_a_shuffled_control(name):
    """Otherwise populations would have to be found out first, which needs the test pictures."""
    assert analyses.stored(CHECKPOINTS / name / analyses.WEIGHTS, analyses.SURVEY) is not None
    runs = [store.get(other) for other in LOGITS]
    model = store.get(name).config.model
    assert any(run.config.data.shuffle_labels and run.config.model == model for run in runs)


@pytest.mark.parametrize("name", [name for name in LOGITS if "shuffled" in name])
def test_a_control_that_learnt_shuffled_labels_answers_the_test_pictures_as_one_who_guesses(name):
    """Ten classes, so 10 %; wider than guessing's own spread, for it answers whole groups of pictures alike."""
    assert 0.06 < (store.get(name).last("finished") or {})["accuracy"] < 0.14


def test_occlusion_names_the_cue_that_decides():
    """As benchmarks/faithfulness.py has it of 1,000 pictures; untrained, a network is near a step drawn by lot."""
    model, made = cnngru.load(CHECKPOINTS / "rowcue-quick"), rowcue.generate(300, (0, faithfulness.TEST))
    images, labels = made.images.float() / 255, made.labels.long()
    true = faithfulness.steps_of(model, made.cue_rows[:, 0])
    least = {"occlusion, 2 steps at once": 99, "occlusion, 1 step": 96, "integrated gradients, 32 points": 99}
    for network in (model, untrained(model)):
        pair = faithfulness.classes(network, images, labels)
        for name, percent in least.items():
            named = faithfulness.named(faithfulness.ATTRIBUTIONS[name](network, images, *pair), true)
            assert named >= percent if network is model else named < 30, (name, named)
