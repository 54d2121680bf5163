"""Loading policy books: names, conditions and overrides that hold together, or every problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from graphlib import CycleError, TopologicalSorter

from placet.errors import Problem, ScenarioError
from placet.policy.books import Book, Policy, Rule, Then
from placet.registry.coherence import no_ids, reversed_times
from placet.registry.loading import typed, with_ids
from placet.registry.names import check_names, nearest
from placet.registry.reading import Document, Located, Path_, Plain
from placet.registry.registry import Registry

__all__ = ["full_name", "load_books", "misshapen_books", "rule_names"]


def load_books(documents: Sequence[Document], registry: Registry) -> Mapping[str, Book]:
    """Read every party's book, by party.

    Raises:
        ScenarioError: with every problem found in any of them.
    """
    problems: list[Problem] = []
    books: dict[str, Book] = {}
    for document in sorted(documents, key=lambda each: each.file):
        book = typed(Book, _with_ids(document.plain), document.where, problems)
        if book is None:
            continue
        if book.book in books:
            what = f"{book.book} has two books"
            problems.append(Problem(document.where(("book",)), what, do="Merge them."))
        books[book.book] = book
        problems.extend(check_names(book, registry, document.where))
        problems.extend(_check(book, registry, document.where))
    if problems:
        raise ScenarioError(problems)
    return dict(sorted(books.items()))


def misshapen_books(documents: Sequence[Document]) -> list[Problem]:
    """Return what is wrong with books in themselves, where there is no registry to read them by."""
    problems: list[Problem] = []
    for document in documents:
        typed(Book, _with_ids(document.plain), document.where, problems)
    return problems


def _with_ids(plain: Mapping[str, Plain]) -> dict[str, Plain]:
    given = dict(plain)
    policies = given.get("policies")
    if isinstance(policies, dict):
        given["policies"] = with_ids({key: _rules_with_ids(each) for key, each in policies.items()})
    return given


def _rules_with_ids(policy: Plain) -> Plain:
    if not isinstance(policy, dict):
        return policy
    rules = policy.get("rules")
    return {**policy, "rules": with_ids(rules)} if isinstance(rules, dict) else policy


def full_name(policy: Policy, rule: Rule) -> str:
    """Return the name of a rule within its book: `policy/rule`."""
    return f"{policy.id}/{rule.id}"


def rule_names(book: Book) -> Iterator[str]:
    """Yield the full name of every rule of a book."""
    for policy in book.policies.values():
        for rule in policy.rules.values():
            yield full_name(policy, rule)


def _check(book: Book, registry: Registry, where: Located) -> Iterator[Problem]:
    known = set(rule_names(book))
    check_then = partial(_check_then, registry=registry, where=where, party=book.book)
    yield from reversed_times(book, where)
    yield from check_then(book.otherwise, path=("otherwise",))
    yield from no_ids(book.policies, where, ("policies",))
    for key, policy in book.policies.items():
        path: Path_ = ("policies", key)
        yield from no_ids(policy.rules, where, (*path, "rules"))
        if policy.otherwise:
            yield from check_then(policy.otherwise, path=(*path, "otherwise"))
        for link in ("supersedes", "amends"):
            for name in getattr(policy, link):
                if name not in book.policies or name == key:
                    what = f"{name} is not another policy of this book"
                    do = nearest(name, book.policies)
                    yield Problem(where((*path, link)), what, do=do)
        for rule in policy.rules.values():
            place = (*path, "rules", rule.id)
            yield from check_then(rule.then, path=(*place, "then"))
            for name in rule.overrides:
                if name not in known or name == full_name(policy, rule):
                    what = f"{name} is not another rule of this book"
                    do = nearest(name, known) or "Write it as policy/rule."
                    yield Problem(where((*place, "overrides")), what, do=do)
    yield from _cycles(book, where)


def _check_then(
    then: Then, *, registry: Registry, where: Located, party: str, path: Path_
) -> Iterator[Problem]:
    for office in then.offices:
        if office not in registry.record.offices:
            do = nearest(office, registry.record.offices) or "Record it under `offices`."
            yield Problem(where(path), f"{office} is not a known office", do=do)
        elif registry.record.offices[office].party != party:
            why = f"it is of {registry.record.offices[office].party}"
            do = "Another party decides by its own book."
            yield Problem(where(path), f"{office} is not an office of {party}", why, do)


def _cycles(book: Book, where: Located) -> Iterator[Problem]:
    """Refuse circles among overrides, supersessions, amendments: none would have a last word."""
    overriding = {
        full_name(policy, rule): set(rule.overrides)
        for policy in book.policies.values()
        for rule in policy.rules.values()
    }
    superseding = {key: set(policy.supersedes) for key, policy in book.policies.items()}
    amending = {key: set(policy.amends) for key, policy in book.policies.items()}
    every = {"override": overriding, "supersede": superseding, "amend": amending}
    for word, graph in every.items():
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = " → ".join(error.args[1])
            yield Problem(where(("policies",)), f"these {word} each other in a circle: {circle}")
