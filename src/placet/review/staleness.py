"""Whether what a case stands on still follows from what is on record, and who could renew it.

It depends on the context and on the moment, not on the case alone. So no row of a desk can know
it: it is worked out whenever a case is looked at, and for notices. That an answer is stale is told
to those who decide, lead or audit; in what, only of their own (`refusals`).
"""

from __future__ import annotations

from datetime import datetime

from placet.errors import RequestError
from placet.registry import Duty
from placet.review.audience import Audience
from placet.review.case import NOT_KNOWN
from placet.review.context import Context
from placet.review.parties import determined, reviewing
from placet.review.scene import Scene
from placet.review.view import UNDECIDED, Sight

__all__ = ["renewing"]


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
    if case.determined is None or case.stage not in UNDECIDED:
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
