"""Who is left to decide: an office that is waited for and in which nobody may decide on the case.

Its holders stepped aside, have another part in the case, or there is none; then only the one who
leads the case, or who fills the office, can help, and waiting does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from placet.need_to_know.audience import Audience
from placet.need_to_know.own_case import own_needs
from placet.need_to_know.view import Sight
from placet.registry import Presence
from placet.review.case import Case, Reviewer, Role
from placet.review.consent import Word, answer, counting, lines_left, parties_on
from placet.review.context import Context

__all__ = ["Unfilled", "unfilled"]


@dataclass(frozen=True)
class Unfilled:
    """An office that cannot decide as it is: of which party, and how it stands, in a sentence."""

    party: str
    office: str
    says: str


def unfilled(eyes: Sight, context: Context, at: datetime) -> Iterator[Unfilled]:
    """Yield the offices of the viewer's own parties in which too few are left to decide.

    An office that nobody ever held here decides elsewhere, and its word is put on record.
    """
    if eyes.place < Audience.DECIDING and not eyes.relation.auditor:
        return
    for party, need in own_needs(eyes).items():
        if _is_awaited(eyes.case, party, at):
            for reviewer in need.by:
                if says := _says(eyes.case, context, reviewer, at):
                    yield Unfilled(party, reviewer.office, says)


def _is_awaited(case: Case, party: str, at: datetime) -> bool:
    decisions = counting(case, at)
    return any(
        party in parties_on(case, line) and answer(case, party, line, decisions) is Word.PENDING
        for line in lines_left(case, at)
    )


def _says(case: Case, context: Context, by: Reviewer, at: datetime) -> str:
    """Say that too few are left in an office; nothing where enough are, or another acts for it."""
    ever = [each for each in context.registry.record.officials.values() if each.office == by.office]
    if not ever or (not by.reserved and _is_delegated(context, by.office, at)):
        return ""
    given = {each.person for each in counting(case, at) if each.office == by.office}
    holders = {each.who for each in ever if each.is_certain(at)}
    barred = {one for one in holders if case.roles.get(one, Role.DECIDER) is not Role.DECIDER}
    aside = holders & {*case.recused}
    if len(holders - barred - aside - given) >= by.persons - len(given):
        return ""
    title = context.registry.office_title(by.office)
    why = [
        *(f"{context.people[each]} stepped aside" for each in sorted(aside)),
        *(f"{context.people[each]} has another part in it" for each in sorted(barred - aside)),
    ]
    because = f": {', '.join(why)}" if why else "" if holders else ": nobody holds the office"
    return (
        f"Too few are left who could decide on this case as {title}{because}. Have somebody "
        "appointed to the office, or return the case."
    )


def _is_delegated(context: Context, office: str, at: datetime) -> bool:
    """Say whether another office may certainly act for one now."""
    return any(
        each.of == office and each.standing(at, None).presence is Presence.IN
        for each in context.registry.record.delegations.values()
    )
