"""`placet serve --demo` as anybody starts it, with two workers of Granian, for what asks it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

__all__ = ["Served", "serving"]

_PATIENCE = 240.0


@dataclass(frozen=True)
class Served:
    """A server that answers: its address, its first process, the password of its people."""

    port: int
    process: int
    password: str

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://localhost:{self.port}"


@contextmanager
def serving(environ: Mapping[str, str], *options: str) -> Iterator[Served]:
    """Serve the register that an environment names, until the end.

    Args:
        environ: the whole environment; `PLACET_DATA` names a folder that is there.
        options: more options of `placet serve`.

    Raises:
        RuntimeError: it does not answer within four minutes; says the end of what it printed.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "placet", "serve", "--demo", "--workers", "2", *options]
    command += ["--port", str(port), "--address", address]
    folder = Path(environ["PLACET_DATA"])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            _wait_for(address, process, folder / "log")
            yield Served(port, process.pid, (folder / "demo-password").read_text().strip())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.HTTPError):  # nobody there yet, or not ready to answer
            if httpx.get(f"{address}/account/login/").is_success:
                return
        time.sleep(0.2)
    raise RuntimeError(f"The server does not answer: {log.read_text()[-3000:]}")
