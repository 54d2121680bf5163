"""What of the context somebody may know: policies, stock, people; need to know outside of cases.

Pages and answers about policies, systems, stock and authority are worked out from what `known`
returns and from nothing else: two contexts that agree on it give a viewer the same answers.
Items, reliances, agreements, findings, offices and postures are everybody's who is signed in:
announced answers are made of them. The reasons are in `docs/explanation/need-to-know.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache

from placet.determination import Precedents
from placet.policy import Book, Policy
from placet.registry import Lot, Registry
from placet.review.context import Context
from placet.review.viewer import Viewer

__all__ = ["Known", "is_own", "known", "knows_lot", "knows_policy"]

_KEPT = 16
"""How many sights of contexts are kept, with what each judged: viewers of one party share one."""


@dataclass(frozen=True, eq=False)
class Known:
    """A context as far as somebody may know it.

    `own` are the parties that they act for; an auditor's are all. `registry` holds stock,
    officials, delegations and keys of these alone; `books` their policies, and of the others
    those that are announced, without their worked examples. A policy that is left out is named by
    no other.
    """

    own: frozenset[str]
    audits: bool
    registry: Registry
    books: Mapping[str, Book]

    def owns(self, party: str) -> bool:
        """Say whether a party's own affairs are known here."""
        return self.audits or party in self.own

    @cached_property
    def precedents(self) -> Precedents:
        """The judgement by what is known here; it remembers what it has judged of late."""
        return Precedents(self.registry, self.books, "")

    @cached_property
    def people(self) -> Mapping[str, str]:
        """The names of the officials known here, by the person's id."""
        return {each.who: each.name for each in self.registry.record.officials.values()}


def is_own(party: str, viewer: Viewer) -> bool:
    """Say whether somebody may know a party's own affairs: they act for it, or they audit."""
    return viewer.audits or party in viewer.parties


def knows_policy(policy: Policy, party: str, viewer: Viewer, at: datetime) -> bool:
    """Say whether somebody may know of a policy of a party at the moment of looking.

    Those who act for the party and auditors know it from the day it is adopted; everybody else
    once it has surely been announced.
    """
    return is_own(party, viewer) or policy.announced_by(at)


def knows_lot(lot: Lot, registry: Registry, viewer: Viewer) -> bool:
    """Say whether somebody may know where a lot is and was.

    Those know who own it, have or had it, made it, or hold a right over it by an agreement.
    """
    agreed = {
        party
        for each in registry.record.agreements.values()
        if lot.id in each.over.lots
        for party in each.grants
    }
    hands = {lot.title, lot.holder, *(link.holder for link in lot.custody)}
    makers = set(registry.item(lot.item).origin)
    return any(is_own(party, viewer) for party in hands | makers | agreed)


def known(context: Context, viewer: Viewer, at: datetime) -> Known:
    """Return what of a context a viewer may know at the moment of looking.

    Args:
        context: the context, as a rule the present one.
        viewer: who looks, with the offices they hold now.
        at: the present moment; not the day that is asked about.
    """
    policies = frozenset(
        (party, key)
        for party, book in context.books.items()
        for key, policy in book.policies.items()
        if knows_policy(policy, party, viewer, at)
    )
    return _known(context, frozenset(viewer.parties), viewer.audits, policies)


@lru_cache(maxsize=_KEPT)
def _known(
    context: Context,
    own: frozenset[str],
    audits: bool,
    policies: frozenset[tuple[str, str]],
) -> Known:
    books = {
        party: _book(book, {key for owner, key in policies if owner == party}, party in own)
        for party, book in context.books.items()
    }
    if audits:
        return Known(own, audits, context.registry, dict(context.books))
    return Known(own, audits, _registry(context.registry, own), books)


def _registry(registry: Registry, own: frozenset[str]) -> Registry:
    """Return a registry without the stock and the people of other parties."""
    record = registry.record
    ours = {key for key, office in record.offices.items() if office.party in own}
    officials = {key: each for key, each in record.officials.items() if each.office in ours}
    people = {each.who for each in officials.values()}
    fewer = {
        "officials": officials,
        "keys": {key: each for key, each in record.keys.items() if each.person in people},
        "delegations": {key: each for key, each in record.delegations.items() if each.of in ours},
        "stock": {key: each for key, each in record.stock.items() if each.party in own},
    }
    return replace(registry, record=record.model_copy(update=fewer))


def _book(book: Book, policies: set[str], own: bool) -> Book:
    """Return a book with some of its policies; what is its owner's alone stays with its owner."""
    kept = {
        key: _without_others(policy, policies, own)
        for key, policy in book.policies.items()
        if key in policies
    }
    return book.model_copy(
        update={"policies": kept, "break_glass": book.break_glass if own else None}
    )


def _without_others(policy: Policy, policies: set[str], own: bool) -> Policy:
    """Return a policy that names no other but these; its worked examples are its owner's."""

    def named(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each for each in names if each.partition("/")[0] in policies)

    rules = {
        key: rule.model_copy(update={"overrides": named(rule.overrides)})
        for key, rule in policy.rules.items()
    }
    return policy.model_copy(
        update={
            "supersedes": named(policy.supersedes),
            "amends": named(policy.amends),
            "rules": rules,
            "tests": policy.tests if own else {},
        }
    )
