"""Whether what a case stands on still follows from what is on record, and who could renew it.

It depends on the context and on the moment, not on the case alone: it is worked out whenever a case
is looked at, and for notices. Lists find such cases by rows that are laid and taken away as the
context moves and time passes (`compared`). That an answer is stale is told to those
who decide, lead or audit; in what, only of their own (`refusals`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from placet.errors import RequestError
from placet.need_to_know.audience import Audience
from placet.need_to_know.case_on_desks import can_be_stale
from placet.need_to_know.view import Sight
from placet.registry import Duty
from placet.review.case import NOT_KNOWN, Case
from placet.review.context import Context
from placet.review.parties import determined, reviewing
from placet.review.scene import Scene

__all__ = ["LOOKED_AT", "Compared", "compared", "renewing"]

LOOKED_AT = timedelta(hours=1)
"""How often a case is compared of which every moment may give another answer."""


@dataclass(frozen=True)
class Compared:
    """Whether a determination is out of date, and until when that stays so in the same context."""

    stale: bool
    until: datetime


def compared(case: Case, context: Context, at: datetime) -> Compared:
    """Compare what a case stands on with what a context gives at a moment.

    A request that cannot be read any more gives nothing to compare with until the context moves.
    """
    if case.determined is None or not can_be_stale(case):
        return Compared(False, at + LOOKED_AT)
    try:
        request = context.request(case.request)
        present = determined(Scene(case, context, NOT_KNOWN, at))
    except RequestError:
        return Compared(False, at + LOOKED_AT)
    lasts = context.precedents.lasts(request, at)
    until = lasts if lasts > at else at + LOOKED_AT
    return Compared(present.substance != case.determined.substance, until)


def renewing(eyes: Sight, context: Context, at: datetime) -> tuple[str, ...] | None:
    """Return the offices of the viewer's own parties that could determine a stale case anew.

    None where the case is not stale, or it is not for the viewer to know. To an auditor every
    party is as their own.

    Args:
        eyes: the case before the eyes of the viewer.
        context: the present context.
        at: the moment of looking.
    """
    case, audits = eyes.case, eyes.relation.auditor
    if case.determined is None or not can_be_stale(case):
        return None
    if not audits and eyes.place < Audience.DECIDING:
        return None
    scene = Scene(case, context, eyes.viewer.person or NOT_KNOWN, at)
    try:
        present = determined(scene)
    except RequestError:
        return None  # it cannot be determined at all: that is said in its place (`missing`)
    if present.substance == case.determined.substance:
        return None
    parties = sorted(reviewing(scene, present))
    own = [each for each in parties if audits or each in eyes.relation.inside]
    return tuple(office for each in own for office in context.offices_with(Duty.CASES, each))
