"""Files that commands write: whole or not at all, with the name that was asked for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cnngru.cli.console import CommandError


def out_path(out: str | None, default: str) -> Path:
    """The file that --out names, else `default` in the folder that one is in. Raises CommandError for a folder."""
    path = os.path.expanduser(default if out is None else out)
    if os.path.isdir(path) or not os.path.basename(path):
        raise CommandError(f"{path!r} is a folder. Name the file too: --out {os.path.join(path, default)}")
    return Path(path)


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Opens a file beside `path` that takes its place once it is written; else what was there stays.

    Raises CommandError where it cannot be written.
    """
    beside = None
    real = Path(os.path.realpath(path))  # where a link leads, the file is changed, and the link stays
    try:
        if real.exists() and not real.is_file():  # a device or a pipe: nothing may take its place
            with real.open("wb") as file:
                yield file
            return
        handle, beside = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name[:40]}-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(beside, 0o666 & ~umask)  # mkstemp keeps others out
        os.replace(beside, real)
        beside = None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}. The file could not be written there.") from error
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
