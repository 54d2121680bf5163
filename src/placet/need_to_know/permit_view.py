"""A permit as somebody sees it, with whether it holds now: why it does not is need to know too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from placet.need_to_know.shown import Shown
from placet.need_to_know.time_line import TimeLine, permit_line
from placet.need_to_know.view import Sight, sight
from placet.registry.facts import Count, Moment, Text
from placet.review.case import Case, Kept, PermitOnFile, PermitStage
from placet.review.context import Context
from placet.review.errors import UnknownError
from placet.review.grounds import failing
from placet.review.validity import OVER, open_suspensions, validity
from placet.review.viewer import Viewer

__all__ = [
    "STATUS_WORDS",
    "PermitView",
    "WholePermit",
    "told_publicly",
    "view_permit",
    "whole_permit",
]

STATUS_WORDS: Mapping[str, str] = {"exhausted": "used up"}
"""What people call a status of a permit that they do not call by its id."""


class PermitView(Kept):
    """A permit as far as it is shown, what it is at a moment, and the reasons that are told.

    `remaining` is the whole number of each line that may still be used; None where the line
    carries no number.
    """

    case: Text
    permit: Shown
    status: Text
    reasons: tuple[Text, ...]
    remaining: dict[str, Count | None]
    until: Moment

    @property
    def over(self) -> bool:
        """Whether it has ended for good: what is left of it may not be used any more."""
        return self.status in OVER


class WholePermit(PermitView):
    """A permit by itself: with when it was suspended, lifted and ended, and the uses reported.

    A line of `history` says by whom and why where that is the viewer's own party's, or was done by
    the applicant; `reports` are as the view of the case has them.
    """

    history: tuple[TimeLine, ...] = ()
    reports: tuple[Shown, ...] = ()


def whole_permit(
    eyes: Sight, name: str, context: Context, at: datetime, places: Sequence[int] = ()
) -> WholePermit:
    """Return a permit as a viewer sees it by itself at a moment.

    Args:
        eyes: its case before the eyes of the viewer.
        name: the permit.
        context: the present context.
        at: the moment of looking.
        places: the entries of the acts on the case in the log, as far as they are numbered.

    Raises:
        UnknownError: the case has no such permit.
    """
    found = view_permit(eyes.case, name, context, eyes.viewer, at)
    return WholePermit(
        **dict(found),
        history=permit_line(eyes, eyes.case.permits[name], context.people, at, places),
        reports=tuple(each for each in eyes.view().reports if each["permit"] == name),
    )


def view_permit(
    case: Case, name: str, context: Context, viewer: Viewer, at: datetime
) -> PermitView:
    """Return a permit as a viewer sees it at a moment.

    That it is suspended, while it has not ended, is told to everybody with a part; why, where it is
    their own party's ground or order. An auditor is told everything.

    Raises:
        UnknownError: the viewer has no part in the case, or it has no such permit.
    """
    eyes = sight(case, viewer)
    permit = case.permits.get(name)
    if permit is None:
        raise UnknownError(f"The case {case.id} has no permit {name[:80]}.")
    full = validity(permit, case, context, at)
    return PermitView(
        case=case.id,
        permit=eyes.permit(permit),
        status=full.status,
        reasons=full.reasons if eyes.relation.auditor else _told(eyes, name, context, at),
        remaining=dict(full.remaining),
        until=full.until,
    )


def told_publicly(case: Case, name: str, context: Context, at: datetime) -> tuple[str, ...]:
    """Return why a permit is not in force, as far as whoever holds it may know; none if it is.

    That it is over, not begun, suspended or used up is told; whose order, ground or words made it
    so is not, nor which permit took its place.
    """
    permit = case.permits[name]
    bare = permit.model_copy(
        update={
            "suspensions": (),
            "falling": (),
            "grounds": (),
            "ended_because": None,
            "superseded_by": None,
        }
    )
    return _stopped(case, name, bare, context, at)


def _told(eyes: Sight, name: str, context: Context, at: datetime) -> tuple[str, ...]:
    """Return the reasons that are nobody's own, and those of the viewer's own parties."""
    permit = eyes.case.permits[name]
    surrendered = permit.stage is PermitStage.SURRENDERED
    own = permit.model_copy(
        update={
            "suspensions": tuple(each for each in permit.suspensions if eyes.orders(each)),
            "falling": tuple(each for each in permit.falling if eyes.orders(each)),
            "grounds": tuple(each for each in permit.grounds if eyes.decides(each.party)),
            "ended_because": permit.ended_because if surrendered else None,
        }
    )
    return _stopped(eyes.case, name, own, context, at)


def _stopped(
    case: Case, name: str, shown: PermitOnFile, context: Context, at: datetime
) -> tuple[str, ...]:
    """Return the reasons of a permit as far as it is shown, and whether it is suspended."""
    permit = case.permits[name]
    stopped = open_suspensions(permit, at) or failing(permit, case, context, at)
    told = validity(shown, case, context, at)
    return ("it is suspended", *told.reasons) if stopped and not told.over else told.reasons
