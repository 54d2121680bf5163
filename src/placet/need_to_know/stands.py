"""How a case stands at a moment, in a word: not only how it was answered, but what still holds.

A permit that ended, is used up or does not hold leaves an approval that permits nothing more. What
a permit is at a moment is told to everybody with a part in the case, and so is this. What a case
waits for before it is answered is told to those who learn whom it waits for: to all others it is
under review until the outcome is out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from placet.need_to_know.known_case import known_stage
from placet.need_to_know.own_case import own_case
from placet.need_to_know.shown import CaseStatus, status_of
from placet.need_to_know.view import Sight
from placet.review.case import Case, PermitOnFile, PermitStage, Stage
from placet.review.consent import (
    BEFORE_PERMIT,
    in_effect,
    lines_left,
    settled,
    steps_owed,
    taken,
)
from placet.review.context import Context
from placet.review.validity import validity

__all__ = [
    "AGREED",
    "OF_PERMIT",
    "SUBMITTED",
    "newest_permit",
    "stands",
    "stands_at",
    "was_used_outside",
]

SUBMITTED = "submitted"
"""Nobody has determined it yet, as those are told who learn whom it waits for."""

AGREED = ("waits-for-conditions", "waits-for-steps", "waits-for-its-permit")
"""Every party has decided, and for what it waits: conditions precedent or steps that the reader's
own parties ask; else for its permit."""

OF_PERMIT: Mapping[str, str] = {
    "suspended": "permit-suspended",
    "exhausted": "permit-used-up",
    "expired": "permit-expired",
    "revoked": "permit-revoked",
    "surrendered": "permit-given-back",
    "amended": "permit-replaced",
}
"""How a permitted case stands by what its permit is."""


def stands(eyes: Sight, permits: Mapping[str, str], at: datetime) -> str:
    """Return how a case stands before the eyes of a viewer.

    Args:
        eyes: the case before the eyes of the viewer.
        permits: the status that each permit has at the moment, by its name.
        at: the moment: a decision runs out.
    """
    if eyes.undetermined:
        return SUBMITTED
    status = status_of(eyes.case)
    if status is CaseStatus.UNDER_REVIEW and _has_agreed(eyes, at):
        return _waits(own_case(eyes), at)
    if status is not CaseStatus.PERMITTED or not permits:
        return status.value
    return OF_PERMIT.get(permits[newest_permit(eyes.case).permit], status.value)


def stands_at(eyes: Sight, context: Context, at: datetime) -> str:
    """Return how a case stands at a moment, by what a context knows of its permits."""
    case = eyes.case
    if status_of(case) is not CaseStatus.PERMITTED or not case.permits:
        return stands(eyes, {}, at)
    newest = newest_permit(case)
    return stands(eyes, {newest.permit: validity(newest, case, context, at).status}, at)


def _has_agreed(eyes: Sight, at: datetime) -> bool:
    """Say whether every party has decided, as far as the viewer learns it, and is still bound."""
    return known_stage(eyes) is Stage.DECIDED and settled(eyes.case, at) is Stage.DECIDED


def _waits(case: Case, at: datetime) -> str:
    """Say for what a case waits on which all have decided, as the viewer's own parties know it."""
    lines = {*lines_left(case, at)} - taken(case, at)
    needs = case.determined.needs.values() if case.determined else ()
    asking = (each for each in needs if not lines.isdisjoint(each.lines))
    conditions, steps, permit = AGREED
    if any(in_effect(case, line, at).waiting for line in lines):
        return conditions
    if any(steps_owed(case, each, BEFORE_PERMIT, at) for each in asking):
        return steps
    return permit


def newest_permit(case: Case) -> PermitOnFile:
    """Return the permit of a case that a reader asks about: of those that stand, the latest."""
    return max(case.permits.values(), key=_rank)


def _rank(permit: PermitOnFile) -> tuple[bool, float, str]:
    alive = permit.stage in (PermitStage.ISSUED, PermitStage.SUSPENDED)
    return alive, permit.issued_at.timestamp(), permit.permit


def was_used_outside(case: Case) -> bool:
    """Say whether a use outside a permit is on file, and was not found to be none."""
    return any(each.outside for each in case.reports)
