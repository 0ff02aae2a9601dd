"""Everything that can be chosen has a name."""

import dataclasses
from typing import get_args, get_type_hints

import pytest

from cnngru import names
from cnngru.config import DataConfig, ModelConfig


@pytest.mark.parametrize(
    ("config", "setting", "words"),
    [
        (ModelConfig, "cell", names.CELLS),
        (ModelConfig, "encoder", names.ENCODERS),
        (ModelConfig, "encoder", names.WITH_CELL),
        (ModelConfig, "encoder", names.WITHOUT_CELL),
        (DataConfig, "name", names.DATA),
    ],
)
def test_each_network_and_each_data_set_has_a_name(config, setting, words):
    field = {field.name: field for field in dataclasses.fields(config)}[setting]
    assert set(words) == set(field.metadata.get("choices") or get_args(get_type_hints(config)[setting]))
