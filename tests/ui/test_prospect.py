"""What will run, in one sentence."""

import pytest

from cnngru.config import override
from cnngru.presets import preset
from cnngru.runs.pace import Time
from cnngru.runs.spoken import span
from cnngru.ui.train.prospect import will_run


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (230, 260, "about 4 minutes"),
        (120, 300, "2 to 5 minutes"),
        (38, 130, "40 seconds to 2 minutes"),
        (1, 2, "about 5 seconds"),
        (3, 12, "5 to 10 seconds"),
        (50, 80, "50 seconds to 1 minute"),
        (80, 95, "about 1 minute"),
        (70, 100, "1 to 2 minutes"),
        (65, 88, "about 1 minute"),
        (820, 2040, "15 to 35 minutes"),
        (70 * 60, 180 * 60, "70 minutes to 3 hours"),
        (7000, 7400, "about 2 hours"),
        (3 * 86_400, 4 * 86_400, "about 83 hours"),
    ],
)
def test_a_time_is_said_as_precisely_as_it_is_known(low, high, said):
    assert span(low, high) == said


def test_the_sentence():
    config = override(override(preset("quick", "rowcue"), "data.pictures", 5000), "training.epochs", 3)
    assert will_run(config, 5000, 294_018, Time(230, 260, "same")) == (
        "RowCue, 5,000 pictures, 3 epochs of the quick GRU with 290,000 parameters: about 4 minutes on this computer"
    )
    control = override(override(preset("document"), "data.shuffle_labels", True), "training.epochs", 1)
    assert will_run(control, 0, 9, None) == (
        "CIFAR-10, shuffled labels, 1 epoch of the document's CNN + GRU with 9 parameters: "
        "how long that takes here is not known yet"
    )
