"""stdout and stderr as scripts meet them: in any encoding, closed, full, or with a reader that has gone."""

from __future__ import annotations

import codecs
import io
import os
import sys
import warnings

# What stands for a character that the terminal's encoding does not have; any other is shown by its number, as \xe9.
PLAIN = {
    **dict.fromkeys("–—−‑", "-"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    "…": "...",
    "×": "x",
    "·": "*",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "\u00a0": " ",
    "\u202f": " ",
}


def prepare() -> None:
    """From here on nothing that is printed can fail for its letters."""
    codecs.register_error("cnngru-plain", _plain)
    warnings.filterwarnings(
        "ignore", module=r"PIL\."
    )  # a damaged picture gets our sentence, not a line of Pillow's code
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="cnngru-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(PLAIN.get(one) or ascii(one)[1:-1] for one in unknown), error.end


def finish() -> OSError | None:
    """Writes out what waits, and returns the error where that was not possible.

    What could not be written is dropped: else the interpreter tries it again as it ends, and says so.
    """
    failed = None
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # it is None where the shell has closed it
                stream.flush()
        except OSError as error:
            failed = error
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    return failed
