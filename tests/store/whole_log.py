"""Holds a database against its log: what no crash and no race may ever break.

Every check is one statement or one pass over what is new, so that it stays quick in a long log.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import LiteralString

import psycopg

from placet.ledger import (
    JSON,
    Checkpoint,
    Edge,
    check_continues,
    hash_leaf,
    hashes_from,
    open_checkpoint,
    prove_consistency,
)
from placet.review import CONTEXT_COMMANDS, RECORD_COMMANDS
from placet.store.connections import Database
from placet.store.keys import Keys
from placet.store.reading import DatabaseReading
from server_for_tests import Url

_MUST_FIND_NOTHING: dict[str, LiteralString] = {
    "numbers have a gap": "SELECT FROM numbered HAVING count(*) <> coalesce(max(index), -1) + 1",
    "an entry has no number": "SELECT FROM entry LEFT JOIN numbered USING (ticket)"
    " WHERE index IS NULL",
    "an entry has no body": "SELECT FROM entry LEFT JOIN body USING (ticket) WHERE body IS NULL",
    "something waits that has a number": "SELECT FROM pending",
    "versions of a case have a gap": "SELECT FROM moved GROUP BY case_id"
    " HAVING min(version) <> 1 OR max(version) <> count(*)",
    "a head is not what its acts come to": "SELECT FROM"
    " (SELECT case_id, count(*) AS acts FROM moved GROUP BY case_id) AS counted"
    " FULL JOIN case_head USING (case_id) WHERE version IS DISTINCT FROM acts"
    " OR (state ->> 'version')::bigint IS DISTINCT FROM acts",
    "an act on a case moved nothing": "SELECT FROM body LEFT JOIN moved USING (ticket, case_id)"
    " WHERE case_id IS NOT NULL AND version IS NULL",
    "a later version of a case has an earlier number": "SELECT FROM"
    " (SELECT index - lag(index) OVER (PARTITION BY case_id ORDER BY version) AS step"
    " FROM moved JOIN numbered USING (ticket)) AS steps WHERE step <= 0",
    "a permit is on file in one place only": "SELECT FROM"
    " (SELECT case_id, json_object_keys(state -> 'permits') AS permit, true AS held FROM case_head"
    "  WHERE state -> 'permits' IS NOT NULL) AS held"
    " FULL JOIN permit USING (case_id, permit) WHERE held IS NULL OR status IS NULL",
    "a permit is not signed": "SELECT FROM permit WHERE token IS NULL",
    "a status is not listed": "SELECT FROM permit WHERE listed IS DISTINCT FROM status",
}
"""What no row may show."""


@dataclass
class WholeLog:
    """A log as it was last looked at; `check` looks again, when all that waited is numbered."""

    url: Url
    keys: Keys
    edge: Edge = field(default_factory=Edge)
    contexts: int = 0
    lists: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    seen: list[Checkpoint] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)

    def check(self, acknowledged: Iterable[tuple[int, str]] = ()) -> None:
        """Check the whole; `acknowledged` are indices and leaves that somebody was told of."""
        database = Database(self.url("placet_read"))
        try:
            self._read_on(DatabaseReading(database))
            self._check_rows()
            lost = [
                each for each in acknowledged if self.leaves[each[0] : each[0] + 1] != [each[1]]
            ]
            assert not lost, f"acknowledged, and not in the log: {lost[:3]}"
            self._check_checkpoint(DatabaseReading(database))
        finally:
            database.close()

    def _check_rows(self) -> None:
        with psycopg.connect(self.url("placet_act")) as connection:
            for what, statement in _MUST_FIND_NOTHING.items():
                assert connection.execute(statement).fetchall() == [], what
            counted = connection.execute(
                "SELECT (SELECT count(*) FROM context), (SELECT count(*) FROM status_list)"
            ).fetchone()
        assert counted == (self.contexts, self.lists)

    def _read_on(self, reading: DatabaseReading) -> None:
        """Take up the entries that are new: each builds on what the ones before it made."""
        new = []
        for entry in reading.entries(len(self.leaves)):
            assert entry.index == len(self.leaves)
            assert entry.body is not None
            assert entry.body.commitment == entry.leaf
            self._follow(entry.body.shown)
            self.leaves.append(entry.leaf.hex())
            new.append(hash_leaf(entry.leaf))
        self.edge, _ = self.edge.append(new)

    def _follow(self, said: Mapping[str, JSON]) -> None:
        """Count on: an act moves its case, or the context, and the cases that it touches."""
        kind, case, payload = str(said["kind"]), said["case"], said.get("payload")
        if kind == "status-list":
            self.lists += 1
            assert int(str(said["context_version"])) <= self.contexts
            return
        assert said["context_version"] == self.contexts
        if case is not None:
            assert said["case_version"] == self.versions.get(str(case), 0)
            self.versions[str(case)] = self.versions.get(str(case), 0) + 1
        elif kind in (*CONTEXT_COMMANDS, *RECORD_COMMANDS):
            self.contexts += 1
        if isinstance(payload, Mapping):  # a tombstone says no more of what it was
            for touched in payload["touches"]:
                self.versions[touched] += 1

    def _check_checkpoint(self, reading: DatabaseReading) -> None:
        """The last checkpoint is signed, covers all, and continues every one that was seen."""
        signed = reading.checkpoint()
        assert signed is not None
        last = open_checkpoint(signed.render(), [self.keys.signer().verifier]).checkpoint
        assert (last.size, last.root) == (len(self.leaves), self.edge.frontier.root)
        assert self.keys.promised().checkpoint == last
        read = hashes_from(reading.tiles(), last.size)
        for earlier in random.sample(self.seen, min(len(self.seen), 20)):
            check_continues(earlier, last, prove_consistency(earlier.size, last.size, read))
        self.seen.append(last)
