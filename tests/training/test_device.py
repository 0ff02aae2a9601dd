"""Which number format a run uses, by what the processor has and by what it is held to."""

import pytest
import torch

from cnngru.config import TrainingConfig
from cnngru.training.device import choose_precision, emulated

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("has", "uses", "precision"),
    [
        ({"avx512_bf16": True, "amx_bf16": True}, "AVX512", "bfloat16"),
        ({"avx512_bf16": True}, "AVX512", "bfloat16"),
        ({"avx512_bf16": True, "amx_bf16": True}, "AVX2", "float32"),  # held to what an older one has
        ({"avx512_bf16": False}, "AVX512", "float32"),
        ({}, "DEFAULT", "float32"),
    ],
)
def test_bfloat16_is_used_where_it_is_quick(monkeypatch, has, uses, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: uses)
    assert choose_precision(TrainingConfig(), CPU) == precision
    assert choose_precision(TrainingConfig(precision="bfloat16"), CPU) == "bfloat16"
    told = emulated(TrainingConfig(precision="bfloat16"), CPU)
    assert bool(told) == (precision == "float32")  # asked for all the same, it is slow
    assert not emulated(TrainingConfig(), CPU)
