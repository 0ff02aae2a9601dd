"""The command line: the app's jobs without a browser, for scripts. One file a command.

Results go to stdout, progress bars and complaints to stderr. Exit codes: 0 done; 1 could not be done (the reason is on
stderr); 2 wrong usage; 141 whoever read the output has gone, as after `… | head`. Commands import torch only when they
need it, so that `runs list` answers at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import cnngru
from cnngru import places
from cnngru.cli import app, data, evaluate, export, predict, runs, streams, trace, train
from cnngru.cli.console import complain

COMMANDS = (app, data, train, evaluate, predict, trace, export, runs)
READER_GONE = 141  # as a shell counts a program that the signal SIGPIPE has ended


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command (default: the process's own arguments) and returns its exit code."""
    streams.prepare()
    code = 1
    failed: OSError | None = None
    try:
        code = _run(argv)
    except OSError as error:
        failed = error
    finally:  # also where argparse ends the program, its help text printed
        failed = streams.finish() or failed
    if failed and not isinstance(failed, BrokenPipeError):
        complain(f"The output could not be written: {failed.strerror}.")
        return 1
    return READER_GONE if failed else code


def _run(argv: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m cnngru",
        description="Train a small CNN + GRU on pictures, use it, and see what its gates do. "
        "`python -m cnngru COMMAND --help` has an example of each command.",
    )
    parser.add_argument("--version", action="version", version=f"cnngru {cnngru.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    args, more = parser.parse_known_args(argv)
    if "options" in args:  # of another program, which knows them
        args.options = more
    elif more:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    try:
        places.bring_networks()
        return args.run(args)
    except KeyboardInterrupt:
        complain("Stopped by Ctrl-C.")
    except Exception as error:
        # The project's own errors are written for people. Any other is a bug, and a bug wants its traceback.
        if isinstance(error, OSError) and error.filename:  # without a name it is the output that has failed
            complain(f"{error.filename}: {error.strerror or error}.")
        elif type(error).__module__.startswith("cnngru."):
            complain(str(error))
        else:
            raise
    return 1
