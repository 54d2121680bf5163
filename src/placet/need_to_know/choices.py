"""Whom the acts of those who lead a case may name: people and offices of their own parties."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from placet.registry import Duty
from placet.review.context import Context
from placet.review.viewer import Viewer

__all__ = ["Choice", "Nameable", "nameable"]

Choice = tuple[str, str]
"""An id, and what it is called."""


@dataclass(frozen=True)
class Nameable:
    """Whom somebody may name: to `officers` a case is given, before `offices` it is brought."""

    officers: tuple[Choice, ...]
    offices: tuple[Choice, ...]


def nameable(context: Context, viewer: Viewer, parties: Collection[str], at: datetime) -> Nameable:
    """Return whom a viewer may name on the cases that some of their own parties review.

    Of other parties nobody is named: who works there is not theirs to know.

    Args:
        context: says who holds which office.
        viewer: who looks.
        parties: those that review; the viewer's own among them count.
        at: the moment of looking.
    """
    officers = {
        person
        for party, person in viewer.people
        if party in parties and context.has_duty(person, Duty.CASES, at, party)
    }
    offices = context.registry.record.offices
    own = [(each, offices[each].title) for party, each in viewer.house if party in parties]
    named = [(each, context.people[each]) for each in officers]
    return Nameable(
        tuple(sorted(named, key=lambda each: each[::-1])),
        tuple(sorted(own, key=lambda each: each[::-1])),
    )
