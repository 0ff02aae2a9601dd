"""The line that says where a figure was measured."""

import os
import platform
from datetime import date
from pathlib import Path

import torch


def describe() -> str:
    """Processor, cores and memory, torch, date."""
    return f"{machine()}, {date.today()}"


def machine() -> str:
    """Processor, cores and memory, torch."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        processor = names[0].split(":")[1].strip() if names else processor
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor}, {cores} cores, {memory:.0f} GiB{gpu}, torch {torch.__version__}"
