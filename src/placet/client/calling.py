"""Calling the API: one method for each thing that is asked, and refusals as errors of ours."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from placet.errors import InputError, PlacetError, Problem, Where
from placet.evidence import JSON
from placet.operations.answers import (
    AccountChanged,
    Accounts,
    AccountSeen,
    AuditSeen,
    Brief,
    Briefs,
    Challenge,
    Counts,
    Done,
    DraftBrief,
    Drafts,
    DraftSeen,
    EntriesSeen,
    EvidenceFiles,
    Inbox,
    Lists,
    ListSeen,
    Log,
    Me,
    OpenedUntil,
    PermitsSeen,
    Stated,
    VerifiedPermit,
)
from placet.review import View
from placet.review.commands import Attachment
from placet.review.inbox import Waiting
from placet.review.permit_view import PermitView

__all__ = ["Answer", "Client", "RefusedError", "Signing", "UnreachableError"]

_Shape = TypeVar("_Shape")
_Page = TypeVar("_Page", Inbox, Briefs, PermitsSeen, EntriesSeen, Drafts, Lists, Accounts)

Signing = Callable[[Stated], JSON]
"""Has what was stated signed by its person or session; returns the evidence."""

_PREFIX = "/api/v1"
_SECONDS = 30.0
_AT_ONCE = 100
_REFUSED = 400
_NONE: Mapping[str, str] = MappingProxyType({})

INVALID = "urn:placet:problem:invalid"
"""What is said of a body that is not of the shape that is described."""


class RefusedError(PlacetError):
    """The installation refused; `problem` is what it said (RFC 9457), `status` the HTTP status."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(str(problem.get("detail") or f"The server answered {status}."))

    @property
    def cause(self) -> PlacetError:
        """The error as it was where it was raised, as far as it is told: with every problem."""
        found = self.problem.get("problems")
        if self.problem.get("type") == INVALID or not isinstance(found, list):
            return self
        return InputError(
            Problem(Where(field=each["field"]), each["what"], each.get("why", ""), each["do"])
            for each in found
        )


class UnreachableError(PlacetError):
    """Nobody answers at the address, or what answers is no Placet."""


class Answer(dict[str, Any]):
    """An answer as it came, for what the client has no shape of its own."""


class Client:
    """A client of one installation, for the holder of a token; close it when done."""

    def __init__(
        self, server: str, token: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=server.rstrip("/") + _PREFIX,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=_SECONDS,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def me(self) -> Me:
        """Return who the token is of, what it is for, and the office in which they come."""
        return self._read(Me, "GET", "/me")

    def inbox(self, filters: Mapping[str, str] = _NONE) -> Iterator[Waiting]:
        """Yield what waits for the holder, page by page; filters are those of the API."""
        for page in self._pages(Inbox, "/inbox", **filters):
            yield from page.waiting

    def counts(self) -> Counts:
        """Return how much there is on each tab of the holder."""
        return self._read(Counts, "GET", "/inbox/counts")

    def cases(self, *, ended: bool = True, filters: Mapping[str, str] = _NONE) -> Iterator[Brief]:
        """Yield the cases that the holder has a part in, page by page."""
        for page in self._pages(Briefs, "/cases", ended=str(ended).lower(), **filters):
            yield from page.cases

    def _pages(self, kind: type[_Page], path: str, **more: str) -> Iterator[_Page]:
        """Yield the pages of a list."""
        after: str | int | None = None
        while True:
            asked = {"limit": _AT_ONCE, **more} | ({"after": after} if after is not None else {})
            page = self._read(kind, "GET", path, params=asked)
            yield page
            after = page.next
            if after is None:
                return

    def case(self, case: str) -> View:
        """Return a case as the holder sees it."""
        return self._read(View, "GET", f"/cases/{_named(case)}")

    def state(self, kind: str, act: Mapping[str, Any], case: str | None = None) -> Stated:
        """Return what would be signed for an act; it is refused as the act would be."""
        path = f"{_acts(case)}/{_named(kind)}/statement"
        stated = self._read(Stated, "POST", path, json={"act": dict(act)})
        must_be_of(stated.statement, stated.digest)
        return stated

    def act(
        self, kind: str, act: Mapping[str, Any], case: str | None = None, *, sign: Signing
    ) -> Done:
        """Do an act: have it stated, have that signed, and send it with the evidence, once."""
        stated = self.state(kind, act, case)
        sent = {"act": stated.act, "evidence": sign(stated)}
        path = f"{_acts(case)}/{_named(kind)}"
        return self._read(Done, "POST", path, json=sent, headers=_once())

    def send_document(self, name: str, data: bytes) -> Attachment:
        """Send a document; an act that files it names it among its `attachments` as returned."""
        file = {"document": (name, data, "application/octet-stream")}
        return self._read(Attachment, "POST", "/documents", files=file)

    def document(self, case: str, digest: str) -> bytes:
        """Return a document of a case as it was filed."""
        found = self._call("GET", f"/cases/{_named(case)}/documents/{_named(digest)}").content
        if f"sha256:{hashlib.sha256(found).hexdigest()}" != digest:
            raise UnreachableError("The server gave another document than the one of the digest.")
        return found

    def challenge(self, key: str, hours: int) -> Challenge:
        """Return what the holder signs to open a session of a key that stays with them."""
        asked = {"key": key, "hours": hours}
        drawn = self._read(Challenge, "POST", "/sessions/challenge", json=asked)
        must_be_of(drawn.challenge, drawn.digest)
        return drawn

    def open_session(self, challenge: str, evidence: JSON) -> OpenedUntil:
        """Open the session of a challenge with what was signed."""
        sent = {"challenge": challenge, "evidence": evidence}
        return self._read(OpenedUntil, "POST", "/sessions", json=sent)

    def determine(self, request: Mapping[str, Any], at: str | None = None) -> Answer:
        """Return what the rules say of a request; its digest is under `digest`, and was checked."""
        asked = {"request": dict(request)} | ({"at": at} if at else {})
        answer = self._call("POST", "/determine", json=asked)
        found = Answer(json.loads(answer.content))
        found["digest"] = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        return found

    def determine_many(
        self, requests: Sequence[Mapping[str, Any]], at: str | None = None, *, reasons: bool = False
    ) -> list[Answer]:
        """Return what the rules say of up to a thousand requests: in brief, or with `reasons`."""
        asked = {"requests": [dict(each) for each in requests], "reasons": reasons}
        asked |= {"at": at} if at else {}
        answers = self._call("POST", "/determine/batch", json=asked).json()["answers"]
        return [Answer(each) for each in answers]

    def permits(self) -> Iterator[PermitView]:
        """Yield the permits of cases that the holder has a part in, page by page."""
        for page in self._pages(PermitsSeen, "/permits"):
            yield from page.permits

    def policies(self, at: str | None = None) -> list[Answer]:
        """Return every party's policies as the holder may know them."""
        return self._list("/policies", at=at)

    def policy(self, party: str, policy: str, at: str | None = None) -> Answer:
        """Return a policy whole."""
        return self._one(f"/policies/{_named(party)}/{_named(policy)}", at=at)

    def policy_tests(self, party: str, policy: str) -> list[Answer]:
        """Return how the tests of a policy come out; none where they may not be known."""
        return self._list(f"/policies/{_named(party)}/{_named(policy)}/tests")

    def systems(self, at: str | None = None) -> list[Answer]:
        """Return every item on record."""
        return self._list("/systems", at=at)

    def system(self, item: str, actor: str, at: str | None = None) -> Answer:
        """Return an item with its surroundings, and who has a say if `actor` acts."""
        return self._one(f"/systems/{_named(item)}", actor=actor, at=at)

    def stock(self, at: str | None = None) -> list[Answer]:
        """Return the stock of the parties whose affairs the holder may know."""
        return self._list("/stock", at=at)

    def freedom(self, party: str, activity: str = "use", at: str | None = None) -> Answer:
        """Return what a party can use, where, and whose leave it needs."""
        return self._one("/freedom", party=party, activity=activity, at=at)

    def authority(self, at: str | None = None) -> list[Answer]:
        """Return offices with who holds them, delegations and keys."""
        return self._list("/authority", at=at)

    def reports(self) -> Answer:
        """Return a report on the cases of the holder."""
        return self._one("/reports")

    def permit(self, permit: str) -> PermitView:
        """Return a permit, whether it holds now, and what is left of it."""
        return self._read(PermitView, "GET", f"/permits/{_named(permit)}")

    def permit_file(self, permit: str) -> bytes:
        """Return a permit to hand on: the token, the receipt of its issue, the status list."""
        return self._call("GET", f"/permits/{_named(permit)}/file").content

    def decision_letter(self, case: str) -> bytes:
        """Return the letter that says what was decided on a case, as PDF."""
        return self._call("GET", f"/cases/{_named(case)}/decision.pdf").content

    def permit_letter(self, permit: str) -> bytes:
        """Return the letter that says what a permit allows, as PDF."""
        return self._call("GET", f"/permits/{_named(permit)}/letter.pdf").content

    def status_list(self) -> str:
        """Return the latest signed status list."""
        return self._call("GET", "/status-list").text

    def permit_keys(self) -> bytes:
        """Return the public keys by which permits are signed, as a JWK set."""
        return self._call("GET", "/permit-keys").content

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
            return self._read(DraftSeen, "POST", "/drafts", json=wanted, headers=_once())
        where = f"/drafts/{held.draft}"
        return self._read(DraftSeen, "PUT", where, json=wanted, headers=_as_seen(held.tag))

    def remove_draft(self, held: DraftSeen) -> None:
        """Remove a draft, if it is as it was seen."""
        self._call("DELETE", f"/drafts/{held.draft}", headers=_as_seen(held.tag))

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
            return self._read(ListSeen, "POST", "/lists", json=wanted, headers=_once())
        where = f"/lists/{held.number}"
        return self._read(ListSeen, "PUT", where, json=wanted, headers=_as_seen(held.tag))

    def remove_list(self, held: ListSeen) -> None:
        """Remove a list that the holder keeps, if it is as it was seen."""
        self._call("DELETE", f"/lists/{held.number}", headers=_as_seen(held.tag))

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
        return self._read(AccountChanged, "POST", "/accounts/changes", json=wanted, headers=_once())

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
        return {_named(name): base64.b64decode(data) for name, data in found.items()}

    def log_file(self, path: str) -> bytes:
        """Return a file of the log as static files have it: a tile of the tree."""
        return self._call("GET", f"/ledger/files/{path}").content

    def start_audit(self) -> AuditSeen:
        """Have the log audited there; one under way is that one."""
        return self._read(AuditSeen, "POST", "/ledger/audits")

    def audit(self, key: str) -> AuditSeen:
        """Return how far an audit is, and what it found once it has ended."""
        return self._read(AuditSeen, "GET", f"/ledger/audits/{_named(key)}")

    def verify(self, permit: str) -> VerifiedPermit:
        """Ask the issuer what a permit's token, or the text of its file, is worth."""
        return self._read(VerifiedPermit, "POST", "/permits/verify", json={"permit": permit})

    def _list(self, path: str, **asked: str | None) -> list[Answer]:
        return [Answer(each) for each in self._asked(path, asked)]

    def _one(self, path: str, **asked: str | None) -> Answer:
        return Answer(self._asked(path, asked))

    def _asked(self, path: str, asked: Mapping[str, str | None]) -> Any:
        given = {name: each for name, each in asked.items() if each is not None}
        return self._call("GET", path, params=given).json()

    def _read(self, kind: type[_Shape], method: str, path: str, **more: Any) -> _Shape:
        """Call, and read what was answered.

        Raises:
            UnreachableError: it has another shape: the server is of another version.
        """
        answer = self._call(method, path, **more)
        try:
            return TypeAdapter(kind).validate_json(answer.content)
        except ValidationError as error:
            raise UnreachableError(
                f"{self._http.base_url.host} answers in another shape than this version of Placet "
                f"reads ({error.error_count()} differences): bring both to the same version."
            ) from error

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call, and return what was answered.

        Raises:
            RefusedError: the installation refused.
            UnreachableError: nobody answers, or it is no Placet.
        """
        try:
            answer = self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            where = f"{self._http.base_url.host}"
            raise UnreachableError(f"{where} does not answer: {error}.") from error
        if answer.status_code >= _REFUSED:
            raise RefusedError(answer.status_code, _problem(answer))
        return answer


def must_be_of(text: str, digest: str) -> None:
    """Refuse a text that is not the one of its digest.

    Raises:
        UnreachableError: the server shows one thing and means another.
    """
    if f"sha256:{hashlib.sha256(text.encode()).hexdigest()}" != digest:
        raise UnreachableError("The server gave a statement and the digest of another.")


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    found: Mapping[str, Any] = answer.json()
    return found


def _once() -> dict[str, str]:
    """Return the header by which what is sent twice is done once."""
    return {"Idempotency-Key": secrets.token_urlsafe(24)}


def _as_seen(tag: str) -> dict[str, str]:
    """Return the header by which nothing is done to what has changed since it was seen."""
    return {"If-Match": f'"{tag}"'}


def _acts(case: str | None) -> str:
    return f"/cases/{_named(case)}/acts" if case is not None else "/acts"


def _named(name: str) -> str:
    """Return a name as it may stand in an address, and nothing that would be another address."""
    if (
        not name
        or not all(each.isalnum() or each in "._:-" for each in name)
        or name in (".", "..")
    ):
        raise UnreachableError(f"{name[:80]!r} is no name of a case, a permit or an act.")
    return name
