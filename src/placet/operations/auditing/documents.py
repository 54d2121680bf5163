"""The documents beside the log, to compare: each entry names what it brought, by digest.

Their digests are worked out by whoever reads them, from what is really stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from placet.ledger import JSON
from placet.operations.auditing.ahead import Ahead
from placet.operations.auditing.report import Finding
from placet.operations.auditing.state import StateOnFile

__all__ = ["DocumentsOnFile"]


class DocumentsOnFile:
    """The documents as they are on file, held against the entries in order."""

    def __init__(self, state: StateOnFile, ahead: Ahead) -> None:
        self._rows = dict(state.heads.documents)
        self._ahead = ahead
        self._end = state.size + len(state.waiting)

    def brought(self, index: int, case: JSON, named: Mapping[str, str] | None) -> Iterator[Finding]:
        """Say where what an entry brought is not on file as it was brought.

        `named` is what it says it brought, by digest. Where the payload is erased, nobody can say
        any more what it was (None): then nothing is there.
        """
        rows = {each.digest: each for each in self._rows.pop(index, ())}
        erased = self._ahead.erases_documents(index, self._end) if rows else False
        for digest, name in (named or {}).items():
            if digest not in rows:
                yield Finding(index, f"the document {name} that it brought is not on file.")
        for digest, row in rows.items():
            called = (named or {}).get(digest, digest)
            if named is not None and digest not in named:
                yield Finding(index, f"a document {digest} is on file that it did not bring.")
            elif row.case != case:
                yield Finding(index, f"the document {called} is on file under case {row.case}.")
            elif row.holds is None and not erased:
                yield Finding(index, f"the document {called} is gone, and no act erased it.")
            elif row.holds is not None and erased:
                yield Finding(index, f"an act erased the document {called}, and it is still there.")
            elif row.holds not in (None, digest):
                yield Finding(index, f"the document {called} is not the one that was filed.")

    def left(self) -> Iterator[Finding]:
        """Say which documents on file no entry on a case brought."""
        for index, rows in self._rows.items():
            for each in rows:
                yield Finding(index, f"a document {each.digest} is on file that it did not bring.")
