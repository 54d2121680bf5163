"""Breaking the glass: acting before the review, where a book allows it (DESIGN §3, rule 10).

It stands in for the review of the one party whose book allows it, and for nothing else: every
other party must have said yes, and whatever else is owed is owed. It lasts hours, is signed by
the office that the book names, and must be reviewed afterwards by somebody else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from placet.policy import BreakGlass as Leave
from placet.registry import Duty
from placet.review.case import (
    Case,
    Determined,
    Ground,
    PermitOnFile,
    PermitStage,
    Role,
    Stage,
    Terms,
)
from placet.review.commands import BreakGlass, ReviewAfter
from placet.review.consent import lines_left, live_permits
from placet.review.errors import (
    NotAllowedError,
    OwedError,
    RepeatedError,
    StaleError,
    UnknownError,
    UnlawfulError,
)
from placet.review.event import Event
from placet.review.grounds import live
from placet.review.issuing import Foundation
from placet.review.kinds import applying, performing
from placet.review.parties import current
from placet.review.permit_files import must_be_new, with_permit
from placet.review.scene import Applier, Performer, Scene

__all__ = ["APPLIERS", "PERFORMERS"]


def break_glass(scene: Scene, command: BreakGlass) -> Event:
    """Act before a party's review, for a few hours.

    Raises:
        NoAuthorityError: the actor does not hold the office that the book names.
        OwedError: with what is owed besides this party's review: other parties' consents, their
            conditions, services, answers.
        RepeatedError: the permit's name or place is taken, or the glass was broken before.
        StaleError: it names another determination, or what that says has changed.
        UnknownError: the party has no say on the case.
        UnlawfulError: the book does not allow it, not for so long, or not against its own refusal.
    """
    scene.must_stand_at(Stage.UNDER_REVIEW)
    leave = _leave(scene, command)
    scene.must_hold(leave.by)
    scene.must_take(Role.DECIDER, command.party)
    must_be_new(scene, command.permit, command.status)
    determined = _seen(scene, command)
    return scene.done(command, {"role": Role.DECIDER.value, **_allowed(scene, command, determined)})


def _allowed(scene: Scene, command: BreakGlass, determined: Determined) -> dict[str, Any]:
    """Return the terms and grounds of the emergency permit, where nothing else is owed."""
    lines = _lines(scene, command, determined)
    request = scene.context.request(scene.case.request)
    standing = Foundation(scene, determined, request, lines, command.party)
    if missing := dict.fromkeys(standing.owed()):
        raise OwedError("Breaking the glass stands in for one party's review only.", missing)
    party, office = command.party, command.office
    broken = Ground(kind="break-glass", party=party, about=party, by=office, at=scene.at)
    terms = _for_hours(standing.terms(standing.span()), scene, command)
    return {
        "terms": terms.plain(),
        "grounds": [each.plain() for each in (*standing.grounds, broken)],
        "determination": determined.digest,
    }


def _leave(scene: Scene, command: BreakGlass) -> Leave:
    """Return the leave that the party's book gives."""
    book = scene.context.books.get(command.party)
    leave = book.break_glass if book is not None else None
    if leave is None:
        raise UnlawfulError(f"No book of {command.party[:80]} lets anybody break the glass.")
    if leave.by != command.office:
        raise UnlawfulError(f"The book of {command.party} gives that leave to {leave.by} alone.")
    if command.hours > leave.hours:
        raise UnlawfulError(
            f"The book of {command.party} allows {leave.hours} hours at most, not {command.hours}."
        )
    return leave


def _seen(scene: Scene, command: BreakGlass) -> Determined:
    """Return the determination the case stands on, if it is what was seen and still the same."""
    standing = scene.case.determined
    if standing is None or standing.digest != command.determination:
        raise StaleError(
            "It names a determination that the case does not stand on. Look at the case again.",
            [f"The case stands on {standing.digest}." if standing else "It stands on none."],
        )
    return current(scene)


def _lines(scene: Scene, command: BreakGlass, determined: Determined) -> tuple[str, ...]:
    """Return the lines left without a permit, where the party reviews one and refuses none."""
    need = determined.needs.get(command.party)
    if need is None:
        raise UnknownError(f"{command.party} has no say on this case.")
    standing = {
        line.line
        for each in live_permits(scene.case)
        if scene.at < each.terms.until
        for line in each.terms.lines
    }
    left = lines_left(scene.case, scene.at)
    lines = tuple(each for each in left if each not in standing)
    if left and not lines:
        raise RepeatedError(f"A permit stands for {', '.join(left)}. It has to be over first.")
    outcomes = {need.lines.get(each) for each in lines}
    if "refuse" in outcomes:
        raise UnlawfulError(
            f"The rules of {command.party} refuse this; the glass is broken against no refusal."
        )
    if "review" not in outcomes:
        raise UnlawfulError(f"{command.party} is asked about nothing; there is no glass to break.")
    if any(
        ground.kind == "break-glass" and ground.party == command.party
        for each in scene.case.permits.values()
        if each.emergency and each.after_review is None
        for ground in each.grounds
    ):
        raise RepeatedError(
            f"The glass was broken for {command.party} before, and that has not been reviewed."
        )
    return tuple(sorted(lines))


def _for_hours(terms: Terms, scene: Scene, command: BreakGlass) -> Terms:
    until = min(terms.until, scene.at + timedelta(hours=command.hours))
    if until <= terms.from_:
        raise UnlawfulError(
            f"The request begins on {terms.from_.isoformat()}, later than these hours last: "
            "there is time for the review."
        )
    return terms.model_copy(update={"until": until})


def _broken(case: Case, command: BreakGlass, event: Event) -> Case:
    """The review goes on: the case stays at its stage."""
    return with_permit(
        case,
        PermitOnFile(
            permit=command.permit,
            status=command.status,
            stage=PermitStage.ISSUED,
            terms=Terms.model_validate(event.found["terms"]),
            grounds=tuple(Ground.model_validate(each) for each in event.found["grounds"]),
            issued_by=event.actor,
            issued_at=event.at,
            determination=event.found["determination"],
            emergency=True,
        ),
    )


# --- the review afterwards


def review_after(scene: Scene, command: ReviewAfter) -> Event:
    """Find whether breaking the glass was justified; where it was not, the permit is revoked.

    Raises:
        NotAllowedError: the actor broke it; or neither holds an office that decides for the
            party, nor leads cases or audits for it.
        RepeatedError: it has been reviewed.
        UnlawfulError: the permit is not of an emergency.
    """
    permit = scene.permit(command.permit)
    if not permit.emergency:
        raise UnlawfulError(f"{command.permit} is no emergency permit; there is nothing to review.")
    if permit.after_review is not None:
        raise RepeatedError(f"{command.permit} was reviewed: {permit.after_review}.")
    if permit.issued_by == scene.actor:
        raise NotAllowedError(f"{scene.actor} broke the glass; another person reviews it.")
    return scene.done(command, _reviewing(scene, permit))


def _reviewing(scene: Scene, permit: PermitOnFile) -> dict[str, str]:
    """Let the actor review what was done for a party; return for which, and in what role."""
    broken = (each.party for each in permit.grounds if each.kind == "break-glass")
    party = next(broken, None)
    if party is None:  # told to those of the party alone: on the case as others know it, of nobody
        raise NotAllowedError(f"{scene.actor} does not review this.")
    needs = scene.case.determined.needs if scene.case.determined else {}
    deciding = {each.office for each in needs[party].by} if party in needs else set()
    deciding |= {each.by for each in permit.grounds if each.kind == "break-glass" and each.by}
    if deciding & scene.offices:
        role = Role.DECIDER
    elif any(scene.has(duty, party) for duty in (Duty.CASES, Duty.AUDIT)):
        role = Role.OFFICER
    else:
        could = (
            *deciding,
            *scene.context.offices_with(Duty.CASES, party),
            *scene.context.offices_with(Duty.AUDIT, party),
        )
        raise NotAllowedError(f"{scene.actor} does not review this for {party}.", could)
    scene.must_take(role, party)
    return {"for": party, "role": role.value}


def _reviewed(case: Case, command: ReviewAfter, event: Event) -> Case:
    permit = case.permits[command.permit]
    found: dict[str, object] = {"after_review": command.finding}
    if command.finding == "not-justified" and live(permit, event.at):
        found |= {
            "stage": PermitStage.REVOKED,
            "ended_at": event.at,
            "ended_because": command.because,
        }
    return with_permit(case, permit.model_copy(update=found))


PERFORMERS: dict[str, Performer] = dict(
    [performing(BreakGlass, break_glass), performing(ReviewAfter, review_after)]
)

APPLIERS: dict[str, Applier] = dict(
    [applying(BreakGlass, _broken), applying(ReviewAfter, _reviewed)]
)
