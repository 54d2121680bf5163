"""What somebody is told of without asking: what newly waits, days that come and pass, what ends.

Pure, and from nothing but what `inbox` and `view` show the same person: a notice carries no more
than they would see if they looked. It decides nothing; a deadline that has passed does what
people then do about it (DESIGN §3, rule 9).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from placet.need_to_know.inbox import inbox
from placet.need_to_know.left import unfilled
from placet.need_to_know.permit_view import PermitView, view_permit
from placet.need_to_know.shown import CaseStatus, View
from placet.need_to_know.staleness import renewing
from placet.need_to_know.view import sight, view
from placet.registry import Duty, parse_moment, written
from placet.review.case import OPEN, Case, Role
from placet.review.consent import has_spoken
from placet.review.context import Context
from placet.review.validity import PermitStatus
from placet.review.viewer import Relation, Viewer, relation

__all__ = ["DUE_SOON", "ENDS_SOON", "Notice", "Occasion", "notices"]

DUE_SOON = timedelta(days=2)
"""How long before a day that is set whoever it is set for is reminded."""
ENDS_SOON = timedelta(days=7)
"""How long before its end a permit is said to end."""

_ASKED = ("decide", "advise", "record-consent")
"""What is told anew with each determination: the words given on an earlier one may have fallen."""
_LIVE = (
    PermitStatus.IN_FORCE,
    PermitStatus.NOT_YET,
    PermitStatus.SUSPENDED,
    PermitStatus.EXHAUSTED,
)


class Occasion(StrEnum):
    """What somebody is told."""

    WAITS = "waits"
    """Something newly waits for them."""
    DUE_SOON = "due-soon"
    """The day by which they must act comes."""
    OVERDUE = "overdue"
    """It has passed."""
    PASSED = "passed"
    """A deadline of somebody else on a case that they lead has passed: they may escalate it."""
    STALE = "stale"
    """What a case that they lead stands on no longer follows: they may determine it anew."""
    UNFILLED = "unfilled"
    """In an office that a case which they lead waits for nobody is left who could decide."""
    ESCALATED = "escalated"
    """The case was brought before their office."""
    STANDS = "stands"
    """The answer to their request, or what else became of it."""
    ENDS_SOON = "ends-soon"
    """A permit ends."""
    ENDED = "ended"
    """It has ended."""
    SUSPENDED = "suspended"
    """It holds no longer, for now."""
    LIST_LATE = "status-list-late"
    """No list that says which permits hold was signed for long: of no case, for who issues them."""


@dataclass(frozen=True)
class Notice:
    """One thing that one person is told once.

    `key` is the same whenever it is worked out again for the same occasion, and another one when
    that comes anew. `act` is the kind of command that something waits for; `about` the office,
    question, permit or status; `on` the day or moment that it is about.
    """

    key: str
    occasion: Occasion
    case: str
    act: str
    about: str
    on: datetime


def notices(case: Case, context: Context, viewer: Viewer, at: datetime) -> Iterator[Notice]:
    """Yield what there is to tell a viewer about a case at a moment.

    Whoever has no part in the case is told nothing; neither is an auditor, who looks when they
    wish to.
    """
    related = relation(case, viewer)
    if viewer.person is None or viewer.person in case.recused:
        return
    if not (related.applicant or related.inside):
        return
    yield from _waiting(case, viewer, at)
    seen = view(case, viewer)
    yield from _deadlines(case, seen, related, viewer, at)
    yield from _hindered(case, context, related, viewer, at)
    if related.applicant and seen.status is not CaseStatus.UNDER_REVIEW:
        last = parse_moment(seen.moves[-1]["at"])
        dismissed = sum(len(each.dismissals) for each in case.appeals)
        anew = f"{seen.round} {dismissed}" if dismissed else str(seen.round)
        yield _notice(Occasion.STANDS, case, "", str(seen.status), last, key=anew)
    if related.applicant or _has(Duty.PERMITS, related, viewer):
        for permit in sorted(case.permits):
            yield from _permit(case, view_permit(case, permit, context, viewer, at), at)


def _waiting(case: Case, viewer: Viewer, at: datetime) -> Iterator[Notice]:
    for each in inbox([case], viewer, at):
        anew = written(case.determined.at) if case.determined and each.act in _ASKED else ""
        yield _notice(Occasion.WAITS, case, each.act, each.about, each.since, key=anew)
        if each.at_once:
            continue  # that it waits says so
        if each.due is not None and at >= each.due:
            yield _notice(Occasion.OVERDUE, case, each.act, each.about, each.due)
        elif each.due is not None and at >= each.due - DUE_SOON:
            yield _notice(Occasion.DUE_SOON, case, each.act, each.about, each.due)


def _deadlines(
    case: Case, seen: View, related: Relation, viewer: Viewer, at: datetime
) -> Iterator[Notice]:
    """Yield deadlines that passed, for who leads the case; and that it came before an office."""
    if case.stage not in OPEN:
        return
    if _has(Duty.CASES, related, viewer):
        for each in seen.deadlines:
            due = parse_moment(each["due"])
            waits = not each.get("escalated-to") and not has_spoken(case, each["of"])
            if at >= due and waits:
                yield _notice(Occasion.PASSED, case, "escalate", each["of"], due)
    for deadline in case.deadlines:
        office = deadline.escalated_to
        if office is not None and office in viewer.offices:
            yield _notice(Occasion.ESCALATED, case, "", office, deadline.due)


def _hindered(
    case: Case, context: Context, related: Relation, viewer: Viewer, at: datetime
) -> Iterator[Notice]:
    """Yield once for each determination what stands in its way, for who leads the case.

    It no longer follows, and they could renew it; or nobody is left who could decide on it.
    """
    role = case.roles.get(viewer.person or "", Role.OFFICER)
    if case.determined is None or role is not Role.OFFICER:
        return
    if _has(Duty.CASES, related, viewer):
        renew = renewing(sight(case, viewer), context, at) or ()
        if not viewer.offices.isdisjoint(renew):
            yield _notice(Occasion.STALE, case, "determine", "", case.determined.at)
        for each in unfilled(sight(case, viewer), context, at):
            yield _notice(Occasion.UNFILLED, case, "", each.office, case.determined.at)


def _has(duty: Duty, related: Relation, viewer: Viewer) -> bool:
    """Say whether a viewer has a duty for a party in whose review they have a place."""
    return any((party, duty) in viewer.duties for party in related.inside)


def _permit(case: Case, seen: PermitView, at: datetime) -> Iterator[Notice]:
    name = seen.permit["permit"]
    if seen.status in _LIVE and at >= seen.until - ENDS_SOON:
        yield _notice(Occasion.ENDS_SOON, case, "", name, seen.until)
    if seen.status == PermitStatus.EXPIRED:
        yield _notice(Occasion.ENDED, case, "", name, seen.until)
    if seen.status == PermitStatus.SUSPENDED:
        acts = seen.permit["suspended"]
        since = parse_moment(acts[-1]["since"]) if acts else seen.until
        yield _notice(Occasion.SUSPENDED, case, "", name, since)


def _notice(
    occasion: Occasion, case: Case, act: str, about: str, on: datetime, *, key: str = ""
) -> Notice:
    parts = (str(occasion), case.id, act, about, key or written(on))
    return Notice(" ".join(each for each in parts if each), occasion, case.id, act, about, on)
