"""What the holder of a token keeps: documents, drafts, lists, notices, tokens, accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence

from placet.client.calling import Answer, Calling, UnreachableError, as_seen, named, once
from placet.operations.answers import (
    AccountChanged,
    Accounts,
    AccountSeen,
    DraftBrief,
    Drafts,
    DraftSeen,
    Lists,
    ListSeen,
)
from placet.review.commands import Attachment

__all__ = ["Keeping"]


class Keeping(Calling):
    """Asks for what is kept, and keeps it."""

    def send_document(self, name: str, data: bytes) -> Attachment:
        """Send a document; an act that files it names it among its `attachments` as returned."""
        file = {"document": (name, data, "application/octet-stream")}
        return self._read(Attachment, "POST", "/documents", files=file)

    def document(self, case: str, digest: str) -> bytes:
        """Return a document of a case as it was filed."""
        found = self._call("GET", f"/cases/{named(case)}/documents/{named(digest)}").content
        if f"sha256:{hashlib.sha256(found).hexdigest()}" != digest:
            raise UnreachableError("The server gave another document than the one of the digest.")
        return found

    def notices(self) -> list[Answer]:
        """Return the addresses at which the holder is told."""
        return self._list("/notices")

    def tokens(self) -> list[Answer]:
        """Return the tokens of the holder that are not revoked."""
        return self._list("/tokens")

    def add_notice(self, channel: str, address: str) -> Answer:
        """Add an address of e-mail or a `webhook`, whose secret is in this answer alone."""
        wanted = {"channel": channel, "address": address}
        return Answer(self._call("POST", "/notices", json=wanted).json())

    def remove_notice(self, notice: int) -> None:
        """Remove an address."""
        self._call("DELETE", f"/notices/{notice}")

    def drafts(self) -> Iterator[DraftBrief]:
        """Yield the drafts of the holder, page by page."""
        for page in self._pages(Drafts, "/drafts"):
            yield from page.drafts

    def draft(self, draft: int) -> DraftSeen:
        """Return a draft; `request` is what it says, as `submit` takes it."""
        return self._read(DraftSeen, "GET", f"/drafts/{draft}")

    def keep_draft(
        self,
        fields: Mapping[str, Sequence[str]],
        documents: Collection[str] = (),
        held: DraftSeen | None = None,
    ) -> DraftSeen:
        """Keep a request that is not filed, with documents that were sent; `held` is changed.

        Raises:
            RefusedError: it has changed since it was seen, or may not be kept.
        """
        given = {name: [*each] for name, each in fields.items()}
        wanted = {"fields": given, "documents": [*documents]}
        if held is None:
            return self._read(DraftSeen, "POST", "/drafts", json=wanted, headers=once())
        where = f"/drafts/{held.draft}"
        return self._read(DraftSeen, "PUT", where, json=wanted, headers=as_seen(held.tag))

    def remove_draft(self, held: DraftSeen) -> None:
        """Remove a draft, if it is as it was seen."""
        self._call("DELETE", f"/drafts/{held.draft}", headers=as_seen(held.tag))

    def lists(self) -> Iterator[ListSeen]:
        """Yield the lists that the holder keeps, page by page."""
        for page in self._pages(Lists, "/lists"):
            yield from page.lists

    def kept_list(self, kept: int) -> ListSeen:
        """Return a list that the holder keeps."""
        return self._read(ListSeen, "GET", f"/lists/{kept}")

    def keep_list(
        self, name: str, filters: Mapping[str, str | int], held: ListSeen | None = None
    ) -> ListSeen:
        """Keep `tab`, `q`, `status`, `awaiting` and `due` under a name; `held` is changed.

        Raises:
            RefusedError: it has changed since it was seen, or may not be kept.
        """
        wanted = {"name": name, **filters}
        if held is None:
            return self._read(ListSeen, "POST", "/lists", json=wanted, headers=once())
        where = f"/lists/{held.number}"
        return self._read(ListSeen, "PUT", where, json=wanted, headers=as_seen(held.tag))

    def remove_list(self, held: ListSeen) -> None:
        """Remove a list that the holder keeps, if it is as it was seen."""
        self._call("DELETE", f"/lists/{held.number}", headers=as_seen(held.tag))

    def accounts(self, find: str = "") -> Iterator[AccountSeen]:
        """Yield people with their accounts, page by page, for whoever administers them."""
        for page in self._pages(Accounts, "/accounts", find=find):
            yield from page.accounts

    def account_changes(self) -> list[AccountChanged]:
        """Return the latest changes of accounts."""
        return self._read(list[AccountChanged], "GET", "/accounts/changes")

    def close_account(self, what: str, person: str, because: str) -> AccountChanged:
        """Take a way in: `disable`, `end-sessions` or `untie`; what gives one is refused.

        Raises:
            RefusedError: the holder does not administer accounts, or it would give one.
        """
        wanted = {"what": what, "person": person, "because": because}
        return self._read(AccountChanged, "POST", "/accounts/changes", json=wanted, headers=once())
