"""What all tests share: the real CIFAR-10 where there is one, and a place for runs that is not the project's own."""

import os
from pathlib import Path

import pytest

from cnngru.data import cifar10

if "PYTEST_XDIST_WORKER" in os.environ:  # beside another process of tests, threads only wait for each other's cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

os.environ.setdefault("CNNGRU_MEASURE", "off")  # no page of these tests measures the machine that they run on
BESIDE = Path(__file__).parents[2] / "shared/data"  # where the data may lie beside the project
if "CNNGRU_DATA" not in os.environ and cifar10.status(str(BESIDE)) == "ready":
    os.environ["CNNGRU_DATA"] = str(BESIDE)

NEEDS_CIFAR10 = "needs the real CIFAR-10: set CNNGRU_DATA to the folder that holds cifar-10-batches-py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what needs real pictures where there are none, and says which variable would change that."""
    if cifar10.status() == "ready":
        return
    for item in items:
        if item.get_closest_marker("cifar10"):
            item.add_marker(pytest.mark.skip(reason=NEEDS_CIFAR10))


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory in which this test's runs live; worker processes inherit it."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    monkeypatch.setenv("CNNGRU_CHECKPOINTS", str(folder))
    return folder
