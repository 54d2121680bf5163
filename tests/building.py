"""Builds registries, books, requests and matters in memory from YAML text, by the real loaders."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import settings

from placet.determination import Determination, Matter, determine
from placet.policy import Book, load_books
from placet.registry import (
    Document,
    Registry,
    Request,
    load_registry,
    load_request,
    parse_moment,
    read_text,
)

AT = "2025-06-01"
"""The moment that is asked about where a test names no other."""

PARTIES = """
parties:
  US: {kind: state, home: us/state}
  GB: {kind: state, home: gb/defence}
  PL: {kind: state}
  UA: {kind: state}
offices:
  us/state: {party: US, title: Department of State}
  us/defence: {party: US, title: Department of Defense}
  us/president: {party: US, title: President}
  gb/defence: {party: GB, title: Ministry of Defence}
"""

MISSILE = """
items:
  missile: {name: Missile, origin: US}
"""

USE = """
request: use
applicant: UA
actor: UA
recipient: none
activity: use
area: UA
target: none
purpose: none
period: {from: "2025-06-01", until: "2025-07-01"}
platforms: none
services: none
lines:
  one: {item: missile, quantity: 1}
"""
"""A request that leaves nothing open. `filed` changes or leaves out fields of it."""

CLAIMS = "claims: [{basis: [origin, component, service, platform], activities: [use, disclosure]}]"

Plain = dict[str, Any]


def plain(text: str) -> Plain:
    """Read YAML text as the product does: every scalar is text."""
    return dict(read_text(text, "text.yaml").plain)


def document(content: str | Mapping[str, Any], file: str) -> Document:
    """Return a document of YAML text, or of the nested text that reading it would give."""
    if isinstance(content, str):
        return read_text(content, file)
    return Document(file, dict(content), {})


def registry_of(*parts: str | Mapping[str, Any]) -> Registry:
    """Load a registry from several files."""
    return load_registry([document(part, f"part-{i}.yaml") for i, part in enumerate(parts)])


def books_of(registry: Registry, *books: str | Mapping[str, Any]) -> Mapping[str, Book]:
    """Load books, one file each."""
    return load_books([document(book, f"book-{i}.yaml") for i, book in enumerate(books)], registry)


def request_of(registry: Registry, content: str | Mapping[str, Any]) -> Request:
    """Load a request."""
    return load_request(document(content, "request.yaml"), registry)


def filed(*left_out: str, **changed: Any) -> Plain:
    """Return the request `USE` with some fields left out and others changed."""
    fields = {**plain(USE), **changed}
    return {key: value for key, value in fields.items() if key not in left_out}


@dataclass(frozen=True)
class Built:
    """A registry with its books, in which requests are judged."""

    registry: Registry
    books: Mapping[str, Book]

    def matter(
        self,
        request: str | Mapping[str, Any],
        at: str = AT,
        known_at: str | None = None,
        *,
        announced_only: bool = False,
    ) -> Matter:
        """Return the matter of a request."""
        known = parse_moment(known_at) if known_at else None
        loaded = request_of(self.registry, request)
        return Matter(self.registry, self.books, loaded, parse_moment(at), known, announced_only)

    def judged(
        self, request: str | Mapping[str, Any], at: str = AT, known_at: str | None = None
    ) -> Determination:
        """Judge a request."""
        return determine(self.matter(request, at, known_at))


def built(
    *books: str | Mapping[str, Any], registry: Sequence[str | Mapping[str, Any]] = (MISSILE,)
) -> Built:
    """Build a scenario: the usual parties, what a registry adds to them, and books."""
    loaded = registry_of(PARTIES, *registry)
    return Built(loaded, books_of(loaded, *books))


def us_book(rules: str = "", otherwise: str = "review us/state", more: str = "") -> str:
    """Return a book of the United States with one policy that holds these rules."""
    return book("US", rules, otherwise, more)


def book(party: str, rules: str = "", otherwise: str = "", more: str = "") -> str:
    """Return a party's book with one policy `p`, whose rules are given one a line."""
    lines = "".join(f"      {line}\n" for line in rules.strip().splitlines())
    policies = ""
    if lines:
        head = ["title: P", 'from: "2024-01-01"', 'announced: "2024-01-01"']
        policies = "policies:\n  p:\n" + "".join(f"    {each}\n" for each in head)
        policies += f"    rules:\n{lines}"
    held = f"otherwise: {otherwise}\n" if otherwise else ""
    return f"book: {party}\n{CLAIMS}\n{held}{policies}{more}"


def flags(found: Determination) -> set[str]:
    """Return the kinds of flags that a determination carries."""
    return {each.flag for each in found.flags}


def asked(found: Determination) -> set[str]:
    """Return the keys of the questions that a determination asks."""
    return {each.key for each in found.open_questions}


def offices(found: Determination, party: str) -> set[str]:
    """Return every office that may have to decide for a party."""
    answer = found.party(party)
    return {each.office for each in answer.at_most.by} if answer else set()


def examples(number: int) -> settings:
    """Return how many examples a property is tried on: half of a number, or ten times it.

    Half in the ordinary tests, which are run at every change and must be quick; ten times in
    `make torture`.
    """
    torture = os.environ.get("PLACET_HYPOTHESIS") == "torture"
    return settings(max_examples=number * 10 if torture else max(number // 2, 4))
