"""A case as the viewer's own parties know it: of the others it holds what is released, no more.

What is missing, and why an act cannot be done, is worked out on this case: so a reason can tell
only what its reader may know.
"""

from __future__ import annotations

from collections.abc import Mapping

from placet.need_to_know.audience import Audience
from placet.need_to_know.view import Sight
from placet.review.case import Case, PartyNeed, PermitOnFile
from placet.review.commands import Verdict
from placet.review.released import released

__all__ = ["knows_work", "own_case", "own_needs"]


def knows_work(eyes: Sight, party: str) -> bool:
    """Say whether the viewer sees a party's decisions and how its review stands."""
    return eyes.relation.auditor or eyes.own(party) >= Audience.DECIDING


def own_needs(eyes: Sight) -> Mapping[str, PartyNeed]:
    """Return what is asked of the parties whose rules the viewer sees, by party."""
    needs = eyes.case.determined.needs if eyes.case.determined else {}
    return {
        party: need
        for party, need in sorted(needs.items())
        if eyes.relation.auditor or eyes.own(party) >= Audience.ADVISING
    }


def own_case(eyes: Sight) -> Case:
    """Return the case without the work of parties that are not the viewer's own.

    Another party's approval that is released, and waits for nothing, stands there as a clear.
    """
    case = eyes.case
    if eyes.relation.auditor or case.determined is None:
        return case
    needs = {party: need for party, need in own_needs(eyes).items() if knows_work(eyes, party)}
    advisers = {party: need for party, need in own_needs(eyes).items() if party not in needs}
    determined = case.determined.model_copy(
        update={"needs": {**_agreed(case), **advisers, **needs}}
    )
    deciding = Audience.DECIDING
    return case.model_copy(
        update={
            "determined": determined,
            "decisions": tuple(each for each in case.decisions if each.party in needs),
            "advice": tuple(case.advice[each] for each in eyes.advice),
            "fulfilled": tuple(
                each for each in case.fulfilled if eyes.own(None, each.person) >= deciding
            ),
            "assurances": tuple(
                each
                for each in case.assurances
                if eyes.own(each.party, each.recorded_by) >= deciding
            ),
            "permits": {name: _own_permit(eyes, each) for name, each in case.permits.items()},
        }
    )


def _own_permit(eyes: Sight, permit: PermitOnFile) -> PermitOnFile:
    return permit.model_copy(
        update={
            "grounds": tuple(each for each in permit.grounds if knows_work(eyes, each.party)),
            "suspensions": tuple(each for each in permit.suspensions if eyes.orders(each)),
        }
    )


def _agreed(case: Case) -> Mapping[str, PartyNeed]:
    """Return the parties that have agreed, as far as it is released, and on which lines."""
    found: dict[str, dict[str, str]] = {}
    for each in released(case):
        if each.verdict is Verdict.APPROVE and not each.conditional:
            found.setdefault(each.party, {}).update(dict.fromkeys(each.lines, "clear"))
    return {
        party: PartyNeed(party=party, outcome="clear", lines=lines)
        for party, lines in sorted(found.items())
    }
