"""Looking at policy books: the time line of what is in force, and what is doubtful in a book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from placet.errors import QuestionError
from placet.operations.scenarios.scenario import Scenario
from placet.policy import Book, Outcome, Policy, begun, full_name, over
from placet.registry import Presence, Registry, written
from placet.registry.names import nearest

__all__ = ["Dated", "Notice", "book_of", "notices", "time_line"]


@dataclass(frozen=True)
class Dated:
    """A policy on the time line: its dates, and its status at the moment."""

    policy: Policy
    begins: str
    ends: str
    known: str
    announced: str
    status: str
    superseded_by: str


@dataclass(frozen=True)
class Notice:
    """Something in a book that its owner may want to look at; not an error."""

    about: str
    says: str


def book_of(scenario: Scenario, party: str) -> Book:
    """Return a party's book.

    Raises:
        QuestionError: the party has no book.
    """
    book = scenario.books.get(party)
    if book is None:
        hint = nearest(party, scenario.books) or f"There are books of {', '.join(scenario.books)}."
        raise QuestionError(f"{party} has no book in {scenario.name}. {hint}")
    return book


def time_line(book: Book, at: datetime, known_at: datetime | None = None) -> tuple[Dated, ...]:
    """Return a book's policies in order of their beginning, with their status at a moment."""
    ordered = sorted(book.policies.values(), key=_beginning)
    return tuple(_dated(each, book, at, known_at) for each in ordered)


def _beginning(policy: Policy) -> tuple[str, str]:
    return (str(policy.from_.earliest) if policy.from_ else "", policy.id)


def _dated(policy: Policy, book: Book, at: datetime, known_at: datetime | None) -> Dated:
    above = [
        each.id
        for each in book.policies.values()
        if policy.id in each.supersedes and begun(each, at, known_at) is not Presence.OUT
    ]
    surely_above = any(begun(book.policies[each], at, known_at) is Presence.IN for each in above)
    return Dated(
        policy,
        str(policy.from_) if policy.from_ else "always",
        str(policy.until) if policy.until else "",
        written(policy.known) if policy.known else "",
        str(policy.announced or "undeclared"),
        _status(policy, at, known_at, bool(above), surely_above),
        ", ".join(above),
    )


def _status(
    policy: Policy, at: datetime, known_at: datetime | None, above: bool, surely_above: bool
) -> str:
    started, ended = begun(policy, at, known_at), over(policy, at)
    if started is Presence.OUT:
        return "to come, or not yet known"
    if ended is Presence.IN:
        return "over"
    if surely_above:
        return "superseded"
    certain = started is Presence.IN and ended is Presence.OUT and not above
    return "in force" if certain else "may be in force"


def notices(book: Book, registry: Registry) -> Iterator[Notice]:
    """Yield what the owner of a book may want to look at."""
    if book.otherwise.outcome is Outcome.CLEAR:
        yield Notice(book.book, "whatever no policy speaks of is cleared by silence")
    if not book.claims:
        yield Notice(book.book, "the book claims no rights: only agreements give it any")
    for policy in book.policies.values():
        name = f"{book.book}/{policy.id}"
        if not policy.all_sources() and not any(rule.cite for rule in policy.rules.values()):
            yield Notice(name, "no source is named")
        if policy.from_ is None:
            yield Notice(name, "it has no date")
        elif not policy.from_.exact:
            yield Notice(name, f"its start is not exactly known: {policy.from_}")
        yield from _rule_notices(book, policy)
        if policy.adopted_by is None and any(rule.standing for rule in policy.rules.values()):
            yield Notice(name, "it authorises in advance, and names no office that adopted it")
    yield from _vacancies(book, registry)


def _rule_notices(book: Book, policy: Policy) -> Iterator[Notice]:
    by_condition: dict[str | None, str] = {}
    for rule in policy.rules.values():
        name = f"{book.book}/{full_name(policy, rule)}"
        if rule.unstated:
            yield Notice(name, f"leaves open: {', '.join(rule.unstated)}")
        if rule.then.outcome is Outcome.CLEAR and not rule.standing:
            yield Notice(name, "clears without being a standing authorisation")
        if rule.then.outcome is not None:
            twin = by_condition.setdefault(rule.when, rule.id)
            if twin != rule.id:
                yield Notice(name, f"has the same condition as {twin}")


def _vacancies(book: Book, registry: Registry) -> Iterator[Notice]:
    held = {each.office for each in registry.record.officials.values()}
    named = {
        office
        for policy in book.policies.values()
        for rule in policy.rules.values()
        for office in rule.then.offices
    }
    for office in sorted(named - held):
        yield Notice(office, "decides under this book, and no official is recorded as holding it")
