"""Whether a permit is valid at a moment, computed: never stored, never performed by a job.

What acts have made of a permit is on file; the rest follows from the clock given, the reports of
use and what the permit rests on (DESIGN §3, rules 8 and 9).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from placet.registry import last_day, written
from placet.review.case import Case, PermitOnFile, PermitStage, ReportOnFile, Suspension
from placet.review.context import Context
from placet.review.grounds import failing

__all__ = [
    "MISTAKEN",
    "OVER",
    "PermitStatus",
    "Validity",
    "counted_reports",
    "left",
    "open_suspensions",
    "remaining",
    "successors",
    "used",
    "used_up",
    "validity",
]

MISTAKEN = "mistaken-report"
"""The finding on a report of what never happened: it uses nothing up."""


class PermitStatus(StrEnum):
    """What a permit is at a moment."""

    NOT_YET = "not-yet"
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"
    AMENDED = "amended"


OVER = frozenset(
    {PermitStatus.EXPIRED, PermitStatus.REVOKED, PermitStatus.SURRENDERED, PermitStatus.AMENDED}
)
"""What a permit is that has ended for good: nothing may be done under it any more."""


@dataclass(frozen=True, slots=True)
class Validity:
    """What a permit is at a moment, and every reason why it is not in force.

    `remaining` is the whole number of each line that may still be used; None where the line
    carries no number. `until` is when the permit ends, if nothing ends it sooner.
    """

    status: PermitStatus
    reasons: tuple[str, ...]
    remaining: Mapping[str, int | None]
    until: datetime

    @property
    def in_force(self) -> bool:
        """Whether something may be done under it."""
        return self.status is PermitStatus.IN_FORCE

    @property
    def over(self) -> bool:
        """Whether it has ended for good: nothing can suspend it any more."""
        return self.status in OVER


def validity(permit: PermitOnFile, case: Case, context: Context, at: datetime) -> Validity:
    """Compute what a permit is at a moment, by what a context knows.

    The first that applies, in this order, is its status: amended, revoked or surrendered;
    expired; not yet begun; suspended, by an act or because a ground does not hold though no act
    said so; exhausted; else in force. The reasons are all that apply.
    """
    found = list(_reasons(permit, case, context, at))
    status = found[0][0] if found else PermitStatus.IN_FORCE
    reasons = tuple(dict.fromkeys(why for _, why in found))
    return Validity(status, reasons, left(permit, case), permit.terms.until)


_ENDED = {
    PermitStage.AMENDED: PermitStatus.AMENDED,
    PermitStage.REVOKED: PermitStatus.REVOKED,
    PermitStage.SURRENDERED: PermitStatus.SURRENDERED,
}


def _reasons(
    permit: PermitOnFile, case: Case, context: Context, at: datetime
) -> Iterator[tuple[PermitStatus, str]]:
    terms = permit.terms
    if permit.stage in _ENDED:
        by = f": {permit.superseded_by} took its place" if permit.superseded_by else ""
        because = f": {permit.ended_because}" if permit.ended_because and not by else by
        yield _ENDED[permit.stage], f"it was {permit.stage}{because}"
    if at >= terms.until:
        last = last_day(terms.until)
        ended = f"its last day was {last}" if last else f"it ended on {written(terms.until)}"
        yield PermitStatus.EXPIRED, ended
    if at < terms.from_:
        yield PermitStatus.NOT_YET, f"it begins on {written(terms.from_)}"
    for each in open_suspensions(permit, at):
        yield PermitStatus.SUSPENDED, f"it is suspended: {each.because}"
    for _, why in failing(permit, case, context, at):
        yield PermitStatus.SUSPENDED, f"what it rests on does not hold: {why}"
    for why in used_up(permit, case):
        yield PermitStatus.EXHAUSTED, why


def open_suspensions(permit: PermitOnFile, at: datetime) -> tuple[Suspension, ...]:
    """Return the suspensions of a permit that have begun at a moment and were not lifted."""
    every = (*permit.suspensions, *permit.falling)
    return tuple(each for each in every if each.lifted_at is None and each.at <= at)


def used_up(permit: PermitOnFile, case: Case) -> Iterator[str]:
    """Yield in what way nothing of a permit is left; nothing where it may still be used."""
    if _was_its_one_use(permit, case):
        yield "it was for one use, which has been reported"
    unused = remaining(permit, case).values()
    if unused and all(each == 0 for each in unused):
        yield "nothing of what it allows is left"


def _was_its_one_use(permit: PermitOnFile, case: Case) -> bool:
    """Say whether a permit is for one use, and that was reported."""
    return permit.terms.each_use and bool(counted_reports(permit, case))


def _lineages(names: Iterable[str], case: Case) -> frozenset[str]:
    """Return permits with those whose place they took and those that took theirs.

    They are one permission: what was used under any of them, whenever reported, is used of all.
    """
    found: set[str] = set()
    pending = list(names)
    while pending:
        permit = case.permits.get(pending.pop())
        if permit is not None and permit.permit not in found:
            found.add(permit.permit)
            pending += [each for each in (permit.supersedes, permit.superseded_by) if each]
    return frozenset(found)


def successors(permit: PermitOnFile, case: Case) -> Iterator[PermitOnFile]:
    """Yield the permits that took a permit's place, one after another."""
    while permit.superseded_by is not None:
        permit = case.permits[permit.superseded_by]
        yield permit


def counted_reports(permit: PermitOnFile, case: Case) -> tuple[ReportOnFile, ...]:
    """Return the reports that use a permit up, whether or not they went beyond it.

    Those made under a permit whose place it took, or that took its place, count; those found to be
    mistaken, or corrected by a later one, do not.
    """
    return _counted(_lineages([permit.permit], case), case)


def _counted(names: frozenset[str], case: Case) -> tuple[ReportOnFile, ...]:
    return tuple(
        each
        for each in case.reports
        if each.permit in names and each.finding != MISTAKEN and each.corrected_by is None
    )


def used(permit: PermitOnFile, case: Case, line: str) -> int:
    """Return how many of a line have been reported as used, under whatever shares its quantity.

    An emergency permit came before a decision on the same lines: what was used under either is
    used of both.
    """
    sharing = [permit.permit, *(each.permit for each in case.permits.values() if each.emergency)]
    names = frozenset(case.permits) if permit.emergency else _lineages(sharing, case)
    return sum(each.quantity for each in _counted(names, case) if each.line == line)


def remaining(permit: PermitOnFile, case: Case) -> dict[str, int | None]:
    """Return how many of each line have not been used; never below none, whatever was reported."""
    return {
        each.line: None
        if each.quantity is None
        else max(0, each.quantity - used(permit, case, each.line))
        for each in permit.terms.lines
    }


def left(permit: PermitOnFile, case: Case) -> dict[str, int | None]:
    """Return how many of each line may still be used: none of a permit whose one use was made."""
    unused = remaining(permit, case)
    return dict.fromkeys(unused, 0) if _was_its_one_use(permit, case) else unused
