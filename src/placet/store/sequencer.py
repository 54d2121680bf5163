"""The sequencer: gives committed entries their numbers, and signs what the log then is.

One batch is one transaction, under one lock of the database; and under one of the keys' folder,
so that a process whose connection was lost does not write its promise over the next one's:

1. Read the tickets that wait, in order, and where the log ends.
2. Compute the new tree. Nothing has been written yet.
3. Write the *promise*, the new checkpoint and the tickets it is made of, to the file
   `last-checkpoint`, and wait until the disk has it. It lies outside the database.
4. Sign the checkpoint. Sign permits that are new, and note of which claims in the file
   `signed-permits`. Sign the status list if a status changed.
5. Write numbers, tiles, checkpoint, tokens; take the tickets from the queue; commit.

What a crash leaves at each point, and what happens at the next start:

| crash                     | file | database | next start                                         |
|---------------------------|------|----------|----------------------------------------------------|
| before 3                  | N    | N        | begins the batch anew, perhaps with more tickets   |
| within 3                  | N    | N        | the same: N stands whole in the file's other block |
| after 3, before 5 is done | N'   | N        | keeps the promise: the same tickets, the same tree |
| in 5, outcome unknown     | N'   | N or N'  | looks, and does as above or below                  |
| after 5                   | N'   | N'       | goes on                                            |

So at every size at most one tree is ever signed, and no crash leaves it stuck. If the database
is behind the file and cannot keep the promise, it was restored from a backup, or lost what it
had said was safe: nothing is signed (`BehindCheckpointError`). If the file is behind the database,
an old copy of the file was put back; the database is believed only if its own checkpoint is
signed and its tiles prove that it continues the file's.

A permit that cannot be signed stops nobody: why is kept in its row (`problem`).
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from placet.errors import PlacetError
from placet.ledger import (
    JSON,
    Entry,
    OverwriteError,
    SignerKey,
    VerifierKey,
    check_continues,
    hashes_from,
    open_checkpoint,
    prove_consistency,
    seal,
    sign_checkpoint,
)
from placet.operations.ports import Clock, digest_of_claims
from placet.store.connections import BATCH, DAEMON, PENDING, PLACET, Database, one
from placet.store.ends import End, overwrites, tiles_in, write_batch
from placet.store.errors import (
    BehindCheckpointError,
    DatabaseError,
    KeyFileError,
    SequencerHeldError,
)
from placet.store.keys import Keys
from placet.store.promises import Promise
from placet.store.publishing import publish
from placet.store.transactions import Transaction

__all__ = ["LARGEST_BATCH", "Sequencer", "SignPermit", "SignStatusList"]

LARGEST_BATCH = 2048
"""Entries in one batch: above, a batch takes longer without being cheaper per entry."""

SignPermit = Callable[[JSON], str]
"""Signs the claims of a permit; raises a PlacetError where they cannot be signed."""

SignStatusList = Callable[[int, Mapping[int, int]], str]
"""Signs a version of the status list, given every status that is not 0 by its index."""

_ACTOR = "placet"
_RENEW = timedelta(hours=12)
_IDLE = 0.25  # seconds between two looks when nobody says that an entry waits
_HANDOVER = 2.0  # seconds that batches of others may take to end


_LOOK = """
SELECT (SELECT max(size) FROM checkpoint),
    EXISTS (SELECT FROM permit WHERE token IS NULL AND problem IS NULL),
    (SELECT permit FROM permit WHERE listed IS DISTINCT FROM status
        AND (status <> 0 OR listed IS DISTINCT FROM 2) ORDER BY permit LIMIT 1) IS NOT NULL
    OR coalesce((SELECT falls <= %b FROM permit WHERE status = 0 AND listed = 0
        ORDER BY falls LIMIT 1), false)
    OR coalesce((SELECT falls IS NULL OR falls > %b FROM permit WHERE status = 0 AND listed = 2
        ORDER BY falls DESC LIMIT 1), false),
    (SELECT max(at) FROM status_list),
    coalesce(array_agg(ticket), ARRAY[]::bigint[]), coalesce(array_agg(leaf), ARRAY[]::bytea[])
FROM (SELECT ticket, (SELECT leaf FROM entry WHERE entry.ticket = pending.ticket)
    FROM pending ORDER BY ticket LIMIT {most}) AS waiting
"""
"""What there is to do. No join with the entries, and of permits the first in the order of an index:
it could read the whole log otherwise, or all permits, at every look. Values stand where no plan
depends on them: PostgreSQL would make a new one at each look, or keep one that fits no value."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What there is to do, as one transaction sees it."""

    size: int
    rows: Sequence[tuple[int, bytes]]
    signing: bool
    listing: bool

    @property
    def idle(self) -> bool:
        return not (self.rows or self.signing or self.listing)


class Sequencer:
    """Numbers the entries of one database. Not for several threads at once.

    Args:
        database: connections in the role `placet_sequencer`.
        keys: the keys of the log.
        sign_permit: signs the claims of a permit.
        sign_status_list: signs a version of the status list.
        clock: dates the entries that list versions of the status list.
        renew: the age at which a status list is signed again although nothing changed.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        *,
        sign_permit: SignPermit,
        sign_status_list: SignStatusList,
        clock: Clock,
        renew: timedelta = _RENEW,
        most: int = LARGEST_BATCH,
    ) -> None:
        self._database = database
        self._keys = keys
        self._sign_permit = sign_permit
        self._sign_status_list = sign_status_list
        self._clock = clock
        self._renew = renew
        self._most = most
        self._signer: SignerKey | None = None
        self._end: End | None = None
        self._promised: Promise | None = None
        self._alone = False
        self.left = False

    def run_once(self) -> int:
        """Number one batch, as `number` does; return how many entries got a number."""
        return len(self.number())

    def number(self) -> Sequence[tuple[int, int, int]]:
        """Number one batch; return ticket, number, and the size of the checkpoint, of each entry.

        `left` then says whether there is more to do at once.

        Raises:
            SequencerHeldError: another process numbers all entries of this database.
            BehindCheckpointError: the database lacks what was signed.
            KeyFileError: a key cannot be read, or is not this log's.
            OverwriteError: a tile holds other bytes than the log gave it.
            DatabaseError: nothing was written, or the outcome is unknown; try again either way.
        """
        try:
            return self._number()
        except DatabaseError as error:
            if not overwrites(error):
                raise
            raise OverwriteError(
                "A tile of the last entries already holds other bytes; a log never changes what "
                "it published. Stop and find out which of the two histories is the true one."
            ) from error

    def _number(self) -> Sequence[tuple[int, int, int]]:
        end, promised = self._end, self._promised
        self._end = self._promised = None  # until the commit is sure, nothing is
        with self._keys.alone(), self._database.transaction() as connection:
            waiting = self._look(connection)
            if waiting.idle and end is not None:
                self._end, self._promised, self.left = end, promised, False
                return ()
            signer = self._keys.signer()  # at every batch: between two it may have been changed
            if end is None or end.size != waiting.size or signer != self._signer:
                end = self._take_up(connection, signer, waiting.size)
            known = self._keys.promised()
            if known != promised:
                self._check(connection, signer, known, end)
            rows = self._keep(connection, known, end, waiting)
            after, tiles = end.append([leaf for _, leaf in rows])
            if rows:
                tickets = tuple(ticket for ticket, _ in rows)
                known = Promise(after.checkpoint(signer.name), end.size, tickets)
                # One that is kept late as well: the sync of it may be what had failed.
                self._keys.remember(known)  # after this the batch is settled
                note = sign_checkpoint(known.checkpoint, signer).render()
                write_batch(connection, end.size, tickets, tiles, note)
            unsigned = waiting.signing and self._sign(connection)
            if waiting.listing and not unsigned:
                self._list(connection)
        self._signer, self._end, self._promised = signer, after, known
        full = len(rows) == self._most or len(rows) < len(waiting.rows)
        self.left = waiting.listing or unsigned or full
        return [(ticket, n, after.size) for n, (ticket, _) in enumerate(rows, end.size)]

    def run(self, stop: threading.Event) -> None:
        """Number entries until `stop` is set, as the only one for this database.

        Raises:
            SequencerHeldError: another process does it already.
            StoreError, LedgerError: as `run_once`; whoever runs this decides on starting again.
        """
        with ExitStack() as held:
            connection = held.enter_context(self._database.connection())
            _hold_alone(connection)
            held.callback(connection.execute, "SELECT pg_advisory_unlock_all()")
            held.callback(connection.execute, "UNLISTEN *")
            connection.execute("UPDATE permit SET problem = NULL WHERE problem IS NOT NULL")
            connection.execute(f"LISTEN {PENDING}")
            self._alone = True
            held.callback(setattr, self, "_alone", False)
            while not stop.is_set():
                if not self.run_once() and not self.left:
                    for _ in connection.notifies(timeout=_IDLE, stop_after=1):
                        pass

    def _look(self, connection: Transaction) -> _Waiting:
        """Take the batch's lock, and look what there is to do."""
        free = connection.execute(
            "SELECT %s OR pg_try_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock(%s, %s)",
            (self._alone, PLACET, DAEMON, PLACET, BATCH),
        )
        now = self._clock.now()
        found = connection.execute(_LOOK.format(most=self._most), (now, now))
        if not one(free)[0]:
            raise SequencerHeldError(
                "Another process numbers the entries of this database. There is one at a "
                "time: wait for it, or stop it."
            )
        size, unsigned, changed, listed_at, tickets, leaves = one(found)
        stale = listed_at is not None and now - listed_at >= self._renew
        rows = list(zip(tickets, leaves, strict=True))
        return _Waiting(size or 0, rows, unsigned, changed or stale)

    def _take_up(self, connection: Transaction, signer: SignerKey, size: int) -> End:
        """Read where the log ends, and make sure that the keys are this log's."""
        publish(connection, self._keys)
        retired = self._keys.retired("log")
        end = End.read(connection, size)
        if size:
            note = connection.execute("SELECT note FROM checkpoint WHERE size = %s", (size,))
            lawful = [VerifierKey.parse(key) for key, until in retired.items() if size <= until]
            signed = open_checkpoint(one(note)[0], [*lawful, signer.verifier])
            if signed.checkpoint.root != end.edge.frontier.root:
                raise OverwriteError(
                    f"The tiles of {signer.name} do not lead to its checkpoint at {size} entries: "
                    "something in the database was changed. Nothing more is signed; audit the log."
                )
        return end

    def _check(self, connection: Transaction, signer: SignerKey, known: Promise, end: End) -> None:
        """Make sure that the log continues what was signed, or can be made to."""
        if known.checkpoint.origin != signer.name:
            raise KeyFileError(
                f"{self._keys.folder}: last-checkpoint is of {known.checkpoint.origin}, and the "
                f"key of {signer.name}"
            )
        if known.checkpoint.size > end.size:
            return  # `_keep` keeps the promise or refuses
        proof = prove_consistency(
            known.checkpoint.size, end.size, hashes_from(tiles_in(connection), end.size)
        )
        check_continues(known.checkpoint, end.checkpoint(signer.name), proof)

    def _keep(
        self, connection: Transaction, known: Promise, end: End, waiting: _Waiting
    ) -> Sequence[tuple[int, bytes]]:
        """Choose the entries of this batch: those of a promise that was not kept, or all."""
        if known.checkpoint.size <= end.size:
            return waiting.rows
        rows = connection.execute(
            "SELECT ticket, leaf FROM pending JOIN entry USING (ticket) WHERE ticket = ANY(%s)",
            (list(known.tickets),),
        ).fetchall()
        leaves: dict[int, bytes] = dict(rows)
        if known.before == end.size and len(leaves) == len(known.tickets):
            promised = [(ticket, leaves[ticket]) for ticket in known.tickets]
            after, _ = end.append([leaf for _, leaf in promised])
            if after.checkpoint(known.checkpoint.origin) == known.checkpoint:
                return promised
        raise BehindCheckpointError(
            f"The database has {end.size} entries of {known.checkpoint.origin}, and a checkpoint "
            f"of {known.checkpoint.size} was signed or about to be. It was restored from a "
            "backup, or lost what it had said was safe. Nothing more is signed: two histories "
            "of one log can never be made one. Restore a newer copy, or begin a new log."
        )

    def _sign(self, connection: Transaction) -> bool:
        """Sign permits that are new, or whose key was changed; say whether more may be left."""
        permits = connection.execute(
            "SELECT permit, terms FROM permit WHERE token IS NULL AND problem IS NULL LIMIT %s",
            (self._most,),
        ).fetchall()
        signed: list[tuple[str | None, str | None, str]] = []
        digests = []
        for permit, claims in permits:
            try:
                digest = digest_of_claims(claims)
                signed.append((self._sign_permit(claims), None, permit))
                digests.append(digest)
            except PlacetError as error:
                signed.append((None, str(error), permit))
        self._keys.note(digests)  # before a token leaves this process
        for each in signed:
            connection.execute("UPDATE permit SET token = %s, problem = %s WHERE permit = %s", each)
        return len(permits) == self._most

    def _list(self, connection: Transaction) -> None:
        """Sign a version of the status list, and log it: a list shown to one reader is found out.

        Its entry waits for a number like any other; the next batch gives it one.
        """
        now = self._clock.now()
        permits = connection.execute(
            "SELECT permit, status_index,"
            " CASE WHEN status = 0 AND falls <= %s THEN 2 ELSE status END, listed FROM permit"
            " WHERE status <> 0 OR listed IS DISTINCT FROM status OR falls <= %s",
            (now, now),
        ).fetchall()
        version, context_version = one(
            connection.execute(
                "SELECT (SELECT coalesce(max(version), 0) + 1 FROM status_list),"
                " (SELECT coalesce(max(version), 0) FROM context)"
            )
        )
        token = self._sign_status_list(
            version, {index: status for _, index, status, _ in permits if status}
        )
        digest = f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"
        entry = Entry(
            kind="status-list",
            time=now,
            actor=_ACTOR,
            context_version=context_version,
            payload={"version": version, "digest": digest},
        )
        body = seal(entry, secrets.token_bytes)
        connection.execute(
            "WITH drawn AS (INSERT INTO entry (ticket, leaf)"
            " VALUES (nextval('ticket'), %s) RETURNING ticket),"
            " kept AS (INSERT INTO body (ticket, body) SELECT ticket, %s FROM drawn)"
            " INSERT INTO pending SELECT ticket FROM drawn",
            (body.commitment, body.render()),
        )
        connection.execute(
            "INSERT INTO status_list (version, token, digest, at) VALUES (%s, %s, %s, %s)",
            (version, token, digest, entry.time),
        )
        changed = [(permit, status) for permit, _, status, listed in permits if status != listed]
        connection.execute(
            "UPDATE permit SET listed = changed.status"
            " FROM unnest(%s::text[], %s::smallint[]) AS changed (permit, status)"
            " WHERE permit.permit = changed.permit",
            ([permit for permit, _ in changed], [status for _, status in changed]),
        )


def _hold_alone(connection: psycopg.Connection) -> None:
    """Become the one sequencer; batches of others that are under way may end first."""
    connection.execute(f"SET lock_timeout = '{_HANDOVER}s'")
    try:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (PLACET, DAEMON))
    except psycopg.errors.LockNotAvailable:
        raise SequencerHeldError(
            "Another process is the sequencer of this database. There is one at a time: wait for "
            "it, or stop it."
        ) from None
    finally:
        connection.execute("RESET lock_timeout")
