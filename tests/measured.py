"""A computer as it might have been measured, for tests."""

import time
from typing import Any


def found(**values: Any) -> dict[str, Any]:
    """What measuring gives: an older processor, on which float32 is what "auto" chooses."""
    whole = {
        "device": "cpu",
        "precision": "float32",
        "seconds": {"float32": [4.4e-11, 2e-9, 7e-11, 2e-11, 2e-5]},
        "threads": 2,
        "faster": 1.9,
        "quiet": True,
        "emulated": 9.0,
        "start": 1.5,
        "time": time.time(),
    }
    return {**whole, **values}
