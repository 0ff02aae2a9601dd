"""A server in between, as a classroom's proxy is one: passes requests on, and says so in a header."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

PIECE = 65_536  # bytes


@contextmanager
def between(url: str, header: str) -> Iterator[str]:
    """Its own address on this computer, and each request that comes there goes to `url` with one more header."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, urlsplit(url).port, header), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, port: int | None, header: str) -> None:
    with contextlib.suppress(OSError):
        while True:
            browser, _ = server.accept()
            threading.Thread(target=_pass_on, args=(browser, port, header), daemon=True).start()


def _pass_on(browser: socket.socket, port: int | None, header: str) -> None:
    """One request with its answer, and whatever follows where both agree on a WebSocket."""
    with contextlib.suppress(OSError), browser, socket.create_connection(("127.0.0.1", port)) as app:
        asked = b""
        while b"\r\n\r\n" not in asked:
            if not (piece := browser.recv(PIECE)):
                return
            asked += piece
        head, _, body = asked.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if b"upgrade" in head.lower() or b"onnection:" not in line]
        lines.append(header.encode())
        if b"upgrade" not in head.lower():
            lines.append(b"Connection: close")  # else a second request would follow on the same line
        app.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        threading.Thread(target=_pump, args=(browser, app), daemon=True).start()
        _pump(app, browser)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
