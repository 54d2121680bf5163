"""Explaining a rule: every sub-expression of its condition with its value, right by right."""

from __future__ import annotations

from dataclasses import dataclass

from placet.conditions import Explanation, explain
from placet.determination import Connection, Matter, Sight, World
from placet.errors import QuestionError
from placet.policy import Book, Policy, Rule, full_name, rule_names
from placet.registry.names import nearest

__all__ = ["Explained", "explain_rule", "find_rule"]


@dataclass(frozen=True)
class Explained:
    """A rule's `when` and `stated`, as one right sees them; None where the rule has none."""

    connection: Connection
    when: Explanation | None
    stated: Explanation | None


def find_rule(matter: Matter, name: str) -> tuple[Book, Policy, Rule]:
    """Return the rule that a name means: `BOOK/policy/rule`, or its end where that is plain.

    Raises:
        QuestionError: no rule, or more than one, bears the name.
    """
    every = {
        f"{party}/{full}": (book, policy, rule)
        for party, book in matter.books.items()
        for policy in book.policies.values()
        for rule in policy.rules.values()
        for full in [full_name(policy, rule)]
    }
    meant = [key for key in every if key == name or key.endswith(f"/{name}")]
    if len(meant) == 1:
        return every[meant[0]]
    if meant:
        raise QuestionError(f"{name} may be any of {', '.join(meant)}")
    known = [each for book in matter.books.values() for each in rule_names(book)]
    hint = nearest(name, [*every, *known, *(each.rpartition("/")[2] for each in every)])
    raise QuestionError(f"no book has a rule {name}. {hint}".rstrip())


def explain_rule(matter: Matter, name: str) -> tuple[Rule, str, tuple[Explained, ...]]:
    """Explain a rule for every right of its party; return the rule, its full name, and those.

    Raises:
        QuestionError: no rule bears the name.
    """
    book, policy, rule = find_rule(matter, name)
    found: dict[tuple[object, ...], Explained] = {}
    world = World(matter)
    for every in matter.connections.values():
        for connection in every:
            if connection.party == book.book:
                sight = Sight(world, world.line(connection.line), connection)
                seen = (connection.line, connection.basis, connection.path, connection.lot)
                found[seen] = Explained(
                    connection,
                    _explained(rule.when, matter, sight),
                    _explained(rule.stated, matter, sight),
                )
    return rule, f"{book.book}/{full_name(policy, rule)}", tuple(found.values())


def _explained(text: str | None, matter: Matter, sight: Sight) -> Explanation | None:
    if text is None:
        return None
    return explain(matter.registry.condition(text, "rule"), sight)
