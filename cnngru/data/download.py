"""One file from one address: checked by its md5, with progress, retries and limits of time.

pooch does the work. What it lacks is here: a server that sends a trickle is given up, and a failure is a sentence.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from urllib.parse import urlsplit

from cnngru.data import OnProgress

ATTEMPTS = 2  # for each address
PAUSE = 2.0  # seconds before the second one
TIMEOUT = (10.0, 20.0)  # seconds to wait for a connection, and for each next piece of data
SLOW_BYTES, SLOW_SECONDS = 50_000, 30.0  # fewer bytes a second than this, over so many seconds: give up the address
CHUNK = 1024  # bytes; small, because the speed is only looked at when a chunk is full
TELL_SECONDS = 0.2  # at most one report of progress in this time


class _Stalled(Exception):
    """The server sends too slowly to wait for it."""


class _Watch:
    """What pooch takes for a progress bar: passes the progress on and raises _Stalled when it is too slow."""

    total = 0  # bytes, set by pooch from the server's answer; 0 = unknown

    def __init__(self, what: str, progress: OnProgress) -> None:
        self.what, self.progress = what, progress
        self.done = 0
        self.told = self.since = time.monotonic()
        self.done_then = 0  # bytes at the time `since`

    def update(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        if now - self.since >= SLOW_SECONDS:
            if self.done - self.done_then < SLOW_BYTES * (now - self.since):
                raise _Stalled
            self.since, self.done_then = now, self.done
        if now - self.told >= TELL_SECONDS:
            self.told = now
            self.progress(min(self.done, self.total or self.done), self.total, self.what)

    def reset(self) -> None:
        self.done = self.done_then = 0
        self.since = time.monotonic()

    def close(self) -> None:
        self.progress(self.total, self.total, self.what)


def download(url: str, file: Path, md5: str, what: str, progress: OnProgress) -> str | None:
    """Downloads `url` to `file`, which appears only once it is whole and has the md5 sum (32 hex digits).

    Returns None when it is there, else a sentence that says what went wrong at this address. OSError: `file` cannot
    be written. `what` names the thing in the progress text.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    host, failure = urlsplit(url).hostname or url, ""
    for attempt in range(ATTEMPTS):
        if attempt:
            progress(0, 0, f"{failure} Trying again")
            time.sleep(PAUSE)
        downloader = pooch.HTTPDownloader(
            progressbar=_Watch(f"Downloading {what} from {host}", progress),
            chunk_size=CHUNK,
            timeout=TIMEOUT,
            # A server that thinks of .tar.gz as "compressed text" would have it unpacked on the way: another md5.
            headers={"User-Agent": "cnngru", "Accept-Encoding": "identity"},
        )
        try:
            pooch.retrieve(url, f"md5:{md5}", fname=file.name, path=file.parent, downloader=downloader)
            return None
        except _Stalled:
            return f"{host} sends less than {SLOW_BYTES // 1000} kB a second."
        except requests.HTTPError as error:  # "404 Client Error: Not Found for url: …"
            failure = f"{host} answered {str(error).split(' for url')[0]}."
        except requests.Timeout:
            failure = f"{host} did not answer in time."
        except requests.exceptions.ChunkedEncodingError:
            failure = f"{host} broke off in the middle."
        except requests.ConnectionError as error:
            failure = f"{host} stopped sending." if "Read timed out" in str(error) else f"{host} could not be reached."
        except requests.RequestException as error:  # no valid address, too many redirects, …
            failure = f"{url} could not be used ({error})."
        except ValueError:  # pooch: the md5 sum is another
            failure = f"{host} sent a damaged file (its md5 sum is wrong)."
    return failure
