"""What is still missing before a permit can be issued, as far as a viewer may know it.

Of the viewer's own parties everything that is owed, and by whom; of all others, that their word
is not out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from placet.errors import RequestError
from placet.need_to_know.audience import Audience
from placet.need_to_know.known_case import known_stage
from placet.need_to_know.left import unfilled
from placet.need_to_know.own_case import own_case
from placet.need_to_know.shown import CaseStatus, status_of
from placet.need_to_know.staleness import renewing
from placet.need_to_know.standings import ConsentStatus, PartyStanding
from placet.need_to_know.telling import any_line, called, listing, things
from placet.need_to_know.view import Sight
from placet.registry import Duty
from placet.registry.facts import Text
from placet.review.case import Determined, Kept, Stage
from placet.review.consent import lines_left, taken
from placet.review.context import Context
from placet.review.issuing import Foundation
from placet.review.scene import Scene

__all__ = ["Missing", "missing"]

_NOT_SAID = (ConsentStatus.WAITING, ConsentStatus.POSSIBLE)


class Missing(Kept):
    """One thing that is missing: of which party, where it is one's, in a sentence.

    What comes `first` stands in the way of all else: no decision can be made before.
    """

    party: Text | None = None
    says: Text
    first: bool = False


def missing(
    eyes: Sight, context: Context, found: Iterable[PartyStanding], at: datetime
) -> tuple[Missing, ...]:
    """Return what is missing before a permit, in the order in which it can be got.

    Args:
        eyes: the case before the eyes of the viewer.
        context: the present context.
        found: who is asked, and what each has said (`standings`).
        at: the moment of looking.
    """
    if status_of(eyes.case) is not CaseStatus.UNDER_REVIEW:
        return ()
    return tuple(_missing(eyes, context, found, at))


def _missing(
    eyes: Sight, context: Context, found: Iterable[PartyStanding], at: datetime
) -> Iterator[Missing]:
    decided = known_stage(eyes) is Stage.DECIDED
    for each in eyes.case.questions:
        if each.answered_at is None and not decided:
            yield Missing(party=eyes.case.applicant, says=f"The applicant's answer: {each.asks}")
    if eyes.place >= Audience.LEADING and eyes.case.determined is None:
        yield Missing(says=_undetermined(eyes, context))
    yield from _stale(eyes, context, at)
    yield from (Missing(party=e.party, says=e.says) for e in unfilled(eyes, context, at))
    yield from _of_others(found)
    yield from _own(eyes, context, at)


def _undetermined(eyes: Sight, context: Context) -> str:
    """Say that nobody has determined a case, and for whose officers it waits."""
    offices = [
        context.registry.office_title(each)
        for party in eyes.undetermined_by
        for each in context.offices_with(Duty.CASES, party)
    ]
    waits = f" It waits for {listing(offices)}." if offices else ""
    return f"Nobody has determined yet who has to say yes.{waits}"


def _stale(eyes: Sight, context: Context, at: datetime) -> Iterator[Missing]:
    renew = renewing(eyes, context, at)
    if renew is not None:
        could = " or ".join(context.registry.office_title(each) for each in renew)
        by = f" by {could}" if could else ""
        own = not eyes.viewer.offices.isdisjoint(renew)
        do = "determine it anew" if own else f"have it determined anew{by}"
        says = "Its determination no longer follows from what is on record"
        yield Missing(says=f"{says}: {do}.", first=True)


def _of_others(found: Iterable[PartyStanding]) -> Iterator[Missing]:
    for each in found:
        if each.own:
            continue
        if each.standing in _NOT_SAID:
            may = "may have" if each.standing is ConsentStatus.POSSIBLE else "has"
            yield Missing(party=each.party, says=f"{_begun(called(each.name))} {may} to say yes.")
        elif each.standing is ConsentStatus.RULES_REFUSE:
            yield Missing(
                party=each.party, says=f"The announced rules of {called(each.name)} refuse this."
            )


def _begun(text: str) -> str:
    """Return text as it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def _own(eyes: Sight, context: Context, at: datetime) -> Iterator[Missing]:
    """Yield what is owed on the case as the viewer's own parties know it."""
    case = own_case(eyes)
    if case.determined is None or (eyes.place < Audience.DECIDING and not eyes.relation.auditor):
        return
    if case.stage not in (Stage.UNDER_REVIEW, Stage.DECIDED):
        return
    told = case.determined
    if eyes.place < Audience.LEADING and not eyes.relation.auditor:
        told = told.model_copy(update={"outstanding": (), "open_questions": ()})
    try:
        request = context.request(case.request)
    except RequestError:
        yield Missing(says="The request names what is no longer on record: ask for it anew.")
        return
    lines = tuple(each for each in lines_left(case, at) if each not in taken(case, at))
    scene = Scene(case, context, eyes.viewer.person or "", at, eyes.viewer.office)
    of_lines = things(case.request["lines"], context.registry)
    for says in dict.fromkeys(Foundation(scene, told, request, lines).owed()):
        party, colon, rest = says.partition(": ")
        named = bool(colon) and party in told.needs
        yield Missing(
            party=party if named else None,
            says=_with_things(_with_titles(rest if named else says, told, context), of_lines),
        )


def _with_titles(says: str, determined: Determined, context: Context) -> str:
    """Return a sentence with offices called by their titles."""
    for need in determined.needs.values():
        for each in need.by:
            title = context.registry.office_title(each.office)
            says = says.replace(f"{each.office} decides", f"{title} decides")
    return says


def _with_things(says: str, of_lines: Mapping[str, str]) -> str:
    """Return a sentence with lines called by what they are of."""
    lines = any_line(of_lines)
    return re.sub(rf"({_BEFORE_LINE})({lines})\b", lambda each: each[1] + of_lines[each[2]], says)


_BEFORE_LINE = r"\bdecides on |^its consent to | wait for each other on | how many "
"""Where a sentence about what is owed (`placet.review.issuing.owed`) names a line."""
