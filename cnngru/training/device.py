"""Which device and number format a run uses, and how the model's arithmetic is put into it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from cnngru.config import ConfigError, TrainingConfig


def choose_device(name: str) -> torch.device:
    """ "auto" -> cuda, then mps, then cpu. Raises ConfigError for a device that this machine does not have."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(device for device, there in present.items() if there))
    if not present[name]:
        raise ConfigError(f"This machine has no {name} device that torch can use; choose auto or cpu.")
    return torch.device(name)


def choose_precision(config: TrainingConfig, device: torch.device) -> str:
    """ "auto" -> "bfloat16" where the device has instructions for it, else "float32".

    Without them bfloat16 is emulated, and slower. Apple's GPUs are left at float32.
    """
    if config.precision != "auto":
        return config.precision
    if device.type == "cpu":
        fast = _computes_bfloat16()
    else:
        fast = device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)
    return "bfloat16" if fast else "float32"


def _computes_bfloat16() -> bool:
    """Whether the processor has instructions for it."""
    has = torch.cpu.get_capabilities()
    held = torch.backends.cpu.get_cpu_capability() == "AVX2"  # by ATEN_CPU_CAPABILITY, to be as an older one is
    return bool(has.get("avx512_bf16") or has.get("amx_bf16")) and not held


def emulated(config: TrainingConfig, device: torch.device) -> tuple[str, ...]:
    """A note for a person where bfloat16 was asked for and this processor only emulates it."""
    if device.type != "cpu" or config.precision != "bfloat16" or _computes_bfloat16():
        return ()
    return (
        "This processor has no instructions for bfloat16 and emulates it, which takes about ten times as long as "
        "float32: with the precision auto the run would have taken that.",
    )


def autocast(device: torch.device, precision: str) -> AbstractContextManager[Any]:
    """The context in which a forward pass runs at that precision; weights stay float32."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()
