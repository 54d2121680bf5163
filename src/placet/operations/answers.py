"""What a register answers, in the shapes that the API writes and its client reads.

Records that operations answer with already, such as a case as it is seen, have none of their own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from placet.need_to_know.inbox import Waiting
from placet.need_to_know.permit_view import PermitView
from placet.review.commands import Attachment

__all__ = [
    "AccountChanged",
    "AccountSeen",
    "Accounts",
    "AuditSeen",
    "Brief",
    "Briefs",
    "Challenge",
    "Counts",
    "Done",
    "DraftBrief",
    "DraftSeen",
    "Drafts",
    "EntriesSeen",
    "EvidenceFiles",
    "FoundByAudit",
    "Inbox",
    "ListSeen",
    "Lists",
    "Log",
    "Me",
    "NowValid",
    "OfficeHeld",
    "OnTab",
    "OpenedUntil",
    "PermitsSeen",
    "Stated",
    "Suspended",
    "Term",
    "VerifiedPermit",
]

NowValid = Literal["in-force", "not-in-force", "not-ours"]


class Answer(BaseModel):
    """A part of an answer: a reader lets through what it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class OfficeHeld(Answer):
    """An office that the holder of the token holds now."""

    office: str
    title: str
    party: str


class Me(Answer):
    """Who the token is of, what it is for, and the office in which they come."""

    person: str
    name: str
    token: str
    scopes: list[str]
    expires: datetime
    office: OfficeHeld
    demonstration: bool


class Inbox(Answer):
    """A page of what waits for the holder of the token, the most urgent first.

    `next` begins the page after it, and is null on the last.
    """

    waiting: list[Waiting]
    next: str | None = None


class OnTab(Answer):
    """How much there is on a tab, and how much of it is late; 100 is a hundred or more."""

    count: int
    late: int


class Counts(Answer):
    """How much there is on each tab of the holder of the token."""

    action: OnTab
    stale: OnTab
    team: OnTab
    others: OnTab
    closed: OnTab


class Brief(Answer):
    """A case in a list.

    `status` is how it was answered, by which lists are narrowed; `stands` what holds now, as
    `permit-expired`, or `submitted` while nobody has determined it: it is to the officers of
    `undetermined_by` to do so.
    """

    case: str
    what: str
    applicant: str
    filed: datetime
    status: str
    stands: str
    awaits: list[str]
    undetermined_by: list[str] = Field([], alias="undetermined-by")


class Briefs(Answer):
    """A page of cases; `next` begins the one after it, and is null on the last."""

    cases: list[Brief]
    next: str | None = None


class Stated(Answer):
    """What is to be signed, and the act with what was drawn for it: send it back as it is.

    `signed_by` says by whose key: the person's own, or that of a session they opened. `warns` says
    what whoever signs should know before: which tests of a policy do not come out as they expect.
    """

    act: dict[str, Any]
    statement: str
    digest: str
    namespace: str
    signed_by: Literal["person", "session"]
    warns: list[str] = []


class Suspended(Answer):
    """A permit that the act suspends, and why; and from when, where that is a day to come."""

    permit: str
    because: str


class Done(Answer):
    """That an act is on record, where its entry is, and the checkpoint that covers it."""

    kind: str
    case: str | None
    act: dict[str, Any]
    index: int
    entry: str
    checkpoint: int
    beyond: list[str]
    doubts: list[str]
    suspends: list[Suspended]


class Challenge(Answer):
    """What a person signs to open a session, by a key of theirs on record."""

    challenge: str
    digest: str
    namespace: str


class OpenedUntil(Answer):
    """That the session is open, and until when."""

    status: Literal["open"] = "open"
    until: datetime


class VerifiedPermit(Answer):
    """What a permit is worth: what it says, and whether it is in force at `at`, by the issuer.

    `why` it is not says what whoever holds it may know.
    """

    permit: str
    now: NowValid
    why: list[str] = []
    at: datetime
    says: list[str]


class Log(Answer):
    """The log from outside: its latest checkpoint, its keys, and acts that wait for a number."""

    origin: str
    size: int
    checkpoint: str
    keys: list[str]
    unnumbered: int


class PermitsSeen(Answer):
    """A page of permits; `next` begins the one after it, and is null on the last."""

    permits: list[PermitView]
    next: str | None = None


class EntriesSeen(Answer):
    """A page of entries, the latest first; `next` begins the one after it."""

    entries: list[dict[str, Any]]
    next: int | None = None


class DraftBrief(Answer):
    """A draft in a list."""

    draft: int
    title: str
    kept: datetime


class DraftSeen(DraftBrief):
    """A draft: the fields of its form with their values, and the documents that it keeps.

    `request` is what the fields say, as `submit` takes it. Whoever changes or removes it sends its
    `tag` as `If-Match`, so that nothing is lost that came in between.
    """

    fields: dict[str, list[str]]
    request: dict[str, Any]
    documents: list[Attachment]
    tag: str


class Drafts(Answer):
    """A page of drafts, those that were begun last first; `next` begins the page after it."""

    drafts: list[DraftBrief]
    next: int | None = None


class ListSeen(Answer):
    """A list that is kept: its name, tab and filters; `due` is in how many days.

    `query` is its address in the pages, after `/inbox/?`; `tag` is as that of a draft.
    """

    number: int = Field(alias="list")
    name: str
    tab: str
    q: str
    status: str | None = None
    awaiting: str | None = None
    due: int | None = None
    query: str
    tag: str


class Lists(Answer):
    """A page of lists, those that were kept first first; `next` begins the page after it."""

    lists: list[ListSeen]
    next: int | None = None


class Term(Answer):
    """A term of somebody in an office, and whether it is now."""

    office: str
    title: str
    acting: bool
    begins: str
    ends: str
    now: bool


class AccountSeen(Answer):
    """A person of the register: their terms, and what there is of an account.

    `state` is none, invited, in use or disabled; `subjects` are whom providers let in as them.
    """

    person: str
    name: str
    terms: list[Term]
    state: str
    factors: int
    subjects: list[str]
    last: datetime | None = Field(None, alias="last-signed-in")


class Accounts(Answer):
    """A page of people, by their ids; `next` begins the page after it."""

    accounts: list[AccountSeen]
    next: str | None = None


class AccountChanged(Answer):
    """That an account was changed: when, by whom, whose, how and why."""

    at: datetime
    by: str
    about: str
    what: str
    because: str


class EvidenceFiles(Answer):
    """The files, by name, with which anybody checks who did an act; each in base64."""

    files: dict[str, str]


class FoundByAudit(Answer):
    """Something that an audit found, and the entry with which it begins."""

    entry: int | None
    says: str


class AuditSeen(Answer):
    """An audit: how far it is, and once it has ended whether everything follows.

    `size` and `root` are those of the checkpoint that it went by, `counts` says of how many
    entries each verdict was given. Of very many findings the first are kept. `by-word` counts the
    acts that rest on the word of a demonstration alone.
    """

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    id: str
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    done: int
    entries: int
    ended_at: datetime | None
    follows: bool | None
    origin: str = ""
    size: int = 0
    root: str = ""
    audited: int = 0
    counts: dict[str, int] = {}
    wrong: list[FoundByAudit] = []
    explained: list[FoundByAudit] = []
    notes: list[str] = []
    demonstration: bool = False
    by_word: int = 0
