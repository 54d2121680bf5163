"""Kills at any moment: of those who act, of the sequencer, of the database.

Ten rounds in the ordinary tests, three hundred where `PLACET_TORTURE=1` is set.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import acting_world as world
import crash_world as crashing
import psycopg
import pytest
from crash_world import Nursery, Task
from django.db.backends.base.base import BaseDatabaseWrapper
from whole_log import WholeLog

from placet.bootstrap import opened
from placet.store import applying, migrating
from placet.store.embedded import EmbeddedServer
from placet.store.errors import DatabaseError, SequencerHeldError
from placet.store.keys import Keys
from server_for_tests import Url, folder_for_server
from waiting import until

TORTURE = os.environ.get("PLACET_TORTURE") == "1"
ROUNDS, LONGEST = (300, 0.5) if TORTURE else (10, 0.2)  # LONGEST: seconds until a kill
TARGETS = ("worker", "sequencer", "database", "backend", "worker with keys")
WORKERS = 3

_chance = secrets.SystemRandom()


@dataclass
class Ordeal:
    """An installation that processes act on, and are killed."""

    server: EmbeddedServer
    nursery: Nursery
    folder: Path
    keys: Keys
    log: WholeLog
    acknowledged: list[tuple[int, str]] = field(default_factory=list)

    def start(self, kind: str, name: str) -> Path:
        """Start a process; return the file of what was acknowledged to it."""
        files = self.folder / name
        url = self.server.url("placet_owner")
        self.nursery.start(Task(kind, name, url, str(self.keys.folder), str(files)))
        return files.with_suffix(".done")

    def round(self, number: int) -> None:
        """Have workers act, kill something, go on for a moment, kill the rest; then look."""
        target = TARGETS[number % len(TARGETS)]
        with_keys = target == "worker with keys" or number % 7 == 6
        if not with_keys:
            self.start("number", f"{number}-s")
        kind = "work-with-keys" if with_keys else "work"
        said = [self.start(kind, f"{number}-{each}") for each in range(WORKERS)]
        until(lambda: any(each.exists() and each.stat().st_size for each in said))
        time.sleep(_chance.uniform(0, LONGEST))
        self._kill(target, number)
        for name in self.nursery.running:
            self.nursery.kill(name)
        if not self.server.is_running:
            self.server.stop()
            self.server.start()
        self._go_on()
        wrong = "".join(each.read_text() for each in self.folder.glob("*.wrong"))
        assert not wrong
        self._look(said)

    def _kill(self, target: str, number: int) -> None:
        if target == "database":
            crashing.kill(*self._postgres())
            assert not any(Path("/proc", str(each)).exists() for each in self._postgres()[1:])
            until(lambda: not self.server.is_running)
            return
        if target == "backend":
            crashing.kill(_chance.choice(self._postgres()[1:]))
        elif target == "sequencer" and f"{number}-s" in self.nursery.running:
            self.nursery.kill(f"{number}-s")
            self.start("number", f"{number}-t")
        else:
            self.nursery.kill(f"{number}-0")
        time.sleep(_chance.uniform(0, LONGEST))

    def _postgres(self) -> list[int]:
        """The processes of the server, the first of which is the one that started the others."""
        lines = (self.server.cluster().data / "postmaster.pid").read_text().splitlines()
        first = int(lines[0])
        children = ""
        with suppress(OSError):  # it is gone
            children = Path(f"/proc/{first}/task/{first}/children").read_text()
        return [first, *map(int, children.split())]

    def _go_on(self) -> None:
        """Number what waits, as whoever starts next does; nothing is repaired."""

        def numbered() -> bool:
            if not self._is_quiet():
                return False  # what the dead had asked for is still being done
            database, sequencer = crashing.numbering(self.server.url("placet_sequencer"), self.keys)
            try:
                while sequencer.run_once() or sequencer.left:
                    pass
            except (DatabaseError, SequencerHeldError):
                return False  # the server, or what it holds for the dead, is on its way
            finally:
                database.close()
            return True

        until(numbered)

    def _is_quiet(self) -> bool:
        try:
            with psycopg.connect(self.server.url("placet_owner")) as connection:
                busy = connection.execute(
                    "SELECT FROM pg_stat_activity WHERE usename LIKE 'placet%'"
                    " AND pid <> pg_backend_pid()"
                ).fetchall()
        except psycopg.OperationalError:
            return False
        return not busy

    def _look(self, said: list[Path]) -> None:
        moves = []
        for each in said:
            for line in each.read_bytes().splitlines(keepends=True) if each.exists() else ():
                if line.endswith(b"\n"):
                    index, leaf, cases = json.loads(line)
                    self.acknowledged.append((index, leaf))
                    moves += [(case, version, index) for case, version in cases]
        self.log.check(self.acknowledged)
        with psycopg.connect(self.server.url("placet_act")) as connection:
            found = set(
                connection.execute(
                    "SELECT case_id, version, index FROM moved JOIN numbered USING (ticket)"
                    " WHERE index = ANY(%s)",
                    ([index for *_, index in moves],),
                )
            )
        assert set(moves) <= found


@pytest.fixture
def ordeal(tmp_path: Path) -> Iterator[Ordeal]:
    """A durable server of its own, in which the small world has begun."""
    with (
        folder_for_server() as (data, system),
        Nursery() as nursery,
        EmbeddedServer(data, system_folder=system) as server,
    ):
        environ = {"PLACET_DATA": str(tmp_path), "DATABASE_URL": server.url("placet_owner")}
        with opened(environ, new_origin=world.ORIGIN) as installation:
            world.begun(installation.house)
            world.filed(installation.house, crashing.SHARED)
            keys = installation.keys
        made = Ordeal(server, nursery, tmp_path, keys, WholeLog(server.url, keys))
        made.log.check()
        yield made


def test_a_server_that_goes_away_while_the_schema_is_looked_at_is_said(
    new_database: Callable[..., Url], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proves that whoever opens an installation in a crash is told so as in any other moment."""
    url = new_database("schema")("placet_owner")
    apply = applying._applied

    def lose(connection: BaseDatabaseWrapper) -> tuple[str, ...]:
        connection.ensure_connection()
        with psycopg.connect(url) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid, 300000) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        return apply(connection)

    monkeypatch.setattr(applying, "_applied", lose)
    with pytest.raises(DatabaseError, match="could not be brought up to date"):
        migrating.migrate(url)


def test_an_acknowledged_act_survives_a_kill(ordeal: Ordeal) -> None:
    """Proves that no kill loses what was acknowledged, or parts the state from the log."""
    for number in range(ROUNDS):
        ordeal.round(number)
    assert len(ordeal.acknowledged) >= ROUNDS
    assert len(dict(ordeal.acknowledged)) == len(ordeal.acknowledged)
