"""What is in force on a day: policies that have begun, are not over, and are not superseded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from placet.policy.books import Book, Policy, Rule
from placet.registry import Presence

__all__ = ["begun", "in_force", "over", "rules_in_force"]

Asked = Callable[[Policy], bool]


def begun(policy: Policy, at: datetime, known_at: datetime | None) -> Presence:
    """Say whether a policy has begun at `at`, as known at `known_at`; it may be over since."""
    return policy.model_copy(update={"until": None}).standing(at, known_at).presence


def over(policy: Policy, at: datetime) -> Presence:
    """Say whether a policy is over at `at`."""
    return policy.until.reached(at) if policy.until else Presence.OUT


def in_force(book: Book, has_begun: Asked, is_over: Asked) -> tuple[Policy, ...]:
    """Return the policies of a book that are in force, in order of id.

    `has_begun` and `is_over` answer for one policy in one world: uncertain starts
    and disputes are settled by the caller. A policy that has begun puts those
    it supersedes out of force for good, even when it is itself over or
    superseded: nothing revives without a new act.
    """
    started = [policy for _, policy in sorted(book.policies.items()) if has_begun(policy)]
    superseded = {name for policy in started for name in policy.supersedes}
    return tuple(each for each in started if each.id not in superseded and not is_over(each))


def rules_in_force(policies: tuple[Policy, ...]) -> Iterator[tuple[Policy, Rule]]:
    """Yield the rules of policies in force; an amended rule gives way to its amendment.

    A policy that amends another replaces the rules that bear the same name
    in both and leaves the others as they are.
    """
    amended = {
        (name, rule) for policy in policies for name in policy.amends for rule in policy.rules
    }
    for policy in policies:
        for name, rule in sorted(policy.rules.items()):
            if (policy.id, name) not in amended:
                yield policy, rule
