"""What leaves the project as files for other programs: traces, networks, curves, and the whole recipe as a script."""

from __future__ import annotations

from importlib.util import find_spec

REQUIREMENTS = "requirements-export.txt"


class ExportError(Exception):
    """It cannot be exported so. The message says why, and what to do, for a person."""


def need(what: str, *packages: str) -> None:
    """Raises ExportError where one of the packages is not installed: the app does without them."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise ExportError(
            f"For {what}, install {' and '.join(missing)}: python -m pip install {' '.join(missing)} "
            f"(the versions that were tried are in {REQUIREMENTS})."
        )
