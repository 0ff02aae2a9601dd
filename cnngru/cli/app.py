"""`python -m cnngru app`: opens the app in the browser, on every system; `make app` is not needed for it."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from typing import Any

from cnngru import places
from cnngru.cli.console import CommandError, command


def add(commands: Any) -> None:
    parser = command(commands, "app", "open the app in the browser", "python -m cnngru app --server.port 8502")
    parser.description = (
        "Open the app in the browser. Further options are Streamlit's: `streamlit run --help` has them."
    )
    parser.set_defaults(run=run, options=[])


def run(args: argparse.Namespace) -> int:
    """Serves the app until Ctrl-C. `args.options` go to Streamlit as they are."""
    if not places.APP.is_file():
        raise CommandError(
            f"The app's pages are not here: {places.APP} is missing. Install cnngru again, or use a clone."
        )
    role = os.environ.get("CNNGRU_ROLE", "")
    if role not in ("", "class"):  # misspelt, it would let everybody do everything
        raise CommandError(f"CNNGRU_ROLE is {role[:80]!r}. It may be class, or not set.")
    sys.argv = ["streamlit", "run", str(places.APP), *args.options]
    runpy.run_module("streamlit", run_name="__main__")  # this very process, so that Ctrl-C and signals reach it
    return 0
