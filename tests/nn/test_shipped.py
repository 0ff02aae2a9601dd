"""The shipped networks stay what they were: a change of the code must not change what a checkpoint says.

Retrained one? Then write down its new logits: `python -m pytest tests/nn/test_shipped.py` shows them.
"""

from pathlib import Path

import pytest
import torch

import cnngru

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
LOGITS = {  # of the picture below, from the code that trained each
    "cifar10-best": [1.9119, -0.4338, 0.7892, -0.2636, 0.7457, -0.6741, -0.4339, -0.9684, 0.4414, -0.3545],
    "cifar10-quick-gru": [1.1425, -0.4677, -0.0759, -0.0552, 0.4083, -0.7286, -0.5582, -0.869, 1.1048, -0.292],
    "cifar10-quick-lstm": [0.8559, -0.7725, 0.0637, -0.5453, 0.752, -0.8279, -0.8538, -0.3074, 1.5239, -0.4345],
    "cifar10-quick-none": [1.627, -0.2788, 0.7333, -0.1005, 0.6402, -0.575, -0.228, -0.8001, 1.4836, -0.8392],
    "cifar10-quick-shuffled": [0.0028, 0.0085, -0.0013, 0.0108, -0.0115, -0.0197, -0.0265, -0.0034, -0.007, -0.0013],
    "rowcue-quick": [-0.5006, -0.4766, -0.3374, -0.1284, 0.5153, 1.563, 0.388, -0.1188, -0.1974, 0.1501],
}


@pytest.mark.parametrize("name", LOGITS)
def test_a_shipped_network_says_what_it_always_said(name):
    picture = torch.linspace(0, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
    logits = cnngru.load(CHECKPOINTS / name)(picture)[0]
    torch.testing.assert_close(logits, torch.tensor(LOGITS[name]), atol=2e-3, rtol=0)
