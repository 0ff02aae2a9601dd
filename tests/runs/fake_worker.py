"""A worker whose training is a loop that sleeps, for tests that need real processes but no network to train.

What it does is in the config: `training.epochs` epochs of 10 steps, `data.seed` milliseconds a step. It starts in a
tenth of a second, because it never brings in torch.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from cnngru.config import Config
from cnngru.runs import worker
from cnngru.training.events import Event, Finished, Progress, Started, Validated

STEPS = 10  # an epoch


class FakeModel:
    """The little of a model that the worker touches."""

    def state_dict(self) -> dict:
        return {}


def train(config: Config, progress: worker.DataProgress, state: None, between: worker.Between) -> Iterator[Event]:
    epochs, pause = config.training.epochs, config.data.seed / 1000
    steps = epochs * STEPS
    progress(1, 1, "reading")
    yield Started("cpu", "float32", 1, 3, 2, 600, 60, 60, ("a", "b"), steps, epochs, FakeModel())
    for step in range(1, steps + 1):
        between(step - 1, lambda note: b"no state")
        time.sleep(pause)
        yield Progress(step, steps, step / STEPS, 1 / step, 0.5, 1e-3, 100.0, step * pause, (steps - step) * pause)
        if step % STEPS == 0:
            yield Validated(step, step // STEPS, 0.5, 0.5, 60, step * pause)
    yield Finished(steps, 0.5, 0.5, 2, steps * pause, 0.4, 0.3, [[0.5, 0.5]] * 2, [0, 1])


def save(model: FakeModel, file: Path, half: bool) -> None:
    file.write_bytes(b"weights")


if __name__ == "__main__":
    sys.exit(worker.main(train=train, save=save))
