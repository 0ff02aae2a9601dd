"""The shipped networks stay what they were: a change of the code must not change what a checkpoint says.

Retrained one? Then write down its new logits: `python -m pytest tests/nn/test_shipped.py` shows them.
"""

from pathlib import Path

import pytest
import torch

import cnngru

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
LOGITS = {  # of the picture below, from the code that trained each
    "cifar10-standard": [2.6435, -0.56, -0.2938, 0.1209, 0.1805, -0.7372, -0.4327, -0.9246, 0.5232, -0.418],
    "rowcue-quick": [0.6496, 0.3138, -0.1859, -0.0482, -0.0795, 2.6749, -0.2692, -0.5706, -0.3004, -0.0268],
}


@pytest.mark.parametrize("name", LOGITS)
def test_a_shipped_network_says_what_it_always_said(name):
    picture = torch.linspace(0, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)
    logits = cnngru.load(CHECKPOINTS / name)(picture)[0]
    torch.testing.assert_close(logits, torch.tensor(LOGITS[name]), atol=2e-3, rtol=0)
