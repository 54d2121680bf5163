"""What the applicant's side could do on a case: by the file alone, and what of their own bars them.

Nothing is tried: whether an act is possible follows from what everybody with a part is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from placet.need_to_know.offered import Offer, offered
from placet.need_to_know.shown import CaseStatus, status_of
from placet.need_to_know.view import Sight
from placet.review.appeals import LIES_ALREADY, can_be_appealed, lying_appeal
from placet.review.context import Context
from placet.review.errors import NotAllowedError, TwoRolesError
from placet.review.grounds import live
from placet.review.parties import act_for_applicant
from placet.review.permits import holding
from placet.review.scene import Scene
from placet.review.uses import correcting, reporting

__all__ = ["offers_of_applicants"]


def offers_of_applicants(eyes: Sight, context: Context, at: datetime) -> Iterator[Offer]:
    """Yield every act on a case that is an applicant's by office."""
    case, status, who = eyes.case, status_of(eyes.case), eyes.viewer
    scene = Scene(case, context, who.person or "", at, who.office)
    speaking = _barred(partial(_speaking, scene))
    reviewing = (
        [] if status is CaseStatus.UNDER_REVIEW else ["The request is no longer under review."]
    )
    alive = [each for each in case.permits.values() if live(each, at)]
    for number, question in enumerate(case.questions):
        if question.answered_at is None and speaking is not None:
            yield offered("supply", str(number), speaking + reviewing, {"question": number})
    for permit in case.permits.values():
        reports = _barred(partial(reporting, scene, permit.terms))
        if reports is not None:
            yield offered("report-use", permit.permit, reports, {"permit": permit.permit})
        for each in case.reports:
            if each.permit == permit.permit and not (each.corrected_by or each.finding):
                mends = _barred(partial(correcting, scene, each))
                if mends is not None:
                    told = {"permit": permit.permit, "corrects": each.report}
                    yield offered("correct-use", each.report, mends, told)
        holds = _barred(partial(holding, scene, permit.terms))
        if holds is not None and permit in alive:
            yield offered("surrender", permit.permit, holds, {"permit": permit.permit})
    if speaking is None:
        return
    stands = [f"The permit {each.permit} stands; give it back first." for each in alive]
    yield offered("withdraw", case.id, speaking + (reviewing or stands))
    appealable = status in _APPEALABLE and can_be_appealed(case)
    nothing = [] if appealable else ["There is no outcome that could be appealed."]
    already = [LIES_ALREADY] if appealable and lying_appeal(case) is not None else []
    yield offered("appeal", case.id, speaking + nothing + already)


def _speaking(scene: Scene) -> None:
    """Let the actor take part in the review for the applicant."""
    act_for_applicant(scene)
    scene.must_not_be_recused()


def _barred(may: Callable[[], object]) -> list[str] | None:
    """Return what of their own bars the viewer from what is theirs by office; None if it is not."""
    try:
        may()
    except TwoRolesError as error:
        return [str(error)]
    except NotAllowedError:
        return None
    return []


_APPEALABLE = (
    CaseStatus.UNDER_REVIEW,
    CaseStatus.REFUSED,
    CaseStatus.RETURNED,
    CaseStatus.PERMITTED,
)
