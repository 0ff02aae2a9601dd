"""What the commands share: complaints, JSON, progress bars, and the arguments that name pictures and models."""

from __future__ import annotations

import argparse
import json
import math
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from cnngru import escaping, places
from cnngru.config import ConfigError
from cnngru.runs import store
from cnngru.schema import read_json

LARGE = 100_000  # from here on a bar counts in k and M
DATA_SETS = ("cifar10", "rowcue", "folder")


class Show(Protocol):
    """Draws how far something is: done of total, what it is, and a few figures beside the bar."""

    def __call__(self, done: int, total: int, what: str, beside: str = "") -> None: ...


class CommandError(Exception):
    """The command cannot be done; the message says why, for a person."""


def say(text: str) -> None:
    """One or more lines on stdout."""
    print(visible(text))


def complain(message: str) -> None:
    """One message on stderr, clear of any progress bar."""
    if sys.stderr is not None:  # it is None where the shell has closed it
        tqdm.write(visible(message), file=sys.stderr)


def visible(text: str) -> str:
    """The text, its lines as they are, and what would steer the terminal written out: a name may have it in it."""
    return "\n".join(escaping.plain(line, None) for line in text.split("\n"))


def one_line(name: str) -> str:
    """A name that a person, a folder or a checkpoint gave, whole, on one line."""
    return escaping.plain(name, None)


def print_json(value: Any) -> None:
    """JSON on stdout, whatever is in `value` and whatever the encoding: no number is null."""
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    print(json.dumps(_plain(value), indent=2, ensure_ascii=not unicode, allow_nan=False))


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case float() if not math.isfinite(value):
            return None
    return value


def shell(*words: str | os.PathLike[str]) -> str:
    """The words as they are typed: those with spaces in quotes."""
    texts = [os.fspath(word) for word in words]
    return subprocess.list2cmdline(texts) if sys.platform == "win32" else shlex.join(texts)


@contextmanager
def progress(hidden: bool = False) -> Iterator[Show]:
    """Gives a `show` that draws on stderr: a bar for each new `what`, or a line where there is nothing to count.

    Nothing is drawn when `hidden`, and no bar when stderr is not a terminal.
    """
    bar: tqdm | None = None
    shown = ""

    def show(done: int, total: int, what: str, beside: str = "") -> None:
        nonlocal bar, shown
        if what != shown:
            shown = what
            if bar is not None:
                bar.close()
            bar = None
            if total > 1:
                bar = tqdm(desc=one_line(what), total=total, unit_scale=total > LARGE, disable=hidden or None)
            elif not hidden:
                complain(what)
        if bar is not None:
            bar.total = total
            bar.set_postfix_str(beside, refresh=False)
            bar.update(done - bar.n)

    try:
        yield show
    finally:
        if bar is not None:
            bar.close()


def confirmed(yes: bool, question: str, refusal: str) -> bool:
    """Whether a person agrees to what cannot be undone; `yes`: has done so with --yes.

    Says so where they do not. Raises CommandError where nobody can be asked: `refusal`, and that --yes can be added.
    """
    if yes:
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise CommandError(f"{refusal}, add --yes.")
    try:
        answer = input(visible(f"{question} [y/N] "))
    except EOFError:  # Ctrl-D
        answer = ""
    if answer.strip().lower() in ("y", "yes"):
        return True
    say(f"{refusal.partition('.')[0]}.")
    return False


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON, and no progress bar")


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", help="a run's name or folder, or a .safetensors file")


def place(checkpoint: str) -> Path:
    """Where the checkpoint is: a path that there is, else the folder of the run of that name. Raises CommandError."""
    path = places.checkpoint(checkpoint)
    if path.exists():
        return path
    raise CommandError(
        f"There is no model at {path}, and no run of that name in {store.root()}. "
        "`python -m cnngru runs list` names the runs."
    )


def add_pictures(parser: argparse.ArgumentParser, default: str | None) -> None:
    """--data and --path: which pictures."""
    parser.add_argument(
        "--data", choices=DATA_SETS, default=default, help=f"the data set (default: {default or 'the run’s own'})"
    )
    parser.add_argument(
        "--path",
        default="",
        metavar="DIR",
        help="folder: the one with a sub-folder for each class; cifar10: where the data is or goes "
        "(default: $CNNGRU_DATA, else data/)",
    )


def command(commands: Any, name: str, help: str, example: str) -> argparse.ArgumentParser:
    """A new command's parser, with its example under the help text."""
    return commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def setting(text: str) -> tuple[str, Any]:
    """ "training.epochs=3" -> ("training.epochs", 3). The value is read as JSON, else taken as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not SETTING=VALUE, such as training.epochs=3")
    try:
        return name, read_json(value)
    except ConfigError:
        return name, value
