"""Numbers as people write them: read as they are meant, or refused in words."""

import pytest

from cnngru.config import DataConfig, ModelConfig, TrainingConfig
from cnngru.schema import ConfigError, number

EPOCHS, RATE = (TrainingConfig, "epochs"), (TrainingConfig, "learning_rate")
PICTURES = (DataConfig, "pictures")


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        (EPOCHS, "3", 3),
        (EPOCHS, " 1,000 ", 1000),
        (PICTURES, "5 000", 5000),
        (PICTURES, "5\N{NO-BREAK SPACE}000", 5000),
        (PICTURES, "5’000", 5000),
        (PICTURES, "0", 0),
        (EPOCHS, "１２", 12),  # typed with a Chinese or Japanese keyboard
        (RATE, "0,01", 0.01),
        (RATE, "0.01", 0.01),
        (RATE, ",5", 0.5),
        (RATE, "0,001", 0.001),  # no group of thousands begins with 0
        (RATE, "1e-3", 0.001),
        (RATE, "3", 3.0),
    ],
)
def test_a_number_is_read_as_it_is_meant(setting, text, value):
    read = number(*setting, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("setting", "text", "said"),
    [
        (EPOCHS, "0", "Epochs must be 1 to 1,000; got 0."),
        (EPOCHS, "-3", "Epochs must be 1 to 1,000; got -3."),
        (EPOCHS, "\N{MINUS SIGN}3", "got -3."),
        (EPOCHS, "", "Epochs is empty: write a whole number, 1 to 1,000."),
        (EPOCHS, " ", "is empty"),
        (EPOCHS, "2.5", "Epochs must be a whole number, 1 to 1,000; '2.5' is none."),
        (EPOCHS, "1e2", "whole number"),
        (EPOCHS, "5,00", "whole number"),
        (EPOCHS, "three", "'three' is none"),
        (EPOCHS, "9" * 5000, "is none"),
        (EPOCHS, "3²", "'3²' is none"),
        ((TrainingConfig, "batch"), "99,999", "Batch must be 2 to 10,000 pictures; got 99,999."),
        ((ModelConfig, "hidden"), "0", "Hidden units must be 1 to 2,048; got 0."),
        (PICTURES, "5.000", "5.000 can be read in two ways. Write 5000."),
        (RATE, "1,000", "1,000 can be read in two ways. Write 1 or 1000."),
        (RATE, "1.234,5", "is none"),
        (RATE, "0", "Learning rate must be 1e-07 to 10; got 0."),
        (RATE, "nan", "is none"),
        (RATE, "inf", "is none"),
        (RATE, "1e999", "got 1e999."),
        (RATE, "٣", "is none"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(setting, text, said):
    with pytest.raises(ConfigError) as refused:
        number(*setting, text)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 200
