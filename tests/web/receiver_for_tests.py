"""A receiver of web hooks for tests: it keeps what it got, and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_connection
from typing import Any

from waiting import PATIENCE, until


@dataclass
class Receiver:
    """What came, and with which headers; `answers` are the next statuses, then 204.

    While `closed`, whoever sends waits: so that it can be killed in the middle.
    """

    address: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    taken: dict[int, bool] = field(default_factory=dict)
    """Who connected, by their port: whether all that they said has been read."""
    open: threading.Event = field(default_factory=threading.Event)
    came: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        """The ids of what came, in order."""
        return [headers["webhook-id"] for headers, _ in self.got]

    def read_to_here(self) -> None:
        """Wait until all has been read that was sent so far: who connects is taken in turn."""
        port = int(self.address.partition("localhost:")[2].partition("/")[0])
        with create_connection(("127.0.0.1", port)) as last:
            mine = last.getsockname()[1]
        until(lambda: self.taken.get(mine) and all(self.taken.values()))


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listen on this machine."""
    kept = Receiver()
    kept.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.got.append(({key.lower(): each for key, each in self.headers.items()}, body))
            kept.taken[self.client_address[1]] = True
            kept.came.set()
            kept.open.wait(PATIENCE)
            status = kept.answers.pop(0) if kept.answers else 204
            try:
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                return

        def finish(self) -> None:
            kept.taken[self.client_address[1]] = True
            super().finish()

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def process_request(self, request: Any, client_address: Any) -> None:
            kept.taken[client_address[1]] = False
            super().process_request(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.address = f"http://localhost:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield kept
    finally:
        kept.open.set()
        server.shutdown()
        thread.join()
        server.server_close()
