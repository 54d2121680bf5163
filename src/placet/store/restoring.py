"""Putting a backup back, without ever making a second history of one log.

`last-checkpoint` stays where the keys are, and a backup is held against it: if the log went
further than the backup, acts that people were told are done are missing, and whoever signed on
from there would have signed two histories. So a restore needs to know how far the log went: from
that file, or from a checkpoint that somebody kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from placet import files
from placet.errors import OutputError, QuestionError
from placet.ledger import (
    Checkpoint,
    LedgerError,
    VerifierKey,
    check_continues,
    hashes_from,
    open_checkpoint,
    prove_consistency,
)
from placet.store.backup_files import Unpacked, unpacked
from placet.store.backups import end_of, run_on
from placet.store.connections import Database, one
from placet.store.ends import tiles_in
from placet.store.errors import BehindCheckpointError, KeyFileError
from placet.store.folder import own_folder
from placet.store.key_files import PRIVATE_FILE
from placet.store.keys import Keys
from placet.store.migrating import make_roles
from placet.store.promises import Promise

__all__ = ["restore"]

_LAST = "last-checkpoint"


def restore(
    url: str, file: Path, keys: Keys, known: bytes | None = None, *, with_keys: bool = False
) -> Checkpoint:
    """Put a backup into an empty database; return the newest checkpoint that it has.

    Args:
        url: the database, as its owner.
        file: the backup.
        keys: the keys' folder: what it says was signed is what the backup is held against.
        known: a signed checkpoint that somebody kept, which the backup must contain.
        with_keys: put the keys that are in the backup into the folder, where it has none.

    Raises:
        QuestionError: it is no backup, the database is not empty, or nothing says how far the log
            went.
        BehindCheckpointError: the log went further than the backup.
        LedgerError: the log in the backup is another one than was signed.
        StoreError: the database or the keys cannot be used.
    """
    with TemporaryDirectory(prefix="placet-restore-") as folder:
        held = unpacked(file, Path(folder))
        signers = keys.verifiers() if keys.exist else held.log_keys
        named = open_checkpoint(known, signers).checkpoint if known is not None else None
        _must_know_the_end(keys, held, named, with_keys=with_keys)
        if named is not None and keys.exist and not (keys.folder / _LAST).exists():
            keys.remember(Promise(named, named.size, ()))
        limits = _Limits(held.checkpoint, signers, named, keys.promised() if keys.exist else None)
        limits.must_not_be_ahead()
        with psycopg.connect(url, autocommit=True) as connection:
            _must_be_empty(connection)
            make_roles(connection)
            options = ("--no-owner", "--exit-on-error", "--single-transaction")
            run_on(connection, url, "pg_restore", *options, str(held.database))
        try:
            with closing(Database(url)) as database, database.connection() as connection:
                limits.must_be_continued(connection)
        except (BehindCheckpointError, LedgerError):
            _empty(url)
            raise
        if with_keys and named is not None:
            _put_keys(keys, held, named)
    return held.checkpoint


def _must_know_the_end(
    keys: Keys, held: Unpacked, named: Checkpoint | None, *, with_keys: bool
) -> None:
    """Refuse to go on where nobody says how far the log went."""
    if with_keys and keys.exist:
        raise QuestionError(f"{keys.folder} has keys already; leave --with-keys out.")
    if with_keys and not held.keys:
        raise QuestionError("There are no keys in this backup: it was made without --with-keys.")
    needed = with_keys or (keys.exist and not (keys.folder / _LAST).exists())
    if needed and named is None:
        raise QuestionError(
            f"Nothing says how far the log went: there is no {keys.folder / _LAST}. Put it back, "
            "or name the newest checkpoint that anyone has with --checkpoint: an export, a witness."
        )


@dataclass(frozen=True)
class _Limits:
    """What a backup is held against: a checkpoint that was named, what the keys' folder says."""

    backup: Checkpoint
    signers: Sequence[VerifierKey]
    named: Checkpoint | None
    promise: Promise | None

    @property
    def known(self) -> Iterable[Checkpoint]:
        return filter(None, (self.named, self.promise.checkpoint if self.promise else None))

    def must_not_be_ahead(self) -> None:
        """Refuse where a checkpoint is further than the backup, before anything is put back.

        A promise that just this backup can still keep is no reason.
        """
        for each in self.known:
            if each.origin != self.backup.origin:
                raise KeyFileError(
                    f"The backup is of the log {self.backup.origin}, and what is known here is of "
                    f"{each.origin}. Name the folder of that log's keys with PLACET_KEYS"
                )
            promise = self.promise
            kept = promise and promise.checkpoint == each and promise.before == self.backup.size
            if each.size > self.backup.size and not kept:
                raise BehindCheckpointError(_older(self.backup, each.size))

    def must_be_continued(self, connection: psycopg.Connection) -> None:
        """Make sure that what was put back continues every checkpoint that is known."""
        note, _ = end_of(connection)
        end = open_checkpoint(note, self.signers).checkpoint
        for each in (self.backup, *self.known):
            if each.size <= end.size:
                hashes = hashes_from(tiles_in(connection), end.size)
                check_continues(each, end, prove_consistency(each.size, end.size, hashes))
        if self.promise is not None and self.promise.checkpoint.size > end.size:
            tickets = list(self.promise.tickets)
            waiting = connection.execute(
                "SELECT count(*) FROM pending WHERE ticket = ANY(%s)", (tickets,)
            )
            if one(waiting)[0] != len(tickets):
                raise BehindCheckpointError(_older(end, self.promise.checkpoint.size))


def _older(backup: Checkpoint, size: int) -> str:
    return (
        f"The backup has {backup.size} entries of {backup.origin}, and a checkpoint of {size} was "
        f"signed: {size - backup.size} acts that people were told are done would be gone. Going on "
        "from here would make a second history of one log, which nothing can mend; so nothing was "
        "restored. Restore a newer backup, or a replica. To look at this one only, restore it "
        "with PLACET_KEYS naming a folder without keys. Else begin a new log."
    )


def _must_be_empty(connection: psycopg.Connection) -> None:
    tables = connection.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'web')"
    )
    if one(tables)[0]:
        raise QuestionError(
            "The database is not empty, and a restore replaces nothing. Name an empty one with "
            "DATABASE_URL; or, for the embedded one, name an empty data folder with PLACET_DATA."
        )


def _empty(url: str) -> None:
    """Take back what was put back, as it must not be used."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS web CASCADE")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _put_keys(keys: Keys, held: Unpacked, named: Checkpoint) -> None:
    """Make a keys' folder of what is in the backup, and of the checkpoint that was named."""
    own_folder(keys.folder)
    for name, data in held.keys.items():
        own_folder((keys.folder / name).parent)
        try:
            files.create(keys.folder / name, data, mode=PRIVATE_FILE)
        except OSError as error:
            raise OutputError(
                f"{keys.folder / name} cannot be written: {error.strerror}"
            ) from error
    keys.remember(Promise(named, named.size, ()))
