"""A client that costs little: requests that were written beforehand, over plain sockets.

Whoever asks shares the cores with who answers, so every microsecond of it is missing there. Several
threads each keep one connection open and send the next request when the last is answered.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

__all__ = ["Load", "ask", "cpu_of", "load", "post"]


@dataclass(frozen=True)
class Load:
    """How many requests were answered in how many seconds, and the processor's part of the client.

    `took` are the seconds of each request.
    """

    seconds: float
    client: float
    took: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.took) / self.seconds


def post(path: str, body: bytes, **headers: str) -> bytes:
    """Return a request as it goes over the wire."""
    named = {"Host": "localhost", "Content-Type": "application/json", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST {path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


def load(port: int, messages: Sequence[bytes], at_once: int) -> Load:
    """Send messages over several connections at once.

    Raises:
        RuntimeError: one was not answered with 200.
    """
    took: list[float] = []
    wrong: list[str] = []
    coming = itertools.count()

    def send() -> None:
        with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answers:
            while not wrong and (number := next(coming)) < len(messages):
                began = time.perf_counter()
                line.sendall(messages[number])
                status, body = _answer(answers)
                took.append(time.perf_counter() - began)
                if status != 200:
                    wrong.append(f"{status}: {body[:300]!r}")

    threads = [threading.Thread(target=send) for _ in range(at_once)]
    began, spent = time.perf_counter(), time.process_time()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if wrong:
        raise RuntimeError(f"A request was answered with {wrong[0]}")
    return Load(time.perf_counter() - began, time.process_time() - spent, tuple(took))


def ask(port: int, message: bytes) -> bytes:
    """Send one message; return the body of its answer.

    Raises:
        RuntimeError: it was not answered with 200.
    """
    with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rb") as answers:
        line.sendall(message)
        status, body = _answer(answers)
    if status != 200:
        raise RuntimeError(f"A request was answered with {status}: {body[:300]!r}")
    return body


def _answer(answers: BinaryIO) -> tuple[int, bytes]:
    status = int(answers.readline().split(b" ", 2)[1])
    length, chunked = 0, False
    while (line := answers.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        chunked |= name.lower() == b"transfer-encoding" and b"chunked" in value.lower()
    if not chunked:
        return status, answers.read(length)
    parts = []
    while size := int(answers.readline(), 16):
        parts.append(answers.read(size))
        answers.readline()
    answers.readline()
    return status, b"".join(parts)


def cpu_of(process: int) -> float:
    """Return the seconds that a process and all that it started have run so far."""
    total, wanted = 0.0, [process]
    while wanted:
        one = Path(f"/proc/{wanted.pop()}")
        for thread in one.glob("task/[0-9]*"):
            try:
                total += int((thread / "schedstat").read_text().split()[0]) / 1e9
                wanted += map(int, (thread / "children").read_text().split())
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
    return total
