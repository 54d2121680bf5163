"""What is on file, as a store has it: rows beside the log, for whoever reads or audits them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from placet.ledger import JSON, Body, SignedCheckpoint, canonical, parse_body
from placet.review.case import Case

__all__ = [
    "DocumentRow",
    "EntryOnFile",
    "EntryUnread",
    "Heads",
    "ListRow",
    "Order",
    "PermitRow",
    "Stray",
    "Waiting",
    "columns_of",
    "digest_of_claims",
    "parties_of",
]


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


def digest_of_claims(claims: JSON) -> str:
    """Return by what the claims of a permit are noted before they are signed: their SHA-256.

    Raises:
        MalformedError: they hold what canonical JSON cannot hold.
    """
    return hashlib.sha256(canonical(claims, "the claims of a permit")).hexdigest()


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
class Stray:
    """Rows of a table of which there is no row in another; `first` is the key they name there."""

    table: str
    count: int
    of: str
    first: str


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
    entries' places; `tiles` are how wide each is, by level and number, -1 where it holds more or
    less than that; `numbered` is how many entries there would be by the highest number. `signed`
    and `token` are the latest checkpoint and status list; `misfiled` are checkpoints that are filed
    under another size than they state, and which. `strays` are rows that stand beside an entry or a
    case that there is not, which a foreign key forbids.
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
    numbered: int = 0
    strays: Sequence[Stray] = ()
