"""The demonstration played once into a database, and copies of that.

`register_sample` is imported first: it leads to the modules of other tests that come after it.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from register_sample import Done, Register
from test_ledger_go import verify as go_verify
from test_permit_others import NODE, installed

from placet.store.embedded import EmbeddedServer
from server_for_tests import Databases
from waiting import PATIENCE

__all__ = ["go_verify"]

PLAYED = "played"


@pytest.fixture(scope="session")
def demonstration(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory, ukraine: Path
) -> tuple[Register, Done]:
    """The register into which the demonstration was played, and what the command said."""
    top = tmp_path_factory.mktemp("played")
    played = Register(top / "data", Databases(server).new(PLAYED)("placet_owner"), ukraine)
    return played, played.run("demo", ukraine)


@pytest.fixture
def registers(
    server: EmbeddedServer, demonstration: tuple[Register, Done], tmp_path: Path
) -> Iterator[Callable[[], Register]]:
    """Make copies of the register of the demonstration, for one test."""
    databases, numbers = Databases(server), count()

    def copy() -> Register:
        name = f"copy-{next(numbers)}"
        return demonstration[0].copy(tmp_path / name, databases.new(name, PLAYED)("placet_owner"))

    yield copy
    databases.drop()


@pytest.fixture
def register(registers: Callable[[], Register]) -> Register:
    """A copy of the register of the demonstration."""
    return registers()


@pytest.fixture
def node_verify(tmp_path: Path) -> Callable[[str, str, bytes], subprocess.CompletedProcess[str]]:
    """Verify a permit and a status list now, with Node's jose; skip where that is not to be had."""
    modules = installed()

    def run(token: str, listed: str, keys: bytes) -> subprocess.CompletedProcess[str]:
        files = [tmp_path / f"node-{name}" for name in ("keys", "permit", "status")]
        for file, data in zip(files, (keys, token.encode(), listed.encode()), strict=True):
            file.write_bytes(data)
        command = ["node", NODE / "verify.mjs", modules, *files, str(round(time.time()))]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    return run
