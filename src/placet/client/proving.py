"""What anybody checks: the log, its entries and receipts, audits, status lists and permits."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from datetime import datetime

from placet.client.calling import Answer, Calling, named
from placet.operations.answers import AuditSeen, EntriesSeen, EvidenceFiles, Log, VerifiedPermit
from placet.registry import written

__all__ = ["Proving"]


class Proving(Calling):
    """Asks for proofs."""

    def log(self) -> Log:
        """Return what is public of the log."""
        return self._read(Log, "GET", "/ledger")

    def entries(self) -> Iterator[Answer]:
        """Yield the entries of the log, the latest first, page by page."""
        for page in self._pages(EntriesSeen, "/ledger/entries"):
            yield from map(Answer, page.entries)

    def receipt(self, entry: int) -> bytes:
        """Return the proof that an entry is in the log."""
        return self._call("GET", f"/ledger/entries/{entry}/receipt").content

    def disclosure(self, entry: int, show: Collection[str]) -> bytes:
        """Return the same proof with what chosen fields of the entry say."""
        asked = [("show", each) for each in show]
        return self._call("GET", f"/ledger/entries/{entry}/disclosure", params=asked).content

    def evidence(self, entry: int) -> dict[str, bytes]:
        """Return the files, by name, with which anybody checks who did the act of an entry."""
        found = self._read(EvidenceFiles, "GET", f"/ledger/entries/{entry}/evidence").files
        return {named(name): base64.b64decode(data) for name, data in found.items()}

    def log_file(self, path: str) -> bytes:
        """Return a file of the log as static files have it: a tile of the tree."""
        return self._call("GET", f"/ledger/files/{path}").content

    def start_audit(self) -> AuditSeen:
        """Have the log audited there; one under way is that one."""
        return self._read(AuditSeen, "POST", "/ledger/audits")

    def audit(self, key: str) -> AuditSeen:
        """Return how far an audit is, and what it found once it has ended."""
        return self._read(AuditSeen, "GET", f"/ledger/audits/{named(key)}")

    def status_list(self, at: datetime | None = None) -> str:
        """Return the latest signed status list, or the one that was the latest at a moment."""
        asked = {} if at is None else {"at": written(at)}
        return self._call("GET", "/status-list", params=asked).text

    def permit_keys(self) -> bytes:
        """Return the public keys by which permits are signed, as a JWK set."""
        return self._call("GET", "/permit-keys").content

    def verify(self, permit: str) -> VerifiedPermit:
        """Ask the issuer what a permit's token, or the text of its file, is worth."""
        return self._read(VerifiedPermit, "POST", "/permits/verify", json={"permit": permit})
