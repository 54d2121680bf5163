"""A case in a list: in brief, where it lies for its viewer, and the words by which it is found.

Pure, and no more than the view of a case holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from placet.need_to_know.audience import MOVES, Openness
from placet.need_to_know.desk import Tab
from placet.need_to_know.inbox import first_day
from placet.need_to_know.shown import CaseStatus, Shown, status_of
from placet.need_to_know.view import Sight, sight
from placet.review.case import TOLD_TO_APPLICANTS, UNDECIDED, Case
from placet.review.consent import opened
from placet.review.released import awaited, released
from placet.review.viewer import Viewer

__all__ = [
    "Brief",
    "Listing",
    "brief",
    "due_of",
    "is_asked",
    "listing",
    "seen_in_brief",
    "since_of",
    "words_of",
]


@dataclass(frozen=True)
class Brief:
    """A case as a list shows it to a viewer: no more than their view of it holds.

    `awaits` are the parties whose word it waits for, or, where it is not determined yet,
    `undetermined_by` those whose officers have to, and once all have decided `unissued_by` those
    whose officers have the permit to issue. `day` is the earliest day that is set for anybody, as
    far as it is seen, and `day_of` for whom.
    """

    case: str
    request: Shown
    applicant: str
    status: CaseStatus
    awaits: tuple[str, ...]
    tab: Tab
    since: datetime
    undetermined_by: tuple[str, ...] = ()
    unissued_by: tuple[str, ...] = ()
    day: datetime | None = None
    day_of: str = ""


def brief(case: Case, viewer: Viewer) -> Brief:
    """Return a case as a list shows it to a viewer.

    Raises:
        UnknownError: the viewer has no part in the case; it reads as if there were none.
    """
    return seen_in_brief(sight(case, viewer))


def seen_in_brief(seen: Sight) -> Brief:
    """Return the case before the eyes of a viewer as a list shows it to them."""
    case = seen.case
    day, of = first_day(seen)
    return Brief(
        case=case.id,
        request=case.request,
        applicant=case.applicant,
        status=status_of(case),
        awaits=seen.awaits,
        tab=_tab(seen),
        since=since_of(case),
        undetermined_by=seen.undetermined_by,
        unissued_by=seen.unissued_by,
        day=day,
        day_of=of,
    )


def _tab(seen: Sight) -> Tab:
    """Say where a case lies for a viewer who has a part in it, apart from what waits for them."""
    case, known = seen.case, seen.relation
    if status_of(case) is not CaseStatus.UNDER_REVIEW:
        return Tab.CLOSED
    leading = case.determined is None and bool(known.inside)
    asked = known.applicant and is_asked(case)
    mine = leading or asked or not known.decides.isdisjoint(awaited(case))
    return Tab.TEAM if mine else Tab.OTHERS


def is_asked(case: Case) -> bool:
    """Say whether a question to the applicant is open."""
    return case.stage in UNDECIDED and any(each.answered_at is None for each in case.questions)


def due_of(case: Case) -> datetime | None:
    """Return the day set for the applicant or for the whole; that of an office is its own."""
    if status_of(case) is not CaseStatus.UNDER_REVIEW:
        return None
    days = [each.due for each in case.deadlines if each.of in TOLD_TO_APPLICANTS]
    return min(days, default=None)


def since_of(case: Case) -> datetime:
    """Return since when a case is under review, or when last something of it was told to all.

    What a party did within does not move a case in the lists of others.
    """
    if status_of(case) is CaseStatus.UNDER_REVIEW:
        return opened(case) if case.moves else case.submitted_at
    told = [each.at for each in released(case)]
    moves = (each for each in case.moves if MOVES.get(each.kind) in _TOLD)
    return max([case.submitted_at, *told, *(each.at for each in moves)])


_TOLD = (Openness.FILING, Openness.RELEASED)


@dataclass(frozen=True)
class Listing:
    """A case as lists are narrowed by it: its status, whose word it waits for, words to find it."""

    status: CaseStatus
    awaited: tuple[str, ...]
    words: tuple[str, ...]


def listing(case: Case) -> Listing:
    """Return by what lists are narrowed to a case."""
    status = status_of(case)
    waits_for = awaited(case) if status is CaseStatus.UNDER_REVIEW else ()
    return Listing(status, waits_for, tuple(sorted(_words(case))))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text by which something is sought, each once."""
    return tuple(dict.fromkeys(_WORD.findall(text.casefold())))


_WORD = re.compile(r"[^\W_]+")


def _words(case: Case) -> set[str]:
    """Return the words of what everybody knows who sees the case at all."""
    request = case.request
    texts = [case.id, *(str(request[name]) for name in _SOUGHT if request.get(name))]
    for key, line in request.get("lines", {}).items():
        texts += [key, *(str(line[name]) for name in ("item", "lot") if line.get(name))]
    texts += [str(each) for each in case.announced.get("parties", {})]
    texts += [each.party for each in released(case)]
    texts += list(case.permits)
    return {word for text in texts for word in words_of(text)}


_SOUGHT = ("request", "title", "applicant", "actor", "recipient", "raised-by", "activity", "area")
"""The fields of a request by whose words a case is found."""
