"""`python -m cnngru app`: opens the app in the browser, on every system; `make app` is not needed for it."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import tomllib
from contextlib import suppress
from typing import Any

from cnngru import places, server_settings
from cnngru.cli.console import CommandError, command, complain


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
    settings = server_settings.read()  # a wrong one is told here, before the app is open to all
    if server_settings.listens_to_others(address(args.options)):
        server_settings.say_once(server_settings.said(settings), complain)
    sys.argv = ["streamlit", "run", str(places.APP), *args.options]
    runpy.run_module("streamlit", run_name="__main__")  # this very process, so that Ctrl-C and signals reach it
    return 0


def address(options: list[str]) -> str | None:
    """The address that Streamlit will listen at: by option, variable or the app's file, else None: all of them."""
    named = [options[i + 1] for i, option in enumerate(options[:-1]) if option == "--server.address"]
    named += [option.partition("=")[2] for option in options if option.startswith("--server.address=")]
    if named:
        return named[-1]
    with suppress(OSError, ValueError):
        told = tomllib.loads((places.APP.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
        return os.environ.get("STREAMLIT_SERVER_ADDRESS") or told.get("server", {}).get("address")
    return None
