"""Test pictures by their number: those that the run was tested on, in that order."""

import numpy as np
import pytest
import streamlit as st
import torch
from PIL import Image

from cnngru import data
from cnngru.config import DataConfig
from cnngru.data import cifar10
from cnngru.pictures import read_picture
from cnngru.ui import samples


def test_rowcue_pictures_are_those_of_the_test_with_the_band_that_decides():
    config = DataConfig(name="rowcue", pictures=10, seed=3)
    pictures, truth = samples.test_pictures(config), data.load(config).test
    assert torch.equal(pictures.images, truth.images)
    assert torch.equal(pictures.labels, truth.labels)
    sample = samples.from_test(config, "7")
    assert torch.equal(sample.tensor, pictures.images[7])
    np.testing.assert_array_equal(sample.image, truth.images[7].permute(1, 2, 0).numpy())
    assert sample.label == pictures.classes[pictures.labels[7]]
    start, end = sample.cue
    assert end - start == 4


@pytest.mark.parametrize("number", [None, "", "5000", "-1", "x", "1e3", "²", "9" * 30, "9" * 5000])
def test_what_is_no_number_of_a_picture_gives_none(number):
    assert samples.from_test(DataConfig(name="rowcue"), number) is None


def test_missing_pictures_are_told_with_what_to_do(tmp_path, monkeypatch):
    st.cache_resource.clear()  # another test may have found them
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
    assert torch.equal(pictures.images, truth.images)
    assert pictures.classes == ("dark", "light")
    assert samples.from_test(config, "0").cue is None


@pytest.mark.cifar10
def test_cifar10_pictures_are_those_of_the_test():
    pictures, truth = samples.test_pictures(DataConfig()), cifar10.read_test()
    assert torch.equal(pictures.labels, truth.labels)
    np.testing.assert_array_equal(pictures.picture(123).image, truth.images[123].permute(1, 2, 0).numpy())


def run_code(picture):
    """The `image` that a picture's Python gives."""
    names = {}
    exec(picture.code, names)
    return names["image"]


def test_the_python_of_a_picture_gives_it_wherever_it_is_from(tmp_path, monkeypatch):
    for name, shade in (("dark", 10), ("light", 200)):
        (tmp_path / name).mkdir()
        for i in range(20):
            Image.new("RGB", (32, 32), (shade + i,) * 3).save(tmp_path / name / f"{i}.png")
    folder, generated = (DataConfig("folder", str(tmp_path), seed=4), DataConfig("rowcue", seed=3))
    own = read_picture(tmp_path / "dark" / "3.png", "3.png")
    monkeypatch.chdir(tmp_path / "dark")
    for picture in (
        samples.from_test(folder, "2"),
        samples.from_test(generated, "41"),
        *samples.available(generated),
        own,
    ):
        assert torch.equal(run_code(picture), picture.tensor), picture.code


@pytest.mark.cifar10
def test_the_python_of_a_cifar10_sample_gives_it():
    found = samples.available(DataConfig())
    assert [picture.label for picture in found[:10]] != [found[0].label] * 10
    assert len({picture.label for picture in found}) == 10
    assert torch.equal(run_code(found[11]), found[11].tensor)
