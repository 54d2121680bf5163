"""What the database says of the keys, for pages, acts and audits: what the keys' folder says.

Written by whoever holds the folder, in the role `placet_sequencer`, and by nobody else: when the
log is taken up, and at every step of changing a key.
"""

from __future__ import annotations

from typing import get_args

from placet.operations.ports import KeyUse
from placet.store.errors import KeyFileError
from placet.store.keys import Keys
from placet.store.transactions import Transaction

__all__ = ["publish"]

_USES: tuple[KeyUse, ...] = get_args(KeyUse)


def publish(connection: Transaction, keys: Keys) -> None:
    """Write which keys sign, which come next, and which were changed, as the folder has them.

    By the next key of permits none is signed yet, and no status listed: so once one was changed,
    permits that have not ended, and a list, are due at once.

    Raises:
        KeyFileError: the database has a key that signs or did, and the folder does not know it.
    """
    wanted = {
        *((use, key, None, False) for use, key in keys.public().items()),
        *((use, key, until, False) for use in _USES for key, until in keys.retired(use).items()),
        *((use, key, None, True) for use in _USES if (key := keys.prepared(use)) is not None),
    }
    rows = connection.execute("SELECT use, key, until, next FROM signing_key").fetchall()
    if {*rows} == wanted:
        return
    ours = {(use, key) for use, key, _, _ in wanted}
    others = sorted(key for use, key, _, next_ in rows if not next_ and (use, key) not in ours)
    if others:
        raise KeyFileError(
            f"{keys.folder}: the keys there are {', '.join(sorted(keys.public().values()))}; this "
            f"log is signed by {', '.join(others)}. Name the folder of this log's keys"
        )
    if any(use == "permit" and end is not None for use, _, end, _ in wanted - {*rows}):
        connection.execute("UPDATE permit SET listed = NULL WHERE listed IS NOT NULL")
        connection.execute("UPDATE permit SET token = NULL WHERE status <> 1")
    connection.execute("DELETE FROM signing_key WHERE next")
    for row in sorted(wanted, key=str):
        connection.execute(
            "INSERT INTO signing_key (use, key, until, next) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (use, key) DO UPDATE SET until = excluded.until, next = excluded.next",
            row,
        )
