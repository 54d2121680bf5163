"""Documents beside the entries that brought them: written with the act, read by case, erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from placet.operations.ports import DocumentRow
from placet.store.transactions import Transaction

__all__ = ["ONE", "documents_by_entry", "erase_documents", "write_documents"]

ONE = "SELECT bytes FROM document WHERE case_id = %s AND digest = %s AND bytes IS NOT NULL LIMIT 1"


def write_documents(
    connection: Transaction, case: str, ticket: int, documents: Mapping[str, bytes]
) -> None:
    """Write the documents that an act brings, in the act's own transaction."""
    for digest, data in documents.items():
        connection.execute(
            "INSERT INTO document (ticket, case_id, digest, bytes) VALUES (%s, %s, %s, %s)",
            (ticket, case, digest, data),
        )


def erase_documents(connection: Transaction, of_ticket: int, by_ticket: int) -> None:
    """Erase the documents that an entry brought; that they were there stays."""
    connection.execute("SELECT erase_documents(%s, %s)", (of_ticket, by_ticket))


def documents_by_entry(
    rows: Iterable[tuple[int, str, str, str | None]],
) -> dict[int, tuple[DocumentRow, ...]]:
    """Return rows, in the order of their entries, by entry."""
    found: dict[int, tuple[DocumentRow, ...]] = {}
    for index, case, digest, holds in rows:
        found[index] = (*found.get(index, ()), DocumentRow(case, digest, holds))
    return found
