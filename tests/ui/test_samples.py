"""Test pictures by their number: those that the run was tested on, in that order."""

import numpy as np
import pytest
from PIL import Image

from cnngru import data
from cnngru.config import DataConfig
from cnngru.data import cifar10
from cnngru.ui import samples


def test_rowcue_pictures_are_those_of_the_test_with_the_band_that_decides():
    config = DataConfig(name="rowcue", pictures=10, seed=3)
    pictures, truth = samples.test_pictures(config), data.load(config).test
    np.testing.assert_array_equal(pictures.images, truth.images.permute(0, 2, 3, 1).numpy())
    np.testing.assert_array_equal(pictures.labels, truth.labels.numpy())
    sample = samples.from_test(config, "7")
    np.testing.assert_array_equal(sample.image, pictures.images[7])
    assert sample.label == pictures.classes[pictures.labels[7]]
    start, end = sample.cue
    assert end - start == 4


@pytest.mark.parametrize("number", [None, "", "5000", "-1", "x", "1e3", "²", "9" * 30, "9" * 5000])
def test_what_is_no_number_of_a_picture_gives_none(number):
    assert samples.from_test(DataConfig(name="rowcue"), number) is None


def test_missing_pictures_are_told_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNGRU_DATA", str(tmp_path))
    assert "download it on Home" in samples.test_pictures(DataConfig())
    assert samples.from_test(DataConfig(), "1") is None
    assert "gone" in samples.test_pictures(DataConfig(name="folder", path=str(tmp_path / "gone")))


def test_a_folder_is_split_as_the_run_split_it(tmp_path):
    for name, shade in (("dark", 10), ("light", 200)):
        (tmp_path / name).mkdir()
        for i in range(20):
            Image.new("RGB", (32, 32), (shade + i,) * 3).save(tmp_path / name / f"{i}.png")
    config = DataConfig(name="folder", path=str(tmp_path), seed=4)
    pictures, truth = samples.test_pictures(config), data.load(config).test
    np.testing.assert_array_equal(pictures.images, truth.images.permute(0, 2, 3, 1).numpy())
    assert pictures.classes == ("dark", "light")
    assert samples.from_test(config, "0").cue is None


@pytest.mark.cifar10
def test_cifar10_pictures_are_those_of_the_test():
    pictures, truth = samples.test_pictures(DataConfig()), cifar10.read_test()
    np.testing.assert_array_equal(pictures.labels, truth.labels.numpy())
    np.testing.assert_array_equal(pictures.images[123], truth.images[123].permute(1, 2, 0).numpy())
