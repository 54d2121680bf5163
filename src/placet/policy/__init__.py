"""Policy books as data: dated rules, and what is in force on a day."""

from placet.policy.books import (
    Advice,
    Book,
    BreakGlass,
    Claim,
    Outcome,
    Policy,
    Precondition,
    Proviso,
    Rule,
    Step,
    Then,
)
from placet.policy.contexts import context_digest
from placet.policy.force import begun, in_force, over, rules_in_force
from placet.policy.loading import full_name, load_books, misshapen_books, rule_names

__all__ = [
    "Advice",
    "Book",
    "BreakGlass",
    "Claim",
    "Outcome",
    "Policy",
    "Precondition",
    "Proviso",
    "Rule",
    "Step",
    "Then",
    "begun",
    "context_digest",
    "full_name",
    "in_force",
    "load_books",
    "misshapen_books",
    "over",
    "rule_names",
    "rules_in_force",
]
