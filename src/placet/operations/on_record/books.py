"""The policy books on record: what is in force of each party, as far as somebody may know it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from placet.need_to_know.known import Known, known
from placet.operations.house import House, SignedIn, viewer_of
from placet.operations.log.reading import POLICY_ACTS, may_know
from placet.operations.log.recorded import acts_on_context
from placet.operations.on_record.policies import Dated, Notice, notices, time_line
from placet.policy import Book, Policy, Rule
from placet.registry import Registry, Source
from placet.review import UnknownError

__all__ = ["Act", "BookSeen", "PolicySeen", "known_policy", "known_to", "see_books", "see_policy"]


@dataclass(frozen=True)
class BookSeen:
    """A party's book with the policies that may be known, dated as of a day.

    `own` says that the party's own affairs may be known: undeclared policies are among these.
    """

    party: str
    name: str
    own: bool
    book: Book
    policies: tuple[Dated, ...]


@dataclass(frozen=True)
class Act:
    """An act that made a policy what it is: its place in the log, and who did it when.

    Who and why are there for those who may know what stands behind its entry. `digest` is that of
    the policy's text as it was adopted, or as it was announced: where both are the same, it stayed
    what it was. An act that fixed no text has none.
    """

    index: int
    kind: str
    at: datetime
    person: str
    because: str
    digest: str = ""


@dataclass(frozen=True)
class PolicySeen:
    """One policy whole: its rules, its sources, and how it came about.

    `notices` and `acts` are there for those alone who may know the party's own affairs.
    """

    party: str
    name: str
    own: bool
    policy: Policy
    dated: Dated
    rules: tuple[Rule, ...]
    offices: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    notices: tuple[Notice, ...]
    acts: tuple[Act, ...]


def known_to(house: House, who: SignedIn) -> Known:
    """Return what of the present context the person signed in may know."""
    return known(house.reading.context(), viewer_of(house, who), house.clock.now())


def see_books(house: House, who: SignedIn, day: datetime) -> tuple[BookSeen, ...]:
    """Return every party's book as the person signed in may know it, with what is in force.

    Their own party's book comes first.
    """
    sight = known_to(house, who)
    found = [
        BookSeen(party, sight.registry.name(party), sight.owns(party), book, time_line(book, day))
        for party, book in sight.books.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.party not in sight.own, each.name)))


def see_policy(house: House, who: SignedIn, party: str, policy: str, day: datetime) -> PolicySeen:
    """Return a policy as the person signed in may know it.

    Raises:
        UnknownError: there is none, or it may not be known to them: it reads the same.
    """
    sight = known_to(house, who)
    book, found = known_policy(sight, party, policy)
    own = sight.owns(party)
    return PolicySeen(
        party=party,
        name=sight.registry.name(party),
        own=own,
        policy=found,
        dated=next(each for each in time_line(book, day) if each.policy.id == policy),
        rules=tuple(found.rules.values()),
        offices=tuple(_offices(found, sight.registry)),
        sources=tuple(_sources(found, sight.registry)),
        notices=tuple(_notices(book, found, sight.registry)) if own else (),
        acts=tuple(_acts(house, who, sight, party, policy)) if own else (),
    )


def known_policy(sight: Known, party: str, policy: str) -> tuple[Book, Policy]:
    """Return a policy with the book that it stands in.

    Raises:
        UnknownError: there is none, or it may not be known: it reads the same.
    """
    book = sight.books.get(party)
    found = book.policies.get(policy) if book is not None else None
    if book is None or found is None:
        raise UnknownError(f"There is no policy {f'{party}/{policy}'[:80]!r} that you may know of.")
    return book, found


def _offices(policy: Policy, registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield each office that the policy names, with its title."""
    named = {policy.adopted_by} if policy.adopted_by else set()
    for rule in policy.rules.values():
        named |= {*rule.then.offices, *rule.advice_from, *(each.by for each in rule.advice)}
    for office in sorted(named):
        yield office, registry.office_title(office)


def _sources(policy: Policy, registry: Registry) -> Iterator[Source]:
    """Yield every source that the policy or one of its rules cites, once."""
    cited = [*policy.all_sources(), *(each for rule in policy.rules.values() for each in rule.cite)]
    known_sources = registry.record.sources
    yield from (known_sources[each] for each in dict.fromkeys(cited) if each in known_sources)


def _notices(book: Book, policy: Policy, registry: Registry) -> Iterator[Notice]:
    name = f"{book.book}/{policy.id}"
    for each in notices(book, registry):
        if each.about == name or each.about.startswith(f"{name}/"):
            yield each


def _acts(house: House, who: SignedIn, sight: Known, party: str, policy: str) -> Iterator[Act]:
    """Yield the acts that adopted, announced or ended a policy; the first context may hold it."""
    looking = viewer_of(house, who)
    for each in acts_on_context(house.reading):
        named = (each.command.get("party"), each.command.get("policy"))
        begun = each.kind == "begin" and _in_first(each.command, party, policy)
        if begun or (each.kind in POLICY_ACTS and named == (party, policy)):
            knows = may_know(each, looking)
            person = sight.people.get(each.actor, each.actor) if knows else ""
            because = str(each.command.get("because") or "") if knows else ""
            digest = str(each.found.get("policy", ""))
            yield Act(each.index, each.kind, each.at, person, because, digest)


def _in_first(command: object, party: str, policy: str) -> bool:
    books = command.get("books") if isinstance(command, dict) else None
    return any(
        each.get("book") == party and policy in each.get("policies", {}) for each in books or ()
    )
