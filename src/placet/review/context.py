"""The context: registry, books and authority as known at one position of the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from placet.canonical import canonical_json
from placet.determination import Determination, Kept, Precedents
from placet.policy import Book, context_digest, load_books
from placet.registry import (
    Document,
    Duty,
    Official,
    Registry,
    Request,
    SigningKey,
    load_registry,
    load_request,
    parse_moment,
)
from placet.review.errors import ClockError

__all__ = ["Context", "Held", "load_context"]

R = TypeVar("R")

_KEPT = 256
"""How many requests a context keeps: acts on a case ask for the same one again and again."""


@dataclass(frozen=True, slots=True)
class Held:
    """An office that a person holds, and whether they only act in it."""

    office: str
    official: str
    acting: bool


@dataclass(frozen=True, eq=False)
class Context:
    """What acts build on.

    `plain` is the registry and the books as they would stand in files,
    the moment of the `last` act on no case, and how many such `acts` each person has done.

    `version` counts the acts that changed it, from 1 for the first; 0 is the empty context
    before the log begins.
    """

    version: int
    plain: Mapping[str, Any]
    registry: Registry
    books: Mapping[str, Book]
    digest: str
    _read: Kept[bytes, Request] = field(default_factory=lambda: Kept(_KEPT), repr=False)

    def must_be_in_time(self, at: datetime) -> None:
        """Refuse a moment before the last act on the context, without saying when that was.

        Raises:
            ClockError: the clock was set back.
        """
        last = self.plain.get("last")
        if last is not None and at < parse_moment(last):
            raise ClockError(
                f"The clock says {at.isoformat()}, which is before the last act on the context: "
                "it was set back. Set the clock right."
            )

    def acts_of(self, person: str) -> int:
        """Return how many acts on no case a person has done."""
        return int(self.plain.get("acts", {}).get(person, 0))

    def request(self, plain: Mapping[str, Any]) -> Request:
        """Read a request.

        Raises:
            RequestError: with every problem found.
        """
        spelled = canonical_json(plain)
        known = self._read.get(spelled)
        if known is None:
            read = load_request(Document("request", dict(plain), {}), self.registry)
            known = self._read.keep(spelled, read)
        return known

    def determine(
        self, request: Request, at: datetime, *, announced_only: bool = False
    ) -> Determination:
        """Determine who has a say over a request at a moment, by what this context knows.

        Like requests are judged once (`Precedents`).
        """
        return self.precedents.determine(request, at, announced_only=announced_only)

    def alike(self, request: Request, at: datetime) -> Determination:
        """Return what this context says of requests like one at moments like one (`Precedents`)."""
        return self.precedents.alike(request, at)

    def presumed(self, at: datetime) -> bool | None:
        """Whether what is judged of the grounds of permits holds at a moment, if that is presumed.

        None where it is judged: everywhere, but where an audit does what others had judged.
        """
        del at
        return None

    def digest_of(self, plain: Mapping[str, Any]) -> str:
        """Return the digest of a request.

        Raises:
            RequestError: it cannot be read; with every problem found.
        """
        return self.precedents.digest_of(self.request(plain))

    @cached_property
    def precedents(self) -> Precedents:
        """The judgement in this context."""
        return Precedents(self.registry, self.books, self.digest)

    def offices_of(self, person: str, at: datetime, office: str | None = None) -> tuple[Held, ...]:
        """Return the offices that a person certainly holds at a moment, in order of name.

        Whoever acts or looks in one `office` alone has that one if they hold it, and no other:
        all that anybody may do or see follows from here.
        """
        return tuple(
            Held(official.office, key, official.acting)
            for key, official in self._officials.get(person, ())
            if office in (None, official.office) and official.is_certain(at)
        )

    def terms_of(self, person: str) -> tuple[Official, ...]:
        """Return a person's terms, whenever they were or will be, and however well attested."""
        return tuple(each for _, each in self._officials.get(person, ()))

    def elsewhere(self, person: str, office: str) -> tuple[Official, ...]:
        """Return a person's terms in other offices than one."""
        return tuple(each for each in self.terms_of(person) if each.office != office)

    def is_held(self, office: str, at: datetime) -> bool:
        """Say whether anybody certainly holds an office at a moment."""
        return any(
            each.office == office and each.is_certain(at)
            for each in self.registry.record.officials.values()
        )

    def offices_with(self, duty: Duty, party: str | None = None) -> tuple[str, ...]:
        """Return the offices that have a duty, of one party or of any."""
        return tuple(
            key
            for key, office in sorted(self.registry.record.offices.items())
            if duty in office.duties and party in (None, office.party)
        )

    def party_of(self, office: str) -> str:
        """Return the party whose office it is."""
        return self.registry.record.offices[office].party

    def parties_of(self, person: str, at: datetime, office: str | None = None) -> frozenset[str]:
        """Return the parties that a person acts for at a moment, in one office or in all."""
        held = self.offices_of(person, at, office)
        return frozenset(self.party_of(each.office) for each in held)

    def has_duty(
        self,
        person: str,
        duty: Duty,
        at: datetime,
        party: str | None = None,
        office: str | None = None,
    ) -> bool:
        """Say whether a person holds an office with a duty at a moment, of one party or of any."""
        offices = self.registry.record.offices
        held = (offices[each.office] for each in self.offices_of(person, at, office))
        return any(duty in each.duties and party in (None, each.party) for each in held)

    def registers_own(self, person: str, at: datetime) -> bool:
        """Say whether a person may put a key of theirs on record: the first is for another to.

        In a demonstration everybody may.
        """
        return self.demonstration or bool(self.keys_of(person, at))

    def keys_of(self, person: str, at: datetime) -> Mapping[str, str]:
        """Return the public keys by which a person may sign at a moment, by the key's id."""
        return {key: each.public for key, each in self._keys.get(person, ()) if each.is_certain(at)}

    @cached_property
    def _officials(self) -> Mapping[str, Sequence[tuple[str, Official]]]:
        """The officials by the person, each with its id."""
        return _by(lambda each: each.who, self.registry.record.officials)

    @cached_property
    def _keys(self) -> Mapping[str, Sequence[tuple[str, SigningKey]]]:
        """The keys by the person, each with its id."""
        return _by(lambda each: each.person, self.registry.record.keys)

    @property
    def demonstration(self) -> bool:
        """Whether the log said, when it began, that it is a demonstration."""
        return self.registry.record.demonstration

    @cached_property
    def people(self) -> Mapping[str, str]:
        """The names of everybody who holds or held an office, by the person's id."""
        return {each.who: each.name for each in self.registry.record.officials.values()}


def _by(
    whose: Callable[[R], str], records: Mapping[str, R]
) -> Mapping[str, Sequence[tuple[str, R]]]:
    """Sort records by a person, and those of each by their ids."""
    found: dict[str, list[tuple[str, R]]] = {}
    for key, each in sorted(records.items()):
        found.setdefault(whose(each), []).append((key, each))
    return found


def load_context(version: int, plain: Mapping[str, Any]) -> Context:
    """Load a context from `{"registry": {...}, "books": [{...}, ...]}`.

    Records are taken in the order of their ids, so that a context is the same whether it was
    just made or read back: what is said of several officials stands in that order.

    Raises:
        ScenarioError: with every problem found.
    """
    plain = json.loads(canonical_json(plain))
    registry_document = Document("registry", dict(plain["registry"]), {})
    books_documents = [
        Document(f"book {each.get('book', '')}", dict(each), {}) for each in plain["books"]
    ]
    registry = load_registry([registry_document])
    books = load_books(books_documents, registry)
    digest = context_digest([registry_document], books_documents, registry)
    return Context(version, plain, registry, books, digest)
