"""The state beside the log, to compare: cases, contexts, permits.

It is read as of one moment, together with how far the log went and which acts waited for a number
then: to these, and to nothing else, it has to follow. A case is compared when the entries have
brought it to the version on file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Protocol

from placet.ledger import Checkpoint, MalformedError, VerifierKey, tiles_of
from placet.operations.auditing.entries import WrongError, same
from placet.operations.auditing.reperforming import CaseOnFile
from placet.operations.auditing.report import Finding
from placet.operations.ports import (
    Heads,
    PermitRow,
    Reading,
    Waiting,
    columns_of,
    digest_of_claims,
)
from placet.permit import PermitVerifierKey
from placet.review import Context, Stage
from placet.review.grounds import falls

__all__ = ["Promised", "StateOnFile"]

ENDED = frozenset({Stage.CLOSED, Stage.WITHDRAWN, Stage.LAPSED})
"""The stages of cases that are not listed as open."""


class Promised(Protocol):
    """A checkpoint that was signed or was about to be; `before` and `tickets` say of what."""

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint."""

    @property
    def before(self) -> int:
        """How many entries the log had before."""

    @property
    def tickets(self) -> Sequence[int]:
        """The tickets of those that were to be numbered."""


@dataclass(frozen=True, slots=True)
class _Place:
    """To which version something has come, and by which entry."""

    version: int
    index: int


@dataclass
class StateOnFile:
    """What the database says, and how far the entries so far have come."""

    heads: Heads = field(default_factory=lambda: Heads({}, {}, {}))
    log_keys: Sequence[VerifierKey] = ()
    permit_keys: Sequence[PermitVerifierKey] = ()
    next_keys: Collection[str] = ()
    cases: dict[str, _Place] = field(default_factory=dict)
    contexts: dict[int, int] = field(default_factory=dict)
    moves: dict[str, list[int]] = field(default_factory=dict)
    erasures: dict[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, reading: Reading) -> StateOnFile:
        """Read everything there is beside the log."""
        heads = reading.heads()
        keys = reading.log_keys(), reading.permit_keys(), reading.next_keys().values()
        state = cls(heads, *keys)
        for row in state.heads.permits.values():
            state._rows[row.case].append(row)
        return state

    def __post_init__(self) -> None:
        self._rows: dict[str, list[PermitRow]] = defaultdict(list)

    @property
    def size(self) -> int:
        """How many entries the latest checkpoint covered when the state was read."""
        return self.heads.signed.checkpoint.size if self.heads.signed is not None else 0

    def can_keep(self, promised: Promised) -> bool:
        """Say whether a checkpoint is not signed yet, and the acts wait that it was promised of."""
        waiting = {each.ticket for each in self.waiting}
        is_next = promised.before == self.size < promised.checkpoint.size
        return is_next and waiting.issuperset(promised.tickets)

    @property
    def waiting(self) -> list[Waiting]:
        """The acts that waited for a number then, in the order in which they will be numbered."""
        waits = (each for each in self.heads.waiting if each.queued and not each.numbered)
        return [each for each in waits if each.leaf is not None]

    def moved(self, case: str, version: int, index: int) -> CaseOnFile | None:
        """Note that an entry brings a case to a version; return what is on file of it then."""
        self.cases[case] = _Place(version, index)
        self.moves.setdefault(case, []).append(index)
        head = self.heads.cases.get(case)
        if head is None or head.version != version:
            return None
        parties = self.heads.parties.get(case, frozenset())
        desk = self.heads.desks.get(case, "")
        return CaseOnFile(head, tuple(self._rows.get(case, ())), parties, desk)

    def touched(self, case: str, index: int) -> CaseOnFile | None:
        """Note that an act on the context brings a case one version further."""
        known = self.cases.get(case)
        return self.moved(case, known.version + 1 if known is not None else 1, index)

    def compare_context(self, context: Context, index: int) -> None:
        """Compare a context with the one on file.

        Raises:
            WrongError: the database has another one, or none.
        """
        self.contexts[context.version] = index
        on_file = self.heads.contexts.get(context.version)
        if not isinstance(on_file, Mapping):
            raise WrongError(f"the database has no version {context.version} of the context.")
        if not same(context.plain, on_file):
            raise WrongError(
                f"the database has another version {context.version} of the context than the one "
                "it leads to."
            )
        if self.heads.digests.get(context.version) != context.digest:
            raise WrongError(
                f"the database has another digest of version {context.version} of the context."
            )

    def behind(self) -> Iterator[Finding]:
        """Say what is not on file, or not as far as the entries lead."""
        for case, place in self.cases.items():
            head = self.heads.cases.get(case)
            if head is None:
                yield Finding(place.index, f"the database has no case {case}.")
            elif head.version < place.version:
                yield Finding(
                    place.index,
                    f"the database has case {case} at version {head.version}; it leads to version "
                    f"{place.version}.",
                )

    def ahead(self) -> Iterator[Finding]:
        """Say what is on file and follows from no entry."""
        for case, head in self.heads.cases.items():
            place = self.cases.get(case)
            if place is None:
                yield Finding(None, f"The database has a case {case}; no entry opened it.")
            elif head.version > place.version:
                yield Finding(
                    place.index,
                    f"the database has case {case} at version {head.version}, to which no entry "
                    "leads; this is the last that moved it.",
                )
        for version in self.heads.contexts.keys() - self.contexts.keys():
            yield Finding(None, f"The database has a context {version}; no entry leads to it.")
        for name, row in self.heads.permits.items():
            if row.case not in self.heads.cases:
                yield Finding(None, f"The database has a permit {name} of no case there is.")
        for each in self.heads.strays:
            says = f"The database has {each.count} of the table {each.table} of which there is no "
            yield Finding(None, f"{says}{each.of}: the first is of {each.first}.")

    def falling(self, context: Context, changed_at: datetime) -> Iterator[Finding]:
        """Say of which permits the database has another instant at which they fall.

        One that an act found fallen already has that of the fall, and only the act's is known.
        """
        for case, head in self.heads.cases.items():
            at = max(head.last, changed_at)
            for row in self._rows.get(case, ()):
                expected = falls(head.permits[row.permit], head, context, at)
                fallen = expected == at and row.falls is not None and row.falls <= at
                if row.falls != expected and not fallen:
                    place = self.cases.get(case)
                    says = f"the database has permit {row.permit} fall at {row.falls}; by what is "
                    says += f"on record that is {expected}."
                    yield Finding(place.index if place is not None else None, says)

    def misqueued(self) -> Iterator[Finding]:
        """Say what waits for a number and never will get one, or has none and does not wait."""
        for each in self.heads.waiting:
            if each.numbered:
                says = "it waits for a number, and has one: the sequencer stops at it."
                yield Finding(each.index, says)
            elif each.leaf is None:
                says = f"Ticket {each.ticket} waits for a number, and there is no such act."
                yield Finding(None, says)
            elif not each.queued:
                says = f"The act with ticket {each.ticket} has no number, and waits for none."
                yield Finding(None, says)

    def unsigned(self, *, is_due: bool) -> Iterator[Finding]:
        """Say which permits have no token though their acts are numbered: that signs them.

        Once the key was changed, what has not ended is due to be signed by the next one.
        """
        for row in self.heads.permits.values():
            place = self.cases.get(row.case)
            if row.token or row.problem or place is None or place.index >= self.size or is_due:
                continue
            says = f"the database has no token of permit {row.permit}, which was signed."
            yield Finding(place.index, says)

    def signed_besides(self, noted: Collection[str]) -> Iterator[Finding]:
        """Say of which claims a permit was signed that are of no permit on file, and so of no act.

        Args:
            noted: the digests of the claims that were signed, or were about to be.
        """
        known = set()
        for row in self.heads.permits.values():
            with suppress(MalformedError):  # what cannot be written down was never signed
                known.add(digest_of_claims(row.terms))
        for each in dict.fromkeys(noted):
            if each not in known:
                says = "A permit was signed of which there is no act: the digest of its claims is"
                yield Finding(None, f"{says} {each}.")

    def beside(self) -> Iterator[Finding]:
        """Say where the columns beside a case's state say something else than it."""
        for case, head in self.heads.cases.items():
            place, found = self.cases.get(case), self.heads.columns.get(case, {})
            other = (
                f"{name} {found.get(name)}, which in its state is {expected}"
                for name, expected in columns_of(head).items()
                if found.get(name) != expected
            )
            for says in other:
                index = place.index if place is not None else None
                yield Finding(index, f"the database has case {case} with {says}.")

    def listed(self) -> Iterator[Finding]:
        """Say where the lists by which people find cases and entries are not as they should be.

        Only for a state in which nothing else is wrong.
        """
        order = self.heads.order
        cases = sorted(self.heads.cases.values(), key=lambda each: each.id)
        cases.sort(key=lambda each: each.last, reverse=True)
        still_open = [each for each in cases if each.stage not in ENDED]
        for expected, found in ((cases, order.cases), (still_open, order.open_cases)):
            both = zip_longest((each.id for each in expected), found)
            for case in (one for one, other in both if one != other):
                place = self.cases.get(case or "")
                says = f"the database lists case {case} elsewhere than its state says."
                yield Finding(place.index if place is not None else None, says)
                break
        for case, moves in self.moves.items():
            if list(order.moves.get(case, ())) != moves:
                yield Finding(moves[0], f"the database has other entries for case {case}.")
        for case in sorted(order.moves.keys() - self.moves.keys()):
            says = f"the database has it move a case {case}, which no entry opened."
            yield Finding(order.moves[case][0], says)
        for version, index in self.contexts.items():
            if order.contexts[version - 1 : version] != [index]:
                yield Finding(
                    index,
                    f"the database has another entry for version {version} of the context.",
                )

    def stored(self) -> Iterator[Finding]:
        """Say where the database has other tiles than the log, or files something as another."""
        if self.heads.numbered > self.size:
            yield Finding(self.heads.numbered - 1, "it has a number, and no checkpoint covers it.")
        for size, stated in sorted(self.heads.misfiled.items()):
            says = f"the database files the checkpoint of {stated} entries as one of {size}."
            yield Finding(stated - 1, says)
        tiles = {(each.level, each.number): each.width for each in tiles_of(self.size)}
        for level, number in sorted(dict(self.heads.tiles.items() ^ tiles.items())):
            says = f"The database has another tile {number} of level {level} than the log has, or "
            yield Finding(None, f"{says}one that it has not.")
        for index in sorted(self.erasures.keys() | self.heads.erasures.keys()):
            on_file = self.heads.erasures.get(index)
            if index not in self.erasures:
                yield Finding(index, "the database notes that it erased something; it did not.")
            elif self.erasures[index] != on_file:
                says = f"it erased something of entry {self.erasures[index]}; the database notes "
                yield Finding(index, f"{says}that of {on_file}.")
