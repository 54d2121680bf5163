"""The case officer: determining, assigning, asking, returning, deadlines, rounds, closing.

A case is under review from the moment it is determined: what DESIGN §3 calls *determined* is not
a stage in which anything could wait. Where every party clears by a standing authorisation it is
decided at once. No answer is not consent: a deadline that passed can escalate a case, or lapse it
where it was the applicant's, and never approves it (rule 9).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from placet.registry import Duty, Office, Request
from placet.review.appeals import ANSWERED_AT
from placet.review.case import (
    OPEN,
    TOLD_TO_APPLICANTS,
    UNDECIDED,
    Case,
    Deadline,
    Determined,
    InformationRequest,
    Role,
    Stage,
)
from placet.review.commands import (
    AskApplicant,
    Assign,
    Close,
    Determine,
    Escalate,
    Lapse,
    Reconsider,
    Return,
    SetDeadline,
)
from placet.review.consent import answer_due, settled, voided
from placet.review.course import asked_anew
from placet.review.errors import OwedError, RepeatedError, StageError, UnknownError, UnlawfulError
from placet.review.event import Event
from placet.review.filing import must_have_no_permit
from placet.review.kinds import applying, performing
from placet.review.parties import act_with, determined_now, reviewing, witnessing
from placet.review.scene import Applier, Performer, Scene
from placet.review.summary import summary
from placet.review.validity import PermitStatus, validity
from placet.review.viewer import called_in, sides_of

__all__ = ["APPLIERS", "PERFORMERS"]

_RUNNING = (PermitStatus.NOT_YET, PermitStatus.IN_FORCE, PermitStatus.SUSPENDED)


def determine(scene: Scene, command: Determine) -> Event:
    """Determine who has a say and what their rules say; begins or renews the review.

    Any case officer of a party with a say may, or of the home authority where it decides.
    Decisions on file go on counting where the substance of the answer is the same; else they are
    void for good.

    Raises:
        RepeatedError: the case stands on that answer, and nothing would come of it: whoever is
            about to sign a decision would have to begin again (rule 4).
    """
    scene.must_stand_at(*UNDECIDED)
    request, determination = determined_now(scene)
    determined = scene.present or summary(determination, request, scene.context, scene.at)
    acting = act_with(scene, Duty.CASES, reviewing(scene, determined))
    _must_change_something(scene, determined)
    return scene.done(
        command,
        {
            **acting,
            "determination": determination.plain(),
            "digest": determination.digest,
            "determined": determined.plain(),
        },
    )


def _must_change_something(scene: Scene, determined: Determined) -> None:
    case = scene.case
    standing = case.determined
    if standing is None or standing.substance != determined.substance:
        return
    if settled(case, scene.at) is case.stage:
        raise RepeatedError(
            f"Nothing has changed since the case was determined on {standing.at:%-d %B %Y}, "
            f"{standing.at:%H:%M} UTC: the answer is the same, and it stands."
        )


def _determined(case: Case, _: Determine, event: Event) -> Case:
    determined = Determined.model_validate(event.found["determined"])
    found = case.model_copy(
        update={
            "determined": determined,
            "decisions": voided(case, determined.substance, event.at),
            "asked": asked_anew(case, determined, event.at),
            "officer": case.officer or event.actor,
        }
    )
    return found.model_copy(update={"stage": settled(found, event.at)})


def assign(scene: Scene, command: Assign) -> Event:
    """Give the case to a case officer of a party that reviews it.

    Raises:
        UnlawfulError: that person is none, stepped aside, or has another role on the case.
    """
    scene.must_stand_at(*UNDECIDED, Stage.PERMITTED)
    parties = reviewing(scene)
    acting = act_with(scene, Duty.CASES, parties)
    to, context = command.to, scene.context
    if not any(context.has_duty(to, Duty.CASES, scene.at, each) for each in parties):
        raise UnlawfulError(f"{to} is no case officer of a party that reviews this case.")
    if to in scene.case.recused or scene.case.roles.get(to, Role.OFFICER) is not Role.OFFICER:
        raise UnlawfulError(f"{to} stepped aside or has another role on this case.")
    return scene.done(command, acting)


def _assigned(case: Case, command: Assign, _: Event) -> Case:
    return case.model_copy(update={"officer": command.to})


def ask(scene: Scene, command: AskApplicant) -> Event:
    """Ask the applicant for information.

    Raises:
        UnknownError: a field named is none of a request.
        UnlawfulError: the day by which it is due is not in the future.
    """
    scene.must_stand_at(*OPEN)
    acting = act_with(scene, Duty.CASES, reviewing(scene))
    known = {each.alias or name for name, each in Request.model_fields.items()}
    for name in command.fields:
        if name not in known:
            raise UnknownError(
                f"A request has no field {name[:80]}; it has {', '.join(sorted(known))}."
            )
    _must_be_ahead(command.due, scene.at)
    return scene.done(command, acting)


def _must_be_ahead(due: datetime | None, at: datetime) -> None:
    if due is not None and due <= at:
        raise UnlawfulError("A deadline lies in the future.")


def _asked(case: Case, command: AskApplicant, event: Event) -> Case:
    question = InformationRequest(
        asked_by=event.actor,
        asked_at=event.at,
        asks=command.asks,
        fields=command.fields,
        due=command.due,
    )
    return case.model_copy(update={"questions": (*case.questions, question)})


def send_back(scene: Scene, command: Return) -> Event:
    """Return the request without action.

    Raises:
        StageError: a permit has been issued and not been ended.
    """
    scene.must_stand_at(*OPEN)
    acting = act_with(scene, Duty.CASES, reviewing(scene))
    must_have_no_permit(scene, "revoked")
    return scene.done(command, acting)


def set_deadline(scene: Scene, command: SetDeadline) -> Event:
    """Set or take back the day by which an office or the applicant must act.

    It calls an office in that has no part in the case, where of those with a say nobody keeps an
    office here that could attest and issue, but on the applicant's side.

    Raises:
        UnknownError: it is for an office that has no part in the case, and that is not called in.
        UnlawfulError: the day is not in the future.
    """
    scene.must_stand_at(*UNDECIDED)
    parties = reviewing(scene)
    found: dict[str, Any] = act_with(scene, Duty.CASES, parties)
    office = scene.context.registry.record.offices.get(command.of)
    if command.of not in TOLD_TO_APPLICANTS and (office is None or office.party not in parties):
        if office is None or not _is_called(scene, office):
            raise UnknownError(
                f"{command.of} is neither `applicant`, `case`, nor an office in review."
            )
        found["called-in"] = True
    _must_be_ahead(command.due, scene.at)
    return scene.done(command, found)


_IN_PLACE = (Duty.CASES, Duty.LIAISON, Duty.PERMITS)
"""What those do who are called in for parties that have nobody here."""


def _is_called(scene: Scene, office: Office) -> bool:
    """Say whether an office can be called in: there is nobody else, and it wants nothing itself."""
    here = (
        scene.context.offices_with(duty, party) for party in witnessing(scene) for duty in _IN_PLACE
    )
    able = not set(_IN_PLACE).isdisjoint(office.duties)
    return able and office.party not in sides_of(scene.case) and not any(here)


def _deadline_set(case: Case, command: SetDeadline, event: Event) -> Case:
    kept = tuple(each for each in case.deadlines if each.of != command.of)
    if command.due is not None:
        called = command.of in called_in(case) or event.found.get("called-in", False)
        day = Deadline(of=command.of, due=command.due, set_by=event.actor, called_in=called)
        kept = (*kept, day)
    return case.model_copy(update={"deadlines": kept})


def escalate(scene: Scene, command: Escalate) -> Event:
    """Bring a case whose deadline has passed before another office. It approves nothing.

    Raises:
        StageError: no deadline has passed that was not escalated yet.
        UnknownError: the office is none of a party that reviews the case.
    """
    scene.must_stand_at(*UNDECIDED)
    parties = reviewing(scene)
    acting = act_with(scene, Duty.CASES, parties)
    office = scene.context.registry.record.offices.get(command.to)
    if office is None or office.party not in parties:
        raise UnknownError(f"{command.to} is no office of a party that reviews this case.")
    if not any(_passed(each, scene.at) for each in scene.case.deadlines):
        raise StageError("No deadline has passed that has not been escalated.")
    return scene.done(command, acting)


def _passed(deadline: Deadline, at: datetime) -> bool:
    return deadline.due <= at and deadline.escalated_to is None


def _escalated(case: Case, command: Escalate, event: Event) -> Case:
    deadlines = tuple(
        each.model_copy(update={"escalated_to": command.to}) if _passed(each, event.at) else each
        for each in case.deadlines
    )
    return case.model_copy(update={"deadlines": deadlines})


def lapse(scene: Scene, command: Lapse) -> Event:
    """End a case whose deadline for the applicant, or for the case as a whole, has passed.

    Raises:
        StageError: none has passed, or a permit has been issued and not been ended.
    """
    scene.must_stand_at(*UNDECIDED)
    acting = act_with(scene, Duty.CASES, reviewing(scene))
    case = scene.case
    asked = [answer_due(case, each) for each in case.questions if each.answered_at is None]
    due = [*asked, *(each.due for each in case.deadlines if each.of in TOLD_TO_APPLICANTS)]
    if not any(each <= scene.at for each in due if each is not None):
        raise StageError(
            "No deadline of the applicant's has passed, and nothing else lapses a case."
        )
    must_have_no_permit(scene, "revoked")
    return scene.done(command, acting)


def reconsider(scene: Scene, command: Reconsider) -> Event:
    """Open a new round: earlier decisions are kept and no longer count, and no deadline runs on.

    Raises:
        StageError: a permit stands, on those decisions or before them.
    """
    scene.must_stand_at(*ANSWERED_AT)
    acting = act_with(scene, Duty.CASES, reviewing(scene))
    must_have_no_permit(scene, "surrendered or revoked")
    return scene.done(command, acting)


def _reconsidered(case: Case, _: Reconsider, event: Event) -> Case:
    appeals = tuple(
        each if each.reconsidered_at else each.model_copy(update={"reconsidered_at": event.at})
        for each in case.appeals
    )
    return case.model_copy(
        update={
            "stage": Stage.SUBMITTED,
            "round": case.round + 1,
            "determined": None,
            "ended": None,
            "appeals": appeals,
            "deadlines": (),
        }
    )


def close(scene: Scene, command: Close) -> Event:
    """Close a case on which nothing is left to do.

    Raises:
        OwedError: a permit is not over, a violation not resolved, an emergency not reviewed.
    """
    scene.must_stand_at(Stage.PERMITTED)
    acting = act_with(scene, Duty.CASES, reviewing(scene))
    case = scene.case
    owed = [
        *(
            f"The permit {each.permit} is not over."
            for each in case.permits.values()
            if validity(each, case, scene.context, scene.at).status in _RUNNING
        ),
        *(
            f"The use {each.report} went beyond its permit, or may have, and is not resolved."
            for each in case.reports
            if each.open
        ),
        *(
            f"The emergency permit {each.permit} has not been reviewed."
            for each in case.permits.values()
            if each.emergency and each.after_review is None
        ),
    ]
    if owed:
        raise OwedError("The case cannot be closed yet.", owed)
    return scene.done(command, acting)


def _returned(case: Case, command: Return, _: Event) -> Case:
    return case.model_copy(update={"stage": Stage.RETURNED, "ended": command.disclosed})


def _lapsed(case: Case, command: Lapse, _: Event) -> Case:
    return case.model_copy(update={"stage": Stage.LAPSED, "ended": command.because})


def _closed(case: Case, command: Close, _: Event) -> Case:
    return case.model_copy(update={"stage": Stage.CLOSED, "ended": command.because})


PERFORMERS: dict[str, Performer] = dict(
    [
        performing(Determine, determine),
        performing(Assign, assign),
        performing(AskApplicant, ask),
        performing(Return, send_back),
        performing(SetDeadline, set_deadline),
        performing(Escalate, escalate),
        performing(Lapse, lapse),
        performing(Reconsider, reconsider),
        performing(Close, close),
    ]
)

APPLIERS: dict[str, Applier] = dict(
    [
        applying(Determine, _determined),
        applying(Assign, _assigned),
        applying(AskApplicant, _asked),
        applying(Return, _returned),
        applying(SetDeadline, _deadline_set),
        applying(Escalate, _escalated),
        applying(Lapse, _lapsed),
        applying(Reconsider, _reconsidered),
        applying(Close, _closed),
    ]
)
