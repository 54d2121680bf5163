"""What operations ask of the world: somewhere to record acts and to read what was recorded.

Each port has one contract suite that runs on every implementation. Time and
unpredictable references come through ports as well: nothing below knows a clock. What goes
through them stands in `on_file` and `sought`, and is named here with them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from placet.ledger import JSON, SignedCheckpoint, TileReader, VerifierKey
from placet.need_to_know.desk import Held, Tab
from placet.need_to_know.reporting import Figures
from placet.need_to_know.staleness import Compared
from placet.operations.ports.on_file import (
    DocumentRow,
    EntryOnFile,
    EntryUnread,
    Heads,
    ListRow,
    Order,
    PermitRow,
    Stray,
    Waiting,
    columns_of,
    digest_of_claims,
    parties_of,
)
from placet.operations.ports.sought import OnDesk, Place, Sought, Taken, Tally
from placet.permit import PermitVerifierKey
from placet.review.case import Case
from placet.review.context import Context
from placet.review.event import Event

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
    "Stray",
    "Taken",
    "Tally",
    "Waiting",
    "columns_of",
    "digest_of_claims",
    "parties_of",
]


class Clock(Protocol):
    """Says what time it is, in UTC, in whole seconds."""

    def now(self) -> datetime:
        """Return the present moment."""


class References(Protocol):
    """Draws unpredictable references: case and permit numbers, status list indices."""

    def reference(self, prefix: str) -> str:
        """Return a new reference that nobody can guess, such as `C-7F3K9Q2M5X4D`."""

    def could_draw(self, prefix: str, reference: str) -> bool:
        """Say whether a reference is of the form of those that are drawn."""

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

    def status_list(self, at: datetime | None = None) -> str | None:
        """Return the latest signed status list token, or that which was the latest at a moment."""

    def status_lists(self) -> Iterator[str]:
        """Yield every signed version of the status list, the first first."""

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

    def structure(self) -> Sequence[str]:
        """Return in what the structure of the store differs from what this program lays.

        That is whatever keeps the record as it is: constraints, rights, rules on who sees what.
        """

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
