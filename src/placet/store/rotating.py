"""Changing a key of the log: the moment between two batches at which the next one takes over."""

from __future__ import annotations

from placet.operations.ports import KeyUse
from placet.store.connections import BATCH, CONTEXT, PLACET, Database, one
from placet.store.errors import BehindCheckpointError
from placet.store.keys import Keys
from placet.store.publishing import publish

__all__ = ["SigningKeys"]


class SigningKeys:
    """The keys of an installation as they are changed; implements `operations.ports.SigningKeys`.

    Args:
        database: connections in the role `placet_sequencer`.
        keys: the keys of the log.
    """

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def prepared(self, of: KeyUse) -> str | None:
        """Return the public key that comes next, if one was made."""
        return self._keys.prepared(of)

    def prepare(self, of: KeyUse) -> str:
        """Return the public key that comes next; make the key at the first asking.

        From here on an act may name it.

        Raises:
            KeyFileError: the database has keys that the folder does not know.
        """
        with self._keys.alone(), self._database.transaction() as connection:
            public = self._keys.prepare(of)
            publish(connection, self._keys)
        return public

    def promote(self, of: KeyUse) -> None:
        """Let the next key sign from here on.

        No act and no batch is under way meanwhile, so it is certain for how many entries the old
        key signed: checkpoints of as many entries as are numbered, and permits of acts that are on
        record, numbered or not. Whoever numbers entries reads the key at every batch.

        Raises:
            KeyFileError: no next key was made.
            BehindCheckpointError: the database does not have what was signed last.
        """
        with self._keys.alone(), self._database.transaction() as connection:
            connection.execute(
                "SELECT pg_advisory_xact_lock(%s, %s), pg_advisory_xact_lock(%s, %s)",
                (PLACET, CONTEXT, PLACET, BATCH),
            )
            size, waiting = one(
                connection.execute(
                    "SELECT (SELECT coalesce(max(size), 0) FROM checkpoint),"
                    " (SELECT count(*) FROM pending)"
                )
            )
            promised = self._keys.promised()
            if size not in (promised.checkpoint.size, promised.before):
                raise BehindCheckpointError(
                    f"The database has a checkpoint of {size} entries, and the last that was "
                    f"signed has {promised.checkpoint.size}. The key stays what it is. Do any "
                    "act, so that the two are compared; then change the key."
                )
            self._keys.promote(of, size if of == "log" else size + waiting)
            publish(connection, self._keys)
