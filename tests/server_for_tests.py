"""A server for tests that forgets in a crash, and empty databases in it, quickly made."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from placet.store import lock
from placet.store.cluster import Role, closed_to_strangers
from placet.store.embedded import EmbeddedServer

Url = Callable[[Role], str]
"""The URL by which a role connects to one database."""

_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30
_FOR_TESTS = ("ALTER ROLE placet_owner CREATEDB", "GRANT pg_signal_backend TO placet_owner")


_beside: list[socket.socket] = []
"""Sockets that nobody listens at: each keeps the port below it for a server of this process."""


def free_port() -> int:
    """Return a port for a server that is started later: nobody else is given it meanwhile.

    Those that the system hands out begin at 32768 on Linux. Another process of tests that draws
    the same one finds the port above it taken, as long as this process runs.
    """
    while True:
        port, beside = 20_000 + 2 * secrets.randbelow(6_000), socket.socket()
        with socket.socket() as probe, suppress(OSError):
            beside.bind(("127.0.0.1", port + 1))
            probe.bind(("127.0.0.1", port))
            _beside.append(beside)
            return port
        beside.close()


@contextmanager
def folder_for_server() -> Iterator[tuple[Path, Path]]:
    """A data folder, and a system folder for when the tests run as root; removed afterwards.

    They lie not in pytest's folder, which only its owner can enter, but in memory where there is
    room for programs and data: making a database there takes an eighth of the time.
    """
    top = Path(tempfile.mkdtemp(prefix="placet-tests-", dir=_MEMORY if _fit() else None))
    top.chmod(0o755)
    try:
        yield top / "data", top / "system"
    finally:
        shutil.rmtree(top)


def _fit() -> bool:
    """Say whether the memory takes files, lets programs be run, and has room."""
    if not os.access(_MEMORY, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(_MEMORY)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize >= _ROOM


@contextmanager
def server_for_tests() -> Iterator[EmbeddedServer]:
    """A running server, not durable, whose `placet_owner` may make databases and drop them."""
    with folder_for_server() as (data, system):
        server = EmbeddedServer(data, durable=False, system_folder=system)
        cluster = server.cluster()
        held = lock.take(cluster.home / "lock", "")
        cluster.make(lambda _: None, held=held)
        cluster.alone(_FOR_TESTS, held=held)
        os.close(held)
        with server, closing(_as_owner(server)):
            yield server


@cache
def _as_owner(server: EmbeddedServer) -> psycopg.Connection[Any]:
    """The one connection by which databases of a server are made and dropped, while it runs."""
    return psycopg.connect(server.url("placet_owner"), autocommit=True)


class Databases:
    """Databases in one server: made from a template, dropped with whoever is still connected."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._made: list[str] = []

    def new(self, name: str, template: str = "template1") -> Url:
        """Make a database that only our roles may enter; empty, or a copy of another one.

        Nobody may be connected to `template` while it is copied.
        """
        self._perform(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        self._made.append(name)
        self._perform(*closed_to_strangers(name))
        return lambda role: self._server.url(role, name)

    def drop(self) -> None:
        """Drop every database that this object made."""
        while self._made:
            self._perform(f'DROP DATABASE "{self._made.pop()}" WITH (FORCE)')

    def _perform(self, *statements: str) -> None:
        """Perform statements as the owner, each on its own."""
        for statement in statements:
            _as_owner(self._server).execute(sql.SQL(statement))
