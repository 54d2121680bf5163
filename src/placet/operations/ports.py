"""What operations ask of the world: somewhere to record acts and to read what was recorded.

Each port has one contract suite that runs on every implementation. Time and
unpredictable references come through ports as well: nothing below knows a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from placet.analysis.projection import Draw
from placet.ledger import JSON, Body, SignedCheckpoint, TileReader, VerifierKey, parse_body
from placet.permit import PermitVerifierKey
from placet.review.case import Case
from placet.review.context import Context
from placet.review.desk import Held, Tab
from placet.review.event import Event
from placet.review.reporting import Figures
from placet.review.staleness import Compared
from placet.review.view import Status

__all__ = [
    "Acknowledgement",
    "Change",
    "Clock",
    "Comparing",
    "ContextMaking",
    "DocumentRow",
    "EntryOnFile",
    "EntryUnread",
    "Heads",
    "KeyUse",
    "ListRow",
    "Making",
    "OnDesk",
    "Order",
    "PermitRow",
    "Place",
    "Reading",
    "Recording",
    "References",
    "SigningKeys",
    "Sought",
    "Taken",
    "Tally",
    "Waiting",
    "columns_of",
    "parties_of",
]


class Clock(Protocol):
    """Says what time it is, in UTC, in whole seconds."""

    def now(self) -> datetime:
        """Return the present moment."""


class References(Protocol):
    """Draws unpredictable references: case and permit numbers, status list indices."""

    def reference(self, prefix: str) -> str:
        """Return a new reference that nobody can guess, such as `C-7F3K9Q2M5X`."""

    def status_index(self) -> int:
        """Return a random index that no permit of this log has on the status list."""

    def nonce(self) -> str:
        """Return 43 unpredictable characters of base64url."""

    def session_key(self) -> bytes:
        """Return the 32 unpredictable bytes of a private key, for one session."""


@dataclass(frozen=True)
class Change:
    """What an act comes to: its event, the states that follow from it, and its evidence.

    `cases` are all the cases the act moves, each in its new state; `context` is the new
    context where the act changes it. `evidence` is raw JSON that shows that the actor did it; it
    was verified on what stands under the act's locks. `documents` are those the act brings, by
    digest; they are kept beside its entry, which names them.
    """

    event: Event
    cases: tuple[Case, ...] = ()
    context: Context | None = None
    evidence: JSON = None
    documents: Mapping[str, bytes] = field(default_factory=dict)


Making = Callable[[Case | None, Context], Change]
"""Performs an act on the case and context as they stand under the act's locks."""

ContextMaking = Callable[[Context | None, Mapping[str, Case]], Change]
"""Performs an act on the context, given every case that has a permit not yet ended."""


Comparing = Callable[[Case, Context, datetime], Compared]
"""Compares what a case stands on with a context at a moment."""


@dataclass(frozen=True)
class Acknowledgement:
    """That an act is on record, and that a signed checkpoint covers it.

    `index` is its place in the log, `entry` the public leaf, `size` that of the first checkpoint
    known to cover it.
    """

    change: Change
    index: int
    entry: bytes
    size: int


def parties_of(case: Case) -> frozenset[str]:
    """Return the parties that may see that a case exists: its applicant, and who has a say."""
    needs = case.determined.needs if case.determined is not None else {}
    return frozenset({case.applicant, *needs})


def columns_of(case: Case) -> Mapping[str, object]:
    """Return what stands beside a case's state so that lists and entries are found, by column."""
    return {
        "version": case.version,
        "stage": str(case.stage),
        "applicant": case.applicant,
        "moved_at": case.last,
        "moves": f"{case.version}, from 1 to {case.version}",
    }


class Recording(Protocol):
    """The one commit point: an act's entry and the state it changes, in one transaction.

    Every method returns when a checkpoint covers the entry. Where `make` raises, nothing is
    written.
    """

    def on_case(self, case: str, make: Making) -> Acknowledgement:
        """Record an act on a case: shared lock on the context, then the case's own lock.

        `make` gets None for a case that does not exist.
        """

    def on_context(self, make: ContextMaking) -> Acknowledgement:
        """Record an act on the context or on the log as a whole, so that no other act runs.

        For that the lock of the context is taken alone.
        """

    def erase(self, make: ContextMaking) -> Acknowledgement:
        """Record an erasure (`commands.Erase`) and put tombstones into the entry it names.

        The documents that the entry brought go with its payload, or by themselves.
        """

    def compare(self, at: datetime, most: int, comparing: Comparing) -> int:
        """Compare open cases with the present context, and lay those that are stale on desks.

        Only those that have not been compared with it, or whose comparison is over at `at`, and
        no more than `most`; returns how many those were. It is no act: what it writes follows.
        """


@dataclass(frozen=True)
class EntryOnFile:
    """An entry as it is stored: its place, the public leaf, and the body behind it if kept.

    `under` is the case that the body is stored under, by which it is found and shown.
    """

    index: int
    leaf: bytes
    body: Body | None
    under: str | None


@dataclass(frozen=True, slots=True)
class EntryUnread:
    """An entry as it is stored, with the bytes of its body: for whoever reads many, and spreads it.

    `under` is as in `EntryOnFile`.
    """

    index: int
    leaf: bytes
    data: bytes | None
    under: str | None

    def read(self) -> EntryOnFile:
        """Read the body.

        Raises:
            MalformedError: it is none.
        """
        body = parse_body(self.data) if self.data is not None else None
        return EntryOnFile(self.index, self.leaf, body, self.under)


@dataclass(frozen=True)
class PermitRow:
    """A permit as the database has it beside the case: list index, status, token once signed.

    `terms` is what is signed, `listed` the status in the latest list, `problem` why it could not
    be signed, `falls` from when on it no longer holds by what is on record.
    """

    permit: str
    case: str
    status_index: int
    status: int
    token: str | None
    terms: JSON
    listed: int | None
    problem: str | None = None
    falls: datetime | None = None

    def status_at(self, at: datetime) -> int:
        """Return the status that a list signed at a moment has: a permit that fell is suspended."""
        fallen = self.status == 0 and self.falls is not None and self.falls <= at
        return 2 if fallen else self.status


@dataclass(frozen=True)
class ListRow:
    """A version of the status list: the digest of what is on file, the one beside it, its time."""

    holds: str
    digest: str
    at: datetime


@dataclass(frozen=True)
class DocumentRow:
    """A document beside the entry that brought it: its case and digest, as stored under.

    `holds` is the digest of what is really stored; None where that is erased.
    """

    case: str
    digest: str
    holds: str | None


@dataclass(frozen=True)
class Order:
    """The order in which lists have cases and entries, for audit to compare with its own.

    `cases` and `open_cases` stand as `Reading.cases` yields them; `moves` are the entries that move
    each case, `contexts` those that made the versions of the context, by their places.
    """

    cases: Sequence[str] = ()
    open_cases: Sequence[str] = ()
    moves: Mapping[str, Sequence[int]] = field(default_factory=dict)
    contexts: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An act in the queue for numbers, or one that has none and is not in it.

    `index` is its place in the log: the one that it has, where it was `numbered` before, or will
    have, if no other comes first; None where it is not `queued`, or there is no such act.
    """

    ticket: int
    index: int | None
    leaf: bytes | None
    data: bytes | None
    under: str | None
    numbered: bool = False
    queued: bool = True


@dataclass(frozen=True)
class Heads:
    """What the database says is the state at one moment, for audit to compare with its own fold.

    `columns` are those beside each case's state, as in `columns_of`; `documents` those that the
    entries brought, and `erasures` which entry each act that erased changed, by the
    entries' places; `tiles` are how wide each is, by level and number. `signed` and `token` are
    the latest checkpoint and status list; `misfiled` are checkpoints that are filed under another
    size than they state, and which.
    """

    cases: Mapping[str, Case]
    contexts: Mapping[int, JSON]
    permits: Mapping[str, PermitRow]
    parties: Mapping[str, frozenset[str]] = field(default_factory=dict)
    desks: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    digests: Mapping[int, str] = field(default_factory=dict)
    lists: Mapping[int, ListRow] = field(default_factory=dict)
    documents: Mapping[int, Sequence[DocumentRow]] = field(default_factory=dict)
    signed: SignedCheckpoint | None = None
    token: str | None = None
    waiting: Sequence[Waiting] = ()
    order: Order = field(default_factory=Order)
    tiles: Mapping[tuple[int, int], int] = field(default_factory=dict)
    erasures: Mapping[int, int] = field(default_factory=dict)
    misfiled: Mapping[int, int] = field(default_factory=dict)


Place = tuple[datetime, datetime, str, str, str]
"""A place in the order of a list: due, since, case, act, about. What is never due is `FOREVER`."""


@dataclass(frozen=True)
class Sought:
    """What is sought on the desks of somebody at a moment: one page of one tab.

    The page begins after a place. The closed cases come the latest first, all else the most
    urgent first. `words` are each the beginning of a word of the case; `statuses` and `due_by`
    narrow the list, and so does `awaiting`, a party whose word is waited for, where the viewer
    knows whom a case waits for.
    """

    held: Held
    tab: Tab
    at: datetime
    most: int
    after: Place | None = None
    words: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    awaiting: str | None = None
    due_by: datetime | None = None


@dataclass(frozen=True)
class OnDesk:
    """A case on somebody's desk, in its place, as rows say; `view` and `inbox` have the word."""

    case: Case
    place: Place


@dataclass(frozen=True)
class Tally:
    """How much there is on a tab, and how much of it is late; from `MOST_COUNTED` on it is more."""

    count: int = 0
    late: int = 0

    MOST_COUNTED: ClassVar[int] = 100


@dataclass(frozen=True)
class Taken:
    """What lines of requests take together of a stock that these words name.

    `approved` is what permits still allow, `pending` what was asked for and is not settled; of
    `count` lines the first `MOST_NAMED` stand in `draws`, in the order of their cases.
    """

    item: str
    lot: str
    activity: str
    actor: str
    approved: int
    pending: int
    count: int
    draws: tuple[Draw, ...]

    MOST_NAMED: ClassVar[int] = 50


KeyUse = Literal["log", "permit"]
"""What a key signs: checkpoints of the log; or permits and status lists."""


class Reading(Protocol):
    """Reads what is on record. It never writes and shares no code with what does."""

    def context(self, version: int | None = None) -> Context:
        """Return a context, by default the present one.

        Raises:
            UnknownError: the log has not begun, or there is no such version.
        """

    def at_one_moment(self) -> AbstractContextManager[None]:
        """Within this, whoever asks goes by one present context, that of the first asking."""

    def case(self, case: str) -> Case:
        """Return a case as it stands.

        Raises:
            UnknownError: there is no such case.
        """

    def cases(self, *, open_only: bool = False) -> Iterator[Case]:
        """Yield cases, the latest moved first; the open ones may still come to something.

        A refused or returned case is open: there may be an appeal.
        """

    def desk(self, sought: Sought) -> Sequence[OnDesk]:
        """Return a page of what is on somebody's desk, in order, each thing once."""

    def tallies(self, held: Held, at: datetime) -> Mapping[Tab, Tally]:
        """Return how much there is on each tab for somebody at a moment."""

    def figures(self, held: Held, at: datetime) -> Figures:
        """Return what the cases that lie before somebody come to, of an age at a moment."""

    def taken(self, held: Held, items: Collection[str], lots: Collection[str]) -> Sequence[Taken]:
        """Return what the cases that lie before somebody take of items and lots."""

    def permitted(
        self, count: int, parties: Collection[str] | None, after: str | None = None
    ) -> Sequence[Case]:
        """Return cases with permits, the latest moved first, with one question.

        `parties` keeps those in which one of them applies, acts, raised the request or has a say;
        `after` those that come after that case.
        """

    def case_of_permit(self, permit: str) -> Case:
        """Return the case under which a permit was issued."""

    def document(self, case: str, digest: str) -> bytes | None:
        """Return a document that was filed on a case; None where there is none, or not any more."""

    def permit_row(self, permit: str) -> PermitRow:
        """Return a permit's row, with its token once it is signed."""

    def status_list(self) -> str | None:
        """Return the latest signed status list token."""

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[EntryOnFile]:
        """Yield numbered entries in order of index."""

    def unread(self, start: int = 0, end: int | None = None) -> Iterator[EntryUnread]:
        """Yield the same with their bodies as they are stored."""

    def entries_of_case(self, case: str) -> Sequence[EntryOnFile]:
        """Return the entries that move a case, in order."""

    def places_of_case(self, case: str) -> Sequence[int]:
        """Return the places in the log of the entries that move a case, in order."""

    def entries_of_no_case(self, start: int = 0) -> Sequence[EntryOnFile]:
        """Return the numbered entries from `start` on that are acts on no single case, in order."""

    def entries_of_context(self) -> Sequence[EntryOnFile]:
        """Return the numbered entries that made the versions of the context, in order."""

    def unnumbered(self) -> int:
        """Return how many acts are committed and not yet numbered."""

    def waiting_since(self) -> datetime | None:
        """Return when the oldest act was done that has no number yet; None where none waits."""

    def has_sequencer(self) -> bool:
        """Say whether a process is the sequencer at this moment, and so numbers what is done."""

    def heads(self) -> Heads:
        """Return the state beside the log, and what waits for a number, as of one moment."""

    def checkpoint(self) -> SignedCheckpoint | None:
        """Return the latest signed checkpoint."""

    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        """Yield every signed checkpoint, the smallest first."""

    def latest_checkpoints(
        self, count: int, below: int | None = None
    ) -> Sequence[SignedCheckpoint]:
        """Return the latest signed checkpoints, the largest first; `below` leaves out larger."""

    def tiles(self) -> TileReader:
        """Return a reader of the log's tiles."""

    def log_keys(self) -> Sequence[VerifierKey]:
        """Return the public keys that sign for this log or did, the oldest first.

        As whoever numbers entries published them: each that was changed has its end. So also below.
        """

    def permit_keys(self) -> Sequence[PermitVerifierKey]:
        """Return the public keys that sign permits and status lists or did, the oldest first."""

    def next_keys(self) -> Mapping[KeyUse, str]:
        """Return the public keys that were made and do not sign yet: those that acts may name."""


class SigningKeys(Protocol):
    """The keys that sign, as they are changed: by the process that may read them."""

    def prepared(self, of: KeyUse) -> str | None:
        """Return the public key that comes next, if one was made."""

    def prepare(self, of: KeyUse) -> str:
        """Return the public key that comes next; make the key at the first asking."""

    def promote(self, of: KeyUse) -> None:
        """Let the next key sign from here on; the present one is retired."""
